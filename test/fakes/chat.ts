/** What the fake model says: pure functions from a request to the same answer every time. */

export interface ChatRequest {
  readonly model: string;
  readonly messages?: readonly { readonly role: string; readonly content?: unknown }[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly tools?: readonly { readonly function?: { readonly name?: string } }[];
}

export interface Completion {
  readonly id: string;
  readonly model: string;
  /** The answer in the pieces in which it is streamed; the arguments of the call where a tool is called. */
  readonly tokens: readonly string[];
  readonly tool?: string;
  readonly finish: "stop" | "length" | "tool_calls";
  readonly usage: Usage;
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

const CREATED = 1_700_000_000;
const ARGUMENTS = ['{"from', '":"the', ' fake"}'];

/** One token for four characters of the messages, and one for each word of the answer. */
export function completionOf(name: string, number: number, chat: ChatRequest, echo: boolean): Completion {
  const texts = (chat.messages ?? []).map(({ content }) => textOf(content));
  const newest = texts.at(-1) ?? "";
  const tool = newest.includes("call the tool") ? chat.tools?.[0]?.function?.name : undefined;
  const answer = `${name}: ${echo ? newest : `echo of ${newest.length} chars`}`;
  const all = tool === undefined ? answer.split(/(?<= )/u) : ARGUMENTS;
  const limit = chat.max_completion_tokens ?? chat.max_tokens ?? Number.POSITIVE_INFINITY;
  const tokens = all.slice(0, limit);
  const input = Math.max(1, Math.ceil(texts.join("").length / 4));
  return {
    id: `chatcmpl-${name}-${number}`,
    model: chat.model,
    tokens,
    ...(tool === undefined ? {} : { tool }),
    finish: tokens.length < all.length ? "length" : tool === undefined ? "stop" : "tool_calls",
    usage: usageOf(input, tokens.length),
  };
}

function usageOf(input: number, output: number): Usage {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: 0 },
  };
}

export function wholeOf({ id, model, tokens, tool, finish, usage }: Completion) {
  const text = tokens.join("");
  const message =
    tool === undefined
      ? { role: "assistant", content: text }
      : { role: "assistant", content: null, tool_calls: [callOf(tool, text)] };
  return {
    id,
    object: "chat.completion",
    created: CREATED,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage,
  };
}

/** The events of a stream, each with its blank line: the role, one a token, the finish, the usage if asked for, [DONE]. */
export function streamOf({ id, model, tokens, tool, finish, usage }: Completion, includeUsage: boolean): string[] {
  const event = (choices: readonly unknown[], total: Usage | null) =>
    `data: ${JSON.stringify({
      id,
      object: "chat.completion.chunk",
      created: CREATED,
      model,
      choices,
      ...(includeUsage ? { usage: total } : {}),
    })}\n\n`;
  const delta = (part: unknown, reason: string | null = null) =>
    event([{ index: 0, delta: part, finish_reason: reason }], null);
  const opening =
    tool === undefined
      ? { role: "assistant", content: "" }
      : { role: "assistant", content: null, tool_calls: [{ index: 0, ...callOf(tool, "") }] };
  const piece = (text: string) =>
    tool === undefined ? { content: text } : { tool_calls: [{ index: 0, function: { arguments: text } }] };
  return [
    delta(opening),
    ...tokens.map((token) => delta(piece(token))),
    delta({}, finish),
    ...(includeUsage ? [event([], usage)] : []),
    "data: [DONE]\n\n",
  ];
}

const callOf = (name: string, text: string) => ({
  id: "call_1",
  type: "function",
  function: { name, arguments: text },
});

export function embeddingsOf(request: unknown) {
  const { model, input } = request as { model: string; input?: string | readonly string[] };
  const texts = typeof input === "string" ? [input] : (input ?? []);
  const tokens = Math.max(1, Math.ceil(texts.join("").length / 4));
  return {
    object: "list",
    model,
    data: texts.map((text, index) => ({ object: "embedding", index, embedding: [text.length, 0.5, -0.5] })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : "")).join("");
}
