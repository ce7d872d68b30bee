import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { calibrateCacheCommand } from "../../../src/cli/cache/calibrate.ts";
import { evalCacheCommand } from "../../../src/cli/cache/evaluate.ts";
import type { PairReport } from "../../../src/evaluation/cache/report.ts";
import { createEncoder, type LoadedEncoder } from "../../../src/inference/create.ts";
import { encoderOptions } from "../../../src/inference/options.ts";
import { generatePairs } from "../../cache/pairs/generate.ts";
import { runVerb } from "../verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-cache-"));
let encoder: LoadedEncoder;

before(async () => {
  const options = encoderOptions.parse({ second_stage: "always", workers: 1 });
  encoder = await createEncoder(options, { clock: () => performance.now() });
});
after(async () => {
  await encoder.close();
  rmSync(home, { recursive: true });
});

const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
function file(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

/** The verbs close what they were lent; the tests share one encoder. */
const open = async () => ({ ...encoder, close: () => Promise.resolve() });
const evaluate = (args: readonly string[]) => runVerb((terminal) => evalCacheCommand(terminal, open), args);
const calibrate = (args: readonly string[]) => runVerb((terminal) => calibrateCacheCommand(terminal, open), args);

const PAIRS = [
  {
    text_a: "What is the capital of Poland?",
    text_b: "Which city is the capital of Poland?",
    score: 0.95,
    type: "paraphrase",
  },
  { text_a: "What is the capital of Poland?", text_b: "What is the capital of Norway?", score: 0.2, type: "entity" },
  { text_a: "Convert 5 km to miles", text_b: "Convert 6 km to miles", label: false, type: "number" },
  { text_a: "What is love?", text_b: "Was ist Liebe?", score: 1, type: "translation", lang: "en-de", split: "dev" },
];

test("eval cache --json prints the promised keys, with intervals, and what others would do", async () => {
  const { out, err, code } = await evaluate(["--pairs", file("pairs.jsonl.gz", lines(PAIRS)), "--json"]);
  assert.deepEqual([code, err], [0, ""]);
  const report = JSON.parse(out) as PairReport;
  assert.deepEqual([report.rows, report.served, report.wrong_hit_rate, report.paraphrase_hit_rate], [4, 1, 0, 1]);
  assert.equal(report.wrong_hit_interval.length, 2);
  assert.equal(report.by_type["entity"]?.refused_rate, 1);
  assert.deepEqual(report.refused_by, { names: 1, numbers: 1, cosine: 1 });
  assert.ok("exact only" in report.others && "cosine 0.95, full stage" in report.others);
});

test("eval cache prints tables that a person can read, and what the rates mean", async () => {
  const { out } = await evaluate(["--pairs", file("pairs.jsonl", lines(PAIRS))]);
  assert.match(out, /^4 pairs of pairs\.jsonl/mu);
  assert.match(out, /^signalbox +1 +0 +0\.00%/mu);
  assert.match(out, /^exact only +0 +0 +- /mu);
  assert.match(out, /^entity +1 +0 +0 +100\.00%/mu);
  assert.match(out, /Wrong hits: of the pairs that were served/u);
});

test("a split is taken where rows say theirs", async () => {
  const { out } = await evaluate(["--pairs", file("split.jsonl", lines(PAIRS)), "--split", "train", "--json"]);
  assert.equal((JSON.parse(out) as PairReport).rows, 3);
});

test("bad lines are told by their number, and fail the verb after its report", async () => {
  const path = file("bad.jsonl", `${lines(PAIRS)}nonsense\n{"text_a":"x","text_b":"y"}\n`);
  const { out, err, code } = await evaluate(["--pairs", path, "--json"]);
  assert.equal(code, 1);
  assert.equal((JSON.parse(out) as PairReport).bad_lines, 2);
  assert.match(err, /line 5: is not JSON/u);
  assert.match(err, /line 6: column "score" is missing, and there is no "label" either/u);
});

test("a file without rows says which columns are needed", async () => {
  const { err, code } = await evaluate(["--pairs", file("none.jsonl", "{}\n")]);
  assert.equal(code, 1);
  assert.match(err, /no rows: line 1 column "text_a" .*Needed are the columns text_a, text_b, and score or label/u);
});

test("calibrate cache says that few pairs prove nothing, and offers what they do", async () => {
  const { err, code } = await calibrate(["--pairs", file("few.jsonl", lines(PAIRS))]);
  assert.equal(code, 1);
  assert.match(err, /do not show that at most 0\.5%/u);
});

test("calibrate cache proposes a threshold that the other half of the pairs carries", async () => {
  const pairs = generatePairs("learn", 250).filter(({ type }) => type === "paraphrase" || type === "number");
  const path = file("learn.jsonl", lines(pairs));
  const { out, code } = await calibrate(["--pairs", path, "--max-wrong", "0.2", "--json"]);
  assert.equal(code, 0);
  const found = JSON.parse(out) as { threshold: number; changes: { cache: { threshold: number } }; wrong_hits: number };
  assert.equal(found.changes.cache.threshold, found.threshold);
  assert.ok(found.threshold >= 0.5 && found.threshold < 1);
  const said = await calibrate(["--pairs", path, "--max-wrong", "0.2"]);
  assert.match(said.out, /^cache:\n {2}threshold: 0\.\d+$/mu);
});
