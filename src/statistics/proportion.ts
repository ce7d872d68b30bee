import type { Interval } from "./sample.ts";

/** 1.96: a normal variable lies within so many standard deviations in 95% of the cases. */
const Z = 1.959_963_985;

/**
 * Where a share lies with 95% confidence, when `right` of `rows` were found (Wilson's score interval: it stays in
 * [0,1] and tells something at 0 and 1 too). `right` may be a sum of scores in [0,1]. All of [0,1] where there are no
 * rows.
 * @param z standard deviations of a normal variable that the interval spans on either side; those of 95% unless given
 */
export function wilson(right: number, rows: number, z: number = Z): Interval {
  if (rows === 0) return { low: 0, high: 1 };
  const share = right / rows;
  const spread = (z * z) / rows;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (z / (1 + spread)) * Math.sqrt((share * (1 - share)) / rows + spread / (4 * rows));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
