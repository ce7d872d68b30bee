import type { CacheHit, Caller, Plan, Prompt } from "../../contracts.ts";
import { DIALECTS } from "../../dialect/index.ts";
import { applyEdits, parseBody } from "../../dialect/json.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { RouterError } from "../../errors.ts";
import { route } from "../../route/index.ts";
import { editsOf } from "../../route/input.ts";
import { OURSELVES } from "../../runtime.ts";
import { expectedUsd } from "../answering.ts";
import { askFor } from "../asking.ts";
import type { Visit } from "../record.ts";
import { givenAgain } from "./given.ts";
import type { OwnAnswer } from "./replies.ts";

/** One request, whole. */
export interface Asked {
  readonly api: ClientApi;
  readonly headers: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly bytes: Uint8Array;
}

/** What becomes of a request. */
export type Verdict =
  /** `body`: what the model is sent. */
  | { readonly kind: "forward"; readonly plan: Plan; readonly prompt: Prompt; readonly body: Uint8Array }
  /** It was answered before. */
  | { readonly kind: "answer"; readonly plan: Plan; readonly hit: CacheHit; readonly answer: OwnAnswer }
  /** `status`: as the client is told it. */
  | { readonly kind: "refuse"; readonly error: RouterError; readonly status: number; readonly plan?: Plan }
  /** As it came, to wherever the gateway sends what nobody decided. */
  | { readonly kind: "pass"; readonly why: "slow" | "fault" };

/** What is learned of a request before it can fail. */
export interface Seen {
  prompt?: Prompt;
  plan?: Plan;
  /** Gives back what was held of the tenant's budget. */
  release?: () => void;
}

/**
 * The first act, and the body as its first target wants it.
 * Errors: those of `parseBody`, of `route`, of the dialect; over_budget.
 */
export async function decide(visit: Visit, asked: Asked, seen: Seen, abort: AbortSignal): Promise<Verdict> {
  const { runtime } = visit;
  const { api, headers, caller, bytes } = asked;
  const dialect = DIALECTS[api];
  const body = parseBody(bytes, runtime.limits);
  const prompt = (seen.prompt = dialect.read(body, {}));
  const plan = await route(runtime, {
    prompt,
    caller,
    headers,
    constraints: {},
    preview: false,
    cache: true,
    ask: askFor(visit, caller, abort),
    ...editsOf(dialect, bytes),
  });
  if (abort.aborted) throw new RouterError("client_gone", "The request was over before it was decided.");
  seen.plan = plan;
  if (plan.blocked)
    return {
      kind: "refuse",
      plan,
      status: plan.blocked.status,
      error: new RouterError("blocked", plan.blocked.message),
    };
  // Our own answering door holds what it will spend itself.
  if (plan.targets[0]?.target.upstream !== OURSELVES)
    seen.release = visit.guard.reserve(caller.tenant, expectedUsd(runtime, prompt, plan));
  const { cached: hit } = plan;
  if (hit) {
    const answer = givenAgain(runtime, plan, hit, { api, stream: prompt.stream, bytes, body });
    return { kind: "answer", plan, hit, answer };
  }
  return { kind: "forward", plan, prompt, body: applyEdits(bytes, plan.targets[0]?.edits ?? []) };
}

/**
 * The verdict in time, or the one that the gateway chose for when there is none. What is asked for a request that is
 * over, or for a verdict that would come too late, is given up.
 */
export async function inTime(
  deciding: (abort: AbortSignal) => Promise<Verdict>,
  { deadlineMs, onSlow }: { readonly deadlineMs: number; readonly onSlow: "pass" | "refuse" },
  fault: (error: unknown) => void,
  over: AbortController,
): Promise<Verdict> {
  const { promise: late, resolve } = Promise.withResolvers<Verdict>();
  const timer = setTimeout(() => {
    const error = new RouterError("unavailable", "No decision came in time.", { retryAfterMs: 1000 });
    resolve(onSlow === "pass" ? { kind: "pass", why: "slow" } : { kind: "refuse", error, status: error.status });
    over.abort(TOO_LATE);
  }, deadlineMs);
  try {
    return await Promise.race([verdictOf(deciding(over.signal), onSlow, fault), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Without a reason each late verdict would cost an error object. */
const TOO_LATE = "late";

/** A refusal is an answer; what we did not foresee goes the way of what comes too late. */
async function verdictOf(
  deciding: Promise<Verdict>,
  onSlow: "pass" | "refuse",
  fault: (error: unknown) => void,
): Promise<Verdict> {
  try {
    return await deciding;
  } catch (caught) {
    const error = RouterError.from(caught);
    if (error.code === "internal") fault(caught);
    const passes = error.code === "internal" && onSlow === "pass";
    return passes ? { kind: "pass", why: "fault" } : { kind: "refuse", error, status: error.status };
  }
}
