import type { Api, AskedModel, Attempt, Caller, Plan, Prompt, Usage } from "../contracts.ts";
import type { Shared } from "../answer/index.ts";
import { usageIn } from "../dialect/kept.ts";
import type { ClientApi } from "../dialect/speech.ts";
import type { RouterError } from "../errors.ts";
import type { CacheResult, RequestRecord, RouterEvent } from "../events.ts";
import type { Guard } from "../ledger/guard.ts";
import { costOf } from "../pool/cost.ts";
import type { Runtime } from "../runtime.ts";
import type { Request } from "./listen.ts";

/** One request on its way through a door: the runtime it took once, and what it may do there. */
export interface Visit {
  readonly runtime: Runtime;
  /** Milliseconds since the request came in. */
  elapsed(): number;
  /** Who asks; `claimed` is what a gateway says over RPC. Errors: unauthenticated. */
  admit(request: Request, claimed?: { key: string; tenant: string }): Caller;
  /** What its tenant may spend. */
  readonly guard: Guard;
  publish(event: RouterEvent): void;
  fault(where: string, error: unknown): void;
}

/** The one record that a request leaves behind. Costs are those of the attempts that used tokens, whoever they were for. */
export function recordOf(
  { runtime, elapsed }: Visit,
  seen: {
    door: RequestRecord["door"];
    api?: Api;
    caller?: Caller;
    prompt?: Prompt;
    plan?: Plan;
    attempts: readonly Attempt[];
    /** Models that gates asked. */
    asked?: readonly AskedModel[];
    status: number;
    error?: RouterError;
    /** Somebody else paid. */
    shared?: Shared;
    /** Milliseconds that the client took to send its body. */
    uploadMs?: number;
  },
): RequestRecord {
  const { caller, prompt, plan, attempts, error, shared, uploadMs = 0 } = seen;
  const asked = [...(plan?.asked ?? []), ...(seen.asked ?? [])];
  const totalMs = elapsed();
  const priced = attempts.map((attempt) =>
    attempt.usage ? { ...attempt, costUsd: priceOf(runtime, attempt.model, attempt.usage) } : attempt,
  );
  const paid = priced.filter((attempt) => attempt.costUsd !== undefined);
  const answered = answerOf(paid.filter(({ discarded }) => !discarded));
  const cache = plan && cacheOf(plan, shared);
  const given = spared(prompt, plan, shared);
  const usage = given ?? usageOf(answered);
  return {
    kind: "request",
    at: Date.now(),
    door: seen.door,
    api: prompt?.api ?? "openai-chat",
    tenant: caller?.tenant ?? "",
    stream: prompt?.stream ?? false,
    inputTokens: prompt?.inputTokens ?? 0,
    attempts: priced,
    status: seen.status,
    overheadMs: Math.max(0, totalMs - uploadMs - waitedFor([...attempts, ...asked]) - (shared?.waitedMs ?? 0)),
    totalMs,
    ...(plan && { plan }),
    ...(asked.length > 0 && { asked }),
    ...(cache && { cache }),
    ...(error && { error: error.code }),
    ...((given || plan?.cached || [...paid, ...asked].some(({ costUsd }) => costUsd !== undefined)) && {
      costUsd: usdOf([...paid, ...asked]),
    }),
    ...(usage && {
      usage,
      baselineUsd: priceOf(runtime, runtime.baseline, given ? unread(given) : atOnce(usage, answered)),
    }),
    ...textOf(runtime, prompt, plan),
  };
}

/** The newest human turn as models see it; where it is not known what they would see, none. */
function textOf({ recordText, redaction }: Runtime, prompt: Prompt | undefined, plan: Plan | undefined) {
  if (!recordText || !prompt) return {};
  if (plan?.redaction) return { text: plan.redaction.turn() };
  return redaction ? {} : { text: prompt.turn };
}

function cacheOf({ cached, keep, decision }: Plan, shared: Shared | undefined): CacheResult | undefined {
  if (cached) {
    const { kind: result, model, route, ageMs, similarity } = cached;
    return { result, model, route, ageMs, similarity };
  }
  if (shared) return { result: "shared", model: shared.model, ...(decision && { route: decision.route }) };
  return keep && { result: "miss" };
}

/** Of an answer that cost nothing, as the client was told it. */
function spared(prompt: Prompt | undefined, plan: Plan | undefined, shared: Shared | undefined): Usage | undefined {
  if (!plan?.cached || !prompt)
    return shared?.usage && { ...shared.usage, cachedInputTokens: shared.usage.inputTokens };
  return usageIn(prompt.api as ClientApi, plan.cached.answer);
}

/** As a model without our cache would have been asked: all of the prompt read anew. */
const unread = (usage: Usage): Usage => ({ ...usage, cachedInputTokens: 0 });

/** The tries that one answer is made of: the last one that came to its end, and those that it went on from. */
function answerOf(given: readonly Attempt[]): readonly Attempt[] {
  const end = given.findLastIndex(({ result }) => result === "ok");
  const until = end < 0 ? given : given.slice(0, end + 1);
  const start = until.findLastIndex(({ continues }) => !continues);
  return until.slice(Math.max(0, start));
}

const waitedFor = (tries: readonly Attempt[]): number => tries.reduce((sum, { latencyMs }) => sum + latencyMs, 0);

/** What tries cost, where that is known. */
export const usdOf = (tries: readonly Attempt[]): number => tries.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0);

function usageOf(tries: readonly Attempt[]): Usage | undefined {
  const sum = (a: Usage, b: Usage): Usage => ({
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    ...((a.reasoningTokens ?? b.reasoningTokens) !== undefined && {
      reasoningTokens: (a.reasoningTokens ?? 0) + (b.reasoningTokens ?? 0),
    }),
    estimated: a.estimated || b.estimated,
  });
  return tries
    .flatMap(({ usage }) => usage ?? [])
    .reduce<Usage | undefined>((all, one) => (all ? sum(all, one) : one), undefined);
}

/** As if nothing had broken off: a model that answers in one piece reads the prompt once. */
function atOnce(usage: Usage, [first]: readonly Attempt[]): Usage {
  const { inputTokens, cachedInputTokens } = first?.usage ?? usage;
  return { ...usage, inputTokens, cachedInputTokens };
}

function priceOf(runtime: Runtime, model: string, usage: Usage): number {
  const price = runtime.pool.byName.get(model)?.price;
  return price ? costOf(price, usage) : 0;
}
