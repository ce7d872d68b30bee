import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt, Plan, PlannedTarget } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { backoffMs, LEAST_PATIENCE_MS, LONGEST_WAIT_MS } from "../upstream/failover.ts";
import { attemptOrBase } from "./adapter.ts";
import type { Answer, Call, Tried } from "./attempt.ts";
import { continued } from "./continue.ts";
import { failure } from "./failure.ts";
import { hedged } from "./hedge.ts";
import { nextToOpen } from "./probes.ts";

/** One try that gave no answer. */
interface Miss {
  readonly planned: PlannedTarget;
  readonly tried: Exclude<Tried, { kind: "answered" }>;
}

/** Targets that are tried for one call, and what came of it so far. */
export interface Act {
  readonly runtime: Runtime;
  readonly plan: Plan;
  readonly call: Call;
  readonly attempts: Attempt[];
  readonly targets: readonly PlannedTarget[];
  readonly misses: Miss[];
}

/**
 * Each target in order until one answers, then those that were being probed, then those that failed for the moment
 * again, as far as the budget of repeats goes. What a target refuses for its own limits goes on to those without them.
 * Errors: those of `answer`.
 */
export async function everyTarget(act: Act): Promise<Answer> {
  const answered = (await inOrder(act)) ?? (await behindProbes(act)) ?? (await onceMore(act));
  return answered ? continuing(act, answered) : lastWord(act);
}

/** Where the route allows it, a stream that breaks off goes on from the targets that nobody tried yet. */
function continuing({ runtime, call, attempts, targets, misses }: Act, answered: Answer): Answer {
  if (!answered.planned.mayContinue) return answered;
  const tried = new Set([answered, ...misses].map(({ planned }) => planned.target.id));
  const others = targets.filter(({ target }) => !tried.has(target.id));
  return continued({ runtime, call, attempts, others }, answered);
}

/** Each target once. Undefined where none answered. Errors: client_gone. */
export async function inOrder(act: Act): Promise<Answer | undefined> {
  const { runtime } = act;
  const waiting = [...act.targets];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if (!act.misses.every((miss) => mayDoBetter(runtime, miss, next))) continue;
    const second = waiting.find((planned) => mayHedge(act, next, planned));
    const answered = second ? await withHedge(act, next, second, waiting) : await once(act, next);
    if (answered) return answered;
  }
  return undefined;
}

/** One try. What it missed for is noted. */
async function once(act: Act, planned: PlannedTarget): Promise<Answer | undefined> {
  return settle(act, planned, await attemptOrBase(act.runtime, planned, act.call, act.attempts));
}

async function withHedge(
  act: Act,
  first: PlannedTarget,
  second: PlannedTarget,
  waiting: PlannedTarget[],
): Promise<Answer | undefined> {
  const { runtime, call, attempts } = act;
  const start = (planned: PlannedTarget) => (abort: AbortSignal) =>
    attemptOrBase(runtime, planned, { ...call, abort }, attempts);
  const ends = await hedged(start(first), start(second), {
    patienceMs: Math.max(LEAST_PATIENCE_MS, runtime.targetState(first.target.id)?.lateMs() ?? 0),
    mayAsk: () => runtime.failover.budget.spend(),
    isFinal,
    abort: call.abort,
  });
  if (ends.second) waiting.splice(waiting.indexOf(second), 1);
  return (ends.first && settle(act, first, ends.first)) ?? (ends.second && settle(act, second, ends.second));
}

function settle(act: Act, planned: PlannedTarget, tried: Tried): Answer | undefined {
  if (tried.kind === "answered" || isFinal(tried)) return tried.answer;
  if (act.call.abort.aborted) throw new RouterError("client_gone", "The client left before the answer began.");
  act.misses.push({ planned, tried });
  return undefined;
}

/** Only streams have a first token to race for, and the second target may not be much dearer. */
function mayHedge({ runtime, plan, call }: Act, first: PlannedTarget, second: PlannedTarget): boolean {
  const { hedge } = runtime.failover;
  if (hedge === undefined || !call.stream || runtime.targetState(second.target.id)?.isOpen()) return false;
  const cost = ({ model }: PlannedTarget) =>
    plan.decision?.candidates.find((candidate) => candidate.model === model)?.costUsd;
  const [one, other] = [cost(first), cost(second)];
  return one !== undefined && other !== undefined && other <= one * hedge;
}

/** An answer, or a refusal that every target would repeat. */
function isFinal(tried: Tried): tried is Extract<Tried, { kind: "answered" | "refused" }> {
  return tried.kind === "answered" || (tried.kind === "refused" && !isItsOwnLimit(tried));
}

/** What a model server refuses for what it is, and not for what the request is. */
function isItsOwnLimit({ refusal }: Tried & { kind: "refused" }): boolean {
  return refusal === "context_length" || refusal === "content_filter" || refusal === "unsupported";
}

/** Whether a target can be expected to take what another one did not: a prompt too long needs a longer context. */
function mayDoBetter(runtime: Runtime, { planned, tried }: Miss, next: PlannedTarget): boolean {
  if (tried.kind !== "refused" || tried.refusal !== "context_length") return true;
  const context = ({ model }: PlannedTarget) => runtime.pool.byName.get(model)?.context ?? 0;
  return context(next) > context(planned);
}

/** Targets that were passed by because others probed them: nobody else answered, so what the probes show is waited for. */
async function behindProbes(act: Act): Promise<Answer | undefined> {
  const { runtime, call, misses } = act;
  const end = runtime.clock() + LONGEST_WAIT_MS;
  for (;;) {
    const shut = misses.filter(({ tried }) => tried.kind === "shut").map(({ planned }) => planned);
    const next = shut.length > 0 && (await nextToOpen(runtime, shut, end - runtime.clock(), call.abort));
    if (!next) return undefined;
    forget(act, next);
    const answered = await once(act, next);
    if (answered) return answered;
  }
}

function forget({ misses }: Act, target: PlannedTarget): void {
  misses.splice(
    misses.findIndex(({ planned }) => planned === target),
    1,
  );
}

/** Repeats: whoever is ready first, when it is ready. */
async function onceMore(act: Act): Promise<Answer | undefined> {
  const { runtime, call, misses } = act;
  const { retries, budget } = runtime.failover;
  for (let round = 0; round < retries; round++) {
    const ready = misses.flatMap(({ planned, tried }) =>
      tried.kind === "failed" && tried.isPassing && misses.every((miss) => mayDoBetter(runtime, miss, planned))
        ? [{ planned, waitMs: backoffMs(round, tried.retryAfterMs, Math.random()) }]
        : [],
    );
    const soonest = ready.toSorted((a, b) => a.waitMs - b.waitMs)[0];
    if (!soonest || soonest.waitMs > LONGEST_WAIT_MS || !budget.spend()) return undefined;
    await sleep(soonest.waitMs, undefined, { signal: call.abort }).catch(() => undefined);
    forget(act, soonest.planned);
    const answered = await once(act, soonest.planned);
    if (answered) return answered;
  }
  return undefined;
}

/** What the client is told when nothing answered: a refusal of its request before our failures, the first one said. */
function lastWord({ targets, attempts, misses }: Act): Answer {
  const tries = misses.map(({ tried }) => tried);
  const refused = tries.find((tried) => tried.kind === "refused");
  if (refused) return refused.answer;
  const unsupported = tries.find((tried) => tried.kind === "unsupported");
  if (unsupported && tries.every(({ kind }) => kind === "unsupported")) throw unsupported.error;
  const waits = tries.flatMap((tried) => (tried.kind === "failed" ? (tried.retryAfterMs ?? []) : []));
  throw failure(targets, attempts, waits.length > 0 ? Math.min(...waits) : 1000);
}
