import assert from "node:assert/strict";
import { test } from "node:test";
import { isMeanBelow } from "../../src/statistics/bound.ts";
import { seeded } from "../../src/statistics/sample.ts";

const DELTA = 0.1;

/** How often the claim is made of values that are 1 with this probability, 0.5 with `tie`, else 0. */
function claimed(high: number, tie: number, most: number, rows: number): number {
  const random = seeded(7);
  const rounds = 400;
  let claims = 0;
  for (let round = 0; round < rounds; round++) {
    const values = Float64Array.from({ length: rows }, () => {
      const drawn = random();
      return drawn < high ? 1 : drawn < high + tie ? 0.5 : 0;
    });
    if (isMeanBelow(values, most, DELTA)) claims += 1;
  }
  return claims / rounds;
}

test("a mean that is not below is hardly ever claimed to be", () => {
  assert.ok(claimed(0.3, 0, 0.3, 500) <= DELTA);
  assert.ok(claimed(0.02, 0.95, 0.495, 1000) <= DELTA);
  assert.ok(claimed(0.5, 0.5, 0.7, 300) <= DELTA);
});

test("a mean that is clearly below is claimed, the sooner the less the values vary", () => {
  assert.ok(claimed(0.3, 0, 0.4, 500) > 0.9);
  assert.ok(claimed(0.3, 0, 0.31, 500) < 0.5, "what the values cannot carry is not claimed");
  assert.ok(claimed(0.02, 0.95, 0.515, 1000) > 0.9, "of values that hardly vary one hundredth shows");
  assert.ok(claimed(0.25, 0.49, 0.515, 1000) < 0.9, "of values that vary much it does not");
});

test("nothing is claimed of no values, and everything of a bound that nothing exceeds", () => {
  assert.equal(isMeanBelow(new Float64Array(0), 0.9, DELTA), false);
  assert.equal(isMeanBelow(new Float64Array(0), 1, DELTA), true);
});
