import assert from "node:assert/strict";
import { test } from "node:test";
import { bestWithin, cascadeOf, cheapest, study, UnfitRows } from "../../src/cascade/fit.ts";
import { cascadeText, createLearned, readCascade, UnfitCascade } from "../../src/cascade/learned.ts";
import { chanceOf, fitChance } from "../../src/cascade/linear.ts";
import { runCascade } from "../../src/cascade/leaks.ts";
import type { CascadeRow } from "../../src/cascade/rows.ts";
import { judged, recordedRows } from "./answers.ts";

const MODELS = ["tiny", "small", "large"];
const rows = recordedRows(400);
const fresh = recordedRows(400, 99);
const learned = study(MODELS, rows);

const came = (some: readonly CascadeRow[], cascade: ReturnType<typeof cascadeOf>) => {
  const runs = some.map((row) => ({ row, ...runCascade(row, cascade) }));
  const mean = (of: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  return { quality: mean(({ row, answered }) => row.right[answered]!), cost: mean(({ cost }) => cost) };
};

test("a cascade that is fitted keeps the strong model's quality on new rows, for less", () => {
  const { quality, cost } = came(fresh, cascadeOf(learned, cheapest(learned, 0)));
  assert.ok(quality > 0.87, `${quality}`);
  assert.ok(cost < 0.7, `${cost}`);
});

test("the best cascade within a share of the strong model's cost spends no more on the rows it learned from", () => {
  for (const share of [0.1, 0.3, 0.6]) assert.ok(bestWithin(learned, share).cost <= share * learned.strong.cost);
  assert.ok(bestWithin(learned, 0.6).quality >= bestWithin(learned, 0.3).quality);
  assert.ok(bestWithin(learned, 0).cost <= 0.07, "the cheapest where none costs so little");
});

test("where no cascade keeps the quality, the strong model is always asked", () => {
  const cascade = cascadeOf(learned, undefined);
  assert.deepEqual(runCascade(fresh[0]!, cascade), { answered: 2, steps: 1, cost: 1 });
});

test("the same rows give the same cascade", () => {
  const again = study(MODELS, rows);
  assert.deepEqual(cascadeOf(again, cheapest(again, 0)), cascadeOf(learned, cheapest(learned, 0)));
});

test("a cascade survives its file, and decides as before", () => {
  const cascade = cascadeOf(learned, cheapest(learned, 0));
  const read = readCascade(cascadeText(cascade));
  assert.deepEqual(
    fresh.map((row) => runCascade(row, read)),
    fresh.map((row) => runCascade(row, cascade)),
  );
});

test("a file that is no cascade is refused with what is wrong with it", () => {
  const cascade = JSON.parse(cascadeText(cascadeOf(learned, cheapest(learned, 0)))) as Record<string, unknown>;
  const refused = (change: Record<string, unknown>, message: RegExp) =>
    assert.throws(
      () => readCascade(JSON.stringify({ ...cascade, ...change })),
      (error: unknown) => error instanceof UnfitCascade && message.test(error.message),
    );
  assert.throws(() => readCascade("{"), /it is not JSON/u);
  refused({ format: 2 }, /format is wrong/u);
  refused({ surprise: 1 }, /surprise/u);
  refused({ most: [] }, /one entry for each of asks/u);
  refused({ asks: [1, 5] }, /asks/u);
  refused({ most: [null, null] }, /most\.0 is wrong/u);
  refused({ models: ["only"] }, /models is wrong/u);
});

test("a chance is learned from what tells right answers, and a feature that is missing counts as usual", () => {
  const features = Array.from({ length: 200 }, (_, at) => ({
    tells: at % 2,
    ...(at % 3 === 0 ? { sometimes: at } : {}),
    odd: Number.NaN,
  }));
  const truth = Uint8Array.from(features, (_, at) => Number(at % 2 === 1 || at % 10 === 0));
  const { chance, held } = fitChance(features, truth);
  assert.ok(chanceOf(chance, { tells: 1 }) > 0.8);
  assert.ok(chanceOf(chance, { tells: 0 }) < 0.5);
  assert.ok(held.every((value) => value > 0 && value < 1));
  assert.ok(chanceOf(chance, { tells: Number.NaN }) > 0 && chanceOf(chance, {}) < 1);
});

test("rows of one class only give that class's share, and no infinity", () => {
  for (const truth of [0, 1]) {
    const { chance } = fitChance(
      Array.from({ length: 60 }, (_, at) => ({ one: at })),
      new Uint8Array(60).fill(truth),
    );
    const value = chanceOf(chance, { one: 3 });
    assert.ok(truth === 1 ? value > 0.9 && value < 1 : value < 0.1 && value > 0, `${value}`);
  }
  const all = rows.map((row) => ({ ...row, right: Uint8Array.of(1, 1, 1) }));
  const candidate = cheapest(study(MODELS, all), 0)!;
  assert.deepEqual(candidate.asks, [0]);
  assert.ok(candidate.quality > 0.99);
});

test("what cannot be learned from is refused with a reason", () => {
  assert.throws(
    () => study(MODELS, rows.slice(0, 30)),
    (error: unknown) => error instanceof UnfitRows && /only 30 rows/u.test(error.message),
  );
  assert.throws(() => study(["large"], rows), /not to 1 models/u);
  const odd = rows.map((row, at) => (at === 5 ? { ...row, costs: Float64Array.of(1, Number.NaN, 1) } : row));
  assert.throws(() => study(MODELS, odd), /no amount of 0 or more/u);
});

test("a learned gate judges by whatever it knows of the answer", () => {
  const { chance } = fitChance(
    rows.map(({ beside }) => beside[1]!),
    Uint8Array.from(rows, ({ right }) => right[1]!),
  );
  const gate = createLearned(chance);
  const good = (text: string, other: string) => {
    const verdict = gate.judge(judged(text, { others: [other] }), { ask: async () => ({}), mark: () => "" });
    return verdict instanceof Promise || verdict === undefined ? Number.NaN : verdict.good;
  };
  assert.ok(good('It follows {"answer":"42"}', '{"answer":"42"}') > 0.7);
  assert.ok(good('However, wait, a mistake, it seems {"answer":"31"}', '{"answer":"42"}') < 0.5);
});
