import { minimise } from "./minimise.ts";

/** Rows of numbers, `width` a row, with the position of each one's label. */
export interface Examples {
  readonly features: Float32Array;
  readonly width: number;
  readonly truth: Int32Array;
  readonly labels: number;
}

/** logit(label) = bias[label] + the sum of weights[label * width + feature] * feature. */
export interface LinearModel {
  readonly labels: number;
  readonly width: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

export interface FitOptions {
  /** Strength of the pull of every weight towards 0, as a share of the mean loss; biases are free. */
  readonly l2: number;
  /** How much a row of each label counts; 1 unless given. */
  readonly labelWeights?: Float64Array;
  /** Where to start: the model of a neighbouring `l2` saves steps. */
  readonly start?: LinearModel;
  readonly steps?: number;
}

/** What is fitted to: the rows `rows` of the examples. */
interface Problem {
  readonly examples: Examples;
  readonly rows: Uint32Array;
  readonly scale: Scale;
  readonly options: FitOptions;
}

const MOST_STEPS = 100;

/**
 * Fits a multinomial logistic model to the rows by L-BFGS. Features are brought to one scale first, so that `l2` means
 * the same for each; the model takes them as they are. The same rows give the same model. Yields the loss after each
 * step: the caller may take a breath, show progress, or stop.
 */
export function* fitLogistic(
  examples: Examples,
  rows: Uint32Array,
  options: FitOptions,
): Generator<number, LinearModel> {
  const problem: Problem = { examples, rows, scale: scaleOf(examples, rows), options };
  const start = options.start ? scaled(options.start, problem.scale) : zero(examples);
  const point = yield* minimise(start, (at, gradient) => lossAt(problem, at, gradient), options.steps ?? MOST_STEPS);
  return unscaled(point, examples, problem.scale);
}

/** Logits of the rows, one row after the other. */
export function logitsOf(
  { labels, width, weights, bias }: LinearModel,
  { features }: Pick<Examples, "features">,
  rows: Uint32Array,
): Float64Array {
  const logits = new Float64Array(rows.length * labels);
  for (let at = 0; at < rows.length; at++) {
    writeLogits(features, rows[at]! * width, weights, bias, logits.subarray(at * labels, (at + 1) * labels));
  }
  return logits;
}

/** Four labels at a time: each feature is fetched once for all of them, which is what takes time. */
function writeLogits(
  features: Float32Array,
  from: number,
  weights: Float64Array,
  bias: Float64Array,
  to: Float64Array,
): void {
  const width = weights.length / bias.length;
  let label = 0;
  for (; label + 4 <= to.length; label += 4) {
    const [w0, w1, w2, w3] = [label * width, (label + 1) * width, (label + 2) * width, (label + 3) * width];
    let [s0, s1, s2, s3] = [bias[label]!, bias[label + 1]!, bias[label + 2]!, bias[label + 3]!];
    for (let at = 0; at < width; at++) {
      const feature = features[from + at]!;
      s0 += feature * weights[w0 + at]!;
      s1 += feature * weights[w1 + at]!;
      s2 += feature * weights[w2 + at]!;
      s3 += feature * weights[w3 + at]!;
    }
    to[label] = s0;
    to[label + 1] = s1;
    to[label + 2] = s2;
    to[label + 3] = s3;
  }
  for (; label < to.length; label++) {
    const start = label * width;
    let sum = bias[label]!;
    for (let at = 0; at < width; at++) sum += features[from + at]! * weights[start + at]!;
    to[label] = sum;
  }
}

interface Scale {
  readonly mean: Float64Array;
  /** One divided by the standard deviation; 0 where a feature never varies: it says nothing, and its weight stays 0. */
  readonly unit: Float64Array;
}

/** Features have seven digits: what varies in the last one only does not vary. */
const STEADY = 1e-6;

function scaleOf({ features, width }: Examples, rows: Uint32Array): Scale {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (const row of rows) for (let at = 0; at < width; at++) mean[at]! += features[row * width + at]! / rows.length;
  for (const row of rows) {
    for (let at = 0; at < width; at++) variance[at]! += (features[row * width + at]! - mean[at]!) ** 2 / rows.length;
  }
  const unit = variance.map((own, at) => (Math.sqrt(own) <= STEADY * Math.abs(mean[at]!) ? 0 : 1 / Math.sqrt(own)));
  return { mean, unit };
}

/** Weights and biases in one vector, as the search sees them. */
const zero = ({ labels, width }: Examples) => new Float64Array(labels * (width + 1));

function scaled({ labels, width, weights, bias }: LinearModel, { mean, unit }: Scale): Float64Array {
  const point = new Float64Array(labels * (width + 1));
  for (let label = 0; label < labels; label++) {
    let shift = bias[label]!;
    for (let at = 0; at < width; at++) {
      const weight = weights[label * width + at]!;
      point[label * width + at] = unit[at] === 0 ? 0 : weight / unit[at]!;
      shift += weight * mean[at]!;
    }
    point[labels * width + label] = shift;
  }
  return point;
}

function unscaled(
  point: Float64Array,
  { labels, width }: Pick<Examples, "labels" | "width">,
  { mean, unit }: Scale,
): LinearModel {
  const weights = new Float64Array(labels * width);
  const bias = point.slice(labels * width);
  for (let label = 0; label < labels; label++) {
    for (let at = 0; at < width; at++) {
      const weight = point[label * width + at]! * unit[at]!;
      weights[label * width + at] = weight;
      bias[label]! -= weight * mean[at]!;
    }
  }
  return { labels, width, weights, bias };
}

/** Mean cross entropy with its penalty; the gradient is written beside it. */
function lossAt({ examples, rows, scale, options }: Problem, point: Float64Array, gradient: Float64Array): number {
  const { features, width, labels, truth } = examples;
  const { weights, bias } = unscaled(point, examples, scale);
  const inFeatures = new Float64Array(labels * width);
  const inBias = new Float64Array(labels);
  const errors = new Float64Array(labels);
  let loss = 0;
  let all = 0;
  for (const row of rows) {
    const weight = options.labelWeights?.[truth[row]!] ?? 1;
    writeLogits(features, row * width, weights, bias, errors);
    loss += weight * toErrors(errors, truth[row]!, weight);
    all += weight;
    for (let label = 0; label < labels; label++) inBias[label]! += errors[label]!;
    addOuter(inFeatures, errors, features, row * width);
  }
  loss /= all;
  for (let label = 0; label < labels; label++) {
    for (let at = 0; at < width; at++) {
      const index = label * width + at;
      const own = (inFeatures[index]! - scale.mean[at]! * inBias[label]!) * scale.unit[at]!;
      gradient[index] = own / all + options.l2 * point[index]!;
      loss += (options.l2 / 2) * point[index]! ** 2;
    }
    gradient[labels * width + label] = inBias[label]! / all;
  }
  return loss;
}

/** Logits become errors (probability less truth, times the weight); answers the row's cross entropy. */
function toErrors(logits: Float64Array, truth: number, weight: number): number {
  let highest = -Infinity;
  for (const logit of logits) if (logit > highest) highest = logit;
  const own = logits[truth]! - highest;
  let sum = 0;
  for (let label = 0; label < logits.length; label++) sum += logits[label] = Math.exp(logits[label]! - highest);
  for (let label = 0; label < logits.length; label++) logits[label]! *= weight / sum;
  logits[truth]! -= weight;
  return Math.log(sum) - own;
}

/** Labels that are surely wrong for a row hardly move: they are passed over. */
const NEGLIGIBLE = 1e-6;

function addOuter(to: Float64Array, errors: Float64Array, features: Float32Array, from: number): void {
  const width = to.length / errors.length;
  for (let label = 0; label < errors.length; label++) {
    const error = errors[label]!;
    if (Math.abs(error) < NEGLIGIBLE) continue;
    const start = label * width;
    for (let at = 0; at < width; at++) to[start + at]! += error * features[from + at]!;
  }
}
