import { isMeanBelow } from "../../statistics/bound.ts";
import { seeded } from "../../statistics/sample.ts";
import type { Line } from "../evaluate.ts";
import { short } from "../measure.ts";
import type { MeasuredEncoder } from "../reader.ts";
import { eachJudged, type PairEvaluation, type Read } from "./evaluate.ts";

/** What is to be promised: of what is served at most this share is wrong, at this error. */
export interface Wish {
  readonly most: number;
  readonly delta: number;
  readonly seed: number;
}

export interface Calibration extends Read {
  readonly rows: number;
  /** The lowest threshold that carries the promise; null where none does. */
  readonly threshold: number | null;
  /** What the rows that tested it say at that threshold, or at the strictest one tried. */
  readonly served: number;
  readonly wrong_hits: number;
  readonly paraphrase_hit_rate: number | null;
  /** The least share of wrong hits that could be promised where the wish could not; null where not even the largest tried. */
  readonly promised: number | null;
}

interface Scored {
  readonly score: number;
  readonly isSame: boolean;
}

/** Everything that is not refused is scored, so that each threshold can be tried. */
const LOWEST = Number.MIN_VALUE;
const STEPS = Array.from({ length: 50 }, (_, step) => Number((0.99 - step / 100).toFixed(2)));
/** Candidates that are tested; the error is shared among them. */
const CAREFUL = [0, 0.03, 0.06];
/** Promises that are offered where the wish cannot be kept. */
const OFFERS = [0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2];

/**
 * Learn, then test: half of the rows, drawn by chance, show which thresholds seem to hold; the other half, which taught
 * nothing, tests those few. Errors: NoRows, EncoderError.
 */
export async function calibratePairs(
  encoder: MeasuredEncoder,
  lines: AsyncIterable<Line>,
  { most, delta, seed, ...evaluation }: Wish & Omit<PairEvaluation, "threshold">,
): Promise<Calibration> {
  const rows: Scored[] = [];
  const read = await eachJudged(encoder, lines, { ...evaluation, threshold: LOWEST }, ({ score, pair, isServed }) => {
    rows.push({ score: isServed ? score : 0, isSame: pair.isSame });
  });
  return { ...read, rows: rows.length, ...thresholdFor(rows, { most, delta, seed }) };
}

/** The lowest of few thresholds that the second half of the rows carries. */
export function thresholdFor(
  rows: readonly Scored[],
  { most, delta, seed }: Wish,
): Omit<Calibration, keyof Read | "rows"> {
  const shuffled = shuffle(rows, seed);
  const half = Math.floor(shuffled.length / 2);
  const [learn, test] = [shuffled.slice(0, half), shuffled.slice(half)];
  const seeming = STEPS.filter((step) => isSeeming(learn, step, most)).at(-1) ?? STEPS[0]!;
  const candidates = CAREFUL.map((more) => Math.min(0.99, Number((seeming + more).toFixed(2))));
  const holds = (threshold: number, share: number) =>
    isMeanBelow(flagsOf(test, threshold), share, delta / candidates.length);
  const threshold = candidates.find((candidate) => holds(candidate, most)) ?? null;
  const told = threshold ?? candidates.at(-1)!;
  const served = test.filter(({ score }) => score >= told);
  const right = served.filter(({ isSame }) => isSame).length;
  const same = test.filter(({ isSame }) => isSame).length;
  return {
    threshold,
    served: served.length,
    wrong_hits: served.length - right,
    paraphrase_hit_rate: same === 0 ? null : short(right / same),
    promised: threshold === null ? (OFFERS.find((offer) => offer > most && holds(told, offer)) ?? null) : most,
  };
}

/** Half of what is promised: a threshold that only just holds here would not hold there. */
function isSeeming(rows: readonly Scored[], threshold: number, most: number): boolean {
  const flags = flagsOf(rows, threshold);
  return flags.length > 0 && flags.reduce((sum, flag) => sum + flag, 0) <= (most / 2) * flags.length;
}

/** Of each row that is served, 1 where it should not have been. */
const flagsOf = (rows: readonly Scored[], threshold: number): Float64Array =>
  Float64Array.from(
    rows.filter(({ score }) => score >= threshold),
    ({ isSame }) => (isSame ? 0 : 1),
  );

function shuffle<T>(rows: readonly T[], seed: number): T[] {
  const random = seeded(seed);
  const shuffled = [...rows];
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
  }
  return shuffled;
}
