import type { Point } from "./space.ts";

/** All texts of a fit in the space, row after row. */
export interface Design {
  readonly rows: number;
  readonly width: number;
  readonly buckets: number;
  readonly dense: Float32Array;
  /** Where the buckets of each row begin; one more than there are rows. */
  readonly starts: Uint32Array;
  readonly index: Uint32Array;
  readonly values: Float32Array;
}

/** Columns that are predicted: `values` by row and column. */
export interface Targets {
  readonly columns: number;
  readonly values: Float64Array;
}

/** prediction[column] = mean[column] + what dense numbers and buckets add; both by input and column. */
export interface Linear {
  readonly columns: number;
  readonly mean: Float64Array;
  readonly weights: Float64Array;
}

/** Steps of a fit. More change nothing that shows on rows that were held out. */
const STEPS = 16;

export function designOf(points: readonly Point[], buckets: number): Design {
  const width = points[0]?.dense.length ?? 0;
  const starts = new Uint32Array(points.length + 1);
  for (const [row, point] of points.entries()) starts[row + 1] = starts[row]! + point.buckets.length;
  const index = new Uint32Array(starts[points.length]!);
  const values = new Float32Array(index.length);
  const dense = new Float32Array(points.length * width);
  for (const [row, point] of points.entries()) {
    dense.set(point.dense, row * width);
    index.set(point.buckets, starts[row]);
    values.set(point.values, starts[row]);
  }
  return { rows: points.length, width, buckets, dense, starts, index, values };
}

/**
 * Fits all columns to the rows by conjugate gradients on the squared error, each column pulled towards its mean by its
 * own strength. Yields after each step.
 */
export function* fitRidge(
  design: Design,
  rows: Uint32Array,
  { columns, values }: Targets,
  pulls: Float64Array,
): Generator<void, Linear> {
  const mean = meansOf(rows, { columns, values });
  const inputs = design.width + design.buckets;
  const left = new Float64Array(rows.length * columns);
  for (const [at, row] of rows.entries()) {
    for (let column = 0; column < columns; column++) {
      left[at * columns + column] = values[row * columns + column]! - mean[column]!;
    }
  }
  const weights = new Float64Array(inputs * columns);
  const slope = new Float64Array(inputs * columns);
  backward(design, rows, columns, left, slope);
  const direction = slope.slice();
  const moved = new Float64Array(left.length);
  let steepness = squares(slope, columns);
  for (let step = 0; step < STEPS; step++) {
    forward(design, rows, columns, direction, moved);
    const [far, long] = [squares(moved, columns), squares(direction, columns)];
    const lengths = steepness.map((own, column) => ratio(own, far[column]! + pulls[column]! * long[column]!));
    addScaled(weights, lengths, direction, columns);
    addScaled(
      left,
      lengths.map((length) => -length),
      moved,
      columns,
    );
    slope.fill(0);
    backward(design, rows, columns, left, slope);
    addScaled(
      slope,
      pulls.map((pull) => -pull),
      weights,
      columns,
    );
    const next = squares(slope, columns);
    const turns = next.map((own, column) => ratio(own, steepness[column]!));
    for (let at = 0; at < direction.length; at += columns) {
      for (let column = 0; column < columns; column++) {
        direction[at + column] = slope[at + column]! + turns[column]! * direction[at + column]!;
      }
    }
    steepness = next;
    yield;
  }
  return { columns, mean, weights };
}

/** Predictions of the rows, by row and column. */
export function predictRows(design: Design, rows: Uint32Array, { columns, mean, weights }: Linear): Float64Array {
  const predicted = new Float64Array(rows.length * columns);
  forward(design, rows, columns, weights, predicted);
  for (let at = 0; at < predicted.length; at++) predicted[at]! += mean[at % columns]!;
  return predicted;
}

function meansOf(rows: Uint32Array, { columns, values }: Targets): Float64Array {
  const mean = new Float64Array(columns);
  for (const row of rows) {
    for (let column = 0; column < columns; column++) mean[column]! += values[row * columns + column]! / rows.length;
  }
  return mean;
}

/** Inputs times weights. */
function forward(design: Design, rows: Uint32Array, columns: number, weights: Float64Array, to: Float64Array): void {
  const { width, dense, starts, index, values } = design;
  to.fill(0);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const own = at * columns;
    gather(to, own, { dense, row, width }, weights, columns);
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      add(to, own, values[entry]!, weights, (width + index[entry]!) * columns, columns);
    }
  }
}

/** Inputs, turned round, times what is left of each row. */
function backward(design: Design, rows: Uint32Array, columns: number, left: Float64Array, to: Float64Array): void {
  const { width, dense, starts, index, values } = design;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const own = at * columns;
    spread(to, { dense, row, width }, left, own, columns);
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      add(to, (width + index[entry]!) * columns, values[entry]!, left, own, columns);
    }
  }
}

interface Row {
  readonly dense: Float32Array;
  readonly row: number;
  readonly width: number;
}

/** Four inputs at a time: each sum is fetched once for all of them, which is what takes time. */
function gather(
  to: Float64Array,
  at: number,
  { dense, row, width }: Row,
  weights: Float64Array,
  columns: number,
): void {
  const from = row * width;
  let input = 0;
  for (; input + 4 <= width; input += 4) {
    const [a, b, c, d] = [
      dense[from + input]!,
      dense[from + input + 1]!,
      dense[from + input + 2]!,
      dense[from + input + 3]!,
    ];
    const first = input * columns;
    for (let column = 0; column < columns; column++) {
      const own = first + column;
      to[at + column]! +=
        a * weights[own]! +
        b * weights[own + columns]! +
        c * weights[own + 2 * columns]! +
        d * weights[own + 3 * columns]!;
    }
  }
  for (; input < width; input++) add(to, at, dense[from + input]!, weights, input * columns, columns);
}

/** The same the other way: what is left of a row is fetched once for four inputs. */
function spread(to: Float64Array, { dense, row, width }: Row, left: Float64Array, at: number, columns: number): void {
  const from = row * width;
  let input = 0;
  for (; input + 4 <= width; input += 4) {
    const [a, b, c, d] = [
      dense[from + input]!,
      dense[from + input + 1]!,
      dense[from + input + 2]!,
      dense[from + input + 3]!,
    ];
    const first = input * columns;
    for (let column = 0; column < columns; column++) {
      const value = left[at + column]!;
      const own = first + column;
      to[own]! += a * value;
      to[own + columns]! += b * value;
      to[own + 2 * columns]! += c * value;
      to[own + 3 * columns]! += d * value;
    }
  }
  for (; input < width; input++) add(to, input * columns, dense[from + input]!, left, at, columns);
}

function add(to: Float64Array, at: number, times: number, what: Float64Array, from: number, columns: number): void {
  for (let column = 0; column < columns; column++) to[at + column]! += times * what[from + column]!;
}

function addScaled(to: Float64Array, times: Float64Array, what: Float64Array, columns: number): void {
  for (let at = 0; at < to.length; at += columns) {
    for (let column = 0; column < columns; column++) to[at + column]! += times[column]! * what[at + column]!;
  }
}

/** Sum of squares of each column. */
function squares(values: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < values.length; at += columns) {
    for (let column = 0; column < columns; column++) sums[column]! += values[at + column]! ** 2;
  }
  return sums;
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
