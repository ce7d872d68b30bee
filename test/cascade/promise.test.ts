import assert from "node:assert/strict";
import { test } from "node:test";
import { UnfitRows } from "../../src/cascade/fit.ts";
import { isLost, leaksOf } from "../../src/cascade/leaks.ts";
import { promise, type Promised, type Wish } from "../../src/cascade/promise.ts";
import { cascadeRow, type CascadeRow, type PlainKind } from "../../src/cascade/rows.ts";
import { plainWays } from "../../src/cascade/ways.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { recordedRows } from "./answers.ts";

const MODELS = ["tiny", "small", "large"];
const wish: Wish = { mostLoss: 0.03, delta: 0.05 };
const many = promise(MODELS, recordedRows(2_000, 3), wish);
const wayOf = ({ ways }: Promised, gate: PlainKind | "learned") => ways.find((way) => way.gate === gate)!;

/** Rows whose cheap answers have log-probabilities that tell right ones from wrong ones to some extent. */
function sureRows(count: number, seed: number): CascadeRow[] {
  const draw = seeded(seed);
  return Array.from({ length: count }, (_, at) => {
    const right = [draw() < 0.7, draw() < 0.95].map(Number);
    const sureness = right[0] === 1 ? 0.5 + draw() / 2 : draw() * 0.7;
    return cascadeRow(
      `row-${at}`,
      { asked: { turn: "?" }, answers: [{ text: "It is 4.", logprobs: new Float64Array(5).fill(Math.log(sureness)) }] },
      { right: Uint8Array.from(right), costs: Float64Array.of(0.05, 1) },
    );
  });
}

const lossOn = (rows: readonly CascadeRow[], { promised }: Promised["ways"][number]) =>
  rows.filter((row) => isLost(row, promised!.run(row))).length / rows.length;

test("what is promised holds on rows that were never seen, for the learned gates and for every plain one", () => {
  const after = recordedRows(2_000, 4);
  const promised = many.ways.filter((way) => way.promised);
  assert.deepEqual([...new Set(promised.map(({ gate }) => gate))], ["learned", "agreement"]);
  for (const way of promised) {
    assert.ok(lossOn(after, way) < 0.03, `${way.gate} ${lossOn(after, way)}`);
    const { leaks } = way.promised!;
    assert.ok(leaks.cost < leaks.strongCost && leaks.loss.low <= leaks.loss.share && leaks.loss.share < 0.03);
  }
  assert.deepEqual([many.learned, many.rows], [1_000, 1_000]);
  assert.equal(
    many.best!.promised.leaks.cost,
    Math.min(...promised.map((way) => way.promised!.leaks.cost)),
    "the cheapest of them is the best",
  );
});

test("a promise is wrong no more often than its error says", () => {
  const population = sureRows(8_000, 1);
  const broken = Array.from({ length: 40 }, (_, seed) => {
    const found = promise(["small", "large"], sureRows(500, seed + 2), {
      mostLoss: 0.05,
      delta: 0.2,
      gate: "logprobs",
    });
    return found.best !== undefined && lossOn(population, wayOf(found, "logprobs")) > 0.05;
  }).filter(Boolean).length;
  assert.ok(broken <= 15, `${broken} of 40, where 8 are to be feared`);
});

test("a gate is looked at where the rows have something for it, and alone it need not share the error", () => {
  assert.deepEqual(
    many.ways.map(({ gate, kept }) => `${gate} ${kept}`),
    ["learned 1", "heuristics 0", "agreement 0", "heuristics 1", "agreement 1"],
  );
  assert.ok(Math.abs(many.confidence - 0.99) < 1e-9);
  const alone = promise(MODELS, recordedRows(2_000, 3), { ...wish, gate: "agreement" });
  assert.ok(alone.ways.every(({ gate }) => gate === "agreement"));
  assert.ok(Math.abs(alone.confidence - 0.975) < 1e-9);
  const known = (gate: PlainKind, rows: readonly CascadeRow[], message: RegExp) =>
    assert.throws(
      () => promise(["small", "large"], rows, { ...wish, gate }),
      (error: unknown) => error instanceof UnfitRows && message.test(error.message),
    );
  known("agreement", sureRows(700, 1), /one cheap model only/u);
  const bare = sureRows(700, 1).map((row) => ({
    ...row,
    verdicts: row.verdicts.map((own) => ({ ...own, logprobs: Number.NaN })),
  }));
  known("logprobs", bare, /no reply has log-probabilities/u);
});

test("thresholds go from the most careful one on, and a lower one lets through whatever a higher one does", () => {
  const rows = sureRows(400, 9);
  const way = plainWays(rows).find(({ gate }) => gate === "logprobs")!;
  const thresholds = way.settings.map(({ threshold }) => threshold!);
  assert.deepEqual(
    thresholds,
    thresholds.toSorted((a, b) => b - a),
  );
  const passing = way.settings.map(({ run }) => rows.filter((row) => run(row).answered === 0).length);
  assert.deepEqual(
    passing,
    passing.toSorted((a, b) => a - b),
  );
  assert.equal(passing.at(-1), 400, "the last one lets everything through");
});

test("an answer that a gate has nothing to tell of is not let through", () => {
  const rows = sureRows(400, 9);
  const [silent] = rows.map((row) => ({ ...row, verdicts: [{ ...row.verdicts[0]!, logprobs: Number.NaN }] }));
  const way = plainWays(rows).find(({ gate }) => gate === "logprobs")!;
  assert.deepEqual(way.settings.at(-1)!.run(silent!), { answered: 1, steps: 2, cost: 1.05 });
});

test("agreement pays for every cheap model before anything is judged", () => {
  const rows = recordedRows(100);
  const way = plainWays(rows).find(({ gate, kept }) => gate === "agreement" && kept === 1)!;
  const costs = rows.map((row) => way.settings[0]!.run(row).cost);
  assert.deepEqual([...new Set(costs.map((cost) => cost.toFixed(2)))].toSorted(), ["0.06", "1.06"]);
});

test("leaks are counted of the answers that were at hand", () => {
  const rows = [
    [1, 1],
    [0, 1],
    [0, 0],
    [1, 0],
  ].map((right): CascadeRow => ({ ...sureRows(1, 1)[0]!, right: Uint8Array.from(right) }));
  const out = new Set<CascadeRow>(rows.slice(0, 2));
  const leaks = leaksOf(
    rows,
    (row) => (out.has(row) ? { answered: 0, steps: 1, cost: 0.05 } : { answered: 1, steps: 2, cost: 1.05 }),
    0,
  );
  assert.deepEqual(
    [leaks.wrongLetThrough, leaks.rightRejected, leaks.escalated, leaks.loss].map(({ share, rows: of }) => [share, of]),
    [
      [0.5, 2],
      [0.5, 2],
      [0.5, 4],
      [0.25, 4],
    ],
  );
  assert.deepEqual([leaks.quality, leaks.strongQuality, leaks.strongCost], [0.25, 0.5, 1]);
  assert.ok(Math.abs(leaks.breakEvenRate - 0.95) < 1e-9 && Math.abs(leaks.cheapCost - 0.05) < 1e-9);
});

test("what the rows cannot carry is not promised, and what they could carry is offered", () => {
  assert.throws(
    () => promise(MODELS, recordedRows(400), { mostLoss: 0.001, delta: 0.01 }),
    /400 rows cannot show that the loss is below 0\.1% with 99% confidence: even without a loss it takes \d{4,}/u,
  );
  const { best, offer } = promise(["small", "large"], sureRows(700, 5), {
    ...wish,
    mostLoss: 0.02,
    gate: "heuristics",
  });
  assert.equal(best, undefined, "nothing looks wrong with any of these answers");
  assert.equal(offer, 0.3);
});
