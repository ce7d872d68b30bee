import assert from "node:assert/strict";
import { test } from "node:test";
import { costFor, curveOf, hullOf, qualityAt, recoveryOf } from "../../src/outcomes/curve.ts";

const means = (...points: readonly (readonly [cost: number, quality: number])[]) => ({
  cost: Float64Array.from(points, ([cost]) => cost),
  quality: Float64Array.from(points, ([, quality]) => quality),
});

test("the blind mix runs over the upper hull: what is dominated, or below the line, is never mixed in", () => {
  const hull = hullOf(means([10, 0.9], [1, 0.4], [4, 0.3], [5, 0.6], [2, 0.6], [6, 0.66]));
  assert.deepEqual(
    [[...hull.cost], [...hull.quality]],
    [
      [1, 2, 10],
      [0.4, 0.6, 0.9],
    ],
  );
  assert.deepEqual([...hullOf(means([1, 0.5], [2, 0.4])).cost], [1], "a best model that is cheapest too is alone");
  assert.deepEqual(
    [...hullOf(means([1, 0.5], [1, 0.7])).quality],
    [0.7],
    "of two that cost the same the better counts",
  );
});

test("quality at a cost is a mix of the neighbours; who has spent enough spends no more", () => {
  const curve = curveOf(means([3, 0.8], [1, 0.4]));
  assert.equal(qualityAt(curve, 2), 0.6000000000000001);
  assert.equal(qualityAt(curve, 9), 0.8);
  assert.equal(qualityAt(curve, 0.5), Number.NaN);
});

test("the cost of a quality is where the curve first reaches it", () => {
  const curve = curveOf(means([1, 0.4], [3, 0.8], [4, 0.7], [9, 0.9]));
  assert.ok(Math.abs(costFor(curve, 0.6) - 2) < 1e-9);
  assert.equal(costFor(curve, 0.3), 1);
  assert.equal(costFor(curve, 0.95), Number.NaN);
});

const gap = { weak: { price: 0, quality: 0.4 }, strong: { price: 1, quality: 0.8 } };

test("a straight line recovers half: APGR 0.5, and CPT where the line stands", () => {
  const { apgr, cpt50, cpt80 } = recoveryOf(curveOf(means([0, 0.4], [0.5, 0.6], [1, 0.8])), gap);
  assert.ok(Math.abs(apgr - 0.5) < 1e-9);
  assert.deepEqual([cpt50.toFixed(9), cpt80.toFixed(9)], ["0.500000000", "0.800000000"]);
});

test("a perfect order that needs a quarter of the calls has the area above that corner", () => {
  const { apgr, cpt50 } = recoveryOf(curveOf(means([0, 0.4], [0.25, 0.8], [1, 0.8])), gap);
  assert.ok(Math.abs(apgr - (0.125 + 0.75)) < 1e-9);
  assert.equal(cpt50, 0.125);
});

test("where the strong model is no better there is nothing to recover", () => {
  const none = recoveryOf(curveOf(means([0, 0.4], [1, 0.4])), { ...gap, strong: { price: 1, quality: 0.4 } });
  assert.deepEqual([none.apgr, none.cpt50], [Number.NaN, Number.NaN]);
});
