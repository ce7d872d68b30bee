import type { Reading } from "../contracts.ts";
import type { Look, Pace } from "./signal.ts";

/** UTF-16 units read between two breaths. */
export const WINDOW_UNITS = 16_384;
/** Units that neighbouring windows share, so that what lies across a cut is seen whole in one of them. */
export const OVERLAP_UNITS = 256;

/** What a visit costs beside its text, in units of text: of many short texts the visits are what takes time. */
export const VISIT_UNITS = 128;
/** Cost of what is read between two breaths: one visit to a whole window, or more to shorter ones. */
const BREATH_UNITS = WINDOW_UNITS + VISIT_UNITS;

/** Reads one window; `index` is the position of its text in the list. */
export type Visit = (window: string, index: number) => void;

/**
 * Shows every text to `visit`, long ones in windows, and looks at what was `found` then. What fits between two
 * breaths is read at once, without a promise. When the pace is spent before the end, the look is `unread`.
 */
export function readWindows(
  texts: readonly string[],
  pace: Pace,
  visit: Visit,
  found: () => readonly Reading[],
): Look | Promise<Look> {
  let cost = 0;
  for (const text of texts) cost += costOf(text.length);
  if (cost > BREATH_UNITS) {
    pace.share(found);
    return readLong(texts, pace, visit, found);
  }
  if (cost > 0 && pace.spent()) return { readings: found(), unread: true };
  for (let index = 0; index < texts.length; index++) {
    if (texts[index] !== "") visit(texts[index]!, index);
  }
  return { readings: found() };
}

const costOf = (units: number) => (units === 0 ? 0 : units + VISIT_UNITS);

async function readLong(
  texts: readonly string[],
  pace: Pace,
  visit: Visit,
  found: () => readonly Reading[],
): Promise<Look> {
  if (pace.spent()) return { readings: found(), unread: true };
  let sinceBreath = 0;
  for (const [index, text] of texts.entries()) {
    for (let start = 0; start < text.length;) {
      const end = cut(text, start + WINDOW_UNITS);
      const cost = costOf(end - start);
      if (sinceBreath > 0 && sinceBreath + cost > BREATH_UNITS) {
        await pace.breathe();
        if (pace.spent()) return { readings: found(), unread: true };
        sinceBreath = 0;
      }
      visit(text.slice(start, end), index);
      sinceBreath += cost;
      start = end === text.length ? end : cut(text, end - OVERLAP_UNITS);
    }
  }
  return { readings: found() };
}

/** The position `at`, or the one before it where `at` would part a surrogate pair. */
function cut(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const isLow = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  const isHigh = (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return isLow && isHigh ? at - 1 : at;
}
