import { z } from "zod";
import { fitTemperature } from "../statistics/calibration.ts";
import { type Examples, fitLogistic } from "../statistics/regression.ts";
import type { Features } from "./features.ts";

const MOST_NAMES = 200;
const numbers = z.array(z.number()).max(MOST_NAMES);

/** The probability of something, from features: a logistic model over their standard scores. */
export const chanceForm = z
  .strictObject({
    names: z.array(z.string().min(1).max(64)).max(MOST_NAMES),
    /** Of each feature its mean, and one divided by its standard deviation; 0 for one that never varied. */
    mean: numbers,
    unit: numbers,
    weights: numbers,
    /** Added where a feature is missing, which then counts as its mean. */
    missing: numbers,
    bias: z.number(),
    temperature: z.number().positive().max(1000),
  })
  .refine(
    ({ names, ...lists }) =>
      [lists.mean, lists.unit, lists.weights, lists.missing].every(({ length }) => length === names.length),
    "mean, unit, weights and missing have one number for each name",
  );

export type Chance = z.output<typeof chanceForm>;

/** No feature counts for more than it does so many standard deviations from its mean. */
const FARTHEST = 3;

/** In [0,1]. Features that the model does not know are passed over. */
export function chanceOf(
  { names, mean, unit, weights, missing, bias, temperature }: Chance,
  features: Features,
): number {
  let logit = bias;
  for (let at = 0; at < names.length; at++) {
    const score = standard(features[names[at]!], mean[at]!, unit[at]!);
    logit += score === undefined ? missing[at]! : weights[at]! * score;
  }
  return 1 / (1 + Math.exp(-logit / temperature));
}

/** Undefined for a feature that is not there, or is no number. */
function standard(value: number | undefined, mean: number, unit: number): number | undefined {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  return Math.max(-FARTHEST, Math.min(FARTHEST, (value - mean) * unit));
}

/** Strength of the pull towards a model that knows nothing; the number of rows that it weighs as much as. */
const PULL_ROWS = 160;
const STEPS = 40;
/** Each part of the rows is judged by a model of the others. */
const PARTS = 5;

/** A model, and for each row that it was fitted to the chance that a model of other rows gives it. */
export interface FittedChance {
  readonly chance: Chance;
  readonly held: Float64Array;
}

/**
 * Fits a chance to rows, calibrated on rows that were held out. Where all rows have the same truth it is that truth's
 * share, drawn a little to the middle.
 * @param rows in an order that has nothing to do with their truth
 * @param truth 0 or 1 a row
 */
export function fitChance(rows: readonly Features[], truth: Uint8Array): FittedChance {
  const logits = new Float64Array(rows.length * 2);
  for (let part = 0; part < PARTS; part++) {
    const isHeld = (_: unknown, at: number) => at % PARTS === part;
    const model = fitted(
      rows.filter((row, at) => !isHeld(row, at)),
      truth.filter((one, at) => !isHeld(one, at)),
    );
    for (let at = part; at < rows.length; at += PARTS) {
      const chance = chanceOf(model, rows[at]!);
      logits[at * 2 + 1] = Math.log(chance / (1 - chance));
    }
  }
  // Of one class no temperature is too cold.
  const temperature = isOfOneClass(truth) ? 1 : fitTemperature(logits, 2, truth);
  return {
    chance: { ...fitted(rows, truth), temperature },
    held: Float64Array.from(rows, (_, at) => 1 / (1 + Math.exp(-logits[at * 2 + 1]! / temperature))),
  };
}

const isOfOneClass = (truth: Uint8Array) => truth.every((one) => one === truth[0]);

function fitted(rows: readonly Features[], truth: Uint8Array): Chance {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].toSorted();
  const scale = names.map((name) => scaleOf(rows, name));
  const [mean, unit] = [scale.map((one) => one.mean), scale.map((one) => one.unit)];
  const gaps = names.flatMap((_, at) => (scale[at]!.isWhole ? [] : [at]));
  const ones = truth.reduce((sum, one) => sum + one, 0);
  const known = { names, mean, unit, temperature: 1 };
  if (isOfOneClass(truth)) {
    const nothing = names.map(() => 0);
    return { ...known, weights: nothing, missing: nothing, bias: Math.log((ones + 1) / (truth.length - ones + 1)) };
  }
  const width = names.length + gaps.length;
  const features = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries()) {
    for (const [column, name] of names.entries()) {
      features[at * width + column] = standard(row[name], mean[column]!, unit[column]!) ?? 0;
    }
    for (const [gap, column] of gaps.entries()) {
      features[at * width + names.length + gap] = Number(!Number.isFinite(row[names[column]!]));
    }
  }
  const examples: Examples = { features, width, truth: Int32Array.from(truth), labels: 2 };
  const all = Uint32Array.from(rows, (_, at) => at);
  const { weights, bias } = finished(fitLogistic(examples, all, { l2: PULL_ROWS / rows.length, steps: STEPS }));
  const difference = (at: number) => weights[width + at]! - weights[at]!;
  const missing = names.map((_, at) => (gaps.includes(at) ? difference(names.length + gaps.indexOf(at)) : 0));
  return { ...known, weights: names.map((_, at) => difference(at)), missing, bias: bias[1]! - bias[0]! };
}

const STEADY = 1e-9;

function scaleOf(rows: readonly Features[], name: string): { mean: number; unit: number; isWhole: boolean } {
  const values = rows.map((row) => row[name] ?? Number.NaN).filter(Number.isFinite);
  const mean = values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, unit: variance > STEADY ? 1 / Math.sqrt(variance) : 0, isWhole: values.length === rows.length };
}

function finished<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
