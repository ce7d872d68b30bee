import type { Caller, Outcome } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { Channel } from "../events.ts";
import type { Runtime } from "../runtime.ts";
import { verdictOn } from "../upstream/fault.ts";
import { isBelieved } from "./believed.ts";
import type { TargetState } from "../upstream/targets.ts";

/**
 * What somebody says became of a plan. Where he is believed its target's breaker and speed learn, so that the next plan
 * avoids what was found down; nobody tells us of answers of our own.
 * True when it was told for the first time.
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
  if (!runtime.decisions.note(outcome.decisionId, target.id)) return false;

  if (isBelieved(runtime, caller) && !decision.answering) learn(runtime.targetState(target.id), outcome);
  publish({ kind: "outcome", outcome, model: target.model, target: target.id });
  return true;
}

function learn(state: TargetState | undefined, { status, ttftMs, latencyMs, usage }: Outcome): void {
  const verdict = verdictOn(status);
  const pass = verdict === "elsewhere" ? undefined : state?.breaker.admit();
  if (verdict === "down") pass?.fail();
  else pass?.succeed();
  if (status >= 200 && status < 300 && latencyMs !== undefined && usage)
    state?.observe(ttftMs, latencyMs, usage.outputTokens);
}
