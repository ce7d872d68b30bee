import type { Caller, Outcome } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { Channel } from "../events.ts";
import type { Runtime } from "../runtime.ts";
import { isTargetsFault } from "../upstream/fault.ts";

/**
 * What a gateway says became of a plan: its target's breaker and speed learn from it, so that the next plan avoids
 * what was found down. True when it counted, false when this target's outcome was told before.
 * Errors: unknown_decision (never made, forgotten after an hour, or somebody else's).
 */
export function reportOutcome(
  runtime: Runtime,
  publish: Channel["publish"],
  caller: Caller,
  outcome: Outcome,
): boolean {
  const decision = runtime.decisions.recall(outcome.decisionId);
  const target =
    outcome.target === undefined ? decision?.targets[0] : decision?.targets.find(({ id }) => id === outcome.target);
  if (!decision || decision.tenant !== caller.tenant) {
    throw new RouterError("unknown_decision", "No such decision is remembered.", { param: "decision_id" });
  }
  if (!target)
    throw new RouterError("invalid_request", "The plan of this decision has no such target.", { param: "target_id" });
  if (decision.told.includes(target.id)) return false;
  decision.told.push(target.id);

  const state = runtime.targetState(target.id);
  const pass = state?.breaker.admit();
  if (isTargetsFault(outcome.status)) pass?.fail();
  else pass?.succeed();
  if (outcome.status >= 200 && outcome.status < 300 && outcome.latencyMs !== undefined && outcome.usage) {
    state?.observe(outcome.ttftMs, outcome.latencyMs, outcome.usage.outputTokens);
  }
  publish({ kind: "outcome", outcome, model: target.model, target: target.id });
  return true;
}
