import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAt, decidedAgain } from "../../src/backtest/again.ts";

const predicted = {
  models: 3,
  quality: Float32Array.from([0.5, 0.8, 0.9, 0.7, 0.6, 0.65]),
  costUsd: Float32Array.from([1, 2, 9, 1, Number.NaN, 3]),
};

test("what a point of quality may cost decides, and a model that might not answer never does", () => {
  assert.equal(chooseAt(predicted, 0, 0), 0);
  // 0.3 of quality for 1 USD is 30 points: 0.04 USD a point pays for it, 0.03 does not.
  assert.equal(chooseAt(predicted, 0, 0.03), 0);
  assert.equal(chooseAt(predicted, 0, 0.04), 1);
  assert.equal(chooseAt(predicted, 0, 1), 2);
  assert.equal(chooseAt(predicted, 1, 1), 0, "nothing better is allowed");
});

test("the prices that are tried run from where all get the cheapest model to where all get the best", () => {
  const points = decidedAgain(predicted);
  assert.deepEqual([points.choose(0, 0), points.choose(0, 1)], [0, 0]);
  assert.deepEqual([points.choose(points.count - 1, 0), points.choose(points.count - 1, 1)], [2, 0]);
});
