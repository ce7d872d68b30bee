/** vLLM's chat completions: OpenAI's, with thoughts in the open on both ways. */
import { type Api, event, bodyOf } from "./api.ts";
import { chatRules } from "./openai-chat-rules.ts";
import { chunksOf, openaiChat, wholeChat } from "./openai-chat.ts";
import { piecesOf } from "./script.ts";
import { type Check, type Fields, all, broken, flag, text } from "./rules.ts";

/** It goes on with the last message, which is then the assistant's, or begins one. */
const goesOn: Check = (value) => {
  const { continue_final_message: goes, add_generation_prompt: begins = true, messages } = value as Fields;
  if (goes !== true) return;
  if (begins !== false) broken("continue_final_message", "stands beside add_generation_prompt");
  if ((messages as readonly Fields[]).at(-1)!.role !== "assistant") broken("messages", "must end with the assistant");
};

const rules = all(
  chatRules(
    { top_k: () => undefined, continue_final_message: flag, add_generation_prompt: flag },
    { reasoning_content: text },
  ),
  goesOn,
);

export const vllm: Api = {
  ...openaiChat,
  read(received) {
    const body = bodyOf(received);
    rules(body, "");
    return { model: body.model as string, stream: body.stream === true, body };
  },
  whole(answer, asked) {
    const whole = wholeChat(answer, asked);
    const [choice] = whole.choices as readonly Fields[];
    const thoughts = answer.thinking === undefined ? {} : { reasoning_content: answer.thinking.text };
    return { ...whole, choices: [{ ...choice, message: { ...(choice!.message as Fields), ...thoughts } }] };
  },
  stream(answer, asked) {
    const [first, ...rest] = chunksOf(answer, asked);
    const thoughts = piecesOf(answer.thinking?.text ?? "").map((piece) => ({
      ...first,
      choices: [{ index: 0, delta: { reasoning_content: piece }, logprobs: null, finish_reason: null }],
    }));
    return [...[first, ...thoughts, ...rest].map((chunk) => event(chunk)), "data: [DONE]\n\n"];
  },
};
