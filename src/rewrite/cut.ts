/** A piece of a text that goes, in bytes, and what stands in its place. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

/** More of the beginning than of the end: it says what the rest is. */
const HEAD = 0.6;

export function headAndTail(total: number): { readonly head: number; readonly tail: number } {
  const head = Math.ceil(total * HEAD);
  return { head, tail: total - head };
}

/** Where the cut would be shorter than its own mark nothing goes. */
const LEAST_CUT = 64;

/** The cut that brings a plain text in UTF-8 near to a number of bytes, its beginning and its end kept. */
export function textCuts(text: Uint8Array, budget: number): readonly Cut[] {
  if (text.length <= budget) return [];
  const { head, tail } = headAndTail(Math.max(0, budget - LEAST_CUT));
  const start = wholeBefore(text, head);
  const end = wholeBefore(text, text.length - tail);
  return end - start <= LEAST_CUT ? [] : [{ start, end, mark: `\n[... ${end - start} bytes left out ...]\n` }];
}

/** The last place at or before `at` that is in the middle of no character. */
function wholeBefore(text: Uint8Array, at: number): number {
  while (at > 0 && (text[at]! & 0xc0) === 0x80) at -= 1;
  return at;
}
