import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { codeOf, startChooser, type Seen } from "../rig/chooser.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { startFakeModel } from "../fakes/model.ts";
import { config, startHouse, threeModels } from "../rig/house.ts";

const SCORES =
  "{ creative: { small: 0.2, medium: 0.3, large: 0.95 }, factual: { small: 0.95, medium: 0.95, large: 0.95 } }";

/** A house that asks this model what is wanted. `location` is that of the model's server. */
async function setUp(
  t: TestContext,
  choose: (seen: Seen) => string,
  location: "internal" | "external" = "external",
  decision = "",
  more = "",
) {
  const [models, chooser] = await Promise.all([startFakeModel(), startChooser(choose)]);
  const yaml = threeModels({ small: models.url, medium: models.url, large: models.url })
    .replace(
      "upstreams:",
      `upstreams:\n  c: { kind: openai, url: "${chooser.url}", key: key-of-c, location: ${location} }`,
    )
    .replace(
      "models:",
      "models:\n  chooser: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: c, model: chooser-v1 }] }",
    )
    .replace(
      /^signals: .*$/mu,
      `signals: { preference: { weight: 1, model: chooser, scores: ${SCORES} }, pii: { learned: false } }
routes: { default: { models: [small, medium, large] } }`,
    )
    .replace("jailbreak: { action: block }, ", "")
    .replace("m: { kind: openai,", "m: { kind: openai, location: internal,") // Two may answer what stays inside.
    .replace("decision: { fallback: large }", `decision: { threshold: 0, ${decision} }\n${more}`);
  const house = await startHouse(yaml, "", () => Promise.resolve(memoryEncoder({ hasFullStage: false })));
  t.after(async () => {
    await house.stop();
    await Promise.all([models.close(), chooser.close()]);
    assert.deepEqual(chooser.violations, []);
  });
  return {
    requests: chooser.requests,
    async ask(content: string) {
      await house.post("/v1/chat/completions", { model: "auto", messages: [{ role: "user", content }] });
      const record = house.events.findLast((event) => event.kind === "request")!;
      const plan = record.plan!;
      const report = plan.signals.find(({ signal }) => signal === "preference")!;
      return { model: plan.decision!.model, report, asked: plan.asked?.map(({ purpose }) => purpose) ?? [], record };
    },
  };
}

test("the intent that a model reads takes the place of the head's, and votes", async (t) => {
  const { ask, requests } = await setUp(t, (seen) => codeOf(seen, "creative"));
  const { model, report, asked, record } = await ask("what is a haiku");
  assert.deepEqual([model, asked], ["large", ["preference"]]);
  assert.deepEqual(report.readings, [{ label: "creative", score: 1, confidence: 0.8 }]);
  assert.ok(record.costUsd! > 0.0002);
  await ask("what is a haiku");
  assert.equal(requests.length, 1, "the second time it is known");
});

test("where the model is no help the head's reading stands, and the report says so", async (t) => {
  const { ask } = await setUp(t, () => "creative");
  const { model, report } = await ask("what is a haiku");
  assert.equal(model, "small");
  assert.deepEqual([report.readings[0]?.label, report.failure], ["factual", "second_look"]);
  assert.equal(report.error, "chooser was asked too, but its answer was none of the codes.");
});

test("a text with personal data goes to a model of our own, and to no other", async (t) => {
  const text = "what is my card 4111 1111 1111 1111";
  const external = await setUp(t, (seen) => codeOf(seen, "creative"));
  assert.deepEqual((await external.ask(text)).asked, []);
  assert.equal(external.requests.length, 0);
  const internal = await setUp(t, (seen) => codeOf(seen, "creative"), "internal");
  assert.deepEqual((await internal.ask(text)).asked, ["preference"]);
});

test("nobody is asked where a pin or a rollout settles who answers", async (t) => {
  const rules = "rules: [{ name: pin, when: { text: pinned }, then: { model: medium } }]";
  const { ask, requests } = await setUp(t, (seen) => codeOf(seen, "creative"), "external", "", rules);
  assert.equal((await ask("pinned: write about the sea")).model, "medium");
  assert.equal(requests.length, 0);
  const killed = await setUp(t, () => "", "external", "rollout: { mode: kill, default: small }");
  assert.equal((await killed.ask("write about the sea")).model, "small");
  assert.equal(killed.requests.length, 0);
  const observing = await setUp(t, () => "", "external", "rollout: { mode: observe, default: small }");
  await observing.ask("write about the sea");
  assert.equal(observing.requests.length, 1, "what is only observed is decided as it would be");
});

test("a model that is not in the pool cannot be asked", () => {
  const yaml = threeModels({ small: "http://a/v1", medium: "http://b/v1", large: "http://c/v1" });
  assert.throws(
    () => config(yaml.replace("signals: {", "signals: { preference: { model: smal },")),
    /signals\.preference\.model: no model is called "smal"/u,
  );
});
