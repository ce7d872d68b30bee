import assert from "node:assert/strict";
import { test } from "node:test";
import { outage } from "../acceptance/outage.ts";
import { short } from "../acceptance/story.ts";

test(outage.says, async () => {
  const { rows, failures } = await outage.run(short({ seconds: 3 }));
  assert.deepEqual(failures, []);
  assert.equal(rows["requests"], 300);
  for (const phase of ["killed", "hung", "500"]) assert.ok(Number(rows[`${phase}: failovers`]) > 0, `${phase} was met`);
});
