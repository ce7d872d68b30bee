import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Decision, DecisionInputs, Effort, SignalReport } from "../../src/contracts.ts";
import { decide } from "../../src/decision/decide.ts";
import { createChannel } from "../../src/events.ts";
import { caseOf } from "../../src/route/case.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState } from "../../src/state.ts";
import { closeCalls, codeOf, startChooser } from "../rig/chooser.ts";
import { startFakeModel } from "../fakes/model.ts";
import { config, type House, startHouse, withPorts } from "../rig/house.ts";

/** As much of a line of the records as a decision is taken from. */
interface Line {
  readonly config_hash: string;
  readonly signals: readonly { name: string; labels: SignalReport["readings"]; failure?: SignalReport["failure"] }[];
  readonly inputs: {
    readonly in_rollout: boolean;
    readonly models: readonly { model: string; cost_usd: number; latency_ms: number; refused?: string }[];
    readonly held?: { model: string; cost_usd: number; in_tool_loop: boolean };
    readonly reasoning?: { effort: Effort; budget_tokens: number };
  } & Omit<DecisionInputs, "inRollout" | "models" | "held" | "reasoning">;
}

function inputsFrom({ in_rollout, models, held, reasoning, ...rest }: Line["inputs"]): DecisionInputs {
  return {
    ...rest,
    inRollout: in_rollout,
    models: models.map(({ model, cost_usd, latency_ms, refused }) => ({
      model,
      costUsd: cost_usd,
      latencyMs: latency_ms,
      allowed: refused ?? true,
    })),
    ...(held && { held: { model: held.model, costUsd: held.cost_usd, inToolLoop: held.in_tool_loop } }),
    ...(reasoning && { reasoning: { effort: reasoning.effort, budgetTokens: reasoning.budget_tokens } }),
  };
}

const reportsFrom = ({ signals }: Line): SignalReport[] =>
  signals.map(({ name, labels, failure }) => ({
    signal: name,
    readings: labels,
    micros: 0,
    ...(failure && { failure }),
  }));

const HARD = "Prove, step by step, that the square root of two is irrational, and compare two proofs.";
const bodyOf = (content: string, more: object = {}) => ({
  model: "auto",
  messages: [{ role: "user", content }],
  ...more,
});

/** A house that writes records, and everything in it that a decision could depend on. */
async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-replay-"));
  const path = join(folder, "records.jsonl");
  const [models, chooser] = await Promise.all([startFakeModel(), startChooser((seen) => codeOf(seen, "tier large"))]);
  const yaml = closeCalls({ models: models.url, chooser: chooser.url }, "percent: 20", `records: { path: ${path} }`)
    .replace(
      "signals: {",
      "signals: { keyword: { rules: [{ label: more, any: [think hard], action: escalate, scores: { large: 0.7 } }, { label: lane, any: [lane], pin: { route: lane } }] },",
    )
    .replace("large: { tier: large,", "large: { tier: large, reasoning: openai,")
    .replace(
      "decision: { threshold: 0,",
      "decision: { threshold: 0.3, reasoning: { labels: { complex: high, simple: off }, percent: 30 },",
    )
    .replace("routes: {", "routes: { lane: { models: [small, medium], rollout: { percent: 50, default: medium } },")
    .concat("\nrules: [{ name: pin, when: { text: pinned }, then: { tier: medium, reasoning: low } }]");
  const house = await startHouse(yaml);
  t.after(async () => {
    await Promise.all([models.close(), chooser.close()]);
    rmSync(folder, { recursive: true });
  });
  const accepted = config(withPorts(yaml));
  return {
    house,
    accepted,
    models,
    lines: () =>
      readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Line),
  };
}

/** Requests of all kinds. */
async function live(house: House, fail: () => void): Promise<void> {
  const chat = (body: object, headers = {}) => house.post("/v1/chat/completions", body, headers);
  for (let i = 0; i < 6; i++) await chat(bodyOf(`hello number ${i}`));
  for (const text of [
    HARD,
    "hello, think hard",
    "pinned",
    "my card is 4111 1111 1111 1111",
    "lane one",
    "lane two",
    "lane 3",
  ])
    await chat(bodyOf(text));
  const named = { "x-signalbox-conversation": "c-1" };
  await chat(bodyOf(HARD), named);
  await chat(bodyOf("hello"), named);
  const call = { id: "c", type: "function", function: { name: "look", arguments: "{}" } };
  const messages = [
    { role: "user", content: HARD },
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "c", content: "done" },
  ];
  await chat({ model: "auto", messages });
  await chat(bodyOf("hello", { model: "medium" }));
  for (const profile of ["cheap", "best", "fast"]) await chat(bodyOf(HARD, { model: `auto:${profile}` }));
  await house.route({
    chat: { messages: [{ role: "user", content: "hello there" }] },
    constraints: { maxCostUsd: 0.0006 },
  });
  fail();
  for (let i = 0; i < 5; i++) await chat(bodyOf(`what is ${i}`));
}

test("a decision is taken again, to the last bit, from its line in the records and the config of its hash", async (t) => {
  const { house, accepted, models, lines } = await setUp(t);
  await live(house, () => models.behave("error500"));
  const decided: Decision[] = house.events.flatMap((event) =>
    event.kind === "request" ? (event.plan?.decision ?? []) : [],
  );
  await house.stop();
  const told = lines();
  assert.ok(told.length === decided.length && told.length >= 25, `${told.length} lines`);

  const state = createState(createChannel(), accepted.config.breaker, () => 0);
  t.after(() => state.shutdown());
  const runtime = await createRuntime(accepted.config, accepted.hash, state);
  for (const [at, line] of told.entries()) {
    assert.equal(line.config_hash, accepted.hash);
    const again = decide(caseOf(runtime, reportsFrom(line), inputsFrom(line.inputs)));
    assert.deepEqual(again, decided[at]);
  }
  const reasons = new Set(decided.map(({ reason }) => reason));
  for (const reason of [
    "cheapest_adequate",
    "pinned",
    "held",
    "llm_router",
    "low_margin",
    "escalated",
    "requested",
  ] as const)
    assert.ok(reasons.has(reason), `${reason} is not among ${[...reasons].join(", ")}`);
  assert.doesNotMatch(JSON.stringify(told), /square root|4111.?1111|hello/u, "no text of a prompt");
});

test("a signal that missed its deadline is replayed as it was: without its reading", async (t) => {
  const { house, accepted, lines } = await setUp(t);
  await house.post("/v1/chat/completions", bodyOf(HARD));
  await house.stop();
  const [line] = lines();
  const state = createState(createChannel(), accepted.config.breaker, () => 0);
  t.after(() => state.shutdown());
  const runtime = await createRuntime(accepted.config, accepted.hash, state);
  const missed = {
    ...line!,
    signals: line!.signals.map((signal) => ({ ...signal, labels: [], failure: "deadline" as const })),
  };
  const again = decide(caseOf(runtime, reportsFrom(missed), inputsFrom(missed.inputs)));
  assert.ok(
    "reason" in again && again.reason !== "cheapest_adequate" && again.votes.every(({ weight }) => weight === 0),
  );
});
