import type { Edit } from "../../contracts.ts";
import { applyEdits } from "../../dialect/json.ts";

/** A text that stands encoded in the bytes around it. */
export interface Layer {
  readonly text: string;
  /** Edits of the text, in bytes of it, as edits of the bytes around. Both are sorted. */
  rise(edits: readonly Edit[]): readonly Edit[];
}

const BACKSLASH = 0x5c;

/** A string literal of a JSON document, quotes included. What is put into its text is escaped. */
export function stringLayer(json: Uint8Array, literal: { readonly offset: number; readonly length: number }): Layer {
  const start = literal.offset + 1;
  const raw = json.subarray(start, literal.offset + literal.length - 1);
  const isPlain = !raw.includes(BACKSLASH);
  return {
    text: isPlain ? textOf(raw) : String(JSON.parse(`"${textOf(raw)}"`)),
    rise(edits) {
      if (edits.length === 0) return [];
      const outer = isPlain ? (at: number) => at : placesIn(raw);
      return edits.map(({ offset, length, bytes }) => {
        const from = outer(offset);
        const escaped = Buffer.from(escapeJson(textOf(bytes)));
        return { offset: start + from, length: outer(offset + length) - from, bytes: escaped };
      });
    },
  };
}

/** Text as it stands between the quotes of a JSON string. */
export function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Base64 of text, at the end of a text around it: where anything changes, all of it is written again. */
export function base64Layer(around: string, payload: string): Layer {
  const bytes = Buffer.from(payload, "base64");
  const offset = Buffer.byteLength(around.slice(0, around.length - payload.length));
  return {
    text: bytes.toString("utf8"),
    rise(edits) {
      if (edits.length === 0) return [];
      const written = Buffer.from(applyEdits(bytes, edits)).toString("base64");
      return [{ offset, length: Buffer.byteLength(payload), bytes: Buffer.from(written) }];
    },
  };
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** Where each position of a text stands among the escaped bytes that it is written in. */
function placesIn(raw: Uint8Array): (at: number) => number {
  /** Where the two run side by side again: positions in the text, and among the escaped bytes. */
  const inner = [0];
  const outer = [0];
  let length = 0;
  let done = 0;
  for (let at = raw.indexOf(BACKSLASH); at !== -1; at = raw.indexOf(BACKSLASH, done)) {
    length += at - done;
    inner.push(length);
    outer.push(at);
    done = at + escapeLength(raw, at);
    length += Buffer.byteLength(String(JSON.parse(`"${textOf(raw.subarray(at, done))}"`)));
    inner.push(length);
    outer.push(done);
  }
  return (at) => {
    let [low, high] = [0, inner.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (inner[middle]! <= at) low = middle;
      else high = middle;
    }
    return outer[low]! + at - inner[low]!;
  };
}

const PAIR = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}$/;

/** Two escapes that make one character are one. */
function escapeLength(raw: Uint8Array, at: number): number {
  if (raw[at + 1] !== 0x75) return 2;
  return PAIR.test(textOf(raw.subarray(at, at + 12))) ? 12 : 6;
}
