import assert from "node:assert/strict";
import { test } from "node:test";
import { isolation } from "../acceptance/isolation.ts";
import { short } from "../acceptance/story.ts";

test("no request is given the answer to one that differs from it in what shapes an answer", async () => {
  const { rows, failures } = await isolation.run(short({ inputs: 50 }));
  assert.deepEqual(failures, []);
  assert.equal(rows["memory: pairs, cross hits"], "500, 0");
});
