import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSums } from "../../src/cascade/arithmetic.ts";
import { finalAnswer, isSame } from "../../src/cascade/final-answer.ts";

const value = (text: string) => finalAnswer(text).value;
const same = (one: string, other: string) => isSame(finalAnswer(one), finalAnswer(other));
const field = (answer: string) => `{"reasoning": "so", "answer": ${answer}}`;

test("an answer comes to its JSON field, else its LaTeX box, else the letter it states, else its last number", () => {
  assert.equal(value('7 and \\boxed{8}. {"reasoning": "r", "answer": "9"}'), "9");
  assert.equal(value("so 7, that is \\boxed{\\frac{1}{2}}, or 5"), "\\frac{1}{2}");
  assert.equal(value("Of 4 options the answer is (C)."), "C");
  assert.equal(value("First 3, then 1,204.5 apples."), "1,204.5");
  assert.deepEqual(finalAnswer("No idea.").from, "nowhere");
});

test("the last statement counts, and JSON that is broken is read as far as it goes", () => {
  assert.equal(value(`${field('"1"')} no: ${field('"2"')}`), "2");
  assert.equal(value('{"answer": "unfinished'), "unfinished");
  assert.equal(value('{"answer": [1, [2, 3]], "more": 4}'), "[1, [2, 3]]");
  assert.equal(value('{"answer": 12, "more": 4}'), "12");
  assert.equal(value("\\boxed{unfinished"), "unfinished");
});

test("numbers and formulas agree however they are written", () => {
  assert.ok(same(field('"$1,200.00"'), "It is 1200"));
  assert.ok(same("\\boxed{\\frac{1}{2}}", field('"0.5"')));
  assert.ok(same(field('"\\\\frac{3}{4}"'), field('"3/4"')));
  assert.ok(!same(field('"12"'), field('"13"')));
  assert.ok(!same("the answer is (B)", "the answer is (C)"));
});

test("values of code agree where they are the same value: space inside of quotes counts, outside it does not", () => {
  assert.ok(same(field("[1,2]"), field("[ 1, 2 ]")));
  assert.ok(same(field("\"'abc'\""), field('"abc"')));
  assert.ok(!same(field("\"'a b'\""), field("\"'a  b'\"")));
  assert.ok(!same(field('"{}"'), field('"[]"')));
});

test("an answer that comes to nothing agrees with none, not even with another such one", () => {
  assert.ok(!same("No idea.", "No idea."));
});

test("sums in plain digits are checked, rounded ones too, and what is part of something longer is left alone", () => {
  assert.deepEqual(checkSums("12 * 3 + 4 = 40, so 40 - 1 = 38"), { right: 1, wrong: 1 });
  assert.deepEqual(checkSums("$1,000 \\times 3 = 3,000$ and 10 / 3 = 3.33"), { right: 2, wrong: 0 });
  assert.deepEqual(checkSums("3 apples + 4 apples = 7 apples"), { right: 1, wrong: 0 });
  assert.deepEqual(checkSums("2x + 3 = 7 and 2^3 + 1 = 9 and 4 / 0 = 1"), { right: 0, wrong: 0 });
});

test("hostile text is read in time that grows with its length", () => {
  const started = performance.now();
  for (const piece of ["1+", "\\boxed{", '"answer":', "{", "1 = ", " ", "[[:"]) {
    finalAnswer(piece.repeat(4_000));
    checkSums(piece.repeat(4_000));
  }
  assert.ok(performance.now() - started < 5_000);
});
