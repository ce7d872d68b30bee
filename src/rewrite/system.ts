import type { Edit } from "../contracts.ts";
import { insertMember, joinEdits, replaceSpans } from "../dialect/json.ts";
import { isFields, refuse, stringOf } from "../dialect/shape.ts";
import { elementsOf, endOf, escaped, insertion, memberAt, memberIn, oneAt, type Body, type Placed } from "./body.ts";

/** `default` stands in where the client gives no system text at all. */
export type SystemMode = "prepend" | "append" | "default";

export interface SystemText {
  readonly mode: SystemMode;
  readonly text: string;
}

/** Between a client's words and ours; bytes of the prefix that upstreams cache, so they never change. */
const SEPARATOR = "\n\n";

/**
 * The edits that give a conversation these system texts, texts of one mode in the order of the list. What the client
 * wrote stays byte for byte, and the same texts on the next turn of the conversation stand in the same place.
 * Errors: invalid_request where there is no conversation, or no text where one is due.
 */
export function systemEdits(body: Body, texts: readonly SystemText[]): readonly Edit[] {
  const said = saidBy(body);
  const isSilent = said.every(isEmpty);
  const joined = (mode: SystemMode) =>
    texts.flatMap((each) => (each.mode === mode && each.text !== "" ? [each.text] : [])).join(SEPARATOR);
  const wanted = { front: joined("prepend"), middle: isSilent ? joined("default") : "", back: joined("append") };
  const parts = [wanted.front, wanted.middle, wanted.back].filter((text) => text !== "");
  if (parts.length === 0) return [];
  const [first] = said;
  // Nothing of the client's own stands between them then.
  if (first === undefined || isSilent) return begin(body, first, parts.join(SEPARATOR));
  return joinEdits(
    wanted.front === "" ? [] : add(body, first, wanted.front, "front"),
    wanted.back === "" ? [] : add(body, said.at(-1)!, wanted.back, "back"),
  );
}

/** The client's leading system texts: strings, arrays of parts, or null. */
function saidBy(body: Body): readonly Placed[] {
  if (body.api === "anthropic-messages") return present(memberAt(body, "system"));
  if (body.api === "openai-chat") return leading(body, "messages");
  if (body.api === "gemini") return instructing(body).map((content) => wordsIn(body, content));
  return [...present(memberAt(body, "instructions")), ...leading(body, "input")];
}

const instructing = (body: Body): readonly Placed[] => present(oneAt(body, "systemInstruction", "system_instruction"));

/** The parts of a content of Gemini's; of a single part, which stands where a list of them is due, its text. */
function wordsIn(body: Body, content: Placed): Placed {
  const parts = memberIn(body, content, "parts");
  return (parts && memberIn(body, parts, "text")) ?? parts ?? content;
}

const present = (member: Placed | undefined): readonly Placed[] => (member ? [member] : []);

/** What comes first in a conversation is often a system text, or several. */
function leading(body: Body, name: string): readonly Placed[] {
  const list = memberAt(body, name);
  if (!list) return [];
  const messages = elementsOf(body, list);
  const end = messages.findIndex(({ value }) => !isSystem(value));
  return (end < 0 ? messages : messages.slice(0, end)).flatMap((message) =>
    present(memberIn(body, message, "content")),
  );
}

function isSystem(message: unknown): boolean {
  return isFields(message) && (message["role"] === "system" || message["role"] === "developer");
}

function isEmpty({ value }: Placed): boolean {
  if (Array.isArray(value)) return value.every(isSilentPart);
  if (isFields(value)) return Object.keys(value).every((name) => name === "role");
  return value === null || (typeof value === "string" && value.trim() === "");
}

function isSilentPart(part: unknown): boolean {
  return isFields(part) && "text" in part && stringOf(part["text"]).trim() === "";
}

/** Where the client says nothing: its empty text makes way. */
function begin(body: Body, empty: Placed | undefined, text: string): readonly Edit[] {
  if (body.api === "gemini") {
    const json = JSON.stringify({ parts: [{ text }] });
    const [own] = instructing(body);
    return own ? replaceSpans([own.span], json) : [insertMember(body.bytes, "systemInstruction", json)];
  }
  if (empty) return replaceSpans([empty.span], JSON.stringify(text));
  if (body.api === "anthropic-messages") return [insertMember(body.bytes, "system", JSON.stringify(text))];
  if (body.api === "openai-responses") return [insertMember(body.bytes, "instructions", JSON.stringify(text))];
  const messages = memberAt(body, "messages");
  if (!messages || !Array.isArray(messages.value)) return refuse("messages", "an array");
  const comma = messages.value.length > 0 ? "," : "";
  return [insertion(messages.span.offset + 1, JSON.stringify({ role: "system", content: text }) + comma)];
}

function add(body: Body, said: Placed, text: string, side: "front" | "back"): readonly Edit[] {
  const { value, span } = said;
  if (typeof value === "string") {
    return side === "front"
      ? [insertion(span.offset + 1, escaped(text + SEPARATOR))]
      : [insertion(endOf(span) - 1, escaped(SEPARATOR + text))];
  }
  if (value !== null && !Array.isArray(value)) return refuse(NAMES[body.api], "a string or an array of parts");
  const parts = elementsOf(body, said);
  if (parts.length === 0) return replaceSpans([span], JSON.stringify(text));
  const part = JSON.stringify(partOf(body, said, text));
  return side === "front"
    ? [insertion(parts[0]!.span.offset, `${part},`)]
    : [insertion(endOf(parts.at(-1)!.span), `,${part}`)];
}

const NAMES: Readonly<Record<Body["api"], string>> = {
  "openai-chat": "messages",
  "openai-responses": "instructions",
  "anthropic-messages": "system",
  gemini: "systemInstruction",
};

/** As the parts beside it are written; a list of instructions holds whole messages. */
function partOf(body: Body, { value }: Placed, text: string): object {
  const [first] = value as readonly unknown[];
  if (body.api === "gemini") return { text };
  if (isFields(first) && "role" in first) return { role: "system", content: text };
  return { type: body.api === "openai-responses" ? "input_text" : "text", text };
}
