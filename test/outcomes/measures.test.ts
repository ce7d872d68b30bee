import assert from "node:assert/strict";
import { test } from "node:test";
import { type Contender, type Field, measure } from "../../src/outcomes/measures.ts";
import { deciles, type Points } from "../../src/outcomes/points.ts";
import { type Recorded, sumsOf } from "../../src/outcomes/sums.ts";
import { seeded } from "../../src/statistics/sample.ts";

const breath = async () => undefined;

/** A weak model that is right on `weak` of the rows, a strong one on all; the score says which rows need it. */
function pair(rows: number, weak: number, score: (row: number, needs: boolean) => number): Field {
  const needs = (row: number) => row >= rows * weak;
  const scores = Float32Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 1 || !needs(at >> 1) ? 1 : 0));
  const costs = Float32Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 1 ? 10 : 1));
  const recorded: Recorded = {
    rows,
    models: 2,
    inputTokens: new Float32Array(rows),
    scores,
    costs,
    tokens: costs,
    latencies: costs,
  };
  const calls = { ...recorded, costs: costs.map((_, at) => at % 2) };
  const numbers = Float32Array.from({ length: rows * 2 }, (_, at) =>
    at % 2 === 1 ? score(at >> 1, needs(at >> 1)) : 0,
  );
  const tenths = deciles({ rule: "price", width: 2, numbers, expected: costs, models: 2 }, 1, 0);
  const sums = (points: Points) => sumsOf(recorded, points);
  const strong = sums({ count: 1, choose: () => 1 });
  const ours: Contender = {
    name: "ours",
    isReference: false,
    sums: sums(tenths),
    byCalls: sumsOf(calls, tenths),
    decided: sums({ count: 1, choose: (_, row) => (needs(row) ? 1 : 0) }),
  };
  return {
    rows,
    singles: sums({ count: 2, choose: (model) => model }),
    best: strong,
    pair: { weak: 0, strong: 1 },
    ours,
    others: [
      { name: "always_best", isReference: false, sums: strong },
      { name: "blind", isReference: false },
    ],
    seed: 1,
  };
}

test("a perfect score of which half the rows need the strong model has APGR 0.75, CPT(50) 0.25 and CPT(80) 0.4", async () => {
  const [ours] = await measure(
    pair(1000, 0.5, (_, needs) => (needs ? 1 : -1)),
    breath,
  );
  assert.ok(Math.abs(ours!.figures.apgr - 0.75) < 1e-9);
  assert.ok(Math.abs(ours!.figures.cpt50 - 0.25) < 1e-9);
  assert.ok(Math.abs(ours!.figures.cpt80 - 0.4) < 1e-9);
  // Quality of the strong model at half its calls: (5 * 1 + 5 * 10) / 100 of its cost.
  assert.ok(Math.abs(ours!.figures.costShare - 0.55) < 1e-9);
  assert.deepEqual([ours!.figures.quality, ours!.figures.cost], [1, 5.5]);
});

test("a coin has APGR 0.5 within its interval, and the blind mix has it exactly", async () => {
  const coin = seeded(5);
  const [ours, , blind] = await measure(
    pair(1000, 0.5, () => coin()),
    breath,
  );
  const [low, high] = ours!.intervals.apgr!;
  assert.ok(low < 0.5 && high > 0.5 && high - low < 0.15, `${low} to ${high}`);
  assert.ok(Math.abs(blind!.figures.apgr - 0.5) < 1e-9);
});

test("differences are paired: what is the same by row has an interval of no width", async () => {
  const [, best, blind] = await measure(
    pair(400, 0.5, (_, needs) => Number(needs)),
    breath,
  );
  assert.deepEqual([best!.difference.quality, best!.difference.qualityInterval], [0, [0, 0]]);
  // At our cost, half the calls, a coin gets 0.75.
  assert.ok(Math.abs(blind!.difference.quality - 0.25) < 1e-9);
  assert.ok(blind!.difference.qualityInterval![0] > 0.2);
});

test("gains are told at shares of always-best's cost, and there is none below where a policy begins", async () => {
  const [, best] = await measure(
    pair(400, 0.5, (_, needs) => Number(needs)),
    breath,
  );
  assert.deepEqual([...best!.figures.gains], [Number.NaN, Number.NaN]);
  const [ours] = await measure(
    pair(400, 0.5, (_, needs) => Number(needs)),
    breath,
  );
  assert.ok(Math.abs(ours!.figures.gains[0]!) < 1e-9, "all that was to be gained is had below 84%");
});

test("rows beyond the number of parts are drawn in parts, and the interval stays that of single rows", async () => {
  const coin = seeded(9);
  const scored = (_: number, needs: boolean) => Number(needs) + coin();
  const [few] = await measure(pair(4000, 0.5, scored), breath);
  const [many] = await measure(pair(16_000, 0.5, scored), breath);
  const width = ([low, high]: readonly [number, number]) => high - low;
  const shrunk = width(few!.intervals.cost!) / width(many!.intervals.cost!);
  assert.ok(shrunk > 1.6 && shrunk < 2.5, `four times the rows halve the interval: ${shrunk}`);
});
