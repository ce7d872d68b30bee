import { descending, type Weights } from "./sample.ts";

/** Scores of rows that are positive (1) or negative (0), with their order, made once for many questions. */
export interface Ranked {
  readonly scores: Float64Array;
  readonly positive: Uint8Array;
  readonly order: Uint32Array;
}

export function ranked(scores: Float64Array, positive: Uint8Array): Ranked {
  return { scores, positive, order: descending(scores) };
}

/** Where a threshold would stand: rows with a score of at least `threshold` are flagged. */
export interface OperatingPoint {
  readonly threshold: number;
  /** Share of the positive rows that is flagged, and of the negative ones. */
  readonly recall: number;
  readonly falsePositives: number;
}

/**
 * The operating points from the highest threshold to the lowest, one for each distinct score, behind one that flags
 * nothing. None where there are no positive or no negative rows.
 */
export function* operatingPoints({ scores, positive, order }: Ranked, weights?: Weights): Generator<OperatingPoint> {
  const totals = [0, 0];
  for (let row = 0; row < positive.length; row++) totals[positive[row]!]! += weights?.[row] ?? 1;
  const [negatives, positives] = totals as [number, number];
  if (negatives === 0 || positives === 0) return;
  yield { threshold: Infinity, recall: 0, falsePositives: 0 };
  const seen = [0, 0];
  for (let at = 0; at < order.length; at++) {
    const row = order[at]!;
    seen[positive[row]!]! += weights?.[row] ?? 1;
    const next = order[at + 1];
    // Rows of the same score stand and fall together.
    if (next !== undefined && scores[next] === scores[row]) continue;
    yield { threshold: scores[row]!, recall: seen[1]! / positives, falsePositives: seen[0]! / negatives };
  }
}

/** The point with the most recall among those that flag at most `most` of the negative rows; undefined where there are no points. */
export function pointAt(rows: Ranked, most: number, weights?: Weights): OperatingPoint | undefined {
  let best: OperatingPoint | undefined;
  for (const point of operatingPoints(rows, weights)) {
    if (point.falsePositives > most) break;
    best = point;
  }
  return best;
}

/** Probability that a positive row scores higher than a negative one, ties half; NaN without both. */
export function auc(rows: Ranked, weights?: Weights): number {
  let area = Number.NaN;
  let before: OperatingPoint | undefined;
  for (const point of operatingPoints(rows, weights)) {
    if (before === undefined) area = 0;
    else area += ((point.falsePositives - before.falsePositives) * (point.recall + before.recall)) / 2;
    before = point;
  }
  return area;
}

/** Two measures of the same rows, with their orders, made once for many questions. */
export interface Paired {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly orderA: Uint32Array;
  readonly orderB: Uint32Array;
}

export function paired(a: Float64Array, b: Float64Array): Paired {
  return { a, b, orderA: descending(a), orderB: descending(b) };
}

/** Spearman's rank correlation, ties at their middle rank; NaN where one side does not vary. */
export function spearman({ a, b, orderA, orderB }: Paired, weights?: Weights): number {
  return pearson(middleRanks(a, orderA, weights), middleRanks(b, orderB, weights), weights);
}

function middleRanks(values: Float64Array, order: Uint32Array, weights: Weights | undefined): Float64Array {
  const ranks = new Float64Array(values.length);
  let before = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    let tied = 0;
    for (; to < order.length && values[order[to]!] === values[order[from]!]; to++) tied += weights?.[order[to]!] ?? 1;
    for (let at = from; at < to; at++) ranks[order[at]!] = before + tied / 2;
    before += tied;
    from = to;
  }
  return ranks;
}

function pearson(a: Float64Array, b: Float64Array, weights: Weights | undefined): number {
  let [all, sumA, sumB] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    const weight = weights?.[row] ?? 1;
    all += weight;
    sumA += weight * a[row]!;
    sumB += weight * b[row]!;
  }
  let [together, alone, other] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    const weight = weights?.[row] ?? 1;
    const [fromA, fromB] = [a[row]! - sumA / all, b[row]! - sumB / all];
    together += weight * fromA * fromB;
    alone += weight * fromA * fromA;
    other += weight * fromB * fromB;
  }
  return together / Math.sqrt(alone * other);
}
