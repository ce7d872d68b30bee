import type { AskedModel, Attempt, Decision, Plan } from "../../src/contracts.ts";
import type { RequestRecord } from "../../src/events.ts";

/** What a client wrote; it must turn up nowhere unless the config asks for it. */
export const PLANTED = "the purple elephant knows my salary";

const decision: Decision = {
  model: "llama",
  tier: "small",
  route: "default",
  reason: "cheapest_adequate",
  sentence: "llama is the cheapest adequate model",
  confidence: 0.82,
  margin: 0.07,
  runnerUp: "gpt",
  fallbacks: ["gpt"],
  candidates: [],
  votes: [{ signal: "complexity", weight: 1 }],
  expectedCostUsd: 0.0002,
  baselineCostUsd: 0.004,
};

const plan: Plan = {
  decisionId: "d-1",
  configHash: "0123456789ab",
  decision,
  signals: [
    {
      signal: "complexity",
      readings: [{ label: "simple", score: 0.12, confidence: 0.96 }],
      micros: 120,
      stage: "static",
    },
    { signal: "pii", readings: [], micros: 20_000, failure: "deadline", error: `out of time at ${PLANTED}` },
  ],
  safety: { action: "none", classes: [], sentence: "" },
  rules: ["long-documents"],
  targets: [],
  setHeaders: [],
  removeHeaders: [],
  preview: false,
  micros: 300,
};

const attempts: readonly Attempt[] = [
  { model: "llama", target: "local/llama", result: "timeout", latencyMs: 1000 },
  {
    model: "gpt",
    target: "openai/gpt",
    result: "ok",
    status: 200,
    ttftMs: 210,
    latencyMs: 640,
    usage: { inputTokens: 12, outputTokens: 30, cachedInputTokens: 4, estimated: false },
    costUsd: 0.001,
  },
];

/** A request whose first target hung, answered by the second. */
export function request(over: Partial<RequestRecord> = {}): RequestRecord {
  return {
    kind: "request",
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    door: "openai",
    api: "openai-chat",
    tenant: "acme",
    stream: false,
    inputTokens: 12,
    plan,
    attempts,
    status: 200,
    usage: { inputTokens: 12, outputTokens: 30, cachedInputTokens: 4, estimated: false },
    costUsd: 0.001,
    baselineUsd: 0.004,
    overheadMs: 0.8,
    totalMs: 1641,
    text: PLANTED,
    ...over,
  };
}

/** The same, after a model was asked who should answer. `costUsd` holds what that cost. */
export function askedRequest(): RequestRecord {
  const asked: AskedModel = {
    purpose: "router",
    model: "llama",
    target: "local/llama",
    result: "ok",
    status: 200,
    latencyMs: 90,
    usage: { inputTokens: 300, outputTokens: 4, cachedInputTokens: 0, estimated: false },
    costUsd: 0.0002,
  };
  return request({ asked: [asked], costUsd: 0.0012 });
}

/** A request whose first answer did not pass, with the books of its route's cascade. */
export function cascadedRequest(): RequestRecord {
  const first: Attempt = { ...attempts[1]!, model: "llama", target: "local/llama", costUsd: 0.0001, discarded: true };
  return request({
    attempts: [first, attempts[1]!],
    costUsd: 0.0011,
    cascade: {
      models: ["llama", "gpt"],
      verdicts: [{ model: "llama", passes: false, good: 0.25, gate: "heuristics", says: "it refuses" }],
      answered: "gpt",
      escalated: true,
      books: { rate: 0.25, breakEvenRate: 0.9, savedUsd: 1.5, verdict: "pays" },
    },
  });
}

/** A request that jailbreak and injection ended before a decision. */
export function blockedRequest(): RequestRecord {
  const { decision: _, ...rest } = plan;
  const blocked = { status: 403, code: "blocked", message: "This request was refused." };
  const safety = { action: "block", classes: ["jailbreak", "injection"], sentence: "" } as const;
  const { usage: __, costUsd: ___, baselineUsd: ____, ...record } = request();
  return { ...record, status: 403, attempts: [], plan: { ...rest, safety, blocked } };
}
