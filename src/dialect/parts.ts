import { skipSpace, skipString, skipValue, type Span } from "./json.ts";

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const COMMA = 0x2c;

/** A member of an object, key and all, or an element of an array. */
export interface Part {
  readonly span: Span;
  readonly value: Span;
  /** As it is written, quotes and all; absent of an element. */
  readonly key?: Span;
}

/** The members or elements of what stands there in valid JSON, first to last; none of a scalar. */
export function partsOf(json: Uint8Array, span: Span): readonly Part[] {
  const isObject = json[span.offset] === OPEN_BRACE;
  if (!isObject && json[span.offset] !== OPEN_BRACKET) return [];
  const parts: Part[] = [];
  const last = span.offset + span.length - 1;
  let at = skipSpace(json, span.offset + 1);
  while (at < last) {
    const key = isObject ? { offset: at, length: skipString(json, at) - at } : undefined;
    // Behind a key stand white space, a colon, and white space again.
    const offset = key ? skipSpace(json, skipSpace(json, at + key.length) + 1) : at;
    const end = skipValue(json, offset);
    parts.push({
      span: { offset: at, length: end - at },
      value: { offset, length: end - offset },
      ...(key && { key }),
    });
    at = skipSpace(json, end);
    if (json[at] !== COMMA) break;
    at = skipSpace(json, at + 1);
  }
  return parts;
}

/** What a member is called. */
export function nameOf(json: Uint8Array, key: Span): string {
  const text = textAt(json, key);
  return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
}

/** The value that stands there, in valid JSON. */
export function valueAt(json: Uint8Array, span: Span): unknown {
  return JSON.parse(textAt(json, span));
}

function textAt(json: Uint8Array, { offset, length }: Span): string {
  return Buffer.from(json.buffer, json.byteOffset + offset, length).toString("utf8");
}
