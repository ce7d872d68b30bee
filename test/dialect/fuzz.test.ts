import assert from "node:assert/strict";
import { test } from "node:test";
import { sse } from "../acceptance/sse.ts";
import { short } from "../acceptance/story.ts";

test(sse.says, async () => {
  const { rows, failures } = await sse.run(short({ inputs: 200 }));
  assert.deepEqual(failures, []);
  assert.equal(rows["streams"], 2000);
  assert.ok(Number(rows["finished"]) > 1000, "most streams are whole");
});
