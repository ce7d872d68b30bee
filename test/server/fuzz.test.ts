import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "../acceptance/fuzz.ts";
import { short } from "../acceptance/story.ts";

test(fuzz.says, async () => {
  const { rows, failures } = await fuzz.run(short({ inputs: 600 }));
  assert.deepEqual(failures, []);
  assert.match(String(rows["/v1/chat/completions"]), /200: [1-9].*400: [1-9]/, "some were answered, some refused");
  assert.match(String(rows["configs"]), /^built: [1-9]/);
});
