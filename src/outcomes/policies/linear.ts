import { minimise } from "../../statistics/minimise.ts";
import type { Lesson, Shown } from "./policy.ts";

/** What the values of one row cost, and how that changes with each of them. */
export type RowLoss = (values: Float64Array, row: Shown, slopes: Float64Array) => number;

export interface Linear {
  /** Writes the values of the row's features. */
  values(features: Float32Array, to: Float32Array): void;
}

/** Weights, `width` an output and a bias behind them, for features of one scale. */
interface Problem {
  readonly features: Float32Array;
  readonly width: number;
  readonly outputs: number;
  readonly rows: readonly Shown[];
  readonly loss: RowLoss;
  readonly pull: number;
}

/** Strengths of the pull of weights towards 0, as a share of the mean loss. */
const PULLS = [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003];
const STEPS = 40;
/** Rows of a lesson that are fitted to, and of those the share that chooses the pull. */
const MOST_ROWS = 6000;
const CHOOSE_SHARE = 0.2;

/** A linear model of the features with `outputs` values a row, its pull chosen by rows that are held out of the lesson. */
export function fitLinear(
  { rows }: Pick<Lesson, "rows">,
  featuresOf: (row: Shown) => Float32Array,
  outputs: number,
  loss: RowLoss,
): Linear {
  const used = rows.slice(0, MOST_ROWS);
  const scale = scaleOf(used.map(featuresOf));
  const matrix = (of: readonly Shown[]) => scaled(of.map(featuresOf), scale);
  const held = Math.ceil(used.length * CHOOSE_SHARE);
  const [choose, learn] = [used.slice(0, held), used.slice(held)];
  const width = scale.mean.length;
  const problem = { features: matrix(learn), width, outputs, rows: learn, loss };
  const test = { features: matrix(choose), width, outputs, rows: choose, loss, pull: 0 };

  let best = { pull: PULLS[0]!, loss: Infinity };
  let weights = new Float64Array(outputs * (width + 1));
  for (const pull of PULLS) {
    weights = fitted({ ...problem, pull }, weights);
    const found = meanLoss(test, weights, new Float64Array(weights.length));
    if (found >= best.loss) break;
    best = { pull, loss: found };
  }
  const whole = fitted({ ...problem, features: matrix(used), rows: used, pull: best.pull }, weights);
  const row = new Float64Array(outputs);
  return {
    values(features, to) {
      writeValues(scaled([features], scale), 0, width, whole, row);
      to.set(row);
    },
  };
}

function fitted(problem: Problem, start: Float64Array): Float64Array<ArrayBuffer> {
  const search = minimise(start, (at, gradient) => meanLoss(problem, at, gradient), STEPS);
  for (;;) {
    const next = search.next();
    if (next.done === true) return Float64Array.from(next.value);
  }
}

function meanLoss({ features, width, outputs, rows, loss, pull }: Problem, at: Float64Array, gradient: Float64Array) {
  const values = new Float64Array(outputs);
  const slopes = new Float64Array(outputs);
  let sum = 0;
  gradient.fill(0);
  for (const [index, row] of rows.entries()) {
    writeValues(features, index * width, width, at, values);
    sum += loss(values, row, slopes) / rows.length;
    for (let output = 0; output < outputs; output++) {
      const slope = slopes[output]! / rows.length;
      const start = output * (width + 1);
      for (let feature = 0; feature < width; feature++) {
        gradient[start + feature]! += slope * features[index * width + feature]!;
      }
      gradient[start + width]! += slope;
    }
  }
  for (let weight = 0; weight < at.length; weight++) {
    // Biases are free.
    if (weight % (width + 1) === width) continue;
    sum += (pull / 2) * at[weight]! ** 2;
    gradient[weight]! += pull * at[weight]!;
  }
  return sum;
}

function writeValues(features: Float32Array, from: number, width: number, weights: Float64Array, to: Float64Array) {
  for (let output = 0; output < to.length; output++) {
    const start = output * (width + 1);
    let sum = weights[start + width]!;
    for (let feature = 0; feature < width; feature++) sum += weights[start + feature]! * features[from + feature]!;
    to[output] = sum;
  }
}

interface Scale {
  readonly mean: Float64Array;
  /** One divided by the standard deviation; 0 where a feature never varies. */
  readonly unit: Float64Array;
}

function scaleOf(rows: readonly Float32Array[]): Scale {
  const width = rows[0]!.length;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (const row of rows) {
    for (let at = 0; at < width; at++) {
      mean[at]! += row[at]! / rows.length;
      square[at]! += row[at]! ** 2 / rows.length;
    }
  }
  const unit = square.map((of, at) => {
    const deviation = Math.sqrt(Math.max(0, of - mean[at]! ** 2));
    return deviation > 1e-6 ? 1 / deviation : 0;
  });
  return { mean, unit };
}

/** Rows at one scale, so long that the pull means the same whatever the width. */
function scaled(rows: readonly Float32Array[], { mean, unit }: Scale): Float32Array {
  const width = mean.length;
  const matrix = new Float32Array(rows.length * width);
  const shrink = 1 / Math.sqrt(width);
  for (const [index, row] of rows.entries()) {
    for (let at = 0; at < width; at++) matrix[index * width + at] = (row[at]! - mean[at]!) * unit[at]! * shrink;
  }
  return matrix;
}
