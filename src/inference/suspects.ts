import type { Suspect } from "./encoder.ts";

/** What speaks to a model against its orders; a request that is merely harmful does not. */
export const ATTACKS: readonly string[] = ["jailbreak", "injection"];

/** Places kept of one text. */
const MOST = 8;
/** Places whose middles are nearer than this many times the length of the more suspicious one are one place. */
const REACH = 1.5;

/** In [0,1]: how probably a window holds an attack of either kind. */
export function suspicionOf(probabilities: Readonly<Record<string, number>>): number {
  return ATTACKS.reduce((sum, label) => sum + (probabilities[label] ?? 0), 0);
}

/** Adds a place to a list that has the most suspicious first. Of places side by side the most suspicious stays. */
export function addSuspect(suspects: Suspect[], added: Suspect): void {
  if (suspects.some((other) => other.suspicion >= added.suspicion && isNear(other, added))) return;
  const kept = suspects.filter((other) => other.suspicion >= added.suspicion || !isNear(added, other));
  const at = kept.findIndex(({ suspicion }) => suspicion < added.suspicion);
  kept.splice(at < 0 ? kept.length : at, 0, added);
  suspects.splice(0, suspects.length, ...kept.slice(0, MOST));
}

function isNear(first: Suspect, second: Suspect): boolean {
  const apart = Math.abs(first.start + first.end - second.start - second.end) / 2;
  return apart <= REACH * (first.end - first.start);
}
