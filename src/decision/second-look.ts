import type { Alternative } from "../contracts.ts";
import { decide, type Case, type Refusal } from "./decide.ts";

/** A voter that could look again, and what it could read then. */
export interface Doubt {
  readonly signal: string;
  readonly alternatives: readonly Alternative[];
}

/** The case as it would be if this signal had read that instead. */
export type CaseWith = (signal: string, readings: Alternative["readings"]) => Case;

/**
 * Whether a second look of the signals in doubt could change the model that is chosen: the probability that one of
 * them reads what would change it is above `limit`. Where precedence leaves the vote no say (guarded, requested, held
 * back by a rollout, pinned by a rule) every such case ends the same way, and so it does where one model is allowed.
 * Pure, as `caseWith` must be.
 */
export function couldFlip(choice: Case, doubts: readonly Doubt[], caseWith: CaseWith, limit: number): boolean {
  if (!isOpen(choice)) return false;
  const model = modelOf(decide(choice));
  let stands = 1;
  for (const { signal, alternatives } of doubts) {
    stands *= 1 - flipped(alternatives, (readings) => modelOf(decide(caseWith(signal, readings))) !== model);
    if (1 - stands > limit) return true;
  }
  return false;
}

/** Whether the vote has a say at all: looked at first, since it costs nothing. */
export function isOpen({ candidates, guarded, requested }: Case): boolean {
  return (
    guarded === undefined && requested === undefined && candidates.filter(({ allowed }) => allowed === true).length > 1
  );
}

/** The share of what one signal could read that changes the model. */
function flipped(
  alternatives: readonly Alternative[],
  changes: (readings: Alternative["readings"]) => boolean,
): number {
  let sum = 0;
  for (const { probability, readings } of alternatives) if (changes(readings)) sum += probability;
  return Math.min(1, sum);
}

const modelOf = (decision: ReturnType<typeof decide>) => (isRefusal(decision) ? undefined : decision.model);
const isRefusal = (decision: object): decision is Refusal => "refused" in decision;
