import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { backtest, BLIND, OURS } from "../../src/backtest/backtest.ts";
import { createBoard } from "../../src/backtest/board.ts";
import { openWorkshop } from "../../src/backtest/decider.ts";
import type { FitWay } from "../../src/backtest/fold.ts";
import { createTally, wholeRows } from "../../src/backtest/material.ts";
import { reportOf } from "../../src/backtest/report.ts";
import { outlook, scenarioForm, UnfitScenario } from "../../src/backtest/scenario.ts";
import { apart, crossed } from "../../src/backtest/split.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import { openOutcomes } from "../../src/outcomes/open.ts";
import { POLICIES } from "../../src/outcomes/policies/index.ts";
import { lessonOf } from "../../src/outcomes/policies/lesson.ts";
import type { Pool } from "../../src/outcomes/table.ts";
import { linesOf } from "../outcomes/lines.ts";
import { pool as poolOf, shown } from "../outcomes/rows.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { outcomeLines, PRICES } from "./outcomes.ts";

const workshop = await openWorkshop(encoderOptions.parse({}), async () => memoryEncoder());
after(() => workshop.close());

/** A table by subject, as the config could hold it. */
const bySubject: FitWay = async (_lesson, _rows, { names: [large, small] }) => ({
  signals: {
    domain: { weight: 1, scores: { math: { [large!]: 0.9, [small!]: 0.9 }, law: { [large!]: 0.9, [small!]: 0.2 } } },
  },
  usdPerPoint: 0.0001,
  notes: [],
  close: async () => undefined,
});

const MODELS = ["large", "small"];
const pool: Pool = {
  ...poolOf(MODELS),
  prices: [PRICES.large, PRICES.small],
};
const about = { sources: ["file", "file"] as const, seed: 1, notes: [] };
const quiet = () => undefined;

const options = (fit: FitWay, abort?: AbortSignal) => ({ seed: 1, workshop, fit, abort, progress: quiet });

async function fileOf(rows: readonly unknown[]) {
  return openOutcomes(linesOf(rows), undefined);
}

test("a router that tells two subjects apart keeps always-best's quality at little more than half its cost", async () => {
  const halves = { file: await fileOf(outcomeLines(400)), pool };
  const teacher = { file: await fileOf(outcomeLines(300, 99)), pool };
  const report = reportOf((await backtest(apart(halves, teacher), options(bySubject)))!, about);
  const { [OURS]: ours, [BLIND]: blind, always_best: best } = report.policies;
  assert.equal(report.rows, 400);
  assert.deepEqual(report.folds, [{ name: "rows", learned_rows: 300 }]);
  assert.ok(ours!.cost / best!.cost < 0.7, `${ours!.cost / best!.cost}`);
  assert.ok(ours!.quality! > best!.quality! - 0.03);
  assert.ok(blind!.ours_less_this.interval![0] > 0.05, "the gain over a blind mix excludes none");
  assert.ok(ours!.apgr! > 0.65 && report.policies["random"]!.apgr! < 0.6);
  assert.deepEqual(Object.keys(report.per_category).toSorted(), ["law", "math"]);
  assert.ok(report.lost_most.every(({ id, chosen, better }) => id.startsWith("row-") && chosen !== better));
});

test("without a learn file each half is decided by what the other half taught, and every row is reported once", async () => {
  const file = await fileOf(outcomeLines(300));
  const result = (await backtest(crossed({ file, pool }, 1), options(bySubject)))!;
  assert.equal(result.rows, 300);
  const [first, second] = result.folds;
  assert.equal(first!.learned + second!.learned, 300);
  assert.ok(first!.learned > 100 && second!.learned > 100);
});

test("rows whose text taught too are told, whatever their ids", async () => {
  const rows = outcomeLines(120).map((row, at) => ({ ...row, prompt: `${row.prompt} ${at}` }));
  const again = rows.slice(0, 50).map((row) => ({ ...row, id: `again ${row.id}` }));
  const run = async (taught: readonly unknown[]) => {
    const folds = apart({ file: await fileOf(rows), pool }, { file: await fileOf(taught), pool });
    return reportOf((await backtest(folds, options(bySubject)))!, about).notes.join("\n");
  };
  assert.match(await run([...outcomeLines(100, 99), ...again]), /rows: 50 of the reported rows have the text of/u);
  assert.doesNotMatch(await run(outcomeLines(100, 99)), /have the text of/u);
});

test("the same seed gives the same report, number by number", async () => {
  const once = async () => {
    const file = await fileOf(outcomeLines(200));
    return JSON.stringify(reportOf((await backtest(crossed({ file, pool }, 4), options(bySubject)))!, about));
  };
  assert.equal(await once(), await once());
});

test("rows that a model of the pool was not run on are left out and counted", async () => {
  const rows = outcomeLines(120).map((row, at) => (at < 20 ? { ...row, scores: { large: 1 } } : row));
  const result = (await backtest(crossed({ file: await fileOf(rows), pool }, 1), options(bySubject)))!;
  const report = reportOf(result, about);
  assert.deepEqual([report.rows, report.skipped.incomplete], [100, 20]);
});

test("few rows, and rows on which all models do alike, are refused in words", async () => {
  const run = async (rows: readonly unknown[]) =>
    backtest(crossed({ file: await fileOf(rows), pool }, 1), options(bySubject));
  await assert.rejects(run(outcomeLines(30)), /only \d+ rows can be learned from; at least 20 are needed/u);
  const alike = outcomeLines(100).map((row) => ({ ...row, scores: { small: 1, large: 1 } }));
  await assert.rejects(run(alike), /all 2 models have the same score: there is nothing to choose between/u);
});

test("stopped on the way, it tells of the rows that were decided by then", async () => {
  const file = await fileOf(outcomeLines(2000));
  const controller = new AbortController();
  const folds = apart({ file, pool, abort: controller.signal }, { file: await fileOf(outcomeLines(50)), pool });
  const progress = (says: string) => {
    if (says.includes("300 rows decided")) controller.abort();
  };
  const result = (await backtest(folds, { ...options(bySubject, controller.signal), progress }))!;
  assert.equal(result.complete, false);
  assert.ok(result.rows >= 299 && result.rows < 1000, String(result.rows));
});

test("a scenario weighs categories, stretches lengths and says from how many requests on routing pays", async () => {
  const file = await fileOf(outcomeLines(400));
  const result = (await backtest(crossed({ file, pool }, 1), options(bySubject)))!;
  const scenario = (more: object) => scenarioForm.parse({ requests_per_day: 1e6, ...more });
  const law = outlook(result, scenario({ mix: { law: 1 } }));
  const maths = outlook(result, scenario({ mix: { math: 1 } }));
  assert.ok(Math.abs(law.net_saving_per_day) < 1, "all of law goes to the best model");
  // Always best: (20 + 100) tokens at 10; ours: (20 + 50) at 1; of a million requests.
  assert.ok(Math.abs(maths.always_best.usd_per_day - 1200) < 1e-6);
  assert.ok(Math.abs(maths.net_saving_per_day - (1200 - 70)) < 1e-6);
  const twice = outlook(result, scenario({ mix: { math: 1 }, input_tokens: 40, output_tokens: 200 }));
  assert.ok(Math.abs(twice.always_best.usd_per_day - 2400) < 1e-6);
  const costly = outlook(result, scenario({ mix: { math: 1 }, router: { usd_per_day: 113, ms_per_decision: 5 } }));
  assert.equal(costly.break_even_requests_per_day, 100_000);
  assert.ok(Math.abs(costly.ours.latency_ms - maths.ours.latency_ms - 5) < 1e-6);
  const never = outlook(result, scenario({ mix: { math: 1 }, router: { usd_per_decision: 1 } }));
  assert.equal(never.break_even_requests_per_day, null);
  assert.throws(() => outlook(result, scenario({ mix: { cooking: 1 } })), UnfitScenario);
  assert.throws(
    () => outlook(result, scenario({ prices: { tiny: { input: 1, output: 1 } } })),
    /no model of the pool/u,
  );
});

/** Bytes that are held, without what only waits to be collected. */
function inUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

test("of two hundred thousand rows only numbers are kept", async () => {
  const rows = 200_000;
  const text = "a contract, a lawsuit ".repeat(50);
  const lines = async function* () {
    for (let at = 0; at < rows; at++) {
      const row = {
        id: `row-${at}`,
        prompt: text,
        scores: { small: at % 2, large: 1 },
        cost_usd: { small: 1, large: 2 },
      };
      yield { number: at + 1, bytes: Buffer.from(JSON.stringify(row)) };
    }
  };
  const file = await openOutcomes(lines, undefined);
  const board = createBoard(pool, POLICIES);
  const lesson = lessonOf(pool, [shown({ scores: [1, 0] }), shown({ scores: [1, 1] })], 1);
  const cheap = POLICIES.filter(({ name }) => ["always_best", "oracle", "prompt_length"].includes(name));
  const learned = new Map(cheap.map((policy) => [policy.name, policy.learn(lesson)!]));
  const decided = { chosen: 0, quality: new Float32Array(2), costUsd: new Float32Array(2), confidence: 0.5 };
  const before = inUse();
  for await (const { id, outcomes } of wholeRows({ file, pool, isWanted: () => true }, createTally())) {
    const seen = shown({ scores: [1, 0], text }).seen;
    board.push({ id, shown: { seen, outcomes }, decided }, learned, new Float32Array(2));
  }
  const grown = inUse() - before;
  assert.equal(board.rows, rows);
  // The texts alone would be 220 MB.
  assert.ok(grown < 120e6, `${Math.round(grown / 1e6)} MB`);
});
