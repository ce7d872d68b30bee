import { type Alignment, telling } from "./guards/alignment.ts";
import { askedBy } from "./guards/asked.ts";
import { isLight } from "./guards/light-words.ts";
import type { Turn } from "./guards/turn.ts";

/** All that is known of two turns. */
export interface Sight {
  readonly alignment: Alignment;
  /** Guards that doubt. */
  readonly doubts: number;
  /** Of the static stage's vectors. */
  readonly cosine: number;
  /** What the model that reads both says. */
  readonly logit: number;
}

/** Beyond this a logit says no more. */
export const SUREST = 8;
const HEAVY_NAME = 1.5;

/** The names of the numbers below, in their order: the model was fitted to exactly these. */
export const FEATURES = [
  "static cosine",
  "both read together",
  "both read together, left over on both",
  "left over on one side",
  "left over on both",
  "weight left over, the larger side",
  "weight left over, the smaller side",
  "share left over, the larger side",
  "share left over, the smaller side",
  "share alike by meaning alone",
  "one slot filled differently",
  "order kept",
  "frame kept, something left over",
  "frame kept, nothing left over",
  "length ratio",
  "asks for the same",
  "doubts",
  "speaks of oneself",
  "speaks to the model",
  "words",
] as const;

/** Symmetric: the same for (a, b) and (b, a). */
export function featuresOf(a: Turn, b: Turn, { alignment, doubts, cosine, logit }: Sight): Float64Array {
  const { ours, theirs, pairs, byMeaning } = alignment;
  const [weighsOurs, weighsTheirs] = [weightOf(a, ours), weightOf(b, theirs)];
  const shareOurs = weighsOurs / Math.max(1, weightOf(a, telling(a)));
  const shareTheirs = weighsTheirs / Math.max(1, weightOf(b, telling(b)));
  const isBoth = ours.length > 0 && theirs.length > 0;
  const isOne = ours.length > 0 !== theirs.length > 0;
  const isNone = !isBoth && !isOne;
  const upper = Math.max(1, a.tokens.length, b.tokens.length);
  const frame = common(a, b) / upper;
  const read = Math.max(-SUREST, Math.min(SUREST, logit));
  return Float64Array.of(
    closeness(cosine),
    read,
    isBoth ? read : 0,
    isOne ? 1 : 0,
    isBoth ? 1 : 0,
    Math.min(MOST_WEIGHT, Math.max(weighsOurs, weighsTheirs)),
    Math.min(MOST_WEIGHT, weighsOurs, weighsTheirs),
    Math.max(shareOurs, shareTheirs),
    Math.min(shareOurs, shareTheirs),
    byMeaning / Math.max(1, pairs.length),
    isBoth && fillsSlot(a, b, alignment) ? 1 : 0,
    orderKept(pairs),
    isNone ? 0 : frame,
    isNone ? frame : 0,
    Math.min(a.tokens.length, b.tokens.length) / upper,
    asksSame(a, b),
    doubts,
    has(a, OWN) || has(b, OWN) ? 1 : 0,
    has(a, YOURS) || has(b, YOURS) ? 1 : 0,
    Math.log1p(upper),
  );
}

const MOST_WEIGHT = 6;
const CLOSEST = 0.01;

/** Cosines near 1 are told apart more finely than others. From about -0.7 to 4.6. */
const closeness = (cosine: number): number => -Math.log(Math.max(CLOSEST, 1 - cosine));

/** What is asked of one's own affairs has another answer for the next who asks. */
const OWN = new Set("my mine our ours mein meine meinen meiner mi mis nuestro mon ma mes notre".split(" "));
const YOURS = new Set("your yours yourself dein deine tu tus ton ta tes votre".split(" "));
const has = ({ tokens }: Turn, words: ReadonlySet<string>): boolean => tokens.some(({ text }) => words.has(text));

function weightOf({ tokens, hasNames }: Turn, places: readonly number[]): number {
  let sum = 0;
  for (const at of places) {
    const { text, raw, opens } = tokens[at]!;
    sum += isLight(text) ? 0.4 : hasNames && !opens && raw[0] !== raw[0]!.toLowerCase() ? HEAVY_NAME : 1;
  }
  return sum;
}

/** All that says something is the same but for one place, where each says a word or two of its own: "poem" and "letter". */
function fillsSlot(a: Turn, b: Turn, { ours, theirs }: Alignment): boolean {
  if (ours.length > LONGEST_SLOT || theirs.length > LONGEST_SLOT) return false;
  const [left, right] = [telling(a), telling(b)];
  const [from, to] = [left.indexOf(ours[0]!), right.indexOf(theirs[0]!)];
  const isWhole = (all: readonly number[], own: readonly number[], at: number) =>
    own.every((place, by) => all[at + by] === place);
  return from === to && isWhole(left, ours, from) && isWhole(right, theirs, to);
}

const LONGEST_SLOT = 2;

/** Share of neighbouring pairs that stand in the same order in both. */
function orderKept(pairs: Alignment["pairs"]): number {
  if (pairs.length < 2) return 1;
  const sorted = pairs.toSorted(([one], [other]) => one - other);
  let kept = 0;
  for (let at = 1; at < sorted.length; at++) if (sorted[at]![1] > sorted[at - 1]![1]) kept += 1;
  return kept / (sorted.length - 1);
}

/** Words that both begin with and end with. */
function common({ tokens: x }: Turn, { tokens: y }: Turn): number {
  const shorter = Math.min(x.length, y.length);
  let start = 0;
  while (start < shorter && x[start]!.text === y[start]!.text) start += 1;
  let end = 0;
  while (end < shorter - start && x[x.length - 1 - end]!.text === y[y.length - 1 - end]!.text) end += 1;
  return start + end;
}

function asksSame(a: Turn, b: Turn): number {
  const [ours, theirs] = [askedBy(a), askedBy(b)];
  if (ours.size === 0 && theirs.size === 0) return 0.5;
  return [...ours].some((kind) => theirs.has(kind)) ? 1 : 0;
}
