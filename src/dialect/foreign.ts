import { isSealed, mentionsSeal } from "./sealed.ts";
import { isFields, listOf, type Fields } from "./shape.ts";
import type { ClientApi } from "./speech.ts";

/**
 * What servers of other APIs left in a conversation, so that one of the client's own cannot take it as it is.
 * `thoughts`: said in the open, in a field of chat completions that only some servers know. `mixed`: nobody can.
 */
export type Foreign = "none" | "thoughts" | "mixed";

/** @param bytes of `body` */
export function foreignIn(api: ClientApi, body: unknown, bytes: Uint8Array): Foreign {
  if (!isFields(body)) return "none";
  const messages = listOf(body["messages"]).filter(isFields);
  if (mentionsSeal(bytes) && PLACES[api](body, messages).some(isSealed)) return "mixed";
  if (api === "anthropic-messages") return thinksOnWithoutThoughts(body, messages) ? "mixed" : "none";
  const speaksOpenly = messages.some((message) => message["reasoning_content"] !== undefined);
  return api === "openai-chat" && speaksOpenly ? "thoughts" : "none";
}

/** Where each API has what servers seal: the mark anywhere else is somebody's text. */
const PLACES: Readonly<Record<ClientApi, (body: Fields, messages: readonly Fields[]) => unknown[]>> = {
  "openai-chat": (_, messages) => messages.flatMap((message) => listOf(message["tool_calls"]).map(signatureOf)),
  "openai-responses": (body) =>
    listOf(body["input"]).map((item) => (isFields(item) ? item["encrypted_content"] : undefined)),
  "anthropic-messages": (_, messages) =>
    messages.flatMap(blocksOf).flatMap((block) => [block["signature"], block["data"]]),
};

function signatureOf(call: unknown): unknown {
  const extra = isFields(call) ? call["extra_content"] : undefined;
  const google = isFields(extra) ? extra["google"] : undefined;
  return isFields(google) ? google["thought_signature"] : undefined;
}

const THOUGHTS = new Set<unknown>(["thinking", "redacted_thinking"]);

/** Claude refuses to think on where the calls that are answered are led by no thought: another model made them. */
function thinksOnWithoutThoughts({ thinking }: Fields, messages: readonly Fields[]): boolean {
  if (!isFields(thinking) || thinking["type"] !== "enabled") return false;
  const isOpen = blocksOf(messages.at(-1)).some((block) => block["type"] === "tool_result");
  const [first] = blocksOf(messages.findLast((message) => message["role"] === "assistant"));
  return isOpen && first !== undefined && !THOUGHTS.has(first["type"]);
}

const blocksOf = (message: Fields | undefined): readonly Fields[] => listOf(message?.["content"]).filter(isFields);
