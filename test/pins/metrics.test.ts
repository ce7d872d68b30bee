import assert from "node:assert/strict";
import { test } from "node:test";
import { createChannel } from "../../src/events.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { askedRequest, blockedRequest, cascadedRequest, request } from "../telemetry/events.ts";

/** Dashboards and alerts are built on these. Change them only on purpose. */
const PINNED = {
  signalbox_asks_total: "counter purpose,result",
  signalbox_attempts_total: "counter result,target",
  signalbox_blocked_total: "counter class",
  signalbox_breaker_state: "gauge target",
  signalbox_budgets_reached_total: "counter state",
  signalbox_cache_away: "gauge store",
  signalbox_cache_lookups_total: "counter result",
  signalbox_cascade_break_even_rate: "gauge route",
  signalbox_cascade_escalation_rate: "gauge route",
  signalbox_cascade_leaks_expected_total: "counter route",
  signalbox_cascade_losing: "gauge route",
  signalbox_cascade_requests_total: "counter result,route",
  signalbox_cascade_verdicts_total: "counter gate,model,result,route",
  signalbox_config_info: "gauge hash",
  signalbox_cost_baseline_usd_total: "counter",
  signalbox_cost_saved_usd_total: "counter",
  signalbox_cost_usd_total: "counter model",
  signalbox_decision_confidence: "histogram",
  signalbox_decision_duration_seconds: "histogram",
  signalbox_decision_margin: "histogram",
  signalbox_decisions_total: "counter model,reason,route,tier",
  signalbox_failovers_total: "counter result,target",
  signalbox_outcomes_total: "counter model",
  signalbox_overhead_seconds: "histogram door",
  signalbox_reloads_total: "counter result",
  signalbox_request_duration_seconds: "histogram door",
  signalbox_requests_total: "counter door,status",
  signalbox_signal_duration_seconds: "histogram signal",
  signalbox_signal_failures_total: "counter failure,signal",
  signalbox_signal_stages_total: "counter signal,stage",
  signalbox_tokens_total: "counter direction,model",
};

test("the names, types and labels of the metrics", async () => {
  const channel = createChannel();
  const metrics = createMetrics(channel);
  channel.publish(request());
  channel.publish(askedRequest());
  channel.publish(blockedRequest());
  channel.publish({ kind: "breaker", target: "a/b", state: "closed" });
  channel.publish({ kind: "reload", result: "applied", hash: "0123456789ab" });
  channel.publish({ ...request(), cache: { result: "miss" } });
  channel.publish({ kind: "cache", store: "postgres", state: "away", error: new Error("no") });
  channel.publish({
    kind: "budget",
    tenant: "acme",
    state: "soft",
    period: "2026-01",
    spentUsd: 8,
    limitUsd: 10,
  });
  const { cascade, ...cascaded } = cascadedRequest();
  const verdicts = [false, true].map((passes) => ({ ...cascade!.verdicts[0]!, passes }));
  channel.publish({ ...cascaded, cascade: { ...cascade!, verdicts } });
  channel.publish({ kind: "cascade", route: "default", rate: 1, breakEvenRate: 0.5, savedUsd: -1, verdict: "loses" });
  const outcome = { decisionId: "d-1", status: 200, scores: {} };
  channel.publish({ kind: "outcome", outcome, model: "gpt", target: "openai/gpt" });
  metrics.stop();

  const found: Record<string, string> = {};
  const text = await metrics.text();
  for (const [, name, type] of text.matchAll(/^# TYPE (signalbox_\w+) (\w+)$/gmu)) {
    const sample = new RegExp(`^${name}(?:_count)?(?:\\{([^}]*)\\})? `, "mu").exec(text);
    const labels = [...(sample?.[1] ?? "").matchAll(/(\w+)="/gu)].map(([, label]) => label!);
    found[name!] = [type, labels.sort().join(",")].filter(Boolean).join(" ");
  }
  assert.deepEqual(found, PINNED);
});

test("a decision of 50 microseconds has a bucket of its own", async () => {
  const metrics = createMetrics(createChannel());
  assert.match(await metrics.text(), /^signalbox_decision_duration_seconds_bucket\{le="0.00005"\} 0$/mu);
});
