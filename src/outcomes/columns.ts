/** Rows of numbers, `width` a row, as many rows as come: four bytes a number, and nothing beside them. */
export interface Rows {
  readonly width: number;
  readonly length: number;
  push(values: ArrayLike<number>): void;
  /** All rows, one after the other; good until the next push. */
  all(): Float32Array;
}

const FIRST = 1024;

export function createRows(width: number): Rows {
  let held = new Float32Array(FIRST * width);
  let length = 0;
  return {
    width,
    get length() {
      return length;
    },
    push(values) {
      if ((length + 1) * width > held.length) {
        const longer = new Float32Array(held.length * 2);
        longer.set(held);
        held = longer;
      }
      held.set(values, length * width);
      length += 1;
    },
    all: () => held.subarray(0, length * width),
  };
}
