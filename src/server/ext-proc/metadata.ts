import type { Plan } from "../../contracts.ts";
import type { RequestRecord } from "../../events.ts";
import type { Metadata } from "./replies.ts";

/** What the gateway's access log, rate limits and later filters can know of a decision. */
export function chosen({ decisionId, decision, safety, cached }: Plan): Metadata {
  return {
    decision_id: decisionId,
    safety: safety.action,
    ...(decision && {
      model: decision.model,
      tier: decision.tier,
      route: decision.route,
      reason: decision.reason,
      confidence: decision.confidence,
      expected_cost_usd: decision.expectedCostUsd,
    }),
    ...(cached && { cache: cached.kind, answered_by: cached.model, cost_usd: 0 }),
  };
}

/** What the answer told of itself, once it was whole. */
export function spent({ costUsd, usage, attempts }: RequestRecord): Metadata {
  const last = attempts.at(-1);
  return {
    ...(last && { result: last.result, answered_by: last.model }),
    ...(last?.ttftMs !== undefined && { ttft_ms: last.ttftMs }),
    ...(costUsd !== undefined && { cost_usd: costUsd }),
    ...(usage && {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      estimated: usage.estimated,
    }),
  };
}
