import assert from "node:assert/strict";
import { test } from "node:test";
import { chaos, runChaos } from "../acceptance/chaos.ts";
import { short } from "../acceptance/story.ts";

test(chaos.says, async () => {
  const { rows, failures } = await runChaos(short({ seconds: 6 }), 40);
  assert.deepEqual(failures, []);
  assert.equal(rows["requests"], 240);
  assert.ok(Number(rows["circuits opened"]) > 0, "trouble was met");
});
