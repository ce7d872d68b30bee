/** Small dense algebra: matrices of a hundred or so, row after row. */

/** Solves A x = b for a symmetric positive definite A of `size` rows; b and x have `columns`. A and b are kept. */
export function solve(matrix: Float64Array, right: Float64Array, size: number, columns: number): Float64Array {
  const lower = matrix.slice();
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = lower[row * size + column]!;
      for (let at = 0; at < column; at++) sum -= lower[row * size + at]! * lower[column * size + at]!;
      lower[row * size + column] =
        row === column ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / lower[column * size + column]!;
    }
  }
  const found = right.slice();
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < size; row++) {
      let sum = found[row * columns + column]!;
      for (let at = 0; at < row; at++) sum -= lower[row * size + at]! * found[at * columns + column]!;
      found[row * columns + column] = sum / lower[row * size + row]!;
    }
    for (let row = size - 1; row >= 0; row--) {
      let sum = found[row * columns + column]!;
      for (let at = row + 1; at < size; at++) sum -= lower[at * size + row]! * found[at * columns + column]!;
      found[row * columns + column] = sum / lower[row * size + row]!;
    }
  }
  return found;
}

const POWER_STEPS = 60;
/** A direction with less than this share of the first one's spread says nothing. */
const FAINT = 1e-6;

/** The directions of a symmetric matrix in which it is largest, at most `most`, each of unit length. */
export function principal(matrix: Float64Array, size: number, most: number): Float64Array[] {
  const rest = matrix.slice();
  const found: Float64Array[] = [];
  let first = 0;
  for (let count = 0; count < Math.min(most, size); count++) {
    let direction = Float64Array.from({ length: size }, (_, at) => 1 + 0.1 * ((at * 7 + count * 3) % 11));
    let value = 0;
    for (let step = 0; step < POWER_STEPS; step++) {
      const next = times(rest, direction);
      value = Math.sqrt(next.reduce((sum, own) => sum + own * own, 0));
      if (value === 0) return found;
      direction = next.map((own) => own / value);
    }
    first ||= value;
    if (value < FAINT * first) return found;
    found.push(direction);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        rest[row * size + column]! -= value * direction[row]! * direction[column]!;
      }
    }
  }
  return found;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array<ArrayBuffer> {
  const size = vector.length;
  return Float64Array.from({ length: size }, (_, row) => {
    let sum = 0;
    for (let at = 0; at < size; at++) sum += matrix[row * size + at]! * vector[at]!;
    return sum;
  });
}
