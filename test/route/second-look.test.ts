import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readMessages } from "../../src/dialect/messages.ts";
import { createChannel } from "../../src/events.ts";
import { route } from "../../src/route/index.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState, type State } from "../../src/state.ts";
import { memoryEncoder, sure, type MemoryEncoderOptions } from "../rig/encoder.ts";
import { config, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const states: State[] = [];
after(() => Promise.all(states.map((state) => state.shutdown())));

const SCORES = "{ math: { small: 0.3, medium: 0.6, large: 0.95 }, law: { small: 0.95, medium: 0.95, large: 0.95 } }";
const SUBJECTS = ["math", "law", "history", "other"];
/** As likely about one subject as about the other. */
const BETWEEN = "prove this contract";

async function setUp(more = "", encoderOptions: MemoryEncoderOptions = {}, signals = `domain: { scores: ${SCORES} }`) {
  const yaml = threeModels(urls)
    .replace(/^signals: .*$/mu, `signals: { ${signals} }`)
    .replace(/^safety: .*$/mu, "");
  const { config: whole, hash } = config(`${yaml}${more}`);
  const encoder = memoryEncoder(encoderOptions);
  const state = createState(
    createChannel(),
    whole.breaker,
    () => performance.now(),
    () => Promise.resolve(encoder),
  );
  states.push(state);
  const runtime = await createRuntime(whole, hash, state);
  const ask = (text: string, model = "auto") =>
    route(runtime, {
      prompt: readMessages({ messages: [{ role: "user", content: text }], model, tools: [] }),
      caller: { tenant: "default", trusted: false },
      headers: {},
      constraints: {},
      preview: false,
    });
  return { encoder, ask };
}

const finds = (label: string) => () => ({ domain: sure(label, SUBJECTS) });
const LATE = "encoder: { deadline_ms: 30 }\n";

test("where a better reading could change the model the signals look again, and the plan follows what they see", async () => {
  for (const [label, model] of [
    ["math", "large"],
    ["law", "small"],
  ] as const) {
    const { encoder, ask } = await setUp("", { full: finds(label) });
    const plan = await ask(BETWEEN);
    assert.equal(encoder.asked.refine, 1);
    assert.deepEqual([plan.decision?.model, plan.signals[0]!.stage], [model, "full"]);
  }
});

test("where nothing that could be read changes the model nobody looks again", async () => {
  const { encoder, ask } = await setUp("", { full: finds("law") });
  const plan = await ask("prove theorem equation integral");
  assert.deepEqual([plan.decision?.model, plan.signals[0]!.stage, encoder.asked.refine], ["large", "static", 0]);
  await ask("nothing that is known");
  assert.equal(encoder.asked.refine, 0);
});

test("a model that is asked for by name, or pinned by a rule, is not thought over", async () => {
  const { encoder, ask } = await setUp("rules: [{ name: pin, when: { text: pinned }, then: { model: medium } }]\n");
  assert.equal((await ask(BETWEEN, "large")).decision?.model, "large");
  assert.equal((await ask(`${BETWEEN} pinned`)).decision?.model, "medium");
  assert.equal(encoder.asked.refine, 0);
});

test("second_stage says never or always", async () => {
  const never = await setUp("encoder: { second_stage: never }\n", { full: finds("math") });
  assert.equal((await never.ask(BETWEEN)).signals[0]!.stage, "static");
  assert.equal(never.encoder.asked.refine, 0);
  const always = await setUp("encoder: { second_stage: always }\n", { full: finds("law") });
  assert.deepEqual(
    (await always.ask("prove theorem equation integral")).signals.map(({ stage }) => stage),
    ["full"],
  );
});

test("when the second look is late, or fails, the first reading decides and the report says so", async () => {
  for (const options of [
    { isStuck: true },
    { faults: { refine: "deadline" } },
    { faults: { refine: "worker" } },
  ] as const) {
    const { ask } = await setUp(LATE, options);
    const without = await setUp("encoder: { second_stage: never }\n");
    const plan = await ask(BETWEEN);
    const [report] = plan.signals;
    assert.deepEqual([report!.stage, report!.failure], ["static", "second_look"]);
    assert.equal(plan.decision?.model, (await without.ask(BETWEEN)).decision?.model);
  }
});

test("a pin that only the second look sees leads the request, under the safety of its route", async () => {
  const signals = `embedding: { routes: [{ label: refund, examples: ["refund my order", "refund the money"], pin: { route: support }, threshold: 0.6 }] }`;
  const routes = "routes: { support: { models: [medium] } }\n";
  const { encoder, ask } = await setUp(`encoder: { second_stage: always }\n${routes}`, {}, signals);
  const before = encoder.asked.refine;
  const plan = await ask("refund my order");
  assert.deepEqual([plan.decision?.route, plan.decision?.model], ["support", "medium"]);
  assert.equal(encoder.asked.refine, before + 1);
  assert.equal(plan.signals[0]!.stage, "full");
});

test("a signal without weight is not thought over for its vote, but for its pins it is", async () => {
  const route = (pin: string) =>
    `embedding: { weight: 0, routes: [{ label: refund, examples: ["refund my order now"], threshold: 0.6${pin} }] }, complexity: { learned: false }`;
  const doubtful = "refund order";
  for (const [pin, looks] of [
    ["", 0],
    [", pin: { model: large }", 1],
  ] as const) {
    const { encoder, ask } = await setUp("", {}, route(pin));
    const before = encoder.asked.refine;
    await ask(doubtful);
    assert.equal(encoder.asked.refine - before, looks, pin);
  }
});

test("one second look serves all signals, and those without one keep their reading", async () => {
  const signals = `keyword: { rules: [{ label: law, any: [contract] }] }, domain: { scores: ${SCORES} }, complexity: {}`;
  const { encoder, ask } = await setUp("encoder: { second_stage: always }\n", {}, signals);
  const plan = await ask(BETWEEN);
  assert.deepEqual(
    plan.signals.map(({ signal, stage }) => [signal, stage]),
    [
      ["keyword", undefined],
      ["domain", "full"],
      ["complexity", "full"],
    ],
  );
  assert.equal(encoder.asked.refine, 1);
});

test("subjects without scores are worth what the tiers make of their difficulty; a score in the config goes first", async () => {
  const derived = await setUp("encoder: { second_stage: never }\n", {}, "domain: {}");
  const qualities = async (house: typeof derived, text: string) => {
    const { candidates } = (await house.ask(text)).decision!;
    return ["small", "medium", "large"].map((name) => candidates.find(({ model }) => model === name)!.quality);
  };
  const hard = await qualities(derived, "contract lawsuit liability contract");
  const easy = await qualities(derived, "hello weather song hello");
  assert.ok(hard.every((value, index) => value < easy[index]!));
  assert.ok(hard[0]! < hard[1]! && hard[1]! < hard[2]!);
  const given = await setUp("encoder: { second_stage: never }\n", {}, "domain: { scores: { law: { small: 0.9 } } }");
  const [small, medium] = await qualities(given, "contract lawsuit liability contract");
  assert.ok(small! > 0.85, "as the config says");
  assert.equal(medium, hard[1], "as derived");
});
