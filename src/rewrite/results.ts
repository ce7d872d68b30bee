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
    if (typeof value !== "string") return body.api === "gemini" ? dataEdits(body, { value, span }, maxTokens) : [];
    const tokens = estimateTokens(value);
    if (tokens <= maxTokens) return [];
    const text = Buffer.from(value);
    const budget = Math.floor((text.length * maxTokens) / tokens);
    const cuts = isJson(value) ? jsonCuts(text, budget) : textCuts(text, budget);
    return editsOf(body, span.offset, cuts);
  });
}

/** What stands in the body as JSON itself, in no string. */
function dataEdits({ bytes }: Body, { value, span }: Placed, maxTokens: number): readonly Edit[] {
  const tokens = estimateTokens(JSON.stringify(value));
  if (tokens <= maxTokens) return [];
  const json = bytes.subarray(span.offset, span.offset + span.length);
  const cuts = jsonCuts(json, Math.floor((json.length * maxTokens) / tokens));
  return cuts.map(({ start, end, mark }) => ({
    offset: span.offset + start,
    length: end - start,
    bytes: Buffer.from(mark),
  }));
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
  const list = memberAt(body, LISTS[body.api]);
  return list ? elementsOf(body, list).flatMap((element) => FIND[body.api](body, element)) : [];
}

const LISTS: Readonly<Record<Body["api"], string>> = {
  "openai-chat": "messages",
  "openai-responses": "input",
  "anthropic-messages": "messages",
  gemini: "contents",
};

const FIND: Readonly<Record<Body["api"], (body: Body, element: Placed) => readonly Placed[]>> = {
  "openai-chat": (body, message) => (isOfKind(message, "role", "tool") ? textsIn(body, message, "content") : []),
  "openai-responses": (body, item) => (isOfKind(item, "type", "_output") ? textsIn(body, item, "output") : []),
  "anthropic-messages": (body, message) => {
    const content = memberIn(body, message, "content");
    const blocks = content ? elementsOf(body, content) : [];
    return blocks.flatMap((block) => (isOfKind(block, "type", "tool_result") ? textsIn(body, block, "content") : []));
  },
  gemini: (body, content) => {
    const parts = memberIn(body, content, "parts");
    return (parts ? elementsOf(body, parts) : []).flatMap((part) => {
      const result = memberIn(body, part, "functionResponse") ?? memberIn(body, part, "function_response");
      const response = result && memberIn(body, result, "response");
      return response ? membersOf(body, response) : [];
    });
  },
};

/** Each member of a result says something of its own. */
function membersOf(body: Body, owner: Placed): readonly Placed[] {
  const names = isFields(owner.value) ? Object.keys(owner.value) : [];
  return names.flatMap((name) => memberIn(body, owner, name) ?? []);
}

function isOfKind({ value }: Placed, member: string, ending: string): boolean {
  return isFields(value) && stringOf(value[member]).endsWith(ending);
}

/** The string there, or the texts of the parts there. */
function textsIn(body: Body, owner: Placed, name: string): readonly Placed[] {
  const content = memberIn(body, owner, name);
  if (!content) return [];
  if (!Array.isArray(content.value)) return [content];
  return elementsOf(body, content).flatMap((part) => {
    const text = memberIn(body, part, "text");
    return text ? [text] : [];
  });
}
