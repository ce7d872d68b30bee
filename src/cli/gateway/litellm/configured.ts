import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import type { Config } from "../../../config/schema.ts";
import { type Finding, fine, listed, warning, wrong } from "../finding.ts";
import { guardsRequests, slowestDecision, wantsKey } from "../ours.ts";
import { at, type View } from "../view.ts";
import { type Deployment, leadsToUs } from "./parts.ts";

/** LiteLLM's own, where the file says none. */
const CLASSIFIER_MS = 3000;
const REST_SECONDS = 30;
const LONG_REST_SECONDS = 5;

/** A model of LiteLLM's that asks Signalbox as a decision service. */
export function checkClassifier(
  { name, params }: Deployment,
  deployments: readonly Deployment[],
  config: Config,
): Finding[] {
  const about = `model ${name}`;
  const options = params.map("complexity_router_config");
  const service = options?.map("opensource_classifier_config");
  if (!options || !service) {
    const message = "this router decides by itself: no opensource_classifier_config asks Signalbox";
    return [warning(about, params, message, "see the README of adapters/litellm, Configuration alone")];
  }
  return [...asking(about, options, service, config), ...choices(about, options, deployments, config)];
}

function asking(about: string, options: View, service: View, config: Config): Finding[] {
  const found: Finding[] = [];
  if (!["oss_classifier", "jev"].includes(options.text("classifier_type") ?? "")) {
    const message = "LiteLLM asks a service only where classifier_type says so";
    found.push(wrong(about, at(options, "classifier_type"), message, "classifier_type: oss_classifier"));
  }
  if (!["jev", "typesafe"].includes(service.text("provider") ?? "")) {
    const message = "of LiteLLM's classifiers, jev alone asks in a form that Signalbox answers";
    found.push(wrong(about, at(service, "provider"), message, "provider: jev"));
  }
  if (!service.child("api_key")) {
    const advice = `api_key: os.environ/SIGNALBOX_KEY${wantsKey(config) ? "" : ", or any text: this config asks for none"}`;
    found.push(wrong(about, service, "LiteLLM wants an api_key beside an api_base", advice));
  }
  found.push(...ourAddress(about, service, config));
  const { ms, of } = slowestDecision(config);
  const waits = service.number("timeout_ms") ?? CLASSIFIER_MS;
  if (ms > waits) {
    const message = `a decision by this config may take ${ms} ms (${of}), and LiteLLM waits ${waits}, then takes fallback_tier`;
    found.push(warning(about, at(service, "timeout_ms"), message, "raise timeout_ms"));
  }
  const rest = service.number("circuit_breaker_cooldown_seconds") ?? REST_SECONDS;
  if (rest > LONG_REST_SECONDS) {
    const message = `after one decision that comes late LiteLLM asks nobody for ${rest} s`;
    found.push(
      warning(about, at(service, "circuit_breaker_cooldown_seconds"), message, "circuit_breaker_cooldown_seconds: 1"),
    );
  }
  return found;
}

/** What it may answer with: names of ours, led to models of LiteLLM's. */
function choices(about: string, options: View, deployments: readonly Deployment[], config: Config): Finding[] {
  const ours = [...Object.keys(config.models), ...Object.keys(config.tiers)];
  const groups = deployments.map(({ name }) => name);
  const tiers = options.map("tiers");
  const found = options.list("tier_definitions").flatMap((tier) => {
    const name = tier.text("name") ?? "";
    if (ours.includes(name)) return [];
    const message = `${quote(name)} is neither a model nor a tier of this config, so no decision comes to it`;
    return [wrong(about, tier, message, didYouMean(name, ours) ?? `name one of: ${listed(ours)}`)];
  });
  if (options.list("tier_definitions").length === 0) {
    const message = "without tier_definitions LiteLLM asks for tiers of its own, which this config does not know";
    found.push(wrong(about, options, message, "one tier_definitions entry for each model"));
  }
  for (const [tier, part] of tiers?.entries() ?? []) {
    for (const group of tiers!.texts(tier)) {
      if (groups.includes(group)) continue;
      const message = `${tier} leads to ${quote(group)}, which is not in model_list`;
      found.push(wrong(about, part, message, didYouMean(group, groups) ?? "add it"));
    }
  }
  if (options.list("tier_definitions").length > 0 && !options.child("fallback_tier")) {
    found.push(
      wrong(about, options, "LiteLLM refuses tier_definitions without a fallback_tier", "fallback_tier: TIER"),
    );
  }
  return found;
}

function ourAddress(about: string, service: View, config: Config): Finding[] {
  if (leadsToUs(service.text("api_base"), config) !== false) return [];
  const message = `api_base has another port than Signalbox listens on (${config.server.listen})`;
  return [warning(about, at(service, "api_base"), message, "correct it, unless something between them maps the port")];
}

/** A guardrail that asks Signalbox whether a request may go on. */
export function checkGuardrail(params: View, config: Config): Finding[] {
  const about = "guardrail";
  const found = ourAddress(about, params, config);
  const isOpen = params.text("unreachable_fallback") === "fail_open";
  if (isOpen && params.flag("fail_on_error") !== false) {
    const message = "fail_open holds for an absent Signalbox alone: another error of it still ends in 500";
    found.push(warning(about, at(params, "unreachable_fallback"), message, "fail_on_error: false beside it"));
  }
  if (isOpen && guardsRequests(config)) {
    const message = "while Signalbox is away requests go on unchecked";
    found.push(fine(about, message, "unreachable_fallback: fail_closed where blocked must be blocked"));
  }
  if (params.flag("default_on") !== true) {
    const message = "without default_on only requests that ask for the guardrail are checked";
    found.push(warning(about, params, message, "default_on: true"));
  }
  const modes = params.texts("mode");
  if (!modes.includes("pre_call")) {
    found.push(wrong(about, at(params, "mode"), "requests are not checked before they go out", "mode: pre_call"));
  }
  if (modes.includes("post_call") && params.text("streaming_transform_mode") !== "incremental_diff") {
    const message = "changes to streams are dropped, so that placeholders stay in them";
    found.push(
      warning(about, params, message, "streaming_transform_mode: incremental_diff, streaming_sampling_rate: 1"),
    );
  }
  if (wantsKey(config) && !params.child("api_key")) {
    const message = "Signalbox asks for a key (server.auth), and this sends none";
    found.push(wrong(about, params, message, "api_key: os.environ/SIGNALBOX_KEY"));
  }
  const { ms, of } = slowestDecision(config);
  const waits = params.number("timeout");
  if (waits !== undefined && ms > waits * 1000) {
    const message = `Signalbox may take ${ms} ms by this config (${of}), and LiteLLM waits ${waits * 1000}`;
    found.push(warning(about, at(params, "timeout"), message, "raise timeout"));
  }
  return found;
}
