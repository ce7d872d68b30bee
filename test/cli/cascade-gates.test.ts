import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { GatesReport } from "../../src/backtest/cascade/gates.ts";
import { compileCascade } from "../../src/cascade/compile.ts";
import { cascadeOptions } from "../../src/cascade/options.ts";
import { readCascade } from "../../src/cascade/learned.ts";
import { gatesCommand } from "../../src/cli/cascade/calibrate.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { run } from "./terminal.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-gates-"));
after(() => rmSync(home, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(home, name), text);
  return join(home, name);
}

/** A small model that takes much back where it is wrong and is unsure of it, another one that then says something else, and a large one. */
function recorded(count: number) {
  const draw = seeded(5);
  const outcomes: object[] = [];
  const replies: object[] = [];
  for (let at = 0; at < count; at++) {
    const [small, other, large] = [draw() < 0.7, draw() < 0.7, draw() < 0.95].map(Number);
    const about = { scores: { small, other, large }, input_tokens: 20 };
    outcomes.push({
      id: `q-${at}`,
      prompt: `What is ${at} times 7?`,
      ...about,
      output_tokens: { small: 50, other: 50, large: 100 },
    });
    const sure = Math.log(small === 1 ? 0.6 + draw() * 0.4 : draw() * 0.7);
    const reply = small === 1 ? `It follows. {"answer": "${at * 7}"}` : `However, wait, a mistake. {"answer": "${at}"}`;
    replies.push({ id: `q-${at}`, model: "small", reply, logprobs: [sure, sure, sure] });
    replies.push({ id: `q-${at}`, model: "other", reply: `{"answer": "${other === 1 ? at * 7 : at + 1}"}` });
  }
  return { outcomes, replies };
}

const asText = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const { outcomes: rows, replies: said } = recorded(1_000);
const outcomes = file("outcomes.jsonl", asText(rows));
const replies = file("replies.jsonl", asText(said));
const prices = file(
  "prices.yaml",
  "small: { input: 0.1, output: 0.1 }\nother: { input: 0.2, output: 0.2 }\nlarge: { input: 10, output: 10 }\n",
);
const CONFIG = `upstreams: { here: { kind: vllm, url: "http://127.0.0.1:9/v1" } }
tiers: { low: { quality: 0.5 }, high: { quality: 0.9 } }
models:
  tiny: { tier: low, price: { input: 0.1, output: 0.1 }, targets: [{ upstream: here, model: small }] }
  other: { tier: low, price: { input: 0.2, output: 0.2 }, targets: [{ upstream: here, model: other }] }
  big: { tier: high, price: { input: 10, output: 10 }, targets: [{ upstream: here, model: large }] } # the dear one
signals: { complexity: {} }
routes: { sums: { cascade: { models: [tiny, big], gates: [{ kind: heuristics }], usd: 0.5 } } }
`;
const usual = ["-f", outcomes, "--replies", replies, "--max-loss", "4"];
const bare = [...usual, "--prices", prices, "--pool", "small,other,large"];
const calibrate = (...args: readonly string[]) => runVerb((terminal) => gatesCommand(terminal), args);

test("calibrate gates says what is promised, how often each gate errs with its interval, and where it breaks even; it writes nothing unasked", async () => {
  const { out, err, code } = await calibrate(...bare);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    /^With 95% confidence at most 4 of 100 requests like these get a wrong answer where large has the/mu,
  );
  for (const name of ["learned", "logprobs 1 from 0\\.\\d+", "agreement 1 from 0\\.95", "agreement 2 from 0\\.95"])
    assert.match(out, new RegExp(`^${name}.* \\d+ \\(\\d+-\\d+\\) .* \\d+%$`, "mu"));
  assert.match(out, /^heuristics 1 +not promised$/mu);
  assert.match(out, /Each promise holds with 99\.\d% confidence, all together with 95%/u);
  assert.match(out, /\n {2}default:\n {4}cascade:\n/u);
  assert.doesNotMatch(out, /NaN|undefined/u);
  assert.equal(existsSync("gates.json"), false);
});

test("calibrate gates --out writes the gates that were learned, --json prints every figure, twice the same", async () => {
  const path = join(home, "gates.json");
  const args = [...bare, "--gate", "learned", "--json", "--out", path];
  const [first, again] = [await calibrate(...args), await calibrate(...args)];
  assert.equal(first.out, again.out);
  const report = JSON.parse(first.out) as GatesReport & { file: string; written: null; changes: object[] };
  assert.deepEqual([report.file, report.written, report.gates.length], [path, null, 1]);
  const { best } = report;
  const [low, high] = best!.wrong_let_through!.slice(1) as [number, number];
  assert.ok(low < best!.wrong_let_through![0] && best!.wrong_let_through![0] < high);
  assert.ok(best!.escalated![0] < best!.break_even_rate!, "it pays");
  assert.ok(best!.loss![0] < 0.04 && best!.cost_share! < 1);
  const options = cascadeOptions.parse({ models: ["small", "other", "large"], path });
  const served = compileCascade(options, readCascade(readFileSync(path, "utf8")));
  assert.deepEqual(
    served.steps.map(({ asks }) => asks),
    best!.asks,
    "the file is served as it was measured",
  );
  assert.deepEqual(report.changes, [
    { path: "routes.default.cascade", after: { models: ["small", "other", "large"], path } },
  ]);
});

test("--write changes the route's cascade by the names that the config has, and keeps the rest of it", async () => {
  const config = file("signalbox.yaml", CONFIG);
  const pool = ["--pool", "small,other,large", "-c", config, "--route", "sums"];
  const plain = await calibrate(...usual, ...pool, "--gate", "agreement", "--write");
  assert.deepEqual([plain.code, plain.err], [0, ""]);
  assert.match(plain.out, /A plain gate needs no file[^]*Changed in/u);
  const changed = readFileSync(config, "utf8");
  assert.match(changed, /# the dear one/u);
  assert.match(changed, /usd: 0\.5/u);
  assert.match(changed, /kind: agreement/u);
  assert.doesNotMatch(changed, /heuristics/u);
  assert.match((await calibrate(...usual, ...pool, "--gate", "learned", "--write")).err, /--write needs --out/u);
  const out = join(home, "served.json");
  const learned = await calibrate(...usual, ...pool, "--gate", "learned", "--write", "--out", out);
  assert.deepEqual([learned.code, learned.err], [0, ""]);
  assert.deepEqual(readCascade(readFileSync(out, "utf8")).models, ["tiny", "other", "big"]);
  assert.match(readFileSync(config, "utf8"), /served\.json/u);
  assert.doesNotMatch(readFileSync(config, "utf8"), /kind: agreement/u);
  const strange = await calibrate(...usual, ...pool.slice(0, -1), "summs");
  assert.match(strange.err, /--route: the config has no route "summs"; did you mean "sums"\?/u);
});

test("what the rows do not carry is refused with what they would carry, and nothing is written", async () => {
  const path = join(home, "none.json");
  const few = await calibrate(...bare, "--max-loss", "0.1", "--out", path);
  assert.equal(few.code, 1);
  assert.match(few.err, /outcomes\.jsonl: 1000 rows cannot show that the loss is below 0\.1% with 95% confidence/u);
  const none = await calibrate(...bare, "--gate", "heuristics", "--out", path);
  assert.match(none.err, /no gate \(heuristics\) saves anything[^]*They carry 50 \(--max-loss 50\)/u);
  assert.equal(existsSync(path), false);
  const short = file("short.jsonl", asText(rows.slice(0, 60)));
  assert.match((await calibrate(...bare, "-f", short)).err, /only 60 rows .* at least 100 are needed/u);
});

test("lines that cannot be read are told with file and line, and left out", async () => {
  const broken = file(
    "broken.jsonl",
    `${asText(said)}{"id": "q-1"\n{"id": "q-1", "model": "small", "reply": "x", "logprobs": [1]}\n`,
  );
  const { code, err } = await calibrate(...bare, "--replies", broken, "--gate", "agreement");
  assert.equal(code, 0);
  assert.match(
    err,
    /broken\.jsonl that cannot be read, and were left out: 2\.\n {2}line 2001: is not JSON\n {2}line 2002: column "logprobs" is no list/u,
  );
});

test("what stands in the way is told: no such gate, a strange pool, a place where something else lies", async () => {
  const own = file("mine.json", '{"mine": true}');
  assert.match(
    (await calibrate(...bare, "--out", own)).err,
    /mine\.json is there and holds something else than gates/u,
  );
  assert.match((await calibrate(...bare, "--out", join(home, "no", "gates.json"))).err, /there is no directory/u);
  assert.equal((await calibrate(...bare, "--gate", "guess")).code, 2);
  assert.equal((await calibrate(...bare, "--max-loss", "0")).code, 2);
  assert.equal((await calibrate(...usual)).code, 2, "without a pool");
  const alone = ["--prices", prices, "--pool", "other,large", "--gate", "logprobs"];
  assert.match((await calibrate(...usual, ...alone)).err, /no reply has log-probabilities/u);
});

test("behind `calibrate gates` options are its own, and `calibrate` still asks for what it needs", async () => {
  const { code, out } = await run(["calibrate", "gates", ...bare, "--json"]);
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as GatesReport).max_loss, 0.04);
  const bareVerb = await run(["calibrate"]);
  assert.equal(bareVerb.code, 2);
  assert.match(bareVerb.err, /required option '-f, --outcomes <path>' not specified/u);
});
