/** What was fitted to one target: of each row by what the other parts of the rows taught, and of rows that come later. */
export interface Fitted {
  readonly held: Float64Array;
  readonly at: (inputs: Float64Array) => number;
}

/** Least squares over the same inputs for as many targets as one likes: what takes time is done once. */
export type Squares = (target: Float64Array) => Fitted;

const PARTS = 5;
const STEADY = 1e-9;

/**
 * @param inputs by row, of one length, in an order that has nothing to do with the targets
 * @param pull towards a model that knows the mean only: the number of rows that it weighs as much as
 */
export function createSquares(inputs: readonly Float64Array[], pull: number): Squares {
  const scale = scaleOf(inputs);
  const scores = inputs.map((own) => standard(own, scale));
  const width = scale.mean.length + 1;
  const parts = Array.from({ length: PARTS }, (_, part) =>
    gram(
      scores.filter((_row, at) => at % PARTS === part),
      width,
    ),
  );
  const factor = (without: number) => {
    const sum = new Float64Array(width * width);
    for (const [part, own] of parts.entries())
      if (part !== without) for (let at = 0; at < sum.length; at++) sum[at]! += own[at]!;
    // The last input is always 1: the mean is not pulled.
    for (let at = 0; at < width - 1; at++) sum[at * width + at]! += pull;
    return factored(sum, width);
  };
  const factors = Array.from({ length: PARTS + 1 }, (_, without) => factor(without));
  return (target) => {
    const sides = Array.from({ length: PARTS }, () => new Float64Array(width));
    for (const [at, own] of scores.entries()) addTimes(sides[at % PARTS]!, own, target[at]!);
    const weights = factors.map((own, without) => {
      const side = new Float64Array(width);
      for (const [part, other] of sides.entries()) if (part !== without) addTimes(side, other, 1);
      return solved(own, side, width);
    });
    return {
      held: Float64Array.from(scores, (own, at) => dot(own, weights[at % PARTS]!)),
      at: (own) => dot(standard(own, scale), weights[PARTS]!),
    };
  };
}

interface Scale {
  readonly mean: Float64Array;
  readonly unit: Float64Array;
}

function scaleOf(inputs: readonly Float64Array[]): Scale {
  const mean = new Float64Array(inputs[0]!.length);
  const unit = new Float64Array(mean.length);
  for (const own of inputs) addTimes(mean, own, 1 / inputs.length);
  for (const own of inputs) for (let at = 0; at < unit.length; at++) unit[at]! += (own[at]! - mean[at]!) ** 2;
  return { mean, unit: unit.map((sum) => (sum > STEADY ? Math.sqrt(inputs.length / sum) : 0)) };
}

/** With a 1 behind it. */
function standard(inputs: Float64Array, { mean, unit }: Scale): Float64Array {
  const scores = new Float64Array(inputs.length + 1).fill(1);
  for (let at = 0; at < inputs.length; at++) scores[at] = (inputs[at]! - mean[at]!) * unit[at]!;
  return scores;
}

/** Products of all inputs with each other, summed over rows; the lower half of it. */
function gram(rows: readonly Float64Array[], width: number): Float64Array {
  const sum = new Float64Array(width * width);
  for (const row of rows) {
    for (let at = 0; at < width; at++) {
      const own = row[at]!;
      if (own === 0) continue;
      for (let other = 0; other <= at; other++) sum[at * width + other]! += own * row[other]!;
    }
  }
  return sum;
}

/** Cholesky, in place. */
function factored(matrix: Float64Array, width: number): Float64Array {
  for (let at = 0; at < width; at++) {
    for (let other = 0; other <= at; other++) {
      let left = matrix[at * width + other]!;
      for (let before = 0; before < other; before++)
        left -= matrix[at * width + before]! * matrix[other * width + before]!;
      matrix[at * width + other] = at === other ? Math.sqrt(left) : left / matrix[other * width + other]!;
    }
  }
  return matrix;
}

function solved(factor: Float64Array, side: Float64Array, width: number): Float64Array {
  for (let at = 0; at < width; at++) {
    for (let before = 0; before < at; before++) side[at]! -= factor[at * width + before]! * side[before]!;
    side[at]! /= factor[at * width + at]!;
  }
  for (let at = width - 1; at >= 0; at--) {
    for (let after = at + 1; after < width; after++) side[at]! -= factor[after * width + at]! * side[after]!;
    side[at]! /= factor[at * width + at]!;
  }
  return side;
}

function addTimes(to: Float64Array, what: Float64Array, times: number): void {
  for (let at = 0; at < what.length; at++) to[at]! += times * what[at]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
