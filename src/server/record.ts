import type { Api, Attempt, Caller, Plan, Prompt, Usage } from "../contracts.ts";
import type { RouterError } from "../errors.ts";
import type { RequestRecord, RouterEvent } from "../events.ts";
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
    status: number;
    error?: RouterError;
    /** Milliseconds that the client took to send its body. */
    uploadMs?: number;
  },
): RequestRecord {
  const { caller, prompt, plan, attempts, error, uploadMs = 0 } = seen;
  const totalMs = elapsed();
  const priced = attempts.map((attempt) =>
    attempt.usage ? { ...attempt, costUsd: priceOf(runtime, attempt.model, attempt.usage) } : attempt,
  );
  const paid = priced.filter((attempt) => attempt.costUsd !== undefined);
  const usage = paid.at(-1)?.usage;
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
    overheadMs: Math.max(0, totalMs - uploadMs - attempts.reduce((sum, { latencyMs }) => sum + latencyMs, 0)),
    totalMs,
    ...(plan && { plan }),
    ...(error && { error: error.code }),
    ...(usage && {
      usage,
      costUsd: paid.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0),
      baselineUsd: priceOf(runtime, runtime.baseline, usage),
    }),
    ...(runtime.recordText && prompt && { text: prompt.turn }),
  };
}

function priceOf(runtime: Runtime, model: string, usage: Usage): number {
  const price = runtime.pool.byName.get(model)?.price;
  return price ? costOf(price, usage) : 0;
}
