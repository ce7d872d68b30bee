import assert from "node:assert/strict";
import { test } from "node:test";
import { createShares } from "../../src/decision/share.ts";

/** Of so many that come and want it, how many have it. */
function had(shares: ReturnType<typeof createShares>, key: string, share: number, count: number): number {
  let number = 0;
  for (let i = 0; i < count; i++) {
    shares.count(key, share);
    if (!shares.isLeft(key)) continue;
    shares.take(key);
    number += 1;
  }
  return number;
}

test("of many that come and want it, their share has it, and the first one does", () => {
  assert.equal(had(createShares(), "a", 0.05, 1), 1);
  assert.equal(had(createShares(), "a", 0.05, 1000), 51);
  assert.equal(had(createShares(), "a", 1, 1000), 1000);
  assert.equal(had(createShares(), "a", 0, 1000), 0);
});

test("what was not wanted is kept for a burst, of a hundred's share and no more", () => {
  const shares = createShares();
  for (let i = 0; i < 10_000; i++) shares.count("a", 0.05);
  assert.equal(had(shares, "a", 0.05, 10), 5);
});

test("one key takes nothing from another, and keys that were silent longest are forgotten", () => {
  const shares = createShares();
  had(shares, "a", 0.01, 50);
  assert.equal(shares.isLeft("a"), false);
  assert.equal(shares.isLeft("b"), true);
  for (let i = 0; i < 10_001; i++) shares.count(`other ${i}`, 0.01);
  assert.equal(shares.isLeft("a"), true);
});
