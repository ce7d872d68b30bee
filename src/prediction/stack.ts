import { levelAt, lengthsAt, gapsAt, type Layout, type Tasks } from "./tasks.ts";
import { solve } from "./small.ts";

/** What the second step reads, made from what the first one predicted: by row and input. */
interface Inputs {
  readonly width: number;
  readonly values: Float64Array;
}

/** prediction[column] = bias[column] + sum of weights[input * columns + column] * input. */
export interface SmallLinear {
  readonly columns: number;
  readonly bias: Float64Array;
  readonly weights: Float64Array;
}

/** A fit with what it predicts of rows that it was not fitted to. */
interface CrossFitted {
  readonly linear: SmallLinear;
  readonly held: Float64Array;
}

/** Which fold each row is held out with. */
export interface Folds {
  readonly count: number;
  readonly of: Uint8Array;
}

const PULLS = [3, 10, 30, 100, 300, 1000, 3000];
/** A share is at least that, before shares are sharpened. */
const LEAST_SHARE = 1e-3;

export const kindInputs = ({ categories }: Layout) => categories + 2;
export const lengthInputs = ({ categories, lengths }: Layout) => categories + 1 + lengths;

/**
 * What gaps between models are told by: the share of each category, sharpened (the likeliest counts most), how easy
 * the text is, and how far from the middle: where all fail or all succeed, no model is better than another.
 */
export function kindOf(predicted: Float64Array, at: number, layout: Layout, middle: number): Float64Array {
  const inputs = new Float64Array(kindInputs(layout));
  sharpen(predicted, at, layout.categories, inputs);
  const level = predicted[at + levelAt(layout)]!;
  inputs[layout.categories] = level;
  inputs[layout.categories + 1] = (level - middle) ** 2;
  return inputs;
}

/** What tokens of replies are told by. */
export function lengthOf(predicted: Float64Array, at: number, layout: Layout): Float64Array {
  const inputs = new Float64Array(lengthInputs(layout));
  sharpen(predicted, at, layout.categories, inputs);
  inputs[layout.categories] = predicted[at + levelAt(layout)]!;
  const from = at + lengthsAt(layout);
  inputs.set(predicted.subarray(from, from + layout.lengths), layout.categories + 1);
  return inputs;
}

function sharpen(predicted: Float64Array, at: number, categories: number, to: Float64Array): void {
  let sum = 0;
  for (let index = 0; index < categories; index++) {
    to[index] = Math.max(LEAST_SHARE, predicted[at + index]!) ** 2;
    sum += to[index]!;
  }
  for (let index = 0; index < categories; index++) to[index]! /= sum;
}

/** What the gaps' own columns say of each model. */
export function gapsOf(predicted: Float64Array, at: number, layout: Layout, directions: Tasks["directions"]) {
  const models = directions[0]?.length ?? 0;
  const gaps = new Float64Array(models);
  const from = at + gapsAt(layout);
  for (const [index, direction] of directions.entries()) {
    for (let model = 0; model < models; model++) gaps[model]! += predicted[from + index]! * direction[model]!;
  }
  return gaps;
}

export function inputsOf(rows: number, width: number, make: (row: number) => Float64Array): Inputs {
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) values.set(make(row), row * width);
  return { width, values };
}

/** Ridge regression on inputs of one scale; the pull is the one that errs least on the folds that are held out. */
export function crossFit(inputs: Inputs, truth: Float64Array, columns: number, folds: Folds): CrossFitted {
  const { scaled, mean, unit } = scaledOf(inputs);
  const sums = Array.from({ length: folds.count }, (_, fold) => sumsOf(scaled, truth, columns, folds, fold));
  const all = sums.reduce(added);
  let best: { error: number; held: Float64Array; pull: number } | undefined;
  for (const pull of PULLS) {
    const models = sums.map((own) => solved(added(all, own, -1), pull));
    const held = new Float64Array(truth.length);
    let error = 0;
    for (let row = 0; row < folds.of.length; row++) {
      predictInto(models[folds.of[row]!]!, scaled.values, row * scaled.width, held, row * columns);
      for (let at = row * columns; at < (row + 1) * columns; at++) error += (truth[at]! - held[at]!) ** 2;
    }
    if (best === undefined || error < best.error) best = { error, held, pull };
  }
  return { linear: unscaled(solved(all, best!.pull), mean, unit), held: best!.held };
}

interface Sums {
  readonly rows: number;
  readonly width: number;
  readonly columns: number;
  readonly gram: Float64Array;
  readonly cross: Float64Array;
  readonly inputs: Float64Array;
  readonly truth: Float64Array;
}

function sumsOf({ width, values }: Inputs, truth: Float64Array, columns: number, folds: Folds, fold: number): Sums {
  const sums = {
    rows: 0,
    width,
    columns,
    gram: new Float64Array(width * width),
    cross: new Float64Array(width * columns),
    inputs: new Float64Array(width),
    truth: new Float64Array(columns),
  };
  for (let row = 0; row < folds.of.length; row++) {
    if (folds.of[row] !== fold) continue;
    sums.rows += 1;
    for (let at = 0; at < columns; at++) sums.truth[at]! += truth[row * columns + at]!;
    for (let one = 0; one < width; one++) {
      const input = values[row * width + one]!;
      sums.inputs[one]! += input;
      for (let two = 0; two < width; two++) sums.gram[one * width + two]! += input * values[row * width + two]!;
      for (let at = 0; at < columns; at++) sums.cross[one * columns + at]! += input * truth[row * columns + at]!;
    }
  }
  return sums;
}

function added(a: Sums, b: Sums, times = 1): Sums {
  const plus = (one: Float64Array, two: Float64Array) => one.map((own, at) => own + times * two[at]!);
  return {
    ...a,
    rows: a.rows + times * b.rows,
    gram: plus(a.gram, b.gram),
    cross: plus(a.cross, b.cross),
    inputs: plus(a.inputs, b.inputs),
    truth: plus(a.truth, b.truth),
  };
}

function solved({ rows, width, columns, gram, cross, inputs, truth }: Sums, pull: number): SmallLinear {
  const count = Math.max(1, rows);
  const matrix = gram.map((own, at) => {
    const [one, two] = [Math.floor(at / width), at % width];
    return own - (inputs[one]! * inputs[two]!) / count + (one === two ? pull : 0);
  });
  const right = cross.map((own, at) => own - (inputs[Math.floor(at / columns)]! * truth[at % columns]!) / count);
  const weights = solve(matrix, right, width, columns);
  const bias = truth.map((sum) => sum / count);
  for (let input = 0; input < width; input++) {
    for (let at = 0; at < columns; at++) bias[at]! -= (weights[input * columns + at]! * inputs[input]!) / count;
  }
  return { columns, bias, weights };
}

export function predictInto(
  { columns, bias, weights }: SmallLinear,
  inputs: Float64Array,
  from: number,
  to: Float64Array,
  at: number,
): void {
  const width = weights.length / columns;
  for (let column = 0; column < columns; column++) {
    let sum = bias[column]!;
    for (let input = 0; input < width; input++) sum += weights[input * columns + column]! * inputs[from + input]!;
    to[at + column] = sum;
  }
}

function scaledOf({ width, values }: Inputs) {
  const rows = Math.max(1, values.length / width);
  const mean = new Float64Array(width);
  const unit = new Float64Array(width);
  for (let at = 0; at < values.length; at++) mean[at % width]! += values[at]! / rows;
  for (let at = 0; at < values.length; at++) unit[at % width]! += (values[at]! - mean[at % width]!) ** 2 / rows;
  for (let input = 0; input < width; input++) unit[input] = unit[input]! > 0 ? 1 / Math.sqrt(unit[input]!) : 0;
  const scaled = values.map((value, at) => (value - mean[at % width]!) * unit[at % width]!);
  return { scaled: { width, values: scaled }, mean, unit };
}

function unscaled({ columns, bias, weights }: SmallLinear, mean: Float64Array, unit: Float64Array): SmallLinear {
  const own = weights.map((weight, at) => weight * unit[Math.floor(at / columns)]!);
  const shifted = bias.slice();
  for (let at = 0; at < own.length; at++) shifted[at % columns]! -= own[at]! * mean[Math.floor(at / columns)]!;
  return { columns, bias: shifted, weights: own };
}
