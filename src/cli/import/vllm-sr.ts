import type { Draft } from "./draft.ts";
import type { Part } from "./part.ts";
import { readDecisions } from "./vllm-sr-decisions.ts";
import { readModels } from "./vllm-sr-models.ts";
import { readSignals } from "./vllm-sr-signals.ts";

/** Why parts of such a file have no place here, by the path that they stand at. */
const REASONS: readonly (readonly [path: RegExp, why: string])[] = [
  [/(?:^|\.)(?:semantic_cache|response_cache)\b/u, "answers are not kept for other requests here"],
  [/reasoning|use_reasoning/u, "how long a model thinks is for the client to say"],
  [
    /(?:^|\.)(?:bert_model|embedding_models|model_catalog|classifier|prompt_guard)\b/u,
    "the packaged encoder reads for all signals: no models are named or loaded beside it",
  ],
  [/(?:^|\.)tools\b/u, "tools are not chosen here: what the client offers passes as it is"],
  [/(?:^|\.)listeners\b/u, "the doors are server.listen: 127.0.0.1:8080 unless you say otherwise"],
  [
    /\.(?:pii_policy|pii_types_allowed)\b/u,
    "what personal data means for a request is said in safety.pii, for all models",
  ],
  [/\.reliability\b/u, "repeats and circuits are failover and breaker, for all models"],
  [
    /\.(?:algorithm|strategy|weight|candidateIterations|adaptations)\b/u,
    "which of a route's models answers is decided by quality and price",
  ],
  [/\.projections\b/u, "signals vote with weights of their own (signals.*.weight)"],
  [/\.signals\.|_rules\b/u, "no signal here reads this"],
  [
    /(?:^|\.)(?:global|observability|api|authz|ratelimit|looper|evaluation|config_source|strategy|mode)\b/u,
    "how that server runs, which is said in other places here: see server, budgets, records and log",
  ],
  [/\.extra_headers\b/u, "headers may hold secrets: put them into upstreams.NAME.headers yourself"],
];

export const vllmSrReason = (path: string): string | undefined => REASONS.find(([pattern]) => pattern.test(path))?.[1];

/** Reads a config of vLLM Semantic Router; answers which of its forms it is in, or undefined for what is none. */
export function readVllmSr(root: Part, draft: Draft): string | undefined {
  const version = root.text("version");
  const isFlat = root.has("vllm_endpoints") || root.has("model_config");
  if (!isFlat && !root.has("providers")) return undefined;
  readModels(root, draft);
  const known = readSignals(root, draft);
  readDecisions(root, known, draft);
  if (Object.keys(draft.domainScores).length > 0) draft.signals.domain = { scores: draft.domainScores };
  const form = isFlat
    ? "the flat form, of v0.1 and v0.2 (vllm_endpoints, model_config)"
    : "the form with providers and routing, of v0.3";
  return version === undefined ? form : `${form}; it calls itself ${version}`;
}
