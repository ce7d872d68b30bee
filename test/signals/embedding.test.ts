import assert from "node:assert/strict";
import { test } from "node:test";
import type { Prompt } from "../../src/contracts.ts";
import { BACKGROUND } from "../../src/signals/background.ts";
import { createEmbedding, embeddingOptions, embeddingScores } from "../../src/signals/embedding.ts";
import { promptOf } from "./prompt.ts";
import { calm, learnedTools } from "./tools.ts";

const REFUND = [
  "I want my money back",
  "please refund my order",
  "how do I get a refund",
  "give me the money back now",
];
const LOGIN = ["I cannot sign into my account", "reset my account access", "the sign in page rejects my account"];

async function make(routes: readonly object[], more = {}) {
  const { tools, encoder } = learnedTools(more);
  return { signal: await createEmbedding(embeddingOptions.parse({ routes }), tools), encoder, tools };
}

const labels = async (signal: Awaited<ReturnType<typeof make>>["signal"], prompt: Prompt) =>
  (await signal.fast(prompt, calm)).readings.map(({ label }) => label);

test("a prompt like the examples of a route is read as that route, others are not", async () => {
  const { signal } = await make([
    { label: "refund", examples: REFUND },
    { label: "login", examples: LOGIN },
  ]);
  assert.deepEqual(await labels(signal, promptOf("please give me a refund, I want the money back")), ["refund"]);
  assert.deepEqual(await labels(signal, promptOf("my account rejects the sign in")), ["login"]);
  assert.deepEqual(await labels(signal, promptOf("a quiet evening beside the northern lakes")), []);
});

test("one example is enough", async () => {
  const { signal } = await make([{ label: "refund", examples: ["I want my money back"] }]);
  assert.deepEqual(await labels(signal, promptOf("I want my money back")), ["refund"]);
  assert.deepEqual(await labels(signal, promptOf("a quiet evening beside the northern lakes")), []);
});

test("an example itself is surely of its route, and next to nothing everyday is", async () => {
  const { signal } = await make([{ label: "refund", examples: REFUND }]);
  for (const example of REFUND) {
    const [reading] = (await signal.fast(promptOf(example), calm)).readings;
    assert.ok(reading!.score > 0.9, example);
    assert.equal(reading!.score, reading!.confidence);
  }
  const read = await Promise.all(BACKGROUND.map(async (text) => (await labels(signal, promptOf(text))).length));
  assert.ok(read.reduce((sum, count) => sum + count, 0) <= 2, read.join(""));
});

test("a route has as many examples as it likes, and finds the nearest among groups of them", async () => {
  const words = Array.from(
    { length: 300 },
    (_, index) => `crate number${"abcdefghij"[index % 10]} ${index} shipping pallet`,
  );
  const { signal } = await make([
    { label: "shipping", examples: words },
    { label: "login", examples: LOGIN },
  ]);
  assert.deepEqual(await labels(signal, promptOf("where is the shipping pallet with the crate")), ["shipping"]);
  assert.deepEqual(await labels(signal, promptOf("sign into my account")), ["login"]);
});

test("a pin comes with its label from the threshold on, and not below it", async () => {
  const pin = { route: "support" };
  const near = promptOf("give the money to me");
  const open = await make([{ label: "refund", examples: REFUND, pin, threshold: 0 }]);
  const [reading] = (await open.signal.fast(near, calm)).readings;
  assert.deepEqual(reading!.pin, pin);
  const strict = await make([{ label: "refund", examples: REFUND, pin, threshold: reading!.score + 0.01 }]);
  assert.deepEqual((await strict.signal.fast(near, calm)).readings, []);
});

test("of several routes that are read the likeliest with a pin gives it", async () => {
  const { signal } = await make([
    { label: "a", examples: ["refund the money"], threshold: 0, pin: { tier: "small" } },
    { label: "b", examples: ["refund the money now please"], threshold: 0, pin: { tier: "large" } },
  ]);
  const { readings } = await signal.fast(promptOf("refund the money now please"), calm);
  assert.deepEqual(
    readings.map(({ label, pin }) => [label, pin]),
    [
      ["b", { tier: "large" }],
      ["a", undefined],
    ],
  );
});

test("each stage has a space of its own, learned from the same examples", async () => {
  const { signal, encoder } = await make([{ label: "refund", examples: REFUND }]);
  assert.equal(encoder.asked.refine, REFUND.length + BACKGROUND.length);
  const prompt = promptOf("please refund my order");
  const first = await signal.fast(prompt, calm);
  const second = await signal.refine!(prompt, AbortSignal.timeout(1000));
  assert.deepEqual([first.stage, second.stage], ["static", "full"]);
  assert.equal(second.readings[0]!.label, "refund");
  assert.notEqual(first.readings[0]!.score, second.readings[0]!.score);
});

test("a second look could find a route that is in doubt, or lose it", async () => {
  const { signal } = await make([{ label: "refund", examples: REFUND, threshold: 0.5 }]);
  const doubtful = promptOf("give me my order back");
  const { readings } = await signal.fast(doubtful, calm);
  const [alternative] = signal.alternatives!(doubtful);
  assert.equal(alternative!.readings.length, readings.length === 0 ? 1 : 0);
  assert.ok(alternative!.probability > 0.05 && alternative!.probability < 0.95);
  const clear = promptOf("I want my money back");
  await signal.fast(clear, calm);
  assert.deepEqual(signal.alternatives!(clear), []);
});

test("what was embedded for one config is not embedded again for the next with the same encoder", async () => {
  const { tools, encoder } = await make([{ label: "refund", examples: REFUND }]);
  const before = { ...encoder.asked };
  const more = { label: "refund", examples: [...REFUND, "one more refund"] };
  await createEmbedding(embeddingOptions.parse({ routes: [more] }), tools);
  assert.deepEqual(encoder.asked, { ...before, encode: before.encode + 1, refine: before.refine + 1 });
});

test("examples that cannot be read fail the making of the signal", async () => {
  await assert.rejects(make([{ label: "a", examples: ["b"] }], { faults: { refine: "worker" } }), { fault: "worker" });
});

test("without routes nothing is read and no encoder is needed", async () => {
  const signal = await createEmbedding(embeddingOptions.parse({}), { clock: () => 0 });
  assert.deepEqual(await signal.fast(promptOf("hello"), calm), { readings: [] });
});

test("a label that stands twice, no examples, and too many are refused", () => {
  const route = (label: string, count: number) => ({
    label,
    examples: Array.from({ length: count }, (_, i) => `e${i}`),
  });
  const isGood = (routes: object[]) => embeddingOptions.safeParse({ routes }).success;
  assert.ok(isGood([route("a", 500), route("b", 500)]));
  assert.ok(!isGood([route("a", 1), route("a", 1)]));
  assert.ok(!isGood([route("a", 0)]));
  assert.ok(!isGood([route("a", 501)]));
  assert.ok(!isGood(["a", "b", "c", "d", "e"].map((label) => route(label, 450))));
});

test("the scores of routes are the score table of the vote", () => {
  const options = embeddingOptions.parse({
    routes: [
      { label: "a", examples: ["x"], scores: { small: 0.9 } },
      { label: "b", examples: ["y"] },
    ],
  });
  assert.deepEqual(embeddingScores(options), { a: { small: 0.9 } });
});
