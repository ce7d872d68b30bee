import assert from "node:assert/strict";
import { test } from "node:test";
import { BUCKETS, FORM_WIDTH, MOST_UNITS, textFeatures } from "../../src/prediction/features.ts";

test("the same text has the same features, and they are finite for any text", () => {
  for (const text of ["", " ", "a", "\uD83D", "證明", "A. one\nB. two", "=".repeat(9000), "$x$ ".repeat(4000)]) {
    const { form, buckets } = textFeatures(text);
    assert.deepEqual({ form, buckets }, textFeatures(text));
    assert.equal(form.length, FORM_WIDTH);
    assert.ok(form.every(Number.isFinite), JSON.stringify(text.slice(0, 10)));
    assert.ok(buckets.every((bucket) => bucket < BUCKETS));
  }
});

test("words count once each, whatever their case; digits are all one sign", () => {
  assert.deepEqual(textFeatures("Red red RED").buckets, textFeatures("red red").buckets);
  assert.equal(textFeatures("1").buckets[0], textFeatures("7").buckets[0]);
  assert.notDeepEqual(textFeatures("red house").buckets, textFeatures("house red").buckets);
});

test("a text is read to its 8,192nd unit", () => {
  const long = "word after word, ".repeat(1000);
  assert.deepEqual(textFeatures(long), textFeatures(long.slice(0, MOST_UNITS)));
});

test("options, digits, formulas and negations change the form", () => {
  const plain = textFeatures("Which city is it").form;
  for (const text of [
    "Which city is it\nA. Rome\nB. Oslo",
    "Which city is it 123",
    "Which city is it $x^2$",
    "Which city is it NOT",
  ]) {
    assert.notDeepEqual(textFeatures(text).form, plain, text);
  }
});
