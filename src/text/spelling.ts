import { eachWord, isUnspaced } from "./writing.ts";

/** A word, and the set of its letters as bits. */
export interface Word {
  readonly text: string;
  readonly mask: number;
}

// Longer words are compared to the letter, which bounds the work for one pair.
const LONGEST = 64;

/** Slips of the pen that a word of this length may hold and still be taken for it. */
export function slipsAllowed(length: number): number {
  if (length > LONGEST) return 0;
  return length >= 8 ? 2 : length >= 4 ? 1 : 0;
}

/** Words of folded text, in order. */
export function wordsOf(folded: string): Word[] {
  const words: Word[] = [];
  eachWord(folded, (start, end) => {
    const text = folded.slice(start, end);
    words.push({ text, mask: maskOf(text) });
  });
  return words;
}

/** True for a phrase that can be compared word by word. */
export function hasSpelling(phrase: string): boolean {
  return !isUnspaced(phrase);
}

/** True when `word` is `wanted` but for the slips that its length allows: a letter lost, added, changed, or two swapped. */
export function isSpelled(word: Word, wanted: Word): boolean {
  const slips = slipsAllowed(wanted.text.length);
  if (slips === 0) return word.text === wanted.text;
  if (Math.abs(word.text.length - wanted.text.length) > slips) return false;
  if (!isAlike(word.mask, wanted.mask, slips)) return false;
  return distance(word.text, wanted.text, slips) <= slips;
}

/** A slip changes at most two letters of the set of letters, so most words need no closer look. */
export function isAlike(mask: number, other: number, slips: number): boolean {
  return bitCount(mask ^ other) <= 2 * slips;
}

function maskOf(word: string): number {
  let mask = 0;
  for (let at = 0; at < word.length; at++) mask |= 1 << (word.charCodeAt(at) & 31);
  return mask;
}

function bitCount(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Longest text that is compared, in UTF-16 units. */
export const LONGEST_COMPARED = 128;
const ROW = LONGEST_COMPARED + 1;
const rows = [new Uint16Array(ROW), new Uint16Array(ROW), new Uint16Array(ROW)] as const;

/**
 * Damerau-Levenshtein distance (neighbours swapped count one), or anything above `limit` once it is exceeded.
 * Neither text may be longer than LONGEST_COMPARED.
 */
export function distance(a: string, b: string, limit: number): number {
  let [before, previous, current] = rows as readonly [Uint16Array, Uint16Array, Uint16Array];
  for (let j = 0; j <= b.length; j++) previous[j] = j;
  for (let i = 1; i <= a.length; i++) {
    current[0] = i;
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2);
      if (isSwap && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) cost = Math.min(cost, before[j - 2]! + 1);
      current[j] = cost;
      if (cost < best) best = cost;
    }
    if (best > limit) return best;
    [before, previous, current] = [previous, current, before];
  }
  return previous[b.length]!;
}
