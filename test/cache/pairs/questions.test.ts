import assert from "node:assert/strict";
import { test } from "node:test";
import { questionPairs, readFamilies } from "./questions.ts";

const families = readFamilies();

test("every family has a name of its own, several questions, and no wording that stands for two of them", () => {
  assert.equal(new Set(families.map(({ name }) => name)).size, families.length);
  for (const { name, questions } of families) {
    assert.ok(questions.length >= 4, name);
    const wordings = questions.flat().map((wording) => wording.toLowerCase().replaceAll(/[^\p{L}\p{N}{}]+/gu, " "));
    assert.equal(new Set(wordings).size, wordings.length, name);
  }
});

test("pairs are the same for the same seed, all filled, and of every kind", () => {
  const some = families.filter((_, at) => at % 20 === 0);
  const [pairs, again, others] = [questionPairs(some, 30), questionPairs(some, 30), questionPairs(some, 30, 2)];
  assert.deepEqual(pairs, again);
  assert.notDeepEqual(pairs, others);
  assert.deepEqual(new Set(pairs.map(({ type }) => type)), new Set(["paraphrase", "subject", "slot"]));
  for (const { text_a, text_b, type, score } of pairs) {
    assert.doesNotMatch(`${text_a}${text_b}`, /[{}]|undefined/u);
    assert.equal(score >= 0.9, type === "paraphrase");
  }
});
