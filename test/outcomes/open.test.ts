import assert from "node:assert/strict";
import { test } from "node:test";
import { UnfitOutcomes } from "../../src/outcomes/outcome.ts";
import { linesOf, readAll } from "./lines.ts";
import { openOutcomes } from "../../src/outcomes/open.ts";

const own = (more: object = {}) => ({ prompt: "private words", scores: { small: 0, large: 1 }, ...more });

test("our own form: models of the whole file, numbers by model, what is absent is not a number", async () => {
  const { file, rows, bad } = await readAll([
    own({ id: "a", output_tokens: { large: 30 }, input_tokens: 12, category: "law", cost_usd: { small: 0.5 } }),
    own({ scores: { other: true }, latency_ms: { other: 900 } }),
  ]);
  assert.deepEqual(file.facts, {
    models: ["large", "other", "small"],
    prices: {},
    tokensCounted: true,
    lengths: "recorded",
  });
  assert.deepEqual(bad, []);
  const [first, second] = rows;
  assert.deepEqual([first!.id, second!.id], ["a", "line 2"]);
  assert.deepEqual([...first!.scores], [1, Number.NaN, 0]);
  assert.deepEqual([...first!.outputTokens], [30, Number.NaN, Number.NaN]);
  assert.deepEqual([...first!.costUsd!], [Number.NaN, Number.NaN, 0.5]);
  assert.deepEqual([first!.inputTokens, first!.category], [12, "law"]);
  assert.deepEqual([...second!.latencyMs!], [Number.NaN, 900, Number.NaN]);
  assert.ok(second!.inputTokens > 0, "tokens of the prompt are estimated where nobody counted them");
});

test("a conversation counts by its newest human turn", async () => {
  const prompt = [
    { role: "user", content: "first" },
    { role: "user", content: "newest" },
    { role: "assistant", content: "answer" },
  ];
  assert.equal((await readAll([own({ prompt })])).rows[0]!.text, "newest");
});

test("without any length or cost replies are taken to be equally long, and that is a fact of the file", async () => {
  assert.equal((await readAll([own()])).file.facts.lengths, "assumed");
});

test("a line that is no row is told by number and by column, never by what stands in it", async () => {
  const { rows, bad } = await readAll([
    own(),
    "{private",
    "[1]",
    '{"prompt":"private","scores":{"large":NaN}}',
    { scores: { small: 1 } },
    { prompt: "private" },
    own({ scores: { small: 1.5 } }),
    own({ scores: { small: "private" } }),
    own({ scores: ["private"] }),
    own({ output_tokens: { small: -1 } }),
    own({ prompt: [{ role: "assistant", content: "private" }] }),
    own({ id: "" }),
  ]);
  assert.equal(rows.length, 1);
  assert.deepEqual(bad, [
    "2 is not JSON",
    "3 is not a JSON object",
    "4 is not JSON",
    '5 column "prompt" is missing',
    '6 column "scores" is missing',
    '7 an entry of column "scores" is no score from 0 to 1',
    '8 an entry of column "scores" is no score from 0 to 1',
    '9 column "scores" is no object of models',
    '10 an entry of column "output_tokens" is no amount of 0 or more',
    '11 column "prompt" is neither a text nor a list of messages with a turn of the user',
    '12 column "id" is no text of 1 to 256 characters',
  ]);
  assert.doesNotMatch(bad.join(), /private/u);
});

test("an empty file, one without rows, and one of another form are refused in words", async () => {
  const refused = async (rows: readonly unknown[], meta?: unknown) => {
    const error = await openOutcomes(linesOf(rows), meta).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UnfitOutcomes);
    return error.message;
  };
  assert.match(await refused([]), /the file holds no rows/u);
  assert.match(await refused(["{private", "{"]), /no line is a row; line 1 is not JSON/u);
  assert.match(
    await refused([{ text: "private", label: "law" }]),
    /line 1 is no row of outcomes: it is neither JSON lines with/u,
  );
  const choice = { qid: "a", question: "q", options: ["x"], correct: [1] };
  assert.match(await refused([choice]), /no NAME\.meta\.json lies beside it/u);
  assert.match(await refused([choice], {}), /names neither "models" nor "weak" and "strong"/u);
  const many = Array.from({ length: 501 }, (_, at) => own({ scores: { [`m${at}`]: 1 } }));
  assert.match(await refused(many), /more than 500 models by line 501/u);
});

test("multiple choice: the options stand as lines, tokens are characters divided by four, null was not run", async () => {
  const question = "Which?";
  const row = { qid: "a", category: "law", question, options: ["one", "two"], correct: [1, null], chars: [80, null] };
  const { file, rows } = await readAll([row], { models: ["small", "large"] });
  assert.equal(rows[0]!.text, "Which?\nA. one\nB. two");
  assert.equal(rows[0]!.inputTokens, (6 + 6 + 120) / 4);
  assert.deepEqual([...rows[0]!.outputTokens], [20, Number.NaN]);
  assert.deepEqual([...rows[0]!.scores], [1, Number.NaN]);
  assert.deepEqual([file.facts.tokensCounted, file.facts.lengths], [false, "recorded"]);
});

test("weak and strong: contaminated rows are left out and counted, and a call is a call", async () => {
  const row = { qid: "a", subject: "law", prompt: "Which?", weak: 0, strong: 1, contaminated: 0 };
  const { file, rows, leftOut } = await readAll([row, { ...row, qid: "b", contaminated: 1 }], {
    weak: "w",
    strong: "s",
  });
  assert.deepEqual([rows.length, leftOut, file.facts.lengths], [1, 1, "calls"]);
  assert.deepEqual([file.facts.models, [...rows[0]!.scores], rows[0]!.category], [["w", "s"], [0, 1], "law"]);
});

test("judged turns: the first turn is read, and the score is the mean of the turns", async () => {
  const row = {
    qid: "a",
    category: "stem",
    turns: ["first", "second"],
    scores: { w: [8, 6], s: [10, 9] },
    contaminated: 0,
  };
  const { rows } = await readAll([row], { weak: "w", strong: "s" });
  assert.deepEqual([rows[0]!.text, [...rows[0]!.scores]], ["first", [0.7, 0.95]]);
});

test("marks with lengths, and scores of tasks with prices in the meta file", async () => {
  const marks = await readAll([{ qid: "a", question: "Which?", correct: [1, 0], chars: [4, 8] }], {
    models: ["x", "y"],
  });
  assert.deepEqual([...marks.rows[0]!.outputTokens], [1, 2]);
  const tasks = await readAll([{ qid: "a", task: "t", question: "Which?", score: [0.25, 1] }], {
    models: ["x", "y"],
    prices: { x: { input_price: 0.1, output_price: 0.2 } },
  });
  assert.deepEqual(tasks.file.facts.prices, { x: { input: 0.1, output: 0.2 } });
  assert.deepEqual([tasks.file.facts.lengths, tasks.rows[0]!.category], ["assumed", "t"]);
});

test("an entry too few in a columnar row is told with both numbers", async () => {
  const { bad } = await readAll([{ qid: "a", question: "Which?", correct: [1], chars: [4] }], { models: ["x", "y"] });
  assert.deepEqual(bad, ['1 column "correct" has 1 entries for 2 models']);
});
