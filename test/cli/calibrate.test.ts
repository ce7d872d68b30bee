import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { calibrateCommand } from "../../src/cli/calibrate.ts";
import { asText, outcomeLines } from "../backtest/outcomes.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-calibrate-test-"));
after(() => rmSync(home, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(home, name), text);
  return join(home, name);
}

const CONFIG = `# Two models.
upstreams: { here: { kind: vllm, url: "http://127.0.0.1:9/v1" } }
tiers: { low: { quality: 0.5 }, high: { quality: 0.9 } }
models:
  small: { tier: low, price: { input: 1, output: 1 }, targets: [{ upstream: here, model: small }] }
  big: { tier: high, price: { input: 10, output: 10 }, targets: [{ upstream: here, model: large }] } # the dear one
signals: { complexity: {} }
`;
/** Each text stands once. */
const rows = outcomeLines(400).map((row, at) => ({ ...row, prompt: `${row.prompt} ${at}` }));
const outcomes = file("outcomes.jsonl", asText(rows));
const calibrate = (args: readonly string[]) =>
  runVerb((terminal) => calibrateCommand(terminal, async () => memoryEncoder()), args);

test("calibrate promises what the rows carry, prints held-out figures beside fitted ones, and writes the changes on request", async () => {
  const config = file("usual.yaml", CONFIG);
  const out = join(home, "usual.json");
  const usual = ["-f", outcomes, "-c", config, "--max-loss", "12", "-o", out];
  const shown = await calibrate(usual);
  assert.deepEqual([shown.code, shown.err], [0, ""]);
  assert.match(shown.out, /^With 95% confidence routing stays at most 12 points below always big,/mu);
  assert.match(shown.out, /^ +held out +fitted$/mu);
  assert.match(shown.out, /^\+ decision\.price_of_quality: \d/mu);
  assert.match(shown.out, /^\+ signals\.complexity\.weight: 0$/mu);
  assert.equal(readFileSync(config, "utf8"), CONFIG, "nothing is changed unasked");
  assert.ok(existsSync(out));

  const told = await calibrate([...usual, "--write", "--json"]);
  const json = JSON.parse(told.out) as {
    held: { loss: number; cost_share: number };
    fitted: { loss: number };
    confidence: { ece: number };
    promised: { kept: boolean };
    written: string;
  };
  assert.equal(json.promised.kept, true);
  assert.equal(json.written, config);
  assert.ok(json.held.loss < 0.12 && json.held.cost_share < 1, JSON.stringify(json.held));
  const written = readFileSync(config, "utf8");
  assert.match(written, /# the dear one/u);
  assert.match(written, /price_of_quality: /u);
  const learned = readFileSync(out);
  const fewer = file("fewer.jsonl", asText(rows.slice(0, 350)));
  const dry = await calibrate(["-f", fewer, "-c", config, "--max-loss", "15", "-o", out]);
  assert.match(dry.out, /usual\.json stays as it is/u);
  assert.deepEqual(readFileSync(out), learned, "nor is the predictor that a config uses");
  const again = await calibrate([...usual, "--json"]);
  assert.deepEqual(
    (JSON.parse(again.out) as { changes: unknown[] }).changes,
    [],
    "the same rows and the changed config come to the same",
  );
});

test("the changed config keeps its mode, its link and its references", async () => {
  const config = file("private.yaml", CONFIG.replace("kind: vllm", "kind: vllm, key: ${SOME_KEY}"));
  chmodSync(config, 0o600);
  const link = join(home, "link.yaml");
  symlinkSync(config, link);
  const args = ["-f", outcomes, "-c", link, "--max-loss", "12", "-o", join(home, "private.json"), "--write"];
  const { code, err } = await calibrate(args);
  assert.deepEqual([code, err], [0, ""]);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(statSync(config).mode & 0o777, 0o600);
  assert.match(readFileSync(config, "utf8"), /key: \$\{SOME_KEY\}[^]*price_of_quality: /u);
});

test("a config whose parts an anchor shares is not changed; what to put into it is told", async () => {
  const shared = `${CONFIG.replace("small: {", "small: { quality: &half 0.5,")}decision: { tolerance: *half }\n`;
  const config = file("shared.yaml", shared);
  const out = join(home, "shared.json");
  const { code, err } = await calibrate(["-f", outcomes, "-c", config, "--max-loss", "12", "-o", out, "--write"]);
  assert.equal(code, 1);
  assert.match(err, /shared\.yaml cannot be changed in place[^]*price_of_quality: /u);
  assert.equal(readFileSync(config, "utf8"), shared);
  assert.equal(existsSync(out), false);
});

test("where nothing costs anything there is no share of cost, and the better model answers", async () => {
  const config = file("free.yaml", CONFIG.replaceAll(/input: \d+, output: \d+/gu, "input: 0, output: 0"));
  const { code, out } = await calibrate([
    "-f",
    outcomes,
    "-c",
    config,
    "--max-loss",
    "12",
    "-o",
    join(home, "free.json"),
  ]);
  assert.equal(code, 0);
  assert.match(out, /^of its cost +- +-$/mu);
  assert.match(out, /^Answered by: big [1-9]\d*%, small [1-9]\d*%\.$/mu, "which is not the first by name");
});

test("what the promise does not cover of a config is said", async () => {
  const stranger = "mid: { tier: low, price: { input: 2, output: 2 }, targets: [{ upstream: here, model: mid }] }";
  const text = `${CONFIG.replace("models:", `models:\n  ${stranger}`)}decision: { escalate_below_margin: 0.1 }\n`;
  const args = ["-f", outcomes, "-c", file("more.yaml", text), "--max-loss", "12", "-o", join(home, "more.json")];
  const { code, err } = await calibrate(args);
  assert.equal(code, 0);
  assert.match(err, /the promise says nothing of them: mid\./u);
  assert.match(err, /escalate_below_margin .* the promise holds where it is 0/u);
});

test("rows that repeat the text of others are told, since nothing holds them out", async () => {
  const twice = rows.flatMap((row) => [row, ...(row.id.endsWith("7") ? [{ ...row, id: `again ${row.id}` }] : [])]);
  const args = ["-f", file("twice.jsonl", asText(twice)), "-c", file("twice.yaml", CONFIG), "--max-loss", "15"];
  const { err } = await calibrate([...args, "-o", join(home, "twice.json")]);
  // 40 pairs, of which a quarter falls into one part by chance.
  const count = Number(/text of another row that taught: (\d+)/u.exec(err)?.[1]);
  assert.ok(count >= 40 && count <= 80 && count % 2 === 0, err);
});

test("what the rows cannot carry is refused, with what they could, and nothing is written", async () => {
  const config = file("strict.yaml", CONFIG);
  const out = join(home, "strict.json");
  const { code, err } = await calibrate(["-f", outcomes, "-c", config, "--max-loss", "0", "-o", out, "--write"]);
  assert.equal(code, 1);
  assert.match(err, /do not carry the promise that routing stays at most 0 points below big/u);
  assert.match(err, /They carry \d+\.\d points \(--max-loss \d/u);
  assert.equal(existsSync(out), false);
  assert.equal(readFileSync(config, "utf8"), CONFIG);
});

test("a table can be learned in the predictor's place: a score for each subject and model", async () => {
  const config = file("table.yaml", CONFIG);
  const { code, out } = await calibrate([
    "-f",
    outcomes,
    "-c",
    config,
    "--max-loss",
    "15",
    "--method",
    "table",
    "--json",
  ]);
  assert.equal(code, 0);
  const { changes } = JSON.parse(out) as { changes: { path: string; after: unknown }[] };
  const scores = changes.find(({ path }) => path === "signals.domain.scores")!.after as Record<string, object>;
  assert.ok(Object.keys(scores).length > 0);
  for (const row of Object.values(scores)) assert.deepEqual(Object.keys(row).toSorted(), ["big", "small"]);
  assert.equal(changes.find(({ path }) => path === "signals.domain.weight")!.after, 1);
});

test("a reference that nobody knows, a file of somebody else and rows that are none are refused", async () => {
  const config = file("bad.yaml", CONFIG);
  const mine = file("mine.json", "{}");
  const wrong = file("wrong.jsonl", "no\nrows\n");
  const refused = async (...args: string[]) => (await calibrate(["-c", config, ...args])).err;
  assert.match(await refused("-f", outcomes, "--reference", "huge"), /"huge" is no model of the config.*big, small/u);
  assert.match(await refused("-f", outcomes, "-o", mine), /holds something else than a predictor/u);
  assert.match(
    await refused("-f", outcomes, "-o", join(home, "nowhere", "p.json")),
    /there is no directory .*nowhere/u,
  );
  assert.match(await refused("-f", wrong), /wrong\.jsonl/u);
  assert.equal(readFileSync(mine, "utf8"), "{}");
});
