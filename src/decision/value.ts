import type { Candidate } from "../contracts.ts";

const POINTS = 100;

type Valued = Pick<Candidate, "model" | "quality" | "costUsd">;

/** What a model's answer is worth, in USD, where a point of quality (0.01) may cost `usdPerPoint`. */
export const valueOf = ({ quality, costUsd }: Valued, usdPerPoint: number): number =>
  quality * POINTS * usdPerPoint - costUsd;

/** Worth most first; `ties` decides between equals. */
export function byValue(
  usdPerPoint: number,
  ties: (a: Candidate, b: Candidate) => number,
): (a: Candidate, b: Candidate) => number {
  return (a, b) => valueOf(b, usdPerPoint) - valueOf(a, usdPerPoint) || ties(a, b);
}

/**
 * How much of its quality a model could lose before another one would be worth more; negative where one is already.
 * 1, the whole range, where there is no other; where quality is worth nothing, only whether it is the cheapest counts.
 */
export function valueSlack(candidate: Valued, candidates: readonly Valued[], usdPerPoint: number): number {
  const own = valueOf(candidate, usdPerPoint);
  const others = candidates.filter(({ model }) => model !== candidate.model);
  const gaps = others.map((other) => (own - valueOf(other, usdPerPoint)) / (POINTS * usdPerPoint));
  return Math.max(-1, Math.min(1, ...gaps.map((gap) => (Number.isNaN(gap) ? 0 : gap))));
}
