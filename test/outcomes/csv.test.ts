import assert from "node:assert/strict";
import { test } from "node:test";
import { convertCsv } from "../../src/outcomes/csv.ts";
import { UnfitOutcomes } from "../../src/outcomes/outcome.ts";

async function* bytesOf(text: string, piece = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

async function converted(text: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const line of convertCsv(bytesOf(text))) rows.push(JSON.parse(line));
  return rows;
}

async function refused(text: string): Promise<string> {
  const error: unknown = await converted(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UnfitOutcomes);
  return error.message;
}

test("CSV becomes rows of our own form: quotes, doubled quotes, commas and line breaks in them, empty cells absent", async () => {
  const text =
    "\ufeffprompt,score:small,score:vendor/large:1,tokens:small,id,category,input_tokens,cost:small,latency:small\r\n" +
    '"a ""b"", c\nd — ü",0,1,12,7,law,5,0.25,300\r\n' +
    "plain,,0.5,,,,,,\n";
  assert.deepEqual(await converted(text), [
    {
      prompt: 'a "b", c\nd — ü',
      scores: { small: 0, "vendor/large:1": 1 },
      output_tokens: { small: 12 },
      id: "7",
      category: "law",
      input_tokens: 5,
      cost_usd: { small: 0.25 },
      latency_ms: { small: 300 },
    },
    { prompt: "plain", scores: { "vendor/large:1": 0.5 } },
  ]);
});

test("what is wrong with a CSV file is told by its line, and never quoted", async () => {
  assert.match(await refused(""), /the file is empty; columns are prompt, score:MODEL/u);
  assert.match(await refused("prompt,score:a,mark\n"), /line 1: no column is called "mark"; columns are/u);
  assert.match(await refused("prompt,tokens:a\n"), /line 1: no prompt, or no score:MODEL/u);
  assert.match(await refused("prompt,score:a,score:a\n"), /line 1: two columns say the same/u);
  assert.match(await refused("prompt,score:a\nprivate,1\nprivate\n"), /line 3 has 1 columns where the head has 2/u);
  assert.match(await refused('prompt,score:a\n"x\ny",1\nprivate,high\n'), /line 4: column 2 is no number/u);
  assert.match(await refused('prompt,score:a\n"private,1\n'), /line 2: a quote is not closed/u);
  assert.match(await refused('prompt,score:a\n"private"x,1\n'), /line 2: something stands between a closing quote/u);
  assert.match(await refused("prompt,score:a\nprivate,\n"), /line 2: no model has a score/u);
});
