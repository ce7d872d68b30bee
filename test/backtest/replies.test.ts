import assert from "node:assert/strict";
import { test } from "node:test";
import { readReplies } from "../../src/backtest/cascade/replies.ts";

async function* lines(...texts: readonly string[]) {
  for (const [at, text] of texts.entries()) yield { number: at + 1, bytes: Buffer.from(text) };
}

test("replies stand by row and model, under qid or id, and the later of two counts", async () => {
  const bad: string[] = [];
  const replies = await readReplies(
    lines(
      '{"qid": "1", "model": "a", "reply": "first"}',
      '{"qid": "1", "model": "a", "reply": "second"}',
      '{"id": "1", "model": "b", "reply": ""}',
      '{"id": "2", "model": "stranger", "reply": "x"}',
      "no JSON",
      '{"id": "3", "model": "a", "reply": 7}',
    ),
    ["a", "b", "c"],
    { bad: (line, problem) => void bad.push(`${line} ${problem}`) },
  );
  assert.deepEqual([...replies], [["1", ["second", "", undefined]]]);
  assert.deepEqual(bad, ["5 is not JSON", '6 column "reply" holds no text']);
});
