import type { Edit } from "../contracts.ts";
import { isFields, stringOf } from "../dialect/shape.ts";
import { estimateTokens } from "../text/tokens.ts";
import { elementsOf, escaped, memberAt, memberIn, type Body, type Placed } from "./body.ts";
import { textCuts, type Cut } from "./cut.ts";
import { jsonCuts } from "./json-cuts.ts";
import { placesIn } from "./string-places.ts";

/**
 * The edits that shorten results of tools which have more estimated tokens than this: the beginning and the end stay,
 * byte for byte, with a mark between that says how much is gone; what is JSON stays JSON. A result is shortened in the
 * same way on every turn.
 */
export function resultEdits(body: Body, maxTokens: number): readonly Edit[] {
  return textsOfResults(body).flatMap(({ value, span }) => {
    if (typeof value !== "string") return [];
    const tokens = estimateTokens(value);
    if (tokens <= maxTokens) return [];
    const text = Buffer.from(value);
    const budget = Math.floor((text.length * maxTokens) / tokens);
    const cuts = isJson(value) ? jsonCuts(text, budget) : textCuts(text, budget);
    return editsOf(body, span.offset, cuts);
  });
}

function editsOf({ bytes }: Body, quote: number, cuts: readonly Cut[]): readonly Edit[] {
  const places = placesIn(
    bytes,
    quote,
    cuts.flatMap(({ start, end }) => [start, end]),
  );
  return cuts.map(({ mark }, index) => {
    const [offset, end] = [places[2 * index]!, places[2 * index + 1]!];
    return { offset, length: end - offset, bytes: Buffer.from(escaped(mark)) };
  });
}

function isJson(text: string): boolean {
  if (!/^\s*[[{]/u.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Every string in which a tool says what came of a call. */
function textsOfResults(body: Body): readonly Placed[] {
  const list = memberAt(body, body.api === "openai-responses" ? "input" : "messages");
  return list ? elementsOf(body, list).flatMap((element) => FIND[body.api](body, element)) : [];
}

const FIND: Readonly<Record<Body["api"], (body: Body, element: Placed) => readonly Placed[]>> = {
  "openai-chat": (body, message) => (isOfKind(message, "role", "tool") ? textsIn(body, message, "content") : []),
  "openai-responses": (body, item) => (isOfKind(item, "type", "_output") ? textsIn(body, item, "output") : []),
  "anthropic-messages": (body, message) => {
    const content = isFields(message.value) ? memberIn(body, message, "content") : undefined;
    const blocks = content ? elementsOf(body, content) : [];
    return blocks.flatMap((block) => (isOfKind(block, "type", "tool_result") ? textsIn(body, block, "content") : []));
  },
};

function isOfKind({ value }: Placed, member: string, ending: string): boolean {
  return isFields(value) && stringOf(value[member]).endsWith(ending);
}

/** The string there, or the texts of the parts there. */
function textsIn(body: Body, owner: Placed, name: string): readonly Placed[] {
  const content = memberIn(body, owner, name);
  if (!content) return [];
  if (!Array.isArray(content.value)) return [content];
  return elementsOf(body, content).flatMap((part) => {
    const text = isFields(part.value) ? memberIn(body, part, "text") : undefined;
    return text ? [text] : [];
  });
}
