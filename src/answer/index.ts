import type { Attempt, Plan, PlannedTarget } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { attempt, type Answer, type Call } from "./attempt.ts";

export type { Answer, Call } from "./attempt.ts";

/**
 * SECOND ACT. Plan to answer: each target in order until one answers. A stream counts as answered with its
 * first token; before it, a failure moves on to the next target and the client sees nothing of it.
 * `attempts` is filled as tries end. Errors: upstream_failed, upstream_timeout, rate_limited, unavailable, client_gone.
 */
export async function answer(runtime: Runtime, plan: Plan, call: Call, attempts: Attempt[]): Promise<Answer> {
  for (const planned of plan.targets) {
    const answered = await attempt(runtime, planned, call, attempts);
    if (answered) return answered;
    if (call.abort.aborted) throw new RouterError("client_gone", "The client left before the answer began.");
  }
  throw failure(plan.targets, attempts);
}

/** What to tell a client whose every target failed: the sentence names models and statuses, never their words. */
function failure(targets: readonly PlannedTarget[], attempts: readonly Attempt[]): RouterError {
  const story = attempts
    .map(({ target, result, status }) => `${target}: ${status ?? result.replaceAll("_", " ")}`)
    .join("; ");
  const all = (test: (attempt: Attempt) => boolean) => attempts.length > 0 && attempts.every(test);
  if (targets.length === 0 || all(({ result }) => result === "circuit_open" || result === "no_socket")) {
    return new RouterError("unavailable", `No target can be tried now: ${story || "none is open"}.`, {
      retryAfterMs: 1000,
    });
  }
  if (all(({ status }) => status === 429))
    return new RouterError("rate_limited", `Every upstream is rate limited: ${story}.`, { retryAfterMs: 1000 });
  if (all(({ result }) => result === "timeout"))
    return new RouterError("upstream_timeout", `No upstream answered in time: ${story}.`);
  return new RouterError("upstream_failed", `Every upstream failed: ${story}.`);
}
