import type { Attempt, PlannedTarget } from "../contracts.ts";
import { RouterError } from "../errors.ts";

/** What to tell a client whose every target failed: the sentence names models and statuses, never their words. */
export function failure(
  targets: readonly PlannedTarget[],
  attempts: readonly Attempt[],
  retryAfterMs: number,
): RouterError {
  const story = attempts
    .map(({ target, result, status }) => `${target}: ${status ?? result.replaceAll("_", " ")}`)
    .join("; ");
  const all = (test: (attempt: Attempt) => boolean) => attempts.length > 0 && attempts.every(test);
  if (
    targets.length === 0 ||
    all(({ result }) => result === "circuit_open" || result === "no_socket" || result === "busy")
  )
    return new RouterError("unavailable", `No target can be tried now: ${story || "none is open"}.`, { retryAfterMs });
  if (all(({ status }) => status === 429))
    return new RouterError("rate_limited", `Every upstream is rate limited: ${story}.`, { retryAfterMs });
  if (all(({ result }) => result === "timeout"))
    return new RouterError("upstream_timeout", `No upstream answered in time: ${story}.`);
  return new RouterError("upstream_failed", `Every upstream failed: ${story}.`);
}
