import assert from "node:assert/strict";
import { test } from "node:test";
import { thresholdFor } from "../../../src/evaluation/cache/calibrate.ts";
import { pairRow } from "../../../src/evaluation/cache/pairs.ts";
import { createTally } from "../../../src/evaluation/cache/report.ts";
import { parseRow } from "../../../src/evaluation/rows.ts";

const row = (more: object) => parseRow(pairRow, Buffer.from(JSON.stringify({ text_a: "a", text_b: "b", ...more })));
const isSame = (more: object) => {
  const parsed = row(more);
  return "row" in parsed ? parsed.row.isSame : parsed.problem;
};

test("two texts are one question from a score of 0.9 on, or where a label says so", () => {
  assert.equal(isSame({ score: 0.9 }), true);
  assert.equal(isSame({ score: 0.89 }), false);
  for (const label of [true, 1, "same"]) assert.equal(isSame({ label }), true);
  for (const label of [false, 0, "different"]) assert.equal(isSame({ label, score: 1 }), false);
});

test("two languages are never one question", () => {
  assert.equal(isSame({ score: 1, lang: "en-de" }), false);
  assert.equal(isSame({ score: 1, type: "translation" }), false);
  assert.equal(isSame({ score: 1, lang: "de" }), true);
  assert.equal(isSame({ score: 1, lang: "pt-BR" }), true);
});

test("what is wrong with a line is told by its column", () => {
  assert.equal(isSame({}), 'column "score" is missing, and there is no "label" either');
  assert.equal(isSame({ score: 2 }), 'column "score" must be from 0 to 1');
  assert.equal(isSame({ label: "maybe" }), 'column "label" must be true, false, 0, 1, "same" or "different"');
  assert.equal(isSame({ score: 1, text_a: "" }), 'column "text_a" is empty');
});

test("wrong hits are a share of what was served, paraphrases a share of what should be", () => {
  const tally = createTally();
  const add = (same: boolean, isServed: boolean, type: string) =>
    tally.add({
      pair: { a: "a", b: "b", type, split: undefined, isSame: same },
      why: "numbers",
      score: 0.9,
      isServed,
      cosine: 0.96,
      fullCosine: 0.5,
      isExact: false,
    });
  for (let time = 0; time < 3; time++) add(true, true, "paraphrase");
  add(true, false, "paraphrase");
  add(false, true, "number");
  for (let time = 0; time < 5; time++) add(false, false, "number");
  const figures = tally.figures();
  assert.equal(figures.rows, 10);
  assert.equal(figures.wrong_hit_rate, 0.25);
  assert.equal(figures.paraphrase_hit_rate, 0.75);
  assert.deepEqual(figures.refused_by, { numbers: 6 });
  assert.equal(figures.by_type["number"]?.refused_rate, 0.833333);
  assert.equal(figures.by_type["number"]?.hit_rate, null);
  assert.equal(figures.by_type["paraphrase"]?.hit_rate, 0.75);
  const [low, high] = figures.wrong_hit_interval;
  assert.ok(low < 0.25 && high > 0.25);
  assert.equal(figures.others["cosine 0.95, static stage"]?.served, 10);
  assert.equal(figures.others["cosine 0.95, full stage"]?.served, 0);
  assert.equal(figures.others["exact only"]?.wrong_hit_rate, null);
});

const WISH = { most: 0.02, delta: 0.05, seed: 1 };
/** Every other row is one question and scores high; of the rest, one in `wrong` does, where that is not 0. */
const scored = (rows: number, wrong: number) =>
  Array.from({ length: rows }, (_, at) => {
    const looksSame = at % 2 === 0 || (wrong > 0 && at % wrong === 1);
    return { isSame: at % 2 === 0, score: looksSame ? 0.9 : 0.2 };
  });

test("a threshold is found where the rows show that it keeps the promise", () => {
  const found = thresholdFor(scored(4_000, 0), WISH);
  assert.ok(found.threshold !== null && found.threshold > 0.2 && found.threshold <= 0.9);
  assert.equal(found.wrong_hits, 0);
  assert.equal(found.promised, 0.02);
});

test("none is where too much is wrong, or too few rows prove it; a promise that holds is offered", () => {
  const wrong = thresholdFor(scored(4_000, 10), WISH);
  assert.equal(wrong.threshold, null);
  const few = thresholdFor(scored(200, 0), WISH);
  assert.equal(few.threshold, null);
  assert.ok(few.promised === null || few.promised > WISH.most);
});
