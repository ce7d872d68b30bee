/**
 * Whether the mean of what the values were drawn from is below `most`, shown at error `delta`: true is wrong with at
 * most that probability, however many values there are and however they are distributed. Values lie in [0,1] and are
 * independent draws in an order that does not depend on them.
 *
 * A bet against the claim that the mean is `most` or more: what each next value wins or loses is staked on the spread
 * of those before it, and a fortune of 1 / delta is as improbable under that claim as delta (Waudby-Smith and Ramdas,
 * "Estimating means of bounded random variables by betting", 2024; the stake is their plug-in one).
 */
export function isMeanBelow(values: Float64Array, most: number, delta: number): boolean {
  if (most >= 1) return true;
  const needed = Math.log(1 / delta);
  const mostStake = CAUTION / (1 - most);
  let fortune = 0;
  let [sum, squares] = [PRIOR_MEAN, PRIOR_VARIANCE];
  for (let at = 0; at < values.length; at++) {
    const variance = squares / (at + 1);
    const stake = Math.min(mostStake, Math.sqrt((2 * needed) / (values.length * variance)));
    fortune += Math.log1p(stake * (most - values[at]!));
    if (fortune >= needed) return true;
    sum += values[at]!;
    squares += (values[at]! - sum / (at + 2)) ** 2;
  }
  return false;
}

/** The whole fortune is never at stake. */
const CAUTION = 0.5;
/** What is taken for the mean and the variance before anything was seen. */
const PRIOR_MEAN = 0.5;
const PRIOR_VARIANCE = 0.25;
