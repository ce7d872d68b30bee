/**
 * Shares, scores, weights and qualities as whole millionths. Whole numbers add up to the same sum in any order,
 * bit for bit, and compare exactly; sums of products stay far below 2^53.
 */
export const ONE = 1_000_000;

/** A number in [0,1] as whole millionths; what is out of range is pulled in, what is no number counts as 0. */
export function micro(share: number): number {
  return share > 0 ? Math.round(Math.min(share, 1) * ONE) : 0;
}
