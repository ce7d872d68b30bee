import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { CascadeReport } from "../../src/backtest/cascade/report.ts";
import { cascadeCommand } from "../../src/cli/cascade/command.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-cascade-"));
after(() => rmSync(home, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(home, name), text);
  return join(home, name);
}

/** A small model that takes much back where it is wrong, and a large one that is mostly right. */
function recorded(count: number) {
  const draw = seeded(5);
  const outcomes: object[] = [];
  const replies: object[] = [];
  for (let at = 0; at < count; at++) {
    const [small, large] = [draw() < 0.6, draw() < 0.9].map(Number);
    outcomes.push({
      id: `q-${at}`,
      prompt: `What is ${at} times 7?`,
      scores: { small, large },
      input_tokens: 20,
      output_tokens: { small: 50, large: 100 },
    });
    const reply = small === 1 ? `It follows. {"answer": "${at * 7}"}` : `However, wait, a mistake. {"answer": "${at}"}`;
    replies.push({ id: `q-${at}`, model: "small", reply });
  }
  return { outcomes, replies };
}

const asText = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const { outcomes: rows, replies: said } = recorded(150);
const outcomes = file("outcomes.jsonl", asText(rows));
const replies = file("replies.jsonl.gz", gzipSync(asText(said)));
const prices = file("prices.yaml", "small: { input: 0.1, output: 0.1 }\nlarge: { input: 10, output: 10 }\n");
const evaluate = (...args: readonly string[]) => runVerb((terminal) => cascadeCommand(terminal), args);
const usual = [
  "--outcomes",
  outcomes,
  "--replies",
  replies,
  "--prices",
  prices,
  "--pool",
  "small,large",
  "--repeats",
  "2",
];

test("eval cascade tells what cascades come to beside the honest baselines, and what was chosen", async () => {
  const { out, err, code } = await evaluate(...usual, "--within", "60");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^150 rows of outcomes\.jsonl, 10 splits of four parts to learn from and one to report, seed 1;/mu);
  for (const name of [
    "cascade",
    "cascade_within",
    "always small",
    "always large",
    "router_by_question",
    "perfect_gate",
  ])
    assert.match(out, new RegExp(`^${name} `, "mu"));
  assert.match(out, /Cascades reach the strong model's quality at \d+\.\d% of its cost/u);
  assert.doesNotMatch(out, /NaN|undefined|plain_agreement|However/u);
});

test("eval cascade --json gives the same figures each time, with paired intervals, and --html a page", async () => {
  const page = join(home, "report.html");
  const first = await evaluate(...usual, "--json", "--html", page);
  const again = await evaluate(...usual, "--json");
  assert.equal(first.out, again.out);
  const report = JSON.parse(first.out) as CascadeReport;
  const { cascade, "always large": strong, "always small": weak, perfect_gate: perfect } = report.policies;
  assert.equal(strong!.cost_share, 1);
  assert.equal(strong!.against_strong.difference, 0);
  assert.ok(cascade!.cost_share < 0.8 && cascade!.quality > 0.8);
  assert.ok(cascade!.against_blind.interval![0] > 0, "a gate that can tell beats a coin");
  assert.ok(Math.abs(weak!.against_blind.difference) < 1e-9, "a single model is a mix of itself");
  assert.ok(perfect!.quality >= strong!.quality);
  assert.ok(report.curve.every((point, at, all) => at === 0 || point.within > all[at - 1]!.within));
  assert.equal(
    Object.values(report.shapes).reduce((sum, one) => sum + one, 0),
    10,
  );
  assert.match(readFileSync(page, "utf8"), /<h1>cascade<\/h1>[^]*perfect_gate/u);
});

test("eval cascade says which files do not fit each other, and why", async () => {
  const none = file("none.jsonl", asText(said.map((row) => ({ ...row, id: "other" }))));
  const strangers = await evaluate(...usual, "--replies", none);
  assert.equal(strangers.code, 1);
  assert.match(
    strangers.err,
    /only 0 rows have an outcome of every model and a reply of each cheap one; at least 100 are needed \(150 lack a reply: do the ids of both files match\?\)/u,
  );
  const unknown = await evaluate(...usual, "--pool", "small,lage");
  assert.match(unknown.err, /no model "lage"; did you mean "large"\?/u);
  assert.match((await evaluate(...usual, "--replies", join(home, "absent"))).err, /cannot read .*absent/u);
  for (const pool of ["small", "small,small", "a,b,c,d", "small,"])
    assert.equal((await evaluate(...usual, "--pool", pool)).code, 2, pool);
  assert.equal((await evaluate(...usual, "--within", "0")).code, 2);
});

test("lines that are no replies are left out, counted, and make the exit code 1", async () => {
  const broken = file("broken.jsonl", `${asText(said)}{"id": "q-1"\n{"id": "q-1", "model": "small"}\n`);
  const { out, err, code } = await evaluate(...usual, "--replies", broken);
  assert.equal(code, 1);
  assert.match(out, /^150 rows/u);
  assert.match(err, /left out: 2/u);
});
