import type { Edit, WireApi } from "../contracts.ts";
import { findSpans, parseBody, type BodyLimits, type Span } from "../dialect/json.ts";
import { membersOf, type Members } from "../dialect/members.ts";
import { isFields, readBody, type Fields } from "../dialect/shape.ts";

/** A client's body as it came and as it reads. */
export interface Body {
  readonly api: WireApi;
  readonly bytes: Uint8Array;
  readonly value: Fields;
  readonly members: Members;
}

/** @param value what JSON.parse makes of the bytes */
function createBody(api: WireApi, bytes: Uint8Array, value: Fields): Body {
  return { api, bytes, value, members: membersOf(bytes) };
}

/** Errors: those of parseBody; invalid_request for what is no object. */
export function openBody(api: WireApi, bytes: Uint8Array, limits: BodyLimits): Body {
  return createBody(api, bytes, readBody(parseBody(bytes, limits)));
}

/** A value of a body, with its place. */
export interface Placed {
  readonly value: unknown;
  readonly span: Span;
}

export function memberAt({ members, value }: Body, name: string): Placed | undefined {
  const span = members.spans([name]).at(-1);
  return span && { value: value[name], span };
}

/** The first of these members that is there: Google takes two spellings of each name. */
export function oneAt(body: Body, ...names: readonly string[]): Placed | undefined {
  return names.map((name) => memberAt(body, name)).find((found) => found !== undefined);
}

/** A member of an object that has its place. */
export function memberIn({ bytes }: Body, { value, span }: Placed, name: string): Placed | undefined {
  if (!isFields(value)) return undefined;
  const [found] = findSpans(bytes.subarray(span.offset, span.offset + span.length), [name]);
  if (!found) return undefined;
  return { value: value[name], span: { offset: span.offset + found.offset, length: found.length } };
}

/** The elements of an array that has its place; none of what is no array. */
export function elementsOf({ members }: Body, { value, span }: Placed): readonly Placed[] {
  if (!Array.isArray(value)) return [];
  return members.elements(span).map((each, index) => ({ value: value[index] as unknown, span: each }));
}

export const endOf = ({ offset, length }: Span): number => offset + length;

export function insertion(offset: number, text: string): Edit {
  return { offset, length: 0, bytes: Buffer.from(text) };
}

/**
 * The edits that make a value the first element of a list, `rest` being JSON of the others. Its own first and last byte
 * are replaced: what is put beside it stays beside the list.
 */
export function listed({ bytes }: Body, { span }: Placed, rest: string): readonly Edit[] {
  const [first, last] = [span.offset, endOf(span) - 1];
  const byteAt = (at: number) => String.fromCharCode(bytes[at]!);
  return [
    { offset: first, length: 1, bytes: Buffer.from(`[${byteAt(first)}`) },
    { offset: last, length: 1, bytes: Buffer.from(`${byteAt(last)},${rest}]`) },
  ];
}

/** As it stands between the quotes of a JSON string. */
export const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
