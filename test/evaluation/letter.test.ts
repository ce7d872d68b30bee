import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenOption } from "../../src/evaluation/letter.ts";

const OPTIONS = ["Paris", "Rome", "Bern", "Oslo"];

/** Reply, and the option that it settles on. */
const REPLIES: readonly (readonly [reply: string, option: string | undefined])[] = [
  ["Answer: C", "C"],
  ["answer: c", "C"],
  ["**Answer: D**", "D"],
  ["The answer is (B).", "B"],
  ["The correct option is B: Rome", "B"],
  ["the correct answer is option C.", "C"],
  ["The correct answer is $\\boxed{D}$", "D"],
  ["\\boxed{\\text{C}}", "C"],
  ["Final answer:\n\nD", "D"],
  ["A", "A"],
  ["B. Rome", "B"],
  ["(C) because of its river", "C"],
  ["After some thought:\n\n**B**", "B"],
  ["Rome", "B"],
  ["Answer is A because it is", "A"],
  // The last statement counts.
  ["I think A is tempting but the answer is D.", "D"],
  ["Answer: A\nWait, no.\nAnswer: B", "B"],
  ["Option A is wrong. Option B is correct.", "B"],
  ["The answer is not B. The answer is C", "C"],
  ["answers B and C fail; D is correct", "D"],
  // Letters that state nothing.
  ["The answer is a matter of taste", undefined],
  ["A good idea would be Paris", undefined],
  ["Answer: Z", undefined],
  ["I do not know", undefined],
  ["", undefined],
];

for (const [reply, option] of REPLIES) {
  test(`${JSON.stringify(reply)} settles on ${option ?? "nothing"}`, () => {
    const chosen = chosenOption(reply, OPTIONS);
    assert.equal(chosen === undefined ? undefined : "ABCD"[chosen], option);
  });
}

test("a reply of a megabyte is read in no time", () => {
  const started = performance.now();
  for (const piece of ["answer is ", "(((((", "the answer option ", "A is "]) {
    chosenOption(piece.repeat(1_000_000 / piece.length), OPTIONS);
  }
  assert.ok(performance.now() - started < 2000);
});
