import type { Pace } from "./signal.ts";

/** UTF-16 units read between two breaths. */
export const WINDOW_UNITS = 16_384;
/** Units that neighbouring windows share, so that what lies across a cut is seen whole in one of them. */
export const OVERLAP_UNITS = 256;

/** Reads one window; `index` is the position of its text in the list. */
export type Visit = (window: string, index: number) => void;

/**
 * Shows every text to `visit`, long ones in windows. One window's worth in all is read at once, without a promise.
 * True when everything was read, false when the pace was spent before.
 */
export function readWindows(texts: readonly string[], pace: Pace, visit: Visit): boolean | Promise<boolean> {
  let total = 0;
  for (const text of texts) total += text.length;
  if (total > WINDOW_UNITS) return readLong(texts, pace, visit);
  if (total > 0 && pace.spent()) return false;
  for (let index = 0; index < texts.length; index++) {
    if (texts[index] !== "") visit(texts[index]!, index);
  }
  return true;
}

async function readLong(texts: readonly string[], pace: Pace, visit: Visit): Promise<boolean> {
  if (pace.spent()) return false;
  let sinceBreath = 0;
  for (const [index, text] of texts.entries()) {
    for (let start = 0; start < text.length;) {
      const end = cut(text, start + WINDOW_UNITS);
      if (sinceBreath > 0 && sinceBreath + end - start > WINDOW_UNITS) {
        await pace.breathe();
        if (pace.spent()) return false;
        sinceBreath = 0;
      }
      visit(text.slice(start, end), index);
      sinceBreath += end - start;
      start = end === text.length ? end : cut(text, end - OVERLAP_UNITS);
    }
  }
  return true;
}

/** The position `at`, or the one before it where `at` would part a surrogate pair. */
function cut(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const isLow = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  const isHigh = (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return isLow && isHigh ? at - 1 : at;
}
