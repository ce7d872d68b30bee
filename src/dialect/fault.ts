import { isUtf8 } from "node:buffer";

/**
 * Where a body stops being JSON. JSON.parse names no position for short bodies and quotes the text of all of them,
 * so a refused body is read once more, byte by byte, for the place alone.
 */

const LITERALS = ["true", "false", "null"].map((word) => Buffer.from(word));
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Position of the first byte that no JSON text could have there; the length where the text ends too early; -1 for JSON. */
export function firstFault(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const closers: string[] = [];
  let at = space(text, 0);
  for (;;) {
    const char = text[at];
    if (char === "{" || char === "[") {
      const closer = char === "{" ? "}" : "]";
      at = space(text, at + 1);
      if (text[at] !== closer) {
        closers.push(closer);
        if (closer === "}") at = key(text, at);
        if (at < 0) return -at - 1;
        continue;
      }
      at += 1;
    } else {
      at = scalar(text, at);
      if (at < 0) return -at - 1;
    }
    at = space(text, at);
    while (closers.length > 0 && text[at] === closers.at(-1)) {
      closers.pop();
      at = space(text, at + 1);
    }
    if (closers.length === 0) return at === text.length ? -1 : at;
    if (text[at] !== ",") return at;
    at = space(text, at + 1);
    if (closers.at(-1) === "}") at = key(text, at);
    if (at < 0) return -at - 1;
  }
}

const WINDOW = 4096;

/** Position of the byte at which bytes that are not UTF-8 stop being it; their length where the last character is cut off. */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let start = 0;
  while (start < bytes.length) {
    const window = bytes.subarray(start, windowEnd(bytes, start));
    if (!isUtf8(window)) return start + goodPrefix(window);
    start += window.length;
  }
  return start;
}

/** Windows end between characters, which have at most three bytes of continuation. */
function windowEnd(bytes: Uint8Array, start: number): number {
  let end = Math.min(start + WINDOW, bytes.length);
  for (let back = 0; back < 3 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80; back++) end -= 1;
  return end;
}

/** Bytes of the longest prefix that could still become UTF-8. */
function goodPrefix(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = (good + bad) >> 1;
    if (decodes(decoder, bytes.subarray(0, middle + 1))) good = middle + 1;
    else bad = middle;
  }
  return good;
}

function decodes(decoder: TextDecoder, bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  } finally {
    flush(decoder);
  }
}

function flush(decoder: TextDecoder): void {
  try {
    decoder.decode();
  } catch {
    // A character cut off by the prefix.
  }
}

// Below, a result below zero is a fault at position -result - 1.

function key(text: string, at: number): number {
  if (text[at] !== '"') return -at - 1;
  const end = string(text, at);
  if (end < 0) return end;
  const colon = space(text, end);
  return text[colon] === ":" ? space(text, colon + 1) : -colon - 1;
}

function scalar(text: string, at: number): number {
  const char = text[at];
  if (char === undefined) return -at - 1;
  if (char === '"') return string(text, at);
  for (const word of LITERALS) if (char === String.fromCharCode(word[0]!)) return literal(text, at, word);
  NUMBER.lastIndex = at;
  return NUMBER.test(text) ? NUMBER.lastIndex : -at - 1;
}

function literal(text: string, at: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (text.charCodeAt(at + i) !== word[i]) return -(at + i) - 1;
  return at + word.length;
}

function string(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return -i - 1;
    if (code !== 0x5c) continue;
    i += 1;
    if (text[i] === "u") {
      for (let digit = 0; digit < 4; digit++) if (!/[0-9a-fA-F]/.test(text[++i] ?? "")) return -i - 1;
    } else if (!'"\\/bfnrt'.includes(text[i] ?? " ")) {
      return -i - 1;
    }
  }
  return -text.length - 1;
}

function space(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
}
