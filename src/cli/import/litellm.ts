import type { Draft } from "./draft.ts";
import { readDeployments, variableIn } from "./litellm-deployments.ts";
import { isRouter, readRouters } from "./litellm-routers.ts";
import type { Part } from "./part.ts";
import { secretOf } from "./servers.ts";

/** Why parts of such a file have no place here, by the path that they stand at. */
const REASONS: readonly (readonly [path: RegExp, why: string])[] = [
  [/\.(?:cache|cache_params|redis_\w+)\b/u, "answers are not kept for other requests here"],
  [/callback|langfuse|telemetry|alert/u, "what happened goes to metrics, log and records"],
  [/(?:^|\.)guardrails?\b/u, "what is unsafe is found by the signals jailbreak and pii, and safety says what is done"],
  [/database|store_model_in_db|proxy_batch|ui_/u, "there is no database: this file is all there is"],
  [
    /\.(?:rpm|tpm|max_parallel_requests|max_budget|budget_duration)\b/u,
    "limits belong to client keys (server.auth.keys[].limits) and budgets",
  ],
  [
    /\.(?:temperature|max_tokens|top_p|extra_body|reasoning_effort|stop|seed)\b/u,
    "what a request says of how to answer passes as the client says it",
  ],
  [
    /\.(?:routing_strategy|routing_strategy_args|model_group_alias|enable_\w+)\b/u,
    "models are chosen by quality and price, and their targets by order and speed",
  ],
  [
    /\.(?:allowed_fails|cooldown_time|allowed_fails_policy|retry_policy)\b/u,
    "circuits are breaker: by the share of failures in a window",
  ],
  [
    /\.complexity_router_config\./u,
    "how that router decides; here the signal complexity does, with thresholds of its own",
  ],
  [/\.extra_headers\b/u, "headers may hold secrets: put them into upstreams.NAME.headers yourself"],
  [/^environment_variables/u, "environment variables are set where the process is started"],
  [/(?:^|\.)include\b/u, "other files are not read: import them one by one"],
  [
    /(?:^|\.)(?:general_settings|litellm_settings|router_settings)\./u,
    "how that proxy runs, which is said in other places here: see server, budgets, records and log",
  ],
];

export const litellmReason = (path: string): string | undefined => REASONS.find(([pattern]) => pattern.test(path))?.[1];

/** Reads the config of a LiteLLM proxy; answers which of its forms it is in, or undefined for what is none. */
export function readLitellm(root: Part, draft: Draft): string | undefined {
  if (!root.has("model_list")) return undefined;
  const entries = root.list("model_list");
  const routers = entries.filter(isRouter);
  readDeployments(
    entries.filter((entry) => !routers.includes(entry)),
    draft,
  );
  readRouters(routers, draft);
  for (const key of ["litellm_settings", "router_settings"]) readSettings(root.part(key), draft);
  readMasterKey(root.part("general_settings"), draft);
  const kinds = routers.length === 0 ? "" : `, ${routers.length} of its entries auto routers`;
  return `a proxy config (model_list, ${entries.length} entries${kinds})`;
}

const BY_ITSELF = "is done by itself: every other model that may answer is tried, adequate and cheap ones first";

function readSettings(settings: Part | undefined, draft: Draft): void {
  if (!settings) return;
  for (const key of ["fallbacks", "default_fallbacks"]) settings.leave(key, `${BY_ITSELF}; the order cannot be given`);
  settings.leave(
    "context_window_fallbacks",
    "is done by itself: what is too long goes to models with a longer context, as models.NAME.context has it",
  );
  settings.leave("content_policy_fallbacks", BY_ITSELF);
  const retries = settings.number("num_retries");
  if (retries !== undefined) draft.retries = Math.min(MOST_RETRIES, Math.max(0, Math.round(retries)));
  const seconds = settings.number("request_timeout") ?? settings.number("timeout");
  if (seconds !== undefined && seconds > 0) draft.totalMs = Math.min(LONGEST_MS, Math.round(seconds * 1000));
}

const MOST_RETRIES = 5;
const LONGEST_MS = 3_600_000;

/** Who has the master key may ask. */
function readMasterKey(settings: Part | undefined, draft: Draft): void {
  if (!settings?.has("master_key")) return;
  const variable = variableIn(settings.text("master_key")) ?? MASTER_KEY;
  if (variable === MASTER_KEY)
    settings.note(`master_key: keys do not move from file to file: put it into the environment variable ${MASTER_KEY}`);
  draft.server.auth = { keys: [{ key: secretOf(variable) }] };
}

const MASTER_KEY = "LITELLM_MASTER_KEY";
