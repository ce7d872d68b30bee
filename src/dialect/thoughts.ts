import type { WireApi } from "../contracts.ts";
import type { Members } from "./members.ts";
import { valueAt } from "./parts.ts";
import { isFields } from "./shape.ts";

/** Claude thinks with at least so many tokens, and as many again are to be left for what it says. */
const LEAST = 2 * 1024;
const LEAST_TOP_P = 0.95;

type Api = Exclude<WireApi, "gemini">;

/** Where each API says what Claude cannot do while it thinks. */
const LIMITS: Readonly<Record<Api, readonly string[]>> = {
  "openai-chat": ["max_completion_tokens", "max_tokens"],
  "openai-responses": ["max_output_tokens"],
  "anthropic-messages": ["max_tokens"],
};
const CONVERSATION: Readonly<Record<Api, string>> = {
  "openai-chat": "messages",
  "openai-responses": "input",
  "anthropic-messages": "messages",
};
const UNFORCED: ReadonlySet<unknown> = new Set([undefined, null, "auto", "none"]);

/**
 * Whether Claude may be made to think about a body: it refuses to where another sampling than its own is set, a call of
 * a tool is prescribed or an answer is begun for it, and cannot where too few tokens are left to it.
 */
export function leavesThoughts(api: Api, bytes: Uint8Array, members: Members, maxTokens?: number): boolean {
  const { temperature, topK, topP, choice } = {
    temperature: members.value(["temperature"]) ?? 1,
    topK: members.value(["top_k"]) ?? undefined,
    topP: members.value(["top_p"]) ?? 1,
    choice: members.value(["tool_choice"]),
  };
  const kind = isFields(choice) && api === "anthropic-messages" ? choice["type"] : choice;
  return (
    temperature === 1 &&
    topK === undefined &&
    typeof topP === "number" &&
    topP >= LEAST_TOP_P &&
    UNFORCED.has(kind) &&
    roomFor(api, members, maxTokens) >= LEAST &&
    !isBegun(api, bytes, members)
  );
}

/** Tokens of the longest reply, thoughts included; Infinity where nothing limits it. */
export function roomFor(api: Api, members: Members, maxTokens = Infinity): number {
  const said = LIMITS[api].map((name) => members.value([name])).find((limit) => typeof limit === "number");
  return Math.min(said ?? Infinity, maxTokens);
}

/** The conversation ends with words of the assistant's, which it is to go on with. */
function isBegun(api: Api, bytes: Uint8Array, members: Members): boolean {
  const last = lastTurn(bytes, members, CONVERSATION[api]);
  return isFields(last) && last["role"] === "assistant";
}

/** The newest message of a conversation; undefined where it is no list. */
export function lastTurn(bytes: Uint8Array, members: Members, name: string): unknown {
  const list = members.spans([name]).at(-1);
  const last = list && members.elements(list).at(-1);
  return last && valueAt(bytes, last);
}
