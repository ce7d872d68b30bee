import { plain } from "./numbers.ts";
import { plainText } from "./pii-places.ts";
import { type Note, PERSONAL, readIdentifiers, type RuledEntity } from "./pii-rules.ts";
import { readSecrets } from "./secrets.ts";
import { WINDOW_UNITS } from "./windows.ts";

/** Personal data that stands in a text. `start` and `end` (exclusive) in UTF-16 units, score and confidence in [0,1]. */
export interface PiiSpan {
  readonly start: number;
  readonly end: number;
  readonly entity: RuledEntity;
  readonly score: number;
  readonly confidence: number;
}

/** Units that neighbouring windows share: each is read with at least half of it on either side. */
const OVERLAP_UNITS = 1024;

/**
 * Where the rules of the pii signal find something in each of several texts, first to last. What may be two things is
 * told as both, the surer first; of findings of one entity that lie within one another the widest is. Long texts are read in windows, with a breath after each.
 * @param breathe resolves in a later turn of the event loop
 */
export async function findPii(
  texts: readonly string[],
  breathe: () => Promise<void>,
): Promise<readonly (readonly PiiSpan[])[]> {
  const found: PiiSpan[][] = [];
  let units = 0;
  for (const text of texts) {
    const spans: PiiSpan[] = [];
    for (let start = 0; start < text.length; start += WINDOW_UNITS) {
      units += Math.min(WINDOW_UNITS, text.length - start);
      readWindow(text, start, spans);
      if (units < WINDOW_UNITS) continue;
      units = 0;
      await breathe();
    }
    // A block of a private key may be longer than a window.
    if (text.length > WINDOW_UNITS) readSecrets(text, (place) => spans.push(spanOf("secret", place, 0.95)));
    found.push(widest(spans));
  }
  return found;
}

/** Reads what begins within a window, and what it needs of the text around. */
function readWindow(text: string, start: number, spans: PiiSpan[]): void {
  const from = edge(text, start - OVERLAP_UNITS / 2);
  const window = text.slice(from, edge(text, start + WINDOW_UNITS + OVERLAP_UNITS));
  const own = (at: number) => from + at >= start && from + at < start + WINDOW_UNITS;
  const note =
    (startOf: (at: number) => number, endOf: (end: number) => number): Note =>
    (entity, place, confidence, score) => {
      const first = startOf(place.start);
      if (own(first))
        spans.push(spanOf(entity, { start: from + first, end: from + endOf(place.end) }, confidence, score));
    };
  const simple = plain(window);
  if (simple === window) return readIdentifiers(window, note(same, same));
  let isFound = false;
  readIdentifiers(simple, () => void (isFound = true));
  if (!isFound) return;
  const placed = plainText(window);
  readIdentifiers(placed.text, note(placed.startOf, placed.endOf));
}

const same = (at: number): number => at;

function spanOf(
  entity: RuledEntity,
  { start, end }: { readonly start: number; readonly end: number },
  confidence: number,
  score = PERSONAL,
): PiiSpan {
  return { start, end, entity, score, confidence };
}

/** A position within the text that parts no surrogate pair. */
function edge(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return Math.min(Math.max(at, 0), text.length);
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 ? at - 1 : at;
}

/** Sorted, the wider first and then the surer; without those that lie within others of their entity. */
function widest(spans: readonly PiiSpan[]): PiiSpan[] {
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end || b.confidence - a.confidence);
  const ends = new Map<RuledEntity, number>();
  return sorted.filter(({ entity, end }) => {
    const isNew = end > (ends.get(entity) ?? -1);
    if (isNew) ends.set(entity, end);
    return isNew;
  });
}
