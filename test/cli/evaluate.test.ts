import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { readCases } from "../../src/cli/cases.ts";
import { checkConfig } from "../../src/config/check.ts";
import { openOutcomes } from "../../src/outcomes/open.ts";
import { itemsOf, type Pupil, startPupil } from "./pupil.ts";
import { parsed, run } from "./terminal.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-evaluate-"));
after(() => rmSync(home, { recursive: true }));

let files = 0;
function file(text: string, ending = "jsonl"): string {
  const path = join(home, `file-${(files += 1)}.${ending}`);
  writeFileSync(path, text);
  return path;
}

const jsonLines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const fresh = () => join(home, `out-${(files += 1)}.jsonl`);

interface Line {
  readonly id: string;
  readonly prompt: string;
  readonly category?: string;
  readonly scores: Readonly<Record<string, number>>;
  readonly output_tokens: Readonly<Record<string, number>>;
  readonly cost_usd: Readonly<Record<string, number>>;
  readonly failed?: Readonly<Record<string, string>>;
}

const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

const configOf = (pool: Readonly<Record<string, Pupil>>) => `
upstreams:
${Object.entries(pool)
  .map(([name, { url }]) => `  ${name}: { kind: vllm, url: "${url}" }\n`)
  .join("")}
breaker: { minimum_requests: 100 }
failover: { retries: 0 }
tiers: { any: { quality: 0.5, timeouts: { connect_ms: 2000, total_ms: 20000 } } }
models:
${Object.keys(pool)
  .map(
    (name) =>
      `  ${name}: { tier: any, price: { input: 1, output: 100 }, targets: [{ upstream: ${name}, model: m }] }\n`,
  )
  .join("")}
rules: [{ name: no-exams, when: { text: Question }, then: { block: "No exams here." } }]
signals: { jailbreak: { learned: false } }
`;

async function house(t: TestContext, skills: Readonly<Record<string, Readonly<Record<string, number>>>>, each: number) {
  const items = itemsOf(Object.keys(Object.values(skills)[0]!), each);
  const pool: Record<string, Pupil> = {};
  for (const [at, [name, skill]] of Object.entries(skills).entries()) {
    pool[name] = await startPupil(items, skill, { seed: at + 7 });
    t.after(() => pool[name]!.close());
  }
  return { pool, questions: file(jsonLines(items)), config: file(configOf(pool), "yaml") };
}

interface Share {
  readonly quality: number;
  readonly rows: number;
  readonly interval: readonly [number, number];
}

test("models of known skill are found to be as good as they are, in each category", async (t) => {
  const skills = {
    large: { math: 0.9, law: 0.8, cooking: 0.7 },
    small: { math: 0.3, law: 0.75, cooking: 0.6 },
  };
  const { questions, config } = await house(t, skills, 150);
  const [out, patch] = [fresh(), join(home, "patch.yaml")];
  const said = await run(
    `models evaluate -q ${questions} -c ${config} -o ${out} --table ${patch} --parallel 16 --json`.split(" "),
  );
  assert.equal(said.code, 0, said.err);
  const { categories, models, complete } = parsed(said) as unknown as {
    categories: Record<string, Record<string, Share>>;
    models: Record<string, Share>;
    complete: boolean;
  };
  assert.ok(complete);
  for (const [model, skill] of Object.entries(skills)) {
    for (const [category, truth] of Object.entries(skill)) {
      const { interval, rows } = categories[category]![model]!;
      assert.equal(rows, 150);
      assert.ok(interval[0] <= truth && truth <= interval[1], `${model} ${category} ${truth} in ${String(interval)}`);
      assert.ok(interval[1] - interval[0] < 0.17);
    }
  }
  assert.equal(models["large"]!.rows, 450);
  assert.equal(linesOf(out).length, 450);

  // The patch holds what the table says, and fits into the config that it was measured with.
  const text = readFileSync(patch, "utf8");
  assert.match(text, /^# Measured by .* on \d{4}-\d\d-\d\d with the questions of file-/u);
  assert.match(text, /so in quality alone: cooking\./u);
  const merged = `${readFileSync(config, "utf8").replace("signals: { jailbreak: { learned: false } }\n", "")}${text.slice(text.indexOf("signals:"))}`;
  const checked = checkConfig(merged, { env: {}, readFile: () => "" });
  assert.ok("config" in checked, JSON.stringify(checked));
  assert.equal(
    checked.config.signals.domain?.scores["math"]?.["small"],
    Number(categories["math"]!["small"]!.quality.toFixed(3)),
  );
  assert.deepEqual(Object.keys(checked.config.signals.domain?.scores ?? {}), ["law", "math"]);
});

test("a line of outcomes tells what each model made of the question, in the form that eval routing reads", async (t) => {
  const { questions, config } = await house(t, { large: { math: 1 }, small: { math: 0 } }, 3);
  const out = fresh();
  const said = await run(["models", "evaluate", "-q", questions, "-c", config, "-o", out]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /^model +quality +95% interval +answers/u);
  assert.match(said.err, /^This run: 6 answers, 0\.0123 USD\.\n$/u);
  const [line] = linesOf(out);
  const prompt = "Question 0 of math?\nA. one\nB. two\nC. three\nD. four";
  const { id, ...rest } = line!;
  assert.match(id, /^[0-9a-f]{16}$/u);
  const { latency_ms: latency, ...told } = rest as typeof rest & { latency_ms: Record<string, number> };
  assert.deepEqual(Object.keys(latency).toSorted(), ["large", "small"]);
  assert.deepEqual(told, {
    prompt,
    category: "math",
    scores: { large: 1, small: 0 },
    output_tokens: { large: 20, small: 20 },
    cost_usd: { large: 0.00205, small: 0.00205 },
    input_tokens: 50,
  });

  const { facts, rows } = await openOutcomes(() => readCases(out), undefined);
  assert.deepEqual(facts.models, ["large", "small"]);
  const bad: string[] = [];
  const read = await Array.fromAsync(rows({ bad: (_, problem) => void bad.push(problem), leftOut: () => undefined }));
  assert.deepEqual(bad, []);
  assert.deepEqual(
    read.map(({ text, scores, category }) => [text.split("\n").length, [...scores], category]),
    Array.from({ length: 3 }, () => [5, [1, 0], "math"]),
  );
});

test("prompts of one's own are graded by what their reply must be", async (t) => {
  const pupil = await startPupil([], {});
  t.after(() => pupil.close());
  const expects = [
    { equals: " The answer is 42 " },
    { equals: "42" },
    { contains: "ANSWER" },
    { contains: ["answer", "42"] },
    { contains: ["answer", "43"] },
    { matches: "\\b4[0-9]$" },
    { matches: "^4" },
    { number: 42 },
    { number: 41 },
  ];
  const rows = expects.map((expect, at) => ({ id: at, prompt: "What is it?\n", expect }));
  const out = fresh();
  const said = await run([
    ..."models evaluate --parallel 1 -q".split(" "),
    file(jsonLines(rows)),
    "-c",
    file(configOf({ one: pupil }), "yaml"),
    "-o",
    out,
  ]);
  assert.equal(said.code, 0, said.err);
  assert.deepEqual(
    linesOf(out).map(({ scores }) => scores["one"]),
    [1, 0, 1, 1, 0, 1, 0, 1, 0],
  );
  assert.deepEqual(new Set(pupil.asked), new Set(["What is it?"]));
});

test("a judge of the pool says whether a reply is right, and what it costs is the run's", async (t) => {
  const [pupil, judge] = [await startPupil([], {}), await startPupil([], {})];
  t.after(() => Promise.all([pupil.close(), judge.close()]));
  const say = (verdict: string) => `the judge says: **Verdict: ${verdict}**`;
  const rows = [
    { id: "right", prompt: "What is it?\n", reference: say("yes"), judge: "judge" },
    { id: "wrong", prompt: "What is it?\n", reference: say("no"), judge: "judge" },
    { id: "none", prompt: "What is it?\n", reference: "nothing of the kind", judge: "judge" },
  ];
  const out = fresh();
  const config = file(configOf({ pupil, judge }), "yaml");
  const args = ["models", "evaluate", "-c", config, "--models", "pupil", "-o", out];
  const said = await run([...args, "-q", file(jsonLines(rows))]);
  assert.equal(said.code, 0, said.err);
  const scores = Object.fromEntries(linesOf(out).map((line) => [line.id, line.scores]));
  assert.deepEqual(scores, { right: { pupil: 1 }, wrong: { pupil: 0 }, none: { pupil: 0 } });
  assert.match(said.err, /^This run: 3 answers, 0\.0123 USD\.\nReplies without an answer in them.*: pupil 1\.\n$/u);
  assert.equal(linesOf(out)[0]!.cost_usd["pupil"], 0.00205);
  assert.deepEqual([pupil.asked.length, judge.asked.length], [3, 3]);
  assert.match(
    judge.asked[0]!,
    /The answer to be graded, between the marks (?<mark>[0-9a-f-]{36}):\n\k<mark>\nthe answer is 42\n\k<mark>/u,
  );

  const stranger = await run([...args, "--resume", "-q", file(jsonLines([{ ...rows[0], judge: "nobody" }]))]);
  assert.match(stranger.err, /no model of the pool is called "nobody"/u);
});

test("a run that is resumed asks nothing twice, but what failed, and drops half a line", async (t) => {
  const { pool, questions, config } = await house(t, { large: { math: 1 }, small: { math: 1 } }, 6);
  const out = fresh();
  const args = ["models", "evaluate", "-q", questions, "-c", config, "-o", out];
  pool["small"]!.misbehave(500);
  const first = await run([...args, "--limit", "4"]);
  assert.equal(first.code, 1);
  assert.match(first.err, /Not answered: small: upstream_error_500 4; --resume asks again/u);
  assert.deepEqual(linesOf(out)[0]!.failed, { small: "upstream_error_500" });

  pool["small"]!.misbehave(undefined);
  appendFileSync(out, '{"id": "half", "pro');
  const again = await run(args);
  assert.equal(again.code, 1);
  assert.match(again.err, /is there already: --resume goes on with it/u);
  const second = await run([...args, "--resume", "--json"]);
  assert.equal(second.code, 0, second.err);
  assert.equal(pool["large"]!.asked.length, 6);
  assert.equal(pool["small"]!.asked.length, 4 + 6);
  const lines = linesOf(out);
  assert.equal(new Set(lines.map(({ id }) => id)).size, 6);
  assert.equal(lines.length, 6);
  assert.ok(lines.every(({ scores, failed }) => Object.keys(scores).length === 2 && failed === undefined));

  const third = await run([...args, "--resume", "--json"]);
  assert.equal((parsed(third)["run"] as { asked: number }).asked, 0);
});

test("a run stops before it costs more than it may", async (t) => {
  const { pool, questions, config } = await house(t, { large: { math: 1 } }, 20);
  const out = fresh();
  // A reply of 20 tokens at 100 USD per million costs 0.002 USD, and one of the longest that may come 0.003.
  const args = `models evaluate -q ${questions} -c ${config} -o ${out} --max-tokens 30 --max-cost 0.01 --parallel 8`;
  const said = await run(args.split(" "));
  assert.equal(said.code, 1);
  assert.match(said.err, /Stopped before it would cost more than 0\.01 USD; --resume goes on/u);
  const spent = linesOf(out).reduce((sum, { cost_usd: cost }) => sum + cost["large"]!, 0);
  assert.ok(spent > 0.005 && spent <= 0.01, String(spent));
  assert.equal(pool["large"]!.asked.length, linesOf(out).length);
});

test("a model server that asks for time gets it", async (t) => {
  const { pool, questions, config } = await house(t, { large: { math: 1 } }, 2);
  pool["large"]!.misbehave(429);
  const running = run(["models", "evaluate", "-q", questions, "-c", config, "--json"]);
  while (pool["large"]!.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  pool["large"]!.misbehave(undefined);
  const said = await running;
  assert.equal(said.code, 0, said.err);
  assert.equal((parsed(said)["models"] as Record<string, Share>)["large"]!.quality, 1);
});

test("a model that only fails is left alone after a while, and the others are asked on", async (t) => {
  const { pool, questions, config } = await house(t, { large: { math: 1 }, small: { math: 1 } }, 60);
  pool["small"]!.misbehave(500);
  const said = await run(["models", "evaluate", "-q", questions, "-c", config, "--parallel", "2"]);
  assert.equal(said.code, 1);
  assert.match(said.err, /Failed too often in a row, and not asked any more: small\./u);
  assert.ok(pool["small"]!.asked.length <= 21, String(pool["small"]!.asked.length));
  assert.equal(pool["large"]!.asked.length, 60);
});

test("Ctrl-C leaves a file that a run can go on with", async (t) => {
  const { pool, questions, config } = await house(t, { large: { math: 1 }, small: { math: 1 } }, 4);
  const out = fresh();
  const args = `models evaluate -q ${questions} -c ${config} -o ${out} --parallel 8`.split(" ");
  pool["small"]!.misbehave("hang");
  const running = run(args);
  while (pool["large"]!.asked.length < 4 || pool["small"]!.asked.length < 4) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.emit("SIGINT");
  const stopped = await running;
  assert.equal(stopped.code, 1);
  assert.match(stopped.err, /Stopped; --resume goes on/u);
  assert.ok(linesOf(out).every(({ scores, failed }) => scores["large"] === 1 && failed === undefined));
  assert.equal(linesOf(out).length, 4);

  pool["small"]!.misbehave(undefined);
  assert.equal((await run([...args, "--resume"])).code, 0);
  assert.equal(pool["large"]!.asked.length, 4);
  assert.equal(linesOf(out).length, 4);
});

for (const [what, text, said] of [
  ["is no JSON", "hello\n", /line 1: is not JSON/u],
  ["is no question", '{"prompt": "x"}\n', /line 1: is no question: it needs "question"/u],
  [
    "has an answer that is no option",
    '{"question": "q", "options": ["a", "b"], "answer": "C"}\n',
    /line 1: column "answer" must be the letter of one of the 2 options/u,
  ],
  [
    "expects two things",
    '{"prompt": "q", "expect": {"equals": "a", "number": 1}}\n',
    /line 1: column "expect" says one of/u,
  ],
  [
    "expects by a bad pattern",
    '{"prompt": "q", "expect": {"matches": "("}}\n',
    /line 1: column "expect" not a regular/u,
  ],
  [
    "stands twice",
    '{"id": 1, "prompt": "q", "expect": {"number": 1}}\n{"id": 1, "prompt": "r", "expect": {"number": 1}}\n',
    /line 2: has the id of line 1/u,
  ],
  ["is missing", "", /has no questions/u],
] as const) {
  test(`a question that ${what} is told with its line, before anything is asked`, async (t) => {
    const { pool, config } = await house(t, { large: { math: 1 } }, 1);
    const done = await run(["models", "evaluate", "-c", config, "-q", file(text)]);
    assert.equal(done.code, 1);
    assert.match(done.err, said);
    assert.equal(pool["large"]!.asked.length, 0);
  });
}

test("a model that is not in the pool, and a file that holds other questions, are told", async (t) => {
  const { config, questions } = await house(t, { large: { math: 1 } }, 1);
  const stranger = await run(["models", "evaluate", "-c", config, "-q", questions, "--models", "huge"]);
  assert.match(stranger.err, /no model of the pool is called "huge"; it has large/u);
  const out = file(jsonLines([{ id: "1", prompt: "another", scores: { large: 1 } }]));
  const own = file(jsonLines([{ id: "1", prompt: "this", expect: { number: 1 } }]));
  const other = await run(["models", "evaluate", "-c", config, "-q", own, "-o", out, "--resume"]);
  assert.match(other.err, /holds another prompt for the question 1: give --out another path/u);
  const text = readFileSync(config, "utf8");
  const onto = await run(["models", "evaluate", "-c", config, "-q", own, "--table", config]);
  assert.match(onto.err, /is there and holds something else than such a table/u);
  assert.equal(readFileSync(config, "utf8"), text);
  const packed = file("", "gz");
  const bytes = gzipSync(jsonLines([{ id: "1", prompt: "this", scores: { large: 1 } }]));
  writeFileSync(packed, bytes);
  const gzip = await run(["models", "evaluate", "-c", config, "-q", own, "-o", packed, "--resume"]);
  assert.match(gzip.err, /is packed with gzip, and lines cannot be added to that/u);
  assert.deepEqual(readFileSync(packed), bytes);
  const folder = await run(["models", "evaluate", "-c", config, "-q", own, "-o", home, "--resume"]);
  assert.match(folder.err, /it is a directory/u);
  const broken = file('nonsense\n{"id": "1"}\n');
  const bad = await run(["models", "evaluate", "-c", config, "-q", own, "-o", broken, "--resume"]);
  assert.match(bad.err, /line 1 is not JSON; this is no file of outcomes/u);
});
