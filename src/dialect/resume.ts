import { estimateTokens } from "../text/tokens.ts";
import { parseFields, textOf } from "./event-json.ts";
import { createFollower, type Follower } from "./follow.ts";
import type { Tokens } from "./form.ts";
import { createSeam, joinedStream } from "./seam.ts";
import { isFields, listOf, stringOf, unsupported, type Fields } from "./shape.ts";
import { CLIENTS, SERVERS, type AnswerOptions, type ClientApi, type Speech } from "./speech.ts";
import { translatedStream } from "./translated.ts";

/** APIs in which some servers go on with words that an assistant has begun to say. */
export type ResumingApi = "openai-chat" | "anthropic-messages";

/** An answer that broke off, and what the tries so far used. */
export interface BrokenAnswer {
  readonly follower: Follower;
  readonly spent: Tokens;
}

export function followStream(api: ClientApi, options: AnswerOptions): Follower {
  return createFollower(CLIENTS[api].listen(options), options);
}

/**
 * A request, already in the API of its server, as one to go on with the answer that broke off. What is sent never ends
 * in white space: one API refuses it, and templates of open models drop it.
 * Errors: unsupported_feature where the request prescribes a form that must be written in one piece.
 */
export function resume(
  client: ClientApi,
  server: ResumingApi,
  speech: Speech,
  { follower, spent }: BrokenAnswer,
  options: AnswerOptions,
): Speech {
  const said = follower.said ?? "";
  const shown = said.trimEnd();
  const body = parseFields(textOf(speech.body)) ?? {};
  const { signsThoughts } = CLIENTS[client];
  return {
    path: speech.path,
    body: Buffer.from(JSON.stringify(ON[server](body, shown))),
    answers: {
      ...speech.answers,
      stream: () => {
        const writer = joinedStream(follower.resume(), createSeam(shown, said.slice(shown.length)), spent);
        return translatedStream(server, SERVERS[server]!.readStream(), writer, { ...options, signs: signsThoughts });
      },
    },
  };
}

const ON: Readonly<Record<ResumingApi, (body: Fields, said: string) => Fields>> = {
  "openai-chat": onInChat,
  "anthropic-messages": onInMessages,
};

/** As vLLM takes it. */
function onInChat(body: Fields, said: string): Fields {
  refuseForms(body);
  const messages = listOf(body["messages"]);
  const last = messages.at(-1);
  // The client itself had begun the answer.
  const begun = body["continue_final_message"] === true && isFields(last) ? last : undefined;
  if (begun && typeof begun["content"] !== "string") unsupported("messages", "it ends in words that are no string");
  const words = { role: "assistant", ...begun, content: stringOf(begun?.["content"]) + said };
  return {
    ...body,
    ...less(body, said, ["max_tokens", "max_completion_tokens"]),
    messages: [...(begun ? messages.slice(0, -1) : messages), words],
    continue_final_message: true,
    add_generation_prompt: false,
  };
}

/** A last turn of the assistant is its beginning there. The API takes none from a model that is to think. */
function onInMessages(body: Fields, said: string): Fields {
  const { thinking: _, ...rest } = body;
  const output = body["output_config"];
  if (isFields(output) && output["format"]) unsupported("output_config.format", "its form is written in one piece");
  const messages = listOf(body["messages"]);
  const last = messages.at(-1);
  const begun = isFields(last) && last["role"] === "assistant" ? last : undefined;
  const content = begun ? joined(begun["content"], said) : said;
  return {
    ...rest,
    ...less(body, said, ["max_tokens"]),
    messages: [...(begun ? messages.slice(0, -1) : messages), { role: "assistant", ...begun, content }],
  };
}

function joined(content: unknown, said: string): unknown {
  if (typeof content === "string") return content + said;
  const blocks = listOf(content);
  const last = blocks.at(-1);
  if (!isFields(last) || typeof last["text"] !== "string") return [...blocks, { type: "text", text: said }];
  return [...blocks.slice(0, -1), { ...last, text: last["text"] + said }];
}

/** Limits of the output, less what was said; one token is the least that can be asked for. */
function less(body: Fields, said: string, names: readonly string[]): Fields {
  const limits = names.flatMap((name) => {
    const limit = body[name];
    return typeof limit === "number" ? [[name, Math.max(1, limit - estimateTokens(said))]] : [];
  });
  return Object.fromEntries(limits);
}

/** Fields by which the whole answer has a form, or more to it than words; and the values that ask for nothing. */
const FORMS: Readonly<Record<string, readonly unknown[]>> = {
  n: [1],
  echo: [false],
  logprobs: [false],
  prompt_logprobs: [],
  guided_json: [],
  guided_regex: [],
  guided_choice: [],
  guided_grammar: [],
  structured_outputs: [],
};

function refuseForms(body: Fields): void {
  for (const [name, idle] of Object.entries(FORMS)) {
    const value = body[name] ?? undefined;
    if (value !== undefined && !idle.includes(value)) unsupported(name, "an answer with it is written in one piece");
  }
  const format = body["response_format"];
  if (isFields(format) && format["type"] !== "text")
    unsupported("response_format", "an answer in a form is written in one piece");
}
