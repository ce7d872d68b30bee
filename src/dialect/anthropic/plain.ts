import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { holdsOnly } from "../silence.ts";

const BODY = new Set(["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"]);
const FINISHES = new Set<unknown>(["end_turn", "stop_sequence"]);
/** What a block of each kind holds. Text with citations is more than text. */
export const BLOCKS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ["text", new Set(["type", "text"])],
  ["thinking", new Set(["type", "thinking", "signature"])],
  ["redacted_thinking", new Set(["type", "data"])],
]);

/** Whether a body is a finished answer in text, and nothing that is not understood. */
export function isPlainMessage(body: Fields): boolean {
  const { content } = body;
  if (body["type"] !== "message" || body["role"] !== "assistant" || !FINISHES.has(body["stop_reason"])) return false;
  if (!Array.isArray(content) || !content.every(isPlainBlock) || !holdsOnly(body, BODY)) return false;
  return listOf(content).some((block) => isFields(block) && stringOf(block["text"]).trim() !== "");
}

function isPlainBlock(block: unknown): boolean {
  const known = isFields(block) ? BLOCKS.get(block["type"]) : undefined;
  if (!isFields(block) || !known || !holdsOnly(block, known)) return false;
  return [...known].every((name) => typeof (block[name] ?? "") === "string");
}
