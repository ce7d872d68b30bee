/** vLLM's chat completions: OpenAI's, with thoughts in the open on both ways. */
import { type Api, event, bodyOf } from "./api.ts";
import { chatRules } from "./openai-chat-rules.ts";
import { chunksOf, openaiChat, wholeChat } from "./openai-chat.ts";
import { piecesOf } from "./script.ts";
import { type Fields, text } from "./rules.ts";

const rules = chatRules({ top_k: () => undefined }, { reasoning_content: text });

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
