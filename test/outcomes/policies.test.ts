import assert from "node:assert/strict";
import { test } from "node:test";
import { POLICIES } from "../../src/outcomes/policies/index.ts";
import type { Lesson, Shown } from "../../src/outcomes/policies/policy.ts";
import { highest } from "../../src/outcomes/policies/policy.ts";
import { lesson, shown, twoSubjects } from "./rows.ts";

const MODELS = ["cheap", "dear"];
const policy = (name: string) => POLICIES.find((one) => one.name === name)!;

function written(name: string, from: Lesson, row: Shown): number[] {
  const learned = policy(name).learn(from)!;
  const to = new Float32Array(learned.width);
  learned.write(row, to);
  return [...to];
}

test("always best is the best of the learn rows, always cheapest the cheapest", () => {
  const rows = [shown({ scores: [0, 1] }), shown({ scores: [0, 1] }), shown({ scores: [1, 0] })];
  const from = lesson(MODELS, rows);
  const unlike = shown({ scores: [1, 0] });
  assert.deepEqual([written("always_best", from, unlike), written("always_cheapest", from, unlike)], [[1], [0]]);
});

test("the oracle takes the cheapest of those that did best, and the cheapest where all failed", () => {
  const from = lesson(["a", "b", "c"], [shown({ scores: [0, 1, 0] })]);
  assert.deepEqual(written("oracle", from, shown({ scores: [0, 1, 1], costs: [1, 5, 2] })), [2]);
  assert.deepEqual(written("oracle", from, shown({ scores: [0, 0, 0], costs: [3, 1, 2] })), [1]);
});

test("longer prompts are worth more to the best model, and a coin knows no prompt", () => {
  const from = lesson(MODELS, twoSubjects(20));
  const gain = (name: string, text: string) => {
    const [cheap, dear] = written(name, from, shown({ scores: [0, 0], text })) as [number, number];
    return dear - cheap;
  };
  assert.ok(gain("prompt_length", "x".repeat(100)) > gain("prompt_length", "x"));
  assert.equal(gain("random", "x"), gain("random", "x".repeat(100)), "the same seed draws the same first number");
});

const TELLING = [
  "best_per_category",
  "domain_table",
  "knn",
  "matrix_factors",
  "bert_score",
  "learned_ranker",
  "price_of_quality",
];

for (const name of TELLING) {
  test(`${name} finds which of two subjects belongs to which model`, () => {
    const from = lesson(MODELS, twoSubjects(200));
    const fresh = twoSubjects(60, 11);
    const right = fresh.filter((row) => highest(written(name, from, row)) === (row.category === "second" ? 1 : 0));
    assert.ok(right.length >= 57, `${right.length} of 60`);
  });
}

test("the nearest centroid, and each penalty on cost, name a model by the text's vector", () => {
  const from = lesson(MODELS, twoSubjects(200));
  const fresh = twoSubjects(60, 11);
  const right = fresh.filter(
    (row) => written("nearest_centroid", from, row)[0] === (row.category === "second" ? 1 : 0),
  );
  assert.ok(right.length >= 57);
  const dear = shown({ scores: [0, 0], vector: [0, 1, 0] });
  const choices = written("cost_penalty", from, dear);
  assert.equal(choices.length, 7);
  assert.equal(choices[0], 1, "without a penalty the model that is right is chosen");
});

test("a penalty on cost drives a policy to the cheap model where the gain is small", () => {
  const rows = Array.from({ length: 100 }, (_, at) =>
    shown({ scores: [0.8, 0.9], costs: [1, 100], vector: [1, at % 2] }),
  );
  const choices = written("cost_penalty", lesson(MODELS, rows), rows[0]!);
  assert.deepEqual([choices[0], choices.at(-1)], [1, 0]);
});

test("words and length that look hard climb the tiers", () => {
  const from = lesson(["a", "b", "c", "d"], [shown({ scores: [0, 0, 0, 1] })]);
  const tier = (text: string) => written("keyword_tiers", from, shown({ scores: [0, 0, 0, 0], text }))[0]!;
  assert.equal(tier("hi, what is the capital of Peru?"), 0);
  const hard = `Prove the theorem step by step and justify it: the integral of the matrix kernel. ${"Given a tensor. ".repeat(120)}`;
  assert.equal(tier(hard), 3);
});

test("the fixed vote falls back to the best model where no model has six tenths", () => {
  const from = lesson(MODELS, twoSubjects(200));
  const agreed = shown({ scores: [0, 0], vector: [1, 0, 0], domain: [1, 0], text: "hi" });
  assert.deepEqual(written("fixed_vote", from, agreed), [0]);
  // The vector (0.4) and the keywords (0.1) name the cheap model, subject and length the other: 0.5 each.
  const split = shown({ scores: [0, 0], vector: [1, 0, 0], domain: [0, 1], text: "x".repeat(200) });
  assert.deepEqual(written("fixed_vote", from, split), [from.best]);
});

test("what rows lack is left out: categories, subjects, the encoder's last layer", () => {
  const bare = shown({ scores: [0, 1], domain: [] });
  const rows = [{ ...bare, seen: { ...bare.seen, features: new Float32Array(0) } }];
  const from = lesson(MODELS, rows);
  const unlearned = POLICIES.filter(
    (one) =>
      ["best_per_category", "domain_table", "bert_score", "fixed_vote"].includes(one.name) &&
      one.learn(from) === undefined,
  );
  assert.equal(unlearned.length, 4);
});

test("names are unique, and each policy says what it does", () => {
  assert.equal(new Set(POLICIES.map(({ name }) => name)).size, POLICIES.length);
  for (const { name, says } of POLICIES) assert.ok(says.length > 20, name);
});
