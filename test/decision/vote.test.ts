import assert from "node:assert/strict";
import { test } from "node:test";
import { confidenceOf, slackOver } from "../../src/decision/confidence.ts";
import { defaultScores } from "../../src/decision/difficulty.ts";
import { vote } from "../../src/decision/vote.ts";

const models = [
  { name: "llama", tier: "small", quality: 0.55 },
  { name: "gpt", tier: "large", quality: 0.9 },
];
const reading = (label: string, score = 1, confidence = 1) => ({ label, score, confidence });
const qualities = (...args: Parameters<typeof vote>) => Object.fromEntries(vote(...args).qualities);

test("a label's score is looked up under the model's name, then its tier's, then stays the model's own quality", () => {
  const scores = { refund: { llama: 0.7, small: 0.1 }, invoice: { small: 0.3 } };
  const says = (label: string) =>
    qualities([{ signal: "k", weight: 1, readings: [reading(label)], scores }], models, {});
  assert.deepEqual(says("refund"), { llama: 0.7, gpt: 0.9 });
  assert.deepEqual(says("invoice"), { llama: 0.3, gpt: 0.9 });
});

test("a signal says the mean of its labels by how much of each it read", () => {
  const scores = { a: { llama: 1, gpt: 0 }, b: { llama: 0, gpt: 1 } };
  const voter = { signal: "k", weight: 0.4, readings: [reading("a", 0.9), reading("b", 0.3)], scores };
  assert.deepEqual(qualities([voter], models, {}), { llama: 0.75, gpt: 0.25 });
});

test("signals are weighed against each other, whatever their weights add up to", () => {
  const a = { signal: "a", weight: 0.3, readings: [reading("x")], scores: { x: { llama: 1, gpt: 0 } } };
  const b = { signal: "b", weight: 0.1, readings: [reading("x")], scores: { x: { llama: 0, gpt: 1 } } };
  const ballot = vote([b, a], models, {});
  assert.deepEqual(Object.fromEntries(ballot.qualities), { llama: 0.75, gpt: 0.25 });
  assert.deepEqual(ballot.votes, [
    { signal: "a", weight: 0.75 },
    { signal: "b", weight: 0.25 },
  ]);
});

test("a signal that read nothing has its weight spread, and the vote says so", () => {
  const silent = { signal: "keyword", weight: 0.1, readings: [], scores: {} };
  const heard = {
    signal: "complexity",
    weight: 0.2,
    readings: [reading("x")],
    scores: { x: { llama: 0.5, gpt: 0.6 } },
  };
  const ballot = vote([silent, heard], models, {});
  assert.deepEqual(ballot.votes, [
    { signal: "complexity", weight: 1 },
    { signal: "keyword", weight: 0, note: "no vote: its weight 0.1 was spread" },
  ]);
  assert.deepEqual(Object.fromEntries(ballot.qualities), { llama: 0.5, gpt: 0.6 });
});

test("a label of no table, a score of zero and a weight of zero are no vote", () => {
  const scores = { x: { llama: 1 } };
  const mute = [
    { signal: "a", weight: 1, readings: [reading("unheard"), reading("constructor")], scores },
    { signal: "b", weight: 1, readings: [reading("x", 0)], scores },
    { signal: "c", weight: 0, readings: [reading("x")], scores },
    { signal: "d", weight: 1, readings: [reading("x", Number.NaN)], scores },
  ];
  const ballot = vote(mute, models, {});
  assert.deepEqual(
    ballot.votes.map(({ weight }) => weight),
    [0, 0, 0, 0],
  );
});

test("when nobody votes, every model keeps its own quality, nobody is confident, and the votes say so", () => {
  const ballot = vote([{ signal: "keyword", weight: 0.1, readings: [] }], models, defaultScores(models));
  assert.deepEqual(Object.fromEntries(ballot.qualities), { llama: 0.55, gpt: 0.9 });
  assert.equal(ballot.readingConfidence, 0);
  assert.deepEqual(ballot.votes, [
    { signal: "keyword", weight: 0, note: "no vote: nobody voted, so every model keeps its own quality" },
  ]);
});

test("graded labels without a table are worth 1 - d(1 - quality)", () => {
  const says = (label: string) =>
    qualities([{ signal: "c", weight: 1, readings: [reading(label)] }], models, defaultScores(models));
  assert.deepEqual(says("simple"), { llama: 0.9775, gpt: 0.995 });
  assert.deepEqual(says("moderate"), { llama: 0.775, gpt: 0.95 });
  assert.deepEqual(says("complex"), { llama: 0.55, gpt: 0.9 });
});

test("a table of the config comes before the default, model by model", () => {
  const voter = { signal: "c", weight: 1, readings: [reading("simple")], scores: { simple: { small: 0.5 } } };
  assert.deepEqual(qualities([voter], models, defaultScores(models)), { llama: 0.5, gpt: 0.995 });
});

test("with the usual tolerance a surely simple prompt can go to the small tier, a moderate one cannot", () => {
  const tolerance = 0.05;
  const gap = (label: string) => {
    const { llama, gpt } = qualities(
      [{ signal: "c", weight: 1, readings: [reading(label)] }],
      models,
      defaultScores(models),
    );
    return gpt! - llama!;
  };
  assert.ok(gap("simple") < tolerance);
  assert.ok(gap("moderate") > tolerance);
  const { llama, gpt } = { llama: 0.9775, gpt: 0.995 };
  assert.ok(confidenceOf(slackOver(llama, { best: gpt, tolerance, minQuality: 0 }), 0.9) > 0.6);
});

test("the confidence of a vote is that of its readings, weighted by share", () => {
  const scores = { x: { llama: 1 }, y: { llama: 1 } };
  const a = { signal: "a", weight: 0.3, readings: [reading("x", 1, 1), reading("y", 1, 0)], scores };
  const b = { signal: "b", weight: 0.1, readings: [reading("x", 1, 0.9)], scores };
  assert.equal(vote([a, b], models, {}).readingConfidence, 0.6);
});

test("of a voter whose labels are models, a reading's score is the score of that model", () => {
  const voter = {
    signal: "p",
    weight: 1,
    readings: [reading("llama", 0.8), reading("gpt", 0.7)],
    byModel: true,
  } as const;
  assert.deepEqual(qualities([voter], models, {}), { llama: 0.8, gpt: 0.7 });
  const other = { signal: "k", weight: 1, readings: [reading("x")], scores: { x: { llama: 0.4, gpt: 0.9 } } };
  assert.deepEqual(qualities([voter, other], models, {}), { llama: 0.6, gpt: 0.8 });
});

test("a model that such a voter does not know keeps its own quality in that voice, and a score of 0 is a score", () => {
  const voter = {
    signal: "p",
    weight: 1,
    readings: [reading("llama", 0), reading("stranger", 1)],
    byModel: true,
  } as const;
  assert.deepEqual(qualities([voter], models, {}), { llama: 0, gpt: 0.9 });
});

test("such a voter has no vote where it knows none of the models, or weighs nothing, and tiers are no models", () => {
  const voter = { signal: "p", weight: 1, readings: [reading("stranger"), reading("small")], byModel: true } as const;
  for (const mute of [voter, { ...voter, readings: [reading("llama")], weight: 0 }, { ...voter, readings: [] }]) {
    const ballot = vote([mute], models, {});
    assert.equal(ballot.readingConfidence, 0);
    assert.deepEqual(Object.fromEntries(ballot.qualities), { llama: 0.55, gpt: 0.9 });
  }
});

test("how sure such a voter is, is the mean over the models of the pool that it knows", () => {
  const readings = [reading("llama", 0.8, 0.5), reading("gpt", 0.7, 0.7), reading("stranger", 1, 0)];
  const ballot = vote([{ signal: "p", weight: 0.3, readings, byModel: true }], models, {});
  assert.equal(ballot.readingConfidence, 0.6);
});
