import assert from "node:assert/strict";
import { test } from "node:test";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { askedRequest, blockedRequest, cascadedRequest, PLANTED, request } from "./events.ts";

/** The samples of ours after these events, `name{labels} value`, buckets left out. */
async function samples(events: readonly RouterEvent[], models?: ReadonlySet<string>): Promise<string[]> {
  const channel = createChannel();
  const metrics = createMetrics(channel, models ? { models: () => models } : {});
  for (const event of events) channel.publish(event);
  metrics.stop();
  const lines = (await metrics.text()).split("\n");
  return lines.filter((line) => line.startsWith("signalbox_") && !line.includes("_bucket"));
}

const without = (lines: readonly string[], unmoved: readonly string[]) =>
  lines.filter((line) => !unmoved.includes(line));

test("a request moves every measure of requests", async () => {
  const moved = without(await samples([request()]), await samples([]));
  assert.deepEqual(moved.toSorted(), [
    'signalbox_attempts_total{target="local/llama",result="timeout"} 1',
    'signalbox_attempts_total{target="openai/gpt",result="ok"} 1',
    "signalbox_cost_baseline_usd_total 0.004",
    "signalbox_cost_saved_usd_total 0.003",
    'signalbox_cost_usd_total{model="gpt"} 0.001',
    "signalbox_decision_confidence_count 1",
    "signalbox_decision_confidence_sum 0.82",
    "signalbox_decision_duration_seconds_count 1",
    "signalbox_decision_duration_seconds_sum 0.0003",
    "signalbox_decision_margin_count 1",
    "signalbox_decision_margin_sum 0.07",
    'signalbox_decisions_total{model="llama",tier="small",route="default",reason="cheapest_adequate"} 1',
    'signalbox_failovers_total{target="local/llama",result="timeout"} 1',
    'signalbox_overhead_seconds_count{door="openai"} 1',
    'signalbox_overhead_seconds_sum{door="openai"} 0.0008',
    'signalbox_request_duration_seconds_count{door="openai"} 1',
    'signalbox_request_duration_seconds_sum{door="openai"} 1.641',
    'signalbox_requests_total{door="openai",status="200"} 1',
    'signalbox_signal_duration_seconds_count{signal="complexity"} 1',
    'signalbox_signal_duration_seconds_count{signal="pii"} 1',
    'signalbox_signal_duration_seconds_sum{signal="complexity"} 0.00012',
    'signalbox_signal_duration_seconds_sum{signal="pii"} 0.02',
    'signalbox_signal_failures_total{signal="pii",failure="deadline"} 1',
    'signalbox_signal_stages_total{signal="complexity",stage="static"} 1',
    'signalbox_tokens_total{model="gpt",direction="cached_input"} 4',
    'signalbox_tokens_total{model="gpt",direction="input"} 12',
    'signalbox_tokens_total{model="gpt",direction="output"} 30',
  ]);
});

test("a blocked request is counted by class and is no decision", async () => {
  const moved = await samples([blockedRequest()]);
  assert.ok(moved.includes('signalbox_blocked_total{class="jailbreak"} 1'));
  assert.ok(moved.includes('signalbox_blocked_total{class="injection"} 1'));
  assert.ok(moved.includes('signalbox_requests_total{door="openai",status="403"} 1'));
  assert.equal(
    moved.some((line) => line.startsWith("signalbox_decisions_total{")),
    false,
  );
});

test("a rule that blocks is counted as rule", async () => {
  const record = blockedRequest();
  const plan = { ...record.plan!, safety: { action: "annotate", classes: ["pii"], sentence: "" } } as const;
  const moved = await samples([{ ...record, plan }]);
  assert.deepEqual(
    moved.filter((line) => line.startsWith("signalbox_blocked_total{")),
    ['signalbox_blocked_total{class="rule"} 1'],
  );
});

test("what models were asked for us is counted by purpose, and paid under their names", async () => {
  const moved = await samples([askedRequest()]);
  assert.ok(moved.includes('signalbox_asks_total{purpose="router",result="ok"} 1'));
  assert.ok(moved.includes('signalbox_cost_usd_total{model="llama"} 0.0002'));
  assert.ok(moved.some((line) => line.startsWith('signalbox_cost_usd_total{model="gpt"} 0.00')));
});

test("a cascade's judgements are counted by gate, its rate stands beside the one at which it breaks even", async () => {
  const passed = cascadedRequest();
  const cascade = { ...passed.cascade!, escalated: false, answered: "llama" };
  const verdicts = [{ ...cascade.verdicts[0]!, passes: true, good: 0.875 }];
  const books = { rate: 0.2, breakEvenRate: 0.9, savedUsd: -1, verdict: "loses" } as const;
  const moved = await samples([cascadedRequest(), request({ cascade: { ...cascade, verdicts, books } })]);
  assert.deepEqual(moved.filter((line) => line.includes("cascade")).toSorted(), [
    'signalbox_cascade_break_even_rate{route="default"} 0.9',
    'signalbox_cascade_escalation_rate{route="default"} 0.2',
    'signalbox_cascade_leaks_expected_total{route="default"} 0.125',
    'signalbox_cascade_losing{route="default"} 1',
    'signalbox_cascade_requests_total{route="default",result="escalated"} 1',
    'signalbox_cascade_requests_total{route="default",result="passed"} 1',
    'signalbox_cascade_verdicts_total{route="default",model="llama",gate="heuristics",result="passed"} 1',
    'signalbox_cascade_verdicts_total{route="default",model="llama",gate="heuristics",result="rejected"} 1',
  ]);
  assert.ok(moved.includes('signalbox_cost_usd_total{model="llama"} 0.0001'), "who was asked in vain is paid too");
  assert.ok(!moved.some((line) => line.startsWith('signalbox_failovers_total{target="local/llama",result="ok"')));
});

test("a cascade is found to lose until its books say otherwise, and an answer in reserve is no failed try", async () => {
  const { cascade, attempts } = cascadedRequest();
  const { discarded: _, ...first } = attempts[0]!;
  const last = { ...attempts[1]!, result: "upstream_error" } as const;
  const run = { ...cascade!, escalated: false, answered: "llama" };
  const moved = await samples([
    request({ cascade: { ...run, books: { ...run.books, verdict: "loses" } } }),
    request({ attempts: [first, last], cascade: { ...run, books: { ...run.books, verdict: "not_known_yet" } } }),
  ]);
  assert.ok(moved.includes('signalbox_cascade_losing{route="default"} 0'));
  assert.ok(!moved.some((line) => line.startsWith('signalbox_failovers_total{target="local/llama",result="ok"')));
});

test("a request dearer than the baseline takes nothing off the savings", async () => {
  const moved = await samples([request(), request({ costUsd: 0.009 })]);
  assert.ok(moved.includes("signalbox_cost_saved_usd_total 0.003"));
  assert.ok(moved.includes("signalbox_cost_baseline_usd_total 0.008"));
});

test("breaker, reload and outcome events move their measures; the last hash is the only one", async () => {
  const moved = await samples([
    { kind: "breaker", target: "local/llama", state: "open" },
    { kind: "breaker", target: "openai/gpt", state: "half_open" },
    { kind: "reload", result: "applied", hash: "aaaaaaaaaaaa" },
    { kind: "reload", result: "applied", hash: "bbbbbbbbbbbb" },
    { kind: "reload", result: "refused", hash: "cccccccccccc", error: "line 1" },
    {
      kind: "outcome",
      outcome: { decisionId: "d-1", status: 200, scores: {} },
      model: "gpt",
      target: "openai/gpt",
    },
  ]);
  assert.deepEqual(moved.filter((line) => /breaker_state|reloads|config_info|outcomes/u.test(line)).toSorted(), [
    'signalbox_breaker_state{target="local/llama"} 2',
    'signalbox_breaker_state{target="openai/gpt"} 1',
    'signalbox_config_info{hash="bbbbbbbbbbbb"} 1',
    'signalbox_outcomes_total{model="gpt"} 1',
    'signalbox_reloads_total{result="applied"} 2',
    'signalbox_reloads_total{result="refused"} 1',
  ]);
});

test("a model that is not in the pool is counted as other", async () => {
  const moved = await samples([request()], new Set(["llama"]));
  assert.ok(moved.includes('signalbox_cost_usd_total{model="other"} 0.001'));
  assert.ok(moved.some((line) => line.startsWith('signalbox_decisions_total{model="llama"')));
});

test("of one label 200 values are told apart, the rest are other", async () => {
  const attempt = { model: "gpt", result: "ok", latencyMs: 1 } as const;
  const targets = Array.from({ length: 250 }, (_, index) => ({ ...attempt, target: `t${index}` }));
  const moved = await samples([request({ attempts: targets })]);
  const lines = moved.filter((line) => line.startsWith("signalbox_attempts_total"));
  assert.equal(lines.length, 201);
  assert.ok(lines.includes('signalbox_attempts_total{target="other",result="ok"} 50'));
});

test("a value that is no number leaves the sums whole", async () => {
  const [, answered] = request().attempts;
  const broken = { ...answered!, costUsd: Number.NaN };
  const moved = await samples([request({ attempts: [broken] }), request()]);
  assert.ok(moved.includes('signalbox_cost_usd_total{model="gpt"} 0.001'));
});

test("a metric tells no prompt, tenant or decision id, and stop ends the counting", async () => {
  const channel = createChannel();
  const metrics = createMetrics(channel);
  channel.publish(request());
  metrics.stop();
  channel.publish(request());
  const text = await metrics.text();
  for (const word of [PLANTED, "elephant", "acme", "d-1"]) assert.equal(text.includes(word), false, word);
  assert.match(text, /signalbox_requests_total\{door="openai",status="200"\} 1\n/u);
  assert.match(metrics.contentType, /^text\/plain/u);
  assert.match(text, /process_resident_memory_bytes/u);
});
