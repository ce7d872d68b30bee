/** Numbers in [0,1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** The smallest value that at least `share` of the values do not exceed; NaN where there are none. */
export function percentile(values: Float64Array, share: number): number {
  const at = Math.ceil(values.length * share) - 1;
  return values.toSorted()[Math.min(values.length - 1, Math.max(0, at))] ?? Number.NaN;
}

/** Positions of the values, the highest first; equal values keep their order. */
export function descending(values: Float64Array): Uint32Array {
  return Uint32Array.from(values, (_, at) => at).sort((a, b) => values[b]! - values[a]! || a - b);
}

/** 95% of the resamples lie in it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How often each row was drawn: what a statistic counts the row for. */
export type Weights = Uint16Array;

const SEED = 20_251_121;
const MOST_RESAMPLES = 1000;
const FEWEST_RESAMPLES = 100;
/** Rows drawn in all resamples together, which bounds the time that an interval takes. */
const DRAWS = 20_000_000;

/**
 * The percentile interval of `statistic` over resamples of `rows` rows with replacement; the same for the same seed.
 * Undefined where there are no rows, or where the statistic is not a number.
 */
export function bootstrap(
  rows: number,
  statistic: (weights: Weights) => number,
  seed: number = SEED,
): Interval | undefined {
  if (rows === 0) return undefined;
  const random = seeded(seed);
  const resamples = Math.min(MOST_RESAMPLES, Math.max(FEWEST_RESAMPLES, Math.floor(DRAWS / rows)));
  const weights: Weights = new Uint16Array(rows);
  const found: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[Math.floor(random() * rows)]! += 1;
    const value = statistic(weights);
    if (Number.isFinite(value)) found.push(value);
  }
  if (found.length === 0) return undefined;
  const values = Float64Array.from(found);
  return { low: percentile(values, 0.025), high: percentile(values, 0.975) };
}
