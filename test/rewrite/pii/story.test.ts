import assert from "node:assert/strict";
import { test } from "node:test";
import { redaction } from "../../acceptance/redaction.ts";
import { short } from "../../acceptance/story.ts";

test("conversations are redacted and restored to the byte in every API, whole and as streams", async () => {
  const { rows, failures } = await redaction.run(short({ inputs: 60 }));
  assert.deepEqual(failures, []);
  assert.equal(rows["values sent upstream"], 0);
});
