import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { holdsOnly, saysNothing } from "../silence.ts";

const MESSAGE = new Set(["id", "type", "status", "role", "content", "phase"]);
const TEXT = new Set(["type", "text"]);
const REASONING = new Set(["id", "type", "status", "summary", "content", "encrypted_content"]);

/**
 * Whether a `response` is a finished answer in text, and nothing that is not understood. Its output is all that it says;
 * around it stands what was asked, which may hold anything.
 */
export function isPlainResponse(body: Fields): boolean {
  const { object, status, output, error, incomplete_details: cut, moderation } = body;
  if ((object ?? "response") !== "response" || status !== "completed" || !Array.isArray(output)) return false;
  return (
    [error, cut, moderation].every((said) => saysNothing(said)) && output.every(isPlainItem) && textIn(body) !== ""
  );
}

/** All that its messages say. Empty where that is white space. */
export function textIn({ output }: Fields): string {
  const parts = listOf(output).flatMap((item) =>
    isFields(item) && item["type"] === "message" ? listOf(item["content"]) : [],
  );
  const text = parts.map((part) => (isFields(part) ? stringOf(part["text"]) : "")).join("");
  return text.trim() === "" ? "" : text;
}

function isPlainItem(item: unknown): boolean {
  if (!isFields(item) || (item["status"] ?? "completed") !== "completed") return false;
  const { type, role, content, summary } = item;
  if (type === "reasoning") {
    const isOpen = arePlain(summary ?? [], "summary_text") && arePlain(content ?? [], "reasoning_text");
    return isOpen && holdsOnly(item, REASONING);
  }
  return type === "message" && role === "assistant" && arePlain(content, "output_text") && holdsOnly(item, MESSAGE);
}

/** Text without annotations and probabilities. */
function arePlain(parts: unknown, type: string): boolean {
  if (!Array.isArray(parts)) return false;
  return parts.every(
    (part) => isFields(part) && part["type"] === type && typeof part["text"] === "string" && holdsOnly(part, TEXT),
  );
}
