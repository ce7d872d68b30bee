import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { RoutingReport } from "../../src/backtest/report.ts";
import { convertCommand } from "../../src/cli/routing/convert.ts";
import { routingCommand } from "../../src/cli/routing/command.ts";
import { asText, outcomeLines, PRICES } from "../backtest/outcomes.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { run as runCli } from "./terminal.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-routing-"));
after(() => rmSync(home, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(home, name), text);
  return join(home, name);
}

const rows = outcomeLines(160);
const outcomes = file("outcomes.jsonl", asText(rows));
const prices = file("prices.yaml", JSON.stringify(PRICES));
const evaluate = (args: readonly string[]) =>
  runVerb((terminal) => routingCommand(terminal, async () => memoryEncoder()), args);
const usual = ["--outcomes", outcomes, "--prices", prices];

/** A config of two models; by subject the small one is worth `law` in law. */
const config = (name: string, law: number) =>
  file(
    name,
    `
upstreams: { here: { kind: vllm, url: "http://127.0.0.1:9/v1" } }
tiers: { low: { quality: 0.5 }, high: { quality: 0.9 } }
models:
  small: { tier: low, price: { input: 1, output: 1 }, targets: [{ upstream: here, model: small }] }
  big: { tier: high, price: { input: 10, output: 10 }, targets: [{ upstream: here, model: large }] }
signals:
  domain: { weight: 1, scores: { math: { small: 0.9, big: 0.9 }, law: { small: ${law}, big: 0.9 } } }
decision: { threshold: 0 }
`,
  );
const careful = config("careful.yaml", 0.2);
const careless = config("careless.yaml", 0.9);

test("eval routing prints a table with ours first, and says plainly whether routing paid", async () => {
  const { out, err, code } = await evaluate(usual);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^160 rows of outcomes\.jsonl, learned from \d+ and \d+, seed 1; 2 models: large, small$/mu);
  assert.match(out, /^policy +quality +95% +USD\/1k +of best +equal at +at 84% +at 50% +APGR\nsignalbox +\d/mu);
  for (const name of ["always_best", "always_cheapest", "blind_mix", "best_per_category", "prompt_length", "oracle"])
    assert.match(out, new RegExp(`^${name}`, "mu"));
  assert.match(out, /^Routing (?:paid|did not pay|did not show that it pays): [+-]\d+\.\d points/mu);
  assert.match(out, /^Against always the best model: [+-]\d/mu);
  assert.match(out, /Cross-fitted: each half of the rows/u);
  assert.match(out, /^Latency is modelled from speeds, not recorded\.$/mu);
  assert.ok(out.split("\n").every((line) => line.length <= 100));
  assert.doesNotMatch(out, /contract|equation|NaN|undefined/u);
});

test("--json prints one line with the promised figures of every policy", async () => {
  const { out } = await evaluate([...usual, "--json"]);
  const report = JSON.parse(out) as RoutingReport;
  assert.deepEqual([report.rows, report.models, report.seed], [160, ["large", "small"], 1]);
  const ours = report.policies["signalbox"]!;
  assert.deepEqual(Object.keys(ours), [
    "quality",
    "cost",
    "interval",
    "apgr",
    "cpt50",
    "cpt80",
    "cost_share_at_equal_quality",
    "gain_at_cost_share",
    "intervals",
    "ours_less_this",
    "stands",
    "reference",
    "says",
    "tokens",
    "latency_ms",
    "shares",
    "curve",
  ]);
  assert.deepEqual(Object.keys(ours.gain_at_cost_share), ["0.84", "0.5"]);
  assert.ok(ours.interval![0] <= ours.quality! && ours.quality! <= ours.interval![1]);
  assert.equal(
    Object.values(ours.shares)
      .reduce((sum, share) => sum + share, 0)
      .toFixed(4),
    "1.0000",
  );
  assert.deepEqual(Object.keys(report), [
    "rows",
    "models",
    "policies",
    "confidence",
    "per_category",
    "lost_most",
    "folds",
    "seed",
    "complete",
    "latency",
    "prices",
    "skipped",
    "units",
    "notes",
  ]);
  // The encoder of the tests has no last layer, so one policy is missing.
  assert.equal(Object.keys(report.policies).length, 17);
});

test("--config measures a config as it stands, found by its own names or those of its upstreams, and at its prices", async () => {
  const { out, code } = await evaluate(["--outcomes", outcomes, "--config", careful, "--json"]);
  const report = JSON.parse(out) as RoutingReport;
  assert.equal(code, 0);
  assert.deepEqual(report.prices["large"], { input: 10, output: 10, from: "config" });
  assert.match(report.notes.join(" "), /The config is measured as it stands/u);
  assert.doesNotMatch(report.notes.join(" "), /It was calibrated/u);
  const before = file(
    "before.yaml",
    readFileSync(careful, "utf8").replace(
      "threshold: 0",
      "threshold: 0, price_of_quality: 0.0001, calibration: [0, 1, 1]",
    ),
  );
  const again = JSON.parse((await evaluate([...usual, "--config", before, "--json"])).out) as RoutingReport;
  assert.match(again.notes.join(" "), /It was calibrated with outcomes: where these rows were among them/u);
  const mathematics = rows.filter(({ category }) => category === "math").length / rows.length;
  assert.ok(Math.abs(report.policies["signalbox"]!.shares["small"]! - mathematics) < 1e-4);
});

test("--learn takes another file to learn from, and all rows of this one are reported", async () => {
  const teacher = file("teacher.jsonl", asText(outcomeLines(80, 3)));
  const { out, code } = await evaluate([...usual, "--learn", teacher, "--seed", "5", "--json"]);
  const report = JSON.parse(out) as RoutingReport;
  assert.equal(code, 0);
  assert.deepEqual([report.rows, report.folds, report.seed], [160, [{ name: "rows", learned_rows: 80 }], 5]);
  assert.match(report.notes[0]!, /^Learned from teacher\.jsonl/u);
});

test("--html writes one page that needs no network and holds no prompt", async () => {
  await evaluate([...usual, "--html", join(home, "page.html")]);
  const page = readFileSync(join(home, "page.html"), "utf8");
  assert.match(page, /^<!doctype html>/u);
  for (const part of ["Quality against cost", "Policies", "By category", "Decisions that lost most"])
    assert.ok(page.includes(`>${part}`), part);
  assert.doesNotMatch(page, /https?:|<script|src=|url\(|lawsuit|equation|NaN|undefined/u);
});

test("--scenario tells saving, latency and break-even", async () => {
  const scenario = file("scenario.yaml", "requests_per_day: 50000\nmix: { math: 1 }\nrouter: { usd_per_day: 2 }\n");
  const { out } = await evaluate(["--outcomes", outcomes, "--config", careful, "--scenario", scenario]);
  assert.match(out, /^50,000 a day +quality +USD a day +ms$/mu);
  assert.match(out, /^Net saving [\d.]+ USD a day\. It pays for itself from [\d,]+ requests a day on\.$/mu);
  const wrong = file("wrong.yaml", "requests_per_day: 50000\nmux: { math: 1 }\n");
  assert.match((await evaluate([...usual, "--scenario", wrong])).err, /wrong\.yaml:2:1.*mux/su);
});

test("--against tells which rows change their model; a loss past --max-loss is exit code 1", async () => {
  const changed = await evaluate(["--outcomes", outcomes, "--config", careless, "--against", careful]);
  assert.equal(changed.code, 1);
  assert.match(changed.out, /^\d+ of 160 rows get another model\.$/mu);
  assert.match(changed.out, /^large +small +\d+$/mu);
  assert.match(changed.err, /quality falls by \d+\.\d\d points, and --max-loss is 0/u);
  const borne = await evaluate([
    "--outcomes",
    outcomes,
    "--config",
    careless,
    "--against",
    careful,
    "--max-loss",
    "90",
  ]);
  assert.equal(borne.code, 0);
  const better = await evaluate(["--outcomes", outcomes, "--config", careful, "--against", careless, "--json"]);
  assert.equal(better.code, 0);
  const { against } = JSON.parse(better.out) as { against: { quality: { difference: number }; changed: number } };
  assert.ok(against.quality.difference > 0 && against.changed > 0);
  const same = await evaluate(["--outcomes", outcomes, "--config", careful, "--against", careful]);
  assert.match(same.out, /^0 of 160 rows get another model\.$/mu);
});

test("bad lines are told by number, never quoted, and make the exit code 1 beside the figures of the rest", async () => {
  const broken = file("broken.jsonl", `${asText(rows)}{"prompt":"private"}\n{private\n`);
  const said = await evaluate(["--outcomes", broken, "--prices", prices, "--json"]);
  assert.equal(said.code, 1);
  const { skipped, rows: read } = JSON.parse(said.out) as RoutingReport;
  assert.deepEqual([read, skipped.bad_lines], [160, 2]);
  assert.match(said.err, /left out: 2\.\n {2}line 161: column "scores" is missing\n {2}line 162: is not JSON/u);
  assert.doesNotMatch(said.err + said.out, /private/u);
});

test("files and models that will not do are refused in words", async () => {
  const refused = async (...args: string[]) => {
    const said = await evaluate(args);
    assert.equal(said.code, 1);
    return said.err;
  };
  assert.match(await refused("--outcomes", file("empty.jsonl", "")), /empty\.jsonl: the file holds no rows/u);
  assert.match(await refused("--outcomes", join(home, "nowhere")), /cannot read .*nowhere: there is no such file/u);
  const packed = gzipSync(asText(outcomeLines(5000)));
  const cut = file("cut.gz", packed.subarray(0, packed.length / 2));
  assert.match(await refused("--outcomes", cut, "--prices", prices), /cut\.gz: its gzip is damaged after line \d+/u);
  assert.match(
    await refused(...usual, "--pool", "small,larg"),
    /the file has no model "larg"; did you mean "large"\?/u,
  );
  assert.match(await refused(...usual, "--pool", "small"), /nothing to choose between: only small of the file/u);
  assert.match(
    await refused("--outcomes", outcomes),
    /nothing tells the price of "large": give it with --prices FILE/u,
  );
  assert.match(
    await refused(
      ...usual,
      "--config",
      careful,
      "--pool",
      "small,large",
      "--learn",
      file("few.jsonl", asText(rows.slice(0, 5))),
    ),
    /only 5 rows can be learned from/u,
  );
  const alike = asText(rows.map((row) => ({ ...row, scores: { small: 0, large: 0 } })));
  assert.match(
    await refused("--outcomes", file("alike.jsonl", alike), "--prices", prices),
    /there is nothing to choose between/u,
  );
  const dear = file("dear.yaml", "large: { input: -1, output: 1 }\n");
  assert.match(await refused("--outcomes", outcomes, "--prices", dear), /dear\.yaml:1:\d+.*large/su);
  assert.match(await refused(...usual, "--against", careful), /name it with --config/u);
  assert.match(await refused(...usual, "--learn", outcomes, "--fold", "report"), /give --learn or --fold, not both/u);
  assert.match(await refused(...usual, "--learn", outcomes), /--learn is the file itself/u);
});

test("a wrong number or name is a wrong command line", async () => {
  for (const args of [["--seed", "-1"], ["--max-loss", "high"], ["--pool", "a,,b"], ["--fold", "other"], []]) {
    const said = await runCli(["eval", "routing", ...(args.length > 0 ? [...usual, ...args] : [])]);
    assert.equal(said.code, 2, args.join(" "));
  }
});

test("eval convert prints CSV as rows that eval routing reads, and tells the line that is wrong", async () => {
  const convert = (path: string) => runVerb(convertCommand, [path]);
  const csv = file("table.csv", 'prompt,score:small,score:large\n"a, b",0,1\n');
  assert.equal((await convert(csv)).out, '{"prompt":"a, b","scores":{"small":0,"large":1}}\n');
  const bad = await convert(file("bad.csv", "prompt,score:small\nprivate,much\n"));
  assert.deepEqual([bad.code, bad.err.endsWith("bad.csv: line 2: column 2 is no number")], [1, true]);
  assert.match((await convert(join(home, "nowhere.csv"))).err, /cannot read .*nowhere\.csv: there is no such file/u);
});
