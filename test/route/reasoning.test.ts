import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startFakeModel } from "../fakes/model.ts";
import { config, startHouse, threeModels } from "../rig/house.ts";

const LABELS = "labels: { simple: off, moderate: low, complex: high }";
const HARD =
  "Prove, step by step, that the square root of two is irrational, derive a bound for approximations by fractions, and compare two proofs.";

/** A house whose large model follows this family; by default everything is answered by it. */
async function setUp(
  t: TestContext,
  reasoning: string,
  { family = "openai", more = "", pin = "model: large", routes = "" } = {},
) {
  const models = await startFakeModel();
  const yaml = threeModels({ small: models.url, medium: models.url, large: models.url })
    .replace("large: { tier: large, price", `large: { tier: large, reasoning: ${family}, price`)
    .replace("decision: { fallback: large }", `decision: { threshold: 0, reasoning: { ${reasoning} } }`);
  const rules = `rules:\n${more}${pin && `  - { name: all, when: {}, then: { ${pin} } }\n`}`;
  const house = await startHouse(`${yaml}routes: { ${routes} }\n${rules}`);
  t.after(async () => {
    await house.stop();
    await models.close();
  });
  return {
    house,
    /** What the model server got, and the decision. */
    async ask(content: string, body: object = {}) {
      const path = "/v1/chat/completions";
      const reply = await house.post(path, { model: "auto", messages: [{ role: "user", content }], ...body });
      assert.equal(reply.status, 200, await reply.text());
      const record = house.events.findLast((event) => event.kind === "request")!;
      const sent = models.requests.at(-1)!.json as Record<string, unknown>;
      return { sent: sent["reasoning_effort"], decision: record.plan!.decision!, text: models.requests.at(-1)!.body };
    },
  };
}

test("the harder the prompt the more is thought about it, and the model is told in its own words", async (t) => {
  const { ask } = await setUp(t, LABELS);
  const hard = await ask(HARD);
  assert.deepEqual([hard.sent, hard.decision.reasoning], ["high", { effort: "high", budgetTokens: 16_384 }]);
  assert.match(hard.decision.sentence, /, reasoning high\)\.$/u);
  const easy = await ask("hello");
  assert.deepEqual([easy.sent, easy.decision.reasoning?.effort], ["low", "off"]);
  const minimal = await setUp(t, LABELS, { family: "openai-minimal" });
  assert.equal((await minimal.ask("hello")).sent, "minimal");
  const none = await setUp(t, LABELS, { family: "openai-none" });
  assert.equal((await none.ask("hello")).sent, "none");
});

test("every other byte of the body stays as it was, and null is no word of the client's", async (t) => {
  const { house } = await setUp(t, LABELS);
  const json = '{ "messages" : [{"role":"user","content":"hello"}],  "reasoning_effort":null,"model":"auto" }';
  const reply = await house.route({ raw: { api: "API_KIND_OPENAI_CHAT", json }, includeBody: true });
  const plan = (await reply.json()) as { reasoning: object; targets: { body: string }[] };
  assert.deepEqual(plan.reasoning, { effort: "off" });
  assert.equal(plan.targets[0]!.body, json.replace("null", '"low"').replace('"auto"', '"large-v1"'));
});

test("a body of the responses API is told where it keeps such things", async (t) => {
  const { house } = await setUp(t, LABELS);
  const bodyOf = async (json: string) => {
    const reply = await house.route({ raw: { api: "API_KIND_OPENAI_RESPONSES", json }, includeBody: true });
    return ((await reply.json()) as { targets: { body: string }[] }).targets[0]!.body;
  };
  assert.equal(
    await bodyOf('{"model":"auto","input":"hello"}'),
    '{"model":"large-v1","input":"hello","reasoning":{"effort":"low"}}',
  );
  assert.equal(
    await bodyOf('{"model":"auto","input":"hello","reasoning":{"summary":"auto"}}'),
    '{"model":"large-v1","input":"hello","reasoning":{"summary":"auto","effort":"low"}}',
  );
  const said = '{"model":"large-v1","input":"hello","reasoning":{"effort":"high"}}';
  assert.equal(await bodyOf(said.replace("large-v1", "auto")), said);
});

test("what the client says itself stands, and what is asked for by name is not changed", async (t) => {
  const { ask } = await setUp(t, LABELS);
  const own = await ask(HARD, { reasoning_effort: "low" });
  assert.deepEqual([own.sent, own.decision.reasoning], ["low", undefined]);
  const named = await ask(HARD, { model: "large" });
  assert.deepEqual([named.sent, named.decision.reasoning], [undefined, undefined]);
});

test("a model that cannot be told is told nothing", async (t) => {
  const { ask } = await setUp(t, LABELS, { pin: "model: small" });
  const { sent, decision } = await ask(HARD);
  assert.deepEqual([sent, decision.reasoning], [undefined, undefined]);
});

test("a template's switch is set in its own field, and the client's own word stands there too", async (t) => {
  const { ask } = await setUp(t, LABELS, { family: "qwen3" });
  const switchIn = (body: Uint8Array) =>
    (JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>)["chat_template_kwargs"];
  assert.deepEqual(switchIn((await ask(HARD)).text), { enable_thinking: true });
  assert.deepEqual(switchIn((await ask("hello")).text), { enable_thinking: false });
  const own = await ask(HARD, { chat_template_kwargs: { enable_thinking: false } });
  assert.deepEqual([switchIn(own.text), own.decision.reasoning], [{ enable_thinking: false }, undefined]);
});

test("a model that does not know the field is not told", async (t) => {
  const { ask } = await setUp(t, LABELS, { family: "openai, parameters: [temperature]" });
  const { sent, decision } = await ask(HARD);
  assert.deepEqual([sent, decision.reasoning], [undefined, undefined]);
});

test("a rule goes before a route, and a route before labels", async (t) => {
  const more = "  - { name: calm, when: { text: calmly }, then: { reasoning: off } }\n";
  const { ask } = await setUp(t, LABELS, {
    more,
    pin: "route: lane",
    routes: "lane: { models: [large], reasoning: medium }",
  });
  assert.equal((await ask(HARD)).sent, "medium");
  assert.equal((await ask(`${HARD} calmly`)).sent, "low");
});

test("thinking costs: what a model will probably think is part of what it is expected to cost", async (t) => {
  const plain = await setUp(t, "labels: {}");
  const thinking = await setUp(t, LABELS);
  const [without, withThought] = [await plain.ask(HARD), await thinking.ask(HARD)];
  const difference = withThought.decision.expectedCostUsd - without.decision.expectedCostUsd;
  assert.ok(Math.abs(difference - (8192 * 15) / 1e6) < 1e-9, String(difference));
  const small = (decision: typeof without.decision) =>
    decision.candidates.find(({ model }) => model === "small")!.costUsd;
  assert.equal(small(withThought.decision), small(without.decision));
});

test("an effort that takes more tokens than the cap is lowered", async (t) => {
  const { ask } = await setUp(t, `${LABELS}, max_tokens: 3000`);
  assert.deepEqual((await ask(HARD)).decision.reasoning, { effort: "medium", budgetTokens: 3000 });
  const tight = await setUp(t, `${LABELS}, max_tokens: 100`);
  assert.deepEqual((await tight.ask(HARD)).decision.reasoning, { effort: "off", budgetTokens: 0 });
});

test("a tenant's share of high effort holds over many requests, and a preview takes none of it", async (t) => {
  const { ask, house } = await setUp(t, `${LABELS}, percent: 20`);
  const chat = { messages: [{ role: "user", content: HARD }] };
  for (let i = 0; i < 5; i++) await house.route({ chat, preview: true });
  const efforts: unknown[] = [];
  for (let i = 0; i < 40; i++) efforts.push((await ask(HARD)).sent);
  const high = efforts.filter((effort) => effort === "high").length;
  assert.ok(high >= 7 && high <= 9, `${high} of 40`);
  assert.ok(efforts.every((effort) => effort === "high" || effort === "medium"));
});

test("a share of nothing is nothing, for the first request of a tenant too", async (t) => {
  const { ask } = await setUp(t, `${LABELS}, percent: 0`);
  assert.deepEqual([(await ask(HARD)).sent, (await ask(HARD)).sent], ["medium", "medium"]);
});

test("what could have no effect is refused", () => {
  const yaml = threeModels({ small: "http://a/v1", medium: "http://b/v1", large: "http://c/v1" });
  const decision = "decision: { reasoning: { labels: { complex: high } } }";
  assert.throws(() => config(yaml.replace(/^decision: .*$/mu, decision)), /no model can be told how much to think/u);
  const told = yaml.replace("large: { tier: large,", "large: { tier: large, reasoning: openai,");
  const blind = told.replace("complexity: { learned: false }, ", "").replace(/^decision: .*$/mu, decision);
  assert.throws(() => config(blind), /nothing reads such labels: add signals\.complexity or signals\.domain/u);
});
