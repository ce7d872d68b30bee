import assert from "node:assert/strict";
import { test } from "node:test";
import { poolSwapProcess } from "../acceptance/pool-swap-process.ts";
import { poolSwap } from "../acceptance/pool-swap.ts";
import { short } from "../acceptance/story.ts";

test(poolSwap.says, async () => {
  const { rows, failures } = await poolSwap.run(short({ seconds: 2 }));
  assert.deepEqual(failures, []);
  assert.equal(rows["requests"], 400);
  assert.ok(Number(rows["answered by amber"]) > 50 && Number(rows["answered by birch"]) > 50);
});

test(poolSwapProcess.says, async () => {
  const { rows, failures } = await poolSwapProcess.run(short({ seconds: 2 }));
  assert.deepEqual(failures, []);
  assert.ok(Number(rows["files swapped"]) > 0 && Number(rows["broken files"]) > 0);
});
