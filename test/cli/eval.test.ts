import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { evalCommand } from "../../src/cli/eval.ts";
import { readCases } from "../../src/cli/cases.ts";
import type { Report } from "../../src/evaluation/report.ts";
import { createTiny, type Tiny } from "../evaluation/words.ts";
import { run as runCli } from "./terminal.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-eval-"));
after(() => rmSync(home, { recursive: true }));
const at = (name: string) => join(home, name);

const ROWS = [
  { text: "law:0.8 private words", label: "law", source: "a", lang: "en" },
  { text: "math:0.9", label: "math", source: "a", lang: "en" },
  { text: "math:0.6", label: "law", source: "b", lang: "de" },
];
const text = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

function file(name: string, rows: readonly unknown[], more = ""): string {
  const bytes = Buffer.from(text(rows) + more);
  writeFileSync(at(name), name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return at(name);
}

const evaluate = (args: readonly string[], tiny: Tiny = {}) =>
  runVerb((terminal) => evalCommand(terminal, async () => createTiny(tiny)), ["signals", ...args]);

const domain = file("domain.jsonl", ROWS);

test("eval signals prints what it came to, a confusion matrix, tables, calibration and latency", async () => {
  const { out, err, code } = await evaluate(["--task", "domain", "--file", domain]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^domain: 3 rows of domain\.jsonl, static stage, encoder tiny-1$/mu);
  assert.match(out, /^accuracy +0\.667 +0\.\d{3} to 1\.000$/mu);
  assert.match(out, /^true +a +b$/mu);
  assert.match(out, /^law +a +1 +1$/mu);
  assert.match(out, /^math +b +\. +1$/mu);
  assert.match(out, /^label +true +given +precision +recall +F1$/mu);
  assert.match(out, /^source +rows +accuracy\na +2 +1\.000\nb +1 +0\.000$/mu);
  assert.match(out, /^language +rows +accuracy$/mu);
  assert.match(out, /^rows +confidence +accuracy$/mu);
  assert.match(out, /One text: p50 [\d.]+ ms, p99 [\d.]+ ms\. The second stage answered 0\.0% of the rows\./u);
});

test("--json prints the report with the promised keys, and gzip is opened whatever its name", async () => {
  const packed = file("domain.jsonl.gz", ROWS);
  const { out } = await evaluate(["--task", "domain", "--file", packed, "--json"], { full: true });
  const report = JSON.parse(out) as Report;
  assert.deepEqual([report.task, report.rows, report.accuracy, report.stage], ["domain", 3, 0.666667, "full"]);
  for (const key of ["macro_f1", "ece", "per_label", "per_source", "second_stage_share"] as const)
    assert.notEqual(report[key], undefined, key);
  assert.ok(report.latency_ms.p50 <= report.latency_ms.p99);
  for (const key of ["spearman", "span_f1", "recall_at_fpr", "auc"] as const) assert.equal(report[key], undefined, key);
  writeFileSync(at("packed"), gzipSync(text(ROWS)));
  assert.equal((JSON.parse((await evaluate(["-t", "domain", "-f", at("packed"), "--json"])).out) as Report).rows, 3);
});

test("--rows writes each row's label, prediction and scores in the order of the file, and no text", async () => {
  await evaluate(["-t", "domain", "-f", domain, "--rows", at("rows.jsonl"), "--parallel", "2"]);
  const written = readFileSync(at("rows.jsonl"), "utf8");
  const rows = written
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    rows.map(({ label, predicted }) => [label, predicted]),
    [
      ["law", "law"],
      ["math", "math"],
      ["law", "math"],
    ],
  );
  assert.deepEqual(rows[0]!["scores"], { law: 0.8, math: 0.1, other: 0.1 });
  assert.doesNotMatch(written, /private/u);
});

test("--html writes one page that needs no network and holds no row's text", async () => {
  const safety = ["benign:0.9", "benign:0.8 private", "jailbreak:0.9", "injection:0.4", "harmful:0.9"];
  const rows = safety.map((own) => ({ text: own, label: own.split(":")[0], source: "<a&b>" }));
  await evaluate(["-t", "safety", "-f", file("safety.jsonl", rows), "--html", at("report.html")]);
  const page = readFileSync(at("report.html"), "utf8");
  assert.match(page, /^<!doctype html>/u);
  for (const part of ["Confusion", "Reliability", "Recall at low false-positive rates", "By source", "Latency"])
    assert.ok(page.includes(`>${part}`), part);
  assert.doesNotMatch(page, /https?:|<script|src=|url\(|private|<a&b>|NaN|undefined/u);
  assert.ok(page.includes("&lt;a&amp;b&gt;"));
});

test("bad lines are told by number, never quoted, and make the exit code 1 beside the figures of the rest", async () => {
  const broken = file("broken.jsonl", ROWS, '{"text":"private"}\n{private\n');
  const said = await evaluate(["-t", "domain", "-f", broken, "--json"]);
  assert.equal(said.code, 1);
  assert.deepEqual([(JSON.parse(said.out) as Report).rows, (JSON.parse(said.out) as Report).bad_lines], [3, 2]);
  assert.match(said.err, /left out: 2\.\n {2}line 4: column "label" is missing\n {2}line 5: is not JSON/u);
  assert.doesNotMatch(said.err, /private/u);
});

test("a file without the columns, without rows, or that is not there is refused in words", async () => {
  const refused = async (name: string, task = "pii") => (await evaluate(["-t", task, "-f", name])).err;
  assert.match(
    await refused(domain),
    /domain\.jsonl: no line is a row; task pii needs the columns text, spans; line 1/u,
  );
  assert.match(await refused(file("empty.jsonl", [])), /the file holds no rows/u);
  assert.match(await refused(at("nowhere.jsonl")), /cannot read .*nowhere\.jsonl: there is no such file/u);
  const packed = gzipSync(text(Array.from({ length: 5000 }, (_, row) => ({ text: `law:0.${row}`, label: "law" }))));
  writeFileSync(at("cut.gz"), packed.subarray(0, packed.length / 2));
  assert.match(await refused(at("cut.gz"), "domain"), /cut\.gz: its gzip is damaged after line \d+/u);
});

test("labels that the head does not know, a stage that is not there and a limit are said", async () => {
  const strange = file("strange.jsonl", [...ROWS, { text: "law:0.5", label: "cooking" }]);
  assert.match((await evaluate(["-t", "domain", "-f", strange])).err, /count as errors: "cooking" 1\./u);
  assert.match((await evaluate(["-t", "domain", "-f", domain, "--stage", "full"])).err, /has no full stage/u);
  assert.match((await evaluate(["-t", "domain", "-f", domain, "--limit", "2"])).err, /Stopped at --limit 2/u);
});

test("a wrong task or number is a wrong command line", async () => {
  const said = await runCli(["eval", "signals", "--task", "taste", "--file", domain]);
  assert.equal(said.code, 2);
  assert.match(said.err, /Allowed choices are domain, intent, difficulty, safety, similarity, pii/u);
  assert.equal((await runCli(["eval", "signals", "-t", "pii", "-f", domain, "--limit", "0"])).code, 2);
  assert.equal((await runCli(["eval", "signals", "-t", "pii", "--json"])).code, 2);
});

test("a file may be left before its end, and long ones are read line by line", async () => {
  const long = file(
    "long.jsonl.gz",
    Array.from({ length: 50_000 }, (_, number) => ({ number, text: "x".repeat(200) })),
  );
  let lines = 0;
  for await (const { number } of readCases(long)) {
    assert.equal(number, ++lines);
    if (lines === 10) break;
  }
  for await (const _ of readCases(long)) lines += 1;
  assert.equal(lines, 50_010);
});
