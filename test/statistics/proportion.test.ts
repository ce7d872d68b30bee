import assert from "node:assert/strict";
import { test } from "node:test";
import { wilson } from "../../src/statistics/proportion.ts";
import { seeded } from "../../src/statistics/sample.ts";

const near = (value: number, wanted: number) => assert.ok(Math.abs(value - wanted) < 5e-4, `${value} is not ${wanted}`);

test("Wilson's interval is that of the books, at the ends too", () => {
  for (const [right, rows, low, high] of [
    [8, 10, 0.4902, 0.9433],
    [50, 100, 0.4038, 0.5962],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [0, 0, 0, 1],
  ] as const) {
    const interval = wilson(right, rows);
    near(interval.low, low);
    near(interval.high, high);
  }
});

test("it holds the true share in some 95 of 100 samples", () => {
  const random = seeded(3);
  let held = 0;
  for (let sample = 0; sample < 2000; sample++) {
    let right = 0;
    for (let row = 0; row < 60; row++) if (random() < 0.3) right += 1;
    const { low, high } = wilson(right, 60);
    if (low <= 0.3 && 0.3 <= high) held += 1;
  }
  assert.ok(held > 2000 * 0.93 && held < 2000 * 0.975, String(held));
});
