import assert from "node:assert/strict";
import { test } from "node:test";
import { readReplies } from "../../src/backtest/cascade/replies.ts";

async function* lines(...texts: readonly string[]) {
  for (const [at, text] of texts.entries()) yield { number: at + 1, bytes: Buffer.from(text) };
}

test("replies stand by row and model, under qid or id, the later of two counts, and log-probabilities are read where they are", async () => {
  const bad: string[] = [];
  const replies = await readReplies(
    lines(
      '{"qid": "1", "model": "a", "reply": "first"}',
      '{"qid": "1", "model": "a", "reply": "second"}',
      '{"id": "1", "model": "b", "reply": ""}',
      '{"id": "2", "model": "stranger", "reply": "x"}',
      "no JSON",
      '{"id": "3", "model": "a", "reply": 7}',
      '{"id": "4", "model": "c", "reply": "sure", "logprobs": [-0.5, 0]}',
      '{"id": "5", "model": "c", "reply": "sure", "logprobs": [0.5]}',
      '{"id": "6", "model": "c", "reply": "sure", "logprobs": "-1"}',
      '{"id": "7", "model": "c", "reply": "sure", "logprobs": null}',
    ),
    ["a", "b", "c"],
    { bad: (line, problem) => void bad.push(`${line} ${problem}`) },
  );
  assert.deepEqual(
    [...replies],
    [
      ["1", [{ text: "second" }, { text: "" }, undefined]],
      ["4", [undefined, undefined, { text: "sure", logprobs: Float64Array.of(-0.5, 0) }]],
      ["7", [undefined, undefined, { text: "sure" }]],
    ],
  );
  const unlike = 'column "logprobs" is no list of numbers of 0 or less, one a token';
  assert.deepEqual(bad, ["5 is not JSON", '6 column "reply" holds no text', `8 ${unlike}`, `9 ${unlike}`]);
});
