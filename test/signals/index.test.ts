import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { createSignals, needsEncoder, SIGNALS, signalsOptions, votingOptions } from "../../src/signals/index.ts";
import { readAll } from "../../src/signals/read.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { promptOf } from "./prompt.ts";

const clock = () => performance.now();
const equipment = { clock, second: false } as const;

test("a signal that is absent from the config is off, an empty one takes its defaults", async () => {
  assert.deepEqual(await createSignals(signalsOptions.parse({}), equipment), []);
  const signals = await createSignals(signalsOptions.parse({ pii: {}, keyword: {} }), {
    ...equipment,
    encoder: memoryEncoder(),
  });
  assert.deepEqual(
    signals.map(({ name, deadlineMs }) => [name, deadlineMs]),
    [
      ["keyword", 50],
      ["pii", 1000],
    ],
  );
});

test("signals and keys that do not exist are refused", () => {
  assert.ok(!signalsOptions.safeParse({ horoscope: {} }).success);
  assert.ok(!signalsOptions.safeParse({ pii: { entity: ["card"] } }).success);
  assert.ok(!signalsOptions.safeParse({ pii: { entities: ["horoscope"] } }).success);
});

test("signals vote with their shares by default, those of safety do not vote", () => {
  const { remote: _, predictor: _file, ...local } = SIGNALS;
  const all = Object.fromEntries(Object.keys(local).map((name) => [name, {}]));
  assert.deepEqual(
    Object.fromEntries(votingOptions(signalsOptions.parse(all)).map(({ signal, weight }) => [signal, weight])),
    { keyword: 0.1, embedding: 0.4, domain: 0.3, complexity: 0.2, preference: 0 },
  );
});

test("no encoder is needed where nothing that is on has learned to read", () => {
  const need = (options: object) => needsEncoder(signalsOptions.parse(options));
  const byHand = { learned: false };
  assert.ok(!need({ keyword: {}, embedding: {}, complexity: byHand, jailbreak: byHand, pii: byHand }));
  assert.ok(!need({ pii: {} }), "names and addresses are read where that is asked for");
  assert.ok(!need({ pii: { learned: true, entities: ["card", "email"] } }), "nothing that only an encoder finds");
  for (const options of [
    { domain: {} },
    { preference: {} },
    { complexity: {} },
    { jailbreak: {} },
    { pii: { learned: true } },
  ]) {
    assert.ok(need(options), JSON.stringify(options));
  }
  assert.ok(need({ embedding: { routes: [{ label: "a", examples: ["b"] }] } }));
});

test("the scores of the config are the score tables of the vote", () => {
  const options = signalsOptions.parse({
    keyword: {
      weight: 0.3,
      rules: [
        { label: "refund", any: ["refund"], scores: { small: 0.9, large: 0.95 } },
        { label: "refund", any: ["money back"] },
        { label: "legal", any: ["lawsuit"] },
      ],
    },
    complexity: { scores: { simple: { small: 0.95 } } },
  });
  assert.deepEqual(votingOptions(options), [
    { signal: "keyword", weight: 0.3, scores: { refund: { small: 0.9, large: 0.95 } } },
    { signal: "complexity", weight: 0.2, scores: { simple: { small: 0.95 } } },
  ]);
  assert.deepEqual(votingOptions(signalsOptions.parse({ complexity: {} })), [{ signal: "complexity", weight: 0.2 }]);
});

test("every key of the config describes itself in the schema", () => {
  const schema = z.toJSONSchema(signalsOptions, { io: "input" });
  assert.deepEqual(Object.keys(schema.properties!), Object.keys(SIGNALS));
  for (const signal of Object.values(schema.properties!)) {
    assert.ok(typeof signal === "object" && signal.properties !== undefined);
    for (const [key, property] of Object.entries(signal.properties)) {
      assert.ok(typeof property === "object" && property.description !== undefined, key);
    }
  }
});

test("all that is made by hand reads a prompt of 400 characters in well under a millisecond", async () => {
  const signals = await createSignals(
    signalsOptions.parse({
      keyword: { rules: [{ label: "refund", any: ["refund", "money back"], match: "fuzzy" }] },
      complexity: { learned: false },
      jailbreak: { learned: false },
      pii: { learned: false },
    }),
    equipment,
  );
  const turn = "I bought shoes two weeks ago and the sole came off; can I have a refund, please? "
    .repeat(5)
    .slice(0, 400);
  const prompt = promptOf(turn);
  const rounds: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = clock();
    for (let run = 0; run < 200; run++) void readAll(signals, prompt, clock);
    rounds.push((clock() - start) / 200);
  }
  // The best round: whatever else runs on the machine can only lengthen one. The aim is 0.15 ms.
  assert.ok(Math.min(...rounds) < 0.3, `${Math.min(...rounds)} ms`);
});
