import { descending } from "./sample.ts";

/** Neighbours in confidence: how sure they were on average, and how often right. */
export interface ReliabilityBin {
  readonly rows: number;
  readonly confidence: number;
  readonly accuracy: number;
}

const RELIABILITY_BINS = 15;

/** Bins of (nearly) equal numbers of rows, the least confident first; fewer than `bins` where there are fewer rows. */
export function reliability(
  confidence: Float64Array,
  right: ArrayLike<number>,
  bins: number = RELIABILITY_BINS,
): ReliabilityBin[] {
  const order = descending(confidence).reverse();
  const count = Math.min(bins, order.length);
  return Array.from({ length: count }, (_, bin) => {
    const from = Math.floor((order.length * bin) / count);
    const rows = order.subarray(from, Math.floor((order.length * (bin + 1)) / count));
    let sure = 0;
    let hits = 0;
    for (const row of rows) {
      sure += confidence[row]!;
      hits += right[row]!;
    }
    return { rows: rows.length, confidence: sure / rows.length, accuracy: hits / rows.length };
  });
}

/** Expected calibration error: the mean distance between confidence and accuracy over all rows. NaN without bins. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  let distance = 0;
  let all = 0;
  for (const { rows, confidence, accuracy } of bins) {
    distance += rows * Math.abs(confidence - accuracy);
    all += rows;
  }
  return distance / all;
}

/** Probabilities of one row's logits at a temperature; written into `to`. */
export function softmax(logits: Float64Array, temperature: number, to: Float64Array): void {
  let highest = -Infinity;
  for (const logit of logits) if (logit > highest) highest = logit;
  let sum = 0;
  for (let at = 0; at < logits.length; at++) {
    to[at] = Math.exp((logits[at]! - highest) / temperature);
    sum += to[at]!;
  }
  for (let at = 0; at < logits.length; at++) to[at]! /= sum;
}

const COLDEST = 0.05;
const HOTTEST = 20;
const STEPS = 60;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The temperature in [0.05, 20] under which the logits (`labels` a row) give the true labels the highest likelihood;
 * 1 where there are no rows.
 */
export function fitTemperature(logits: Float64Array, labels: number, truth: ArrayLike<number>): number {
  if (truth.length === 0) return 1;
  const probabilities = new Float64Array(labels);
  const loss = (logTemperature: number) => {
    let sum = 0;
    for (let row = 0; row < truth.length; row++) {
      softmax(logits.subarray(row * labels, (row + 1) * labels), Math.exp(logTemperature), probabilities);
      sum -= Math.log(Math.max(probabilities[truth[row]!]!, Number.MIN_VALUE));
    }
    return sum;
  };
  // Golden section search: the loss has one valley in the logarithm of the temperature.
  let [low, high] = [Math.log(COLDEST), Math.log(HOTTEST)];
  for (let step = 0; step < STEPS; step++) {
    const width = GOLDEN * (high - low);
    if (loss(high - width) <= loss(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}
