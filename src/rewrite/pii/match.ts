import type { Placeholder } from "../../contracts.ts";

/** Finds the placeholders of one map in text that a model wrote, also where it changed their form a little. */
export interface Matcher {
  /**
   * What begins at `at`: a placeholder with its end and value; `open` where the text ends before it is known, or
   * undefined where none does.
   */
  match(text: string, at: number): Match | "open" | undefined;
  /** Bytes none of which is there cannot hold a placeholder, in whatever form. */
  mayHold(bytes: Uint8Array): boolean;
}

export interface Match {
  readonly end: number;
  readonly value: string;
}

/** How an angle bracket may come: as it is, full-width, for HTML, or escaped in JSON that somebody wrote into text. */
const OPENERS = ["<", "＜", "&lt;", "\\u003c"];
const CLOSERS = [">", "＞", "&gt;", "\\u003e"];
/** Where a placeholder may begin. */
export const FIRST_SIGN = /[<＜&\\]/g;
/** What every way of writing such a bracket holds, in JSON too. */
const SIGNS = ["<", "＜", "&lt;", "u003", "u0026lt", "uff1c", "uFF1C"].map((sign) => Buffer.from(sign));
/** Shorter bytes are looked through by hand: to ask for each sign would take longer. */
const SHORT = 1024;

/** Between the words of a placeholder, and around them. */
const SEPARATOR = /[_\s*\\-]/;
const MOST_SEPARATORS = 3;

export function createMatcher(entries: readonly Placeholder[]): Matcher {
  const values = new Map(entries.map(({ placeholder, value }) => [placeholder.slice(1, -1), value]));
  const prefixes = new Set<string>();
  for (const name of values.keys()) for (let end = 0; end <= name.length; end++) prefixes.add(name.slice(0, end));

  /** The name so far with one more letter, which may stand where the separator was left out. */
  function grown(name: string, sign: string): string | undefined {
    const letter = sign.toUpperCase();
    if (prefixes.has(name + letter)) return name + letter;
    return prefixes.has(`${name}_${letter}`) ? `${name}_${letter}` : undefined;
  }

  /** Whether separators may stand here: around the name, and between its words. */
  const mayPart = (name: string) => name === "" || values.has(name) || prefixes.has(`${name}_`);

  function match(text: string, start: number): Match | "open" | undefined {
    const opened = bracketAt(text, start, OPENERS);
    if (typeof opened !== "number") return opened;
    const isEscaped = escapes(text, start);
    let name = "";
    let separators = 0;
    for (let at = opened; at < text.length; at++) {
      const sign = text[at]!;
      const closed = values.has(name) ? bracketAt(text, at, CLOSERS) : undefined;
      if (closed === "open") return "open";
      // One backslash alone was there before.
      if (closed !== undefined)
        return isEscaped && !escapes(text, at) ? undefined : { end: closed, value: values.get(name)! };
      if (SEPARATOR.test(sign)) {
        if (!mayPart(name) || ++separators > MOST_SEPARATORS) return undefined;
        continue;
      }
      // Behind a number that is over comes no other digit.
      const next = separators > 0 && values.has(name) ? undefined : grown(name, sign);
      if (next === undefined) return undefined;
      name = next;
      separators = 0;
    }
    return "open";
  }

  return { match, mayHold };
}

/** True for a backslash that escapes what comes: no other one, and no escape by number. */
function escapes(text: string, at: number): boolean {
  return text[at] === "\\" && text[at - 1] !== "\\" && text[at + 1]?.toLowerCase() !== "u";
}

/** Behind a bracket that stands here, one escaping backslash before it included; `open` where the text ends within it. */
function bracketAt(text: string, at: number, forms: readonly string[]): number | "open" | undefined {
  const from = escapes(text, at) ? at + 1 : at;
  const left = text.length - from;
  for (const form of forms) {
    const piece = text.slice(from, from + form.length).toLowerCase();
    if (piece === form) return from + form.length;
    if (left < form.length && form.startsWith(piece)) return "open";
  }
  return undefined;
}

function mayHold(bytes: Uint8Array): boolean {
  if (bytes.length <= SHORT) return holdsSign(bytes);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return SIGNS.some((sign) => buffer.includes(sign));
}

/** True for more than `SIGNS`: any ampersand, any full-width form, any escape by number. */
function holdsSign(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === 0x3c || byte === 0x26 || byte === 0xef || (byte === 0x75 && bytes[at - 1] === 0x5c)) return true;
  }
  return false;
}
