import assert from "node:assert/strict";
import { test } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { createDomain, domainOptions } from "../../src/signals/domain.ts";
import { createPreference, preferenceOptions } from "../../src/signals/preference.ts";
import { promptOf } from "./prompt.ts";
import { calm, learnedTools } from "./tools.ts";

const signalOf = (options: object = {}, more = {}) =>
  createDomain(domainOptions.parse(options), learnedTools(more).tools);

test("domain reads each subject that is not improbable, as shares of one, the likeliest first", async () => {
  const { readings, stage } = await signalOf().fast(promptOf("prove this theorem about a contract"), calm);
  assert.equal(stage, "static");
  assert.deepEqual(
    readings.map(({ label }) => label),
    ["math", "law"],
  );
  assert.ok(Math.abs(readings.reduce((sum, { score }) => sum + score, 0) - 1) < 1e-9);
});

test("its confidence is the calibrated probability of the likeliest subject", async () => {
  const { readings } = await signalOf().fast(promptOf("prove this"), calm);
  const probability = Math.exp(2) / (Math.exp(2) + 3);
  assert.ok(readings.every(({ confidence }) => Math.abs(confidence - probability) < 1e-9));
});

test("text unlike anything learned, and no text, have no subject", async () => {
  assert.deepEqual((await signalOf().fast(promptOf("xyzzy"), calm)).readings, []);
  assert.deepEqual((await signalOf().fast(promptOf(" \n"), calm)).readings, []);
});

test("preference reads intents the same way", async () => {
  const signal = createPreference(preferenceOptions.parse({}), learnedTools().tools);
  const { readings } = await signal.fast(promptOf("a poem"), calm);
  assert.equal(readings[0]!.label, "creative");
});

test("a second look reads with the full stage; without one there is none", async () => {
  const full = () => ({ domain: { probabilities: { law: 1 }, known: 0.9 } });
  const signal = signalOf({}, { full });
  const prompt = promptOf("prove this");
  await signal.fast(prompt, calm);
  const { readings, stage } = await signal.refine!(prompt, AbortSignal.timeout(1000));
  assert.deepEqual([readings.map(({ label }) => label), stage], [["law"], "full"]);
  assert.equal(signalOf({}, { hasFullStage: false }).refine, undefined);
});

test("what a second look could read is each likely label with its probability, made surer", async () => {
  const signal = signalOf();
  const prompt = promptOf("prove this contract");
  await signal.fast(prompt, calm);
  const alternatives = signal.alternatives!(prompt);
  assert.deepEqual(alternatives.map(({ readings }) => readings[0]!.label).toSorted(), [
    "history",
    "law",
    "math",
    "other",
  ]);
  assert.ok(alternatives.every(({ readings }) => Math.abs(readings[0]!.score - 0.8) < 0.05));
  assert.ok(Math.abs(alternatives.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-9);
});

test("before it has read a prompt, or where it knows nothing of it, there is nothing else it could read", async () => {
  const signal = signalOf();
  const prompt = promptOf("xyzzy");
  assert.deepEqual(signal.alternatives!(prompt), []);
  await signal.fast(prompt, calm);
  assert.deepEqual(signal.alternatives!(prompt), []);
});

test("an encoder without the head, and scores for a label that the head has not, are refused in words", () => {
  const isFault = (pattern: RegExp) => (error: unknown) =>
    error instanceof EncoderError && error.fault === "model" && pattern.test(error.message);
  assert.throws(() => signalOf({}, { heads: ["intent"] }), isFault(/domain.+head.+none/u));
  assert.throws(() => signalOf({ scores: { maths: { small: 1 } } }), isFault(/no label "maths".+math/u));
});
