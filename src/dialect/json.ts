import { isUtf8 } from "node:buffer";
import type { Edit } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import { firstFault, firstInvalidUtf8 } from "./fault.ts";

/** How large a body may be: bytes, levels of nesting, members plus elements of all its objects and arrays. */
export interface BodyLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly items: number;
}

/** Where a value stands, in bytes. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** `[` and `{`, and `]` and `}`, differ in this one bit: with it set, all openers are `{` and all closers `}`. */
const BRACE_BIT = 0x20;

/**
 * A body as JSON.parse sees it; `__proto__` is a member like any other. An object that has a key twice, at any depth,
 * is an invalid_request: we would read the last, while every byte is sent on and the next reader may take the first.
 * (Edits are another matter: they treat every occurrence of a member.)
 * Throws body_too_large, invalid_json (with a byte position, never with text), too_deep, too_many_items, or the
 * invalid_request of a key, which is its `param` where it is a plain name.
 */
export function parseBody(bytes: Uint8Array, limits: BodyLimits): unknown {
  if (bytes.length > limits.bytes) {
    throw new RouterError("body_too_large", `The body is larger than ${limits.bytes} bytes.`);
  }
  if (!isUtf8(bytes)) {
    throw new RouterError("invalid_json", `The body is not valid UTF-8 at byte ${firstInvalidUtf8(bytes)}.`);
  }
  const written = measure(bytes, limits);
  const value = parse(bytes);
  if (membersOf(value) < written) refuseRepeatedKey(bytes);
  return value;
}

/** True when JSON text that was parsed into `value` has a key twice in one object. */
export function repeatsKeys(text: string, value: unknown): boolean {
  return membersOf(value) < measure(Buffer.from(text), { bytes: Infinity, depth: Infinity, items: Infinity });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decode(bytes));
  } catch {
    // What JSON.parse says quotes the body, so it is not kept as a cause either.
    throw new RouterError("invalid_json", `The body is not valid JSON at byte ${firstFault(bytes)}.`);
  }
}

/** One pass over the brackets, commas and colons, before anything is built in memory: how many members are written. */
export function measure(bytes: Uint8Array, limits: BodyLimits): number {
  let depth = 0;
  let items = 0;
  let members = 0;
  let justOpened = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte <= 0x20) continue;
    if (byte === COLON) members += 1;
    const shape = byte | BRACE_BIT;
    if (byte === COMMA || (justOpened && shape !== CLOSE_BRACE)) {
      items += 1;
      if (items > limits.items) {
        throw new RouterError("too_many_items", `The body has more than ${limits.items} members and elements.`);
      }
    }
    justOpened = shape === OPEN_BRACE;
    if (byte === QUOTE) {
      at = skipString(bytes, at) - 1;
    } else if (justOpened) {
      depth += 1;
      if (depth > limits.depth) {
        throw new RouterError("too_deep", `The body is nested deeper than ${limits.depth} levels.`);
      }
    } else if (shape === CLOSE_BRACE) {
      depth -= 1;
    }
  }
  return members;
}

/** Members of a parsed value at every depth; fewer than were written where keys repeat. */
function membersOf(value: unknown): number {
  let members = 0;
  // A stack of our own: bodies may be nested deeper than ours may grow.
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      for (const element of next) if (isContainer(element)) waiting.push(element);
    } else if (isContainer(next)) {
      for (const key in next) {
        members += 1;
        const member = next[key];
        if (isContainer(member)) waiting.push(member);
      }
    }
  }
  return members;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const PLAIN_KEY = /^[A-Za-z_][\w-]{0,63}$/;

function refuseRepeatedKey(bytes: Uint8Array): never {
  const key = repeatedKey(bytes);
  const param = typeof key === "string" && PLAIN_KEY.test(key) ? { param: key } : {};
  throw new RouterError("invalid_request", "An object of the body has the same key twice.", param);
}

/** The first key that stands for the second time in its object, in valid JSON. */
function repeatedKey(bytes: Uint8Array): unknown {
  const open: (Set<unknown> | undefined)[] = [];
  let isKeyNext = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const end = skipString(bytes, at);
      if (isKeyNext) {
        const key = unescape(bytes.subarray(at, end));
        if (open.at(-1)!.has(key)) return key;
        open.at(-1)!.add(key);
        isKeyNext = false;
      }
      at = end - 1;
    } else if ((byte | BRACE_BIT) === OPEN_BRACE) {
      isKeyNext = byte === OPEN_BRACE;
      open.push(isKeyNext ? new Set() : undefined);
    } else if ((byte | BRACE_BIT) === CLOSE_BRACE) {
      isKeyNext = false;
      open.pop();
    } else if (byte === COMMA) {
      isKeyNext = open.at(-1) !== undefined;
    }
  }
  return undefined;
}

/**
 * Every occurrence of the value at `path` in valid JSON, first to last; an empty path is the whole value.
 * Keys are compared as they read after unescaping. A value that is no object or array has nothing below it.
 */
export function findSpans(bytes: Uint8Array, path: readonly (string | number)[]): Span[] {
  let spans = [wholeValue(bytes)];
  for (const step of path) {
    spans = spans.flatMap((span) =>
      typeof step === "string" ? membersNamed(bytes, span, step) : elementAt(bytes, span, step),
    );
  }
  return spans;
}

function wholeValue(bytes: Uint8Array): Span {
  const offset = skipSpace(bytes, 0);
  return { offset, length: Math.max(0, skipSpaceBack(bytes, bytes.length) - offset) };
}

function membersNamed(bytes: Uint8Array, object: Span, name: string): Span[] {
  const found: Span[] = [];
  if (bytes[object.offset] !== OPEN_BRACE) return found;
  const wanted = Buffer.from(name);
  let at = skipSpace(bytes, object.offset + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = skipString(bytes, at);
    const offset = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    const end = skipValue(bytes, offset);
    if (isKey(bytes, at, keyEnd, wanted, name)) found.push({ offset, length: end - offset });
    at = skipSpace(bytes, end);
    if (bytes[at] !== COMMA) break;
    at = skipSpace(bytes, at + 1);
  }
  return found;
}

function elementAt(bytes: Uint8Array, array: Span, index: number): Span[] {
  if (bytes[array.offset] !== 0x5b) return [];
  let at = skipSpace(bytes, array.offset + 1);
  for (let seen = 0; at < bytes.length && bytes[at] !== 0x5d; seen++) {
    const end = skipValue(bytes, at);
    if (seen === index) return [{ offset: at, length: end - at }];
    at = skipSpace(bytes, end);
    if (bytes[at] !== COMMA) break;
    at = skipSpace(bytes, at + 1);
  }
  return [];
}

function isKey(bytes: Uint8Array, quote: number, end: number, wanted: Uint8Array, name: string): boolean {
  if (bytes.subarray(quote, end).includes(BACKSLASH)) return unescape(bytes.subarray(quote, end)) === name;
  if (end - quote - 2 !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[quote + 1 + i] !== wanted[i]) return false;
  return true;
}

function unescape(string: Uint8Array): unknown {
  try {
    return JSON.parse(decode(string));
  } catch {
    return undefined;
  }
}

export function skipSpace(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at]! <= 0x20) at += 1;
  return at;
}

function skipSpaceBack(bytes: Uint8Array, end: number): number {
  while (end > 0 && bytes[end - 1]! <= 0x20) end -= 1;
  return end;
}

/** From the opening quote to behind the closing one. */
export function skipString(bytes: Uint8Array, at: number): number {
  for (let i = at + 1; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i + 1;
    if (byte === BACKSLASH) i += 1;
  }
  return bytes.length;
}

export function skipValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first === QUOTE) return skipString(bytes, at);
  if ((first | BRACE_BIT) === OPEN_BRACE) return skipContainer(bytes, at);
  while (at < bytes.length && !endsScalar(bytes[at]!)) at += 1;
  return at;
}

function skipContainer(bytes: Uint8Array, at: number): number {
  let depth = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = skipString(bytes, at);
      continue;
    }
    at += 1;
    const shape = byte | BRACE_BIT;
    if (shape === OPEN_BRACE) depth += 1;
    else if (shape === CLOSE_BRACE && --depth === 0) return at;
  }
  return at;
}

function endsScalar(byte: number): boolean {
  return byte <= 0x20 || byte === COMMA || (byte | BRACE_BIT) === CLOSE_BRACE;
}

/** Adds a member behind the last one of an object: of the top-level one, or of the one at `object`. */
export function insertMember(bytes: Uint8Array, key: string, json: string, object = wholeValue(bytes)): Edit {
  const close = object.offset + object.length - 1;
  if (bytes[object.offset] !== OPEN_BRACE || bytes[close] !== CLOSE_BRACE) {
    throw new RangeError("A member can only be added to an object");
  }
  const offset = skipSpaceBack(bytes, close);
  const comma = offset === object.offset + 1 ? "" : ",";
  return { offset, length: 0, bytes: Buffer.from(`${comma}${JSON.stringify(key)}:${json}`) };
}

/** The same new value in every place. */
export function replaceSpans(spans: readonly Span[], json: string): Edit[] {
  const bytes = Buffer.from(json);
  return spans.map(({ offset, length }) => ({ offset, length, bytes }));
}

/** Edits of one body from several hands, in the order that `applyEdits` wants. */
export function joinEdits(...lists: readonly (readonly Edit[])[]): Edit[] {
  return lists.flat().sort((a, b) => a.offset - b.offset || a.length - b.length);
}

/** The body with the edits made. Throws a RangeError for edits that are unsorted, overlap or leave the body. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  if (edits.length === 0) return bytes;
  const pieces: Uint8Array[] = [];
  let done = 0;
  for (const edit of edits) {
    const end = edit.offset + edit.length;
    if (!(edit.offset >= done && edit.length >= 0 && end <= bytes.length)) {
      throw new RangeError(`Edit of bytes ${edit.offset} to ${end} overlaps another, is out of order or out of range`);
    }
    pieces.push(bytes.subarray(done, edit.offset), edit.bytes);
    done = end;
  }
  pieces.push(bytes.subarray(done));
  return Buffer.concat(pieces);
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
