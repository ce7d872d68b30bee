import assert from "node:assert/strict";
import { test } from "node:test";
import { learnCourses, type PoolRow } from "../../../src/backtest/cascade/course.ts";
import { poolContest } from "../../../src/backtest/cascade/pool.ts";
import { createSquares } from "../../../src/backtest/cascade/squares.ts";
import { seeded } from "../../../src/statistics/sample.ts";

const MODELS = ["tiny", "small", "large"];

/** Of two kinds of questions the large model knows one only little better than chance, the small one both fairly; wrong answers seldom coincide. */
function pool(count: number, seed: number): PoolRow[] {
  const draw = seeded(seed);
  return Array.from({ length: count }, (_, at) => {
    const isOdd = draw() < 0.3;
    const right = [draw() < 0.6, draw() < 0.75, draw() < (isOdd ? 0.5 : 0.95)].map(Number);
    return {
      id: `row-${at}`,
      right: Uint8Array.from(right),
      costs: Float64Array.of(0.05, 0.05, 1),
      before: Float64Array.of((isOdd ? 0.4 : 0) + 0.6 * draw()),
      said: right.map((one) => ({
        final: one === 1 ? "right" : `wrong ${Math.floor(draw() * 8)}`,
        numbers: Float64Array.of(one * 0.5 + draw()),
      })),
    };
  });
}

const mean = (values: Iterable<number>) => {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
};

test("least squares find what a target is made of, and judge each row by what the others taught", () => {
  const draw = seeded(3);
  const inputs = Array.from({ length: 400 }, () => Float64Array.of(draw(), draw(), 7));
  const sums = Float64Array.from(inputs, ([a, b]) => 2 * a! - b! + 5);
  const { held, at } = createSquares(inputs, 0.001)(sums);
  assert.ok(Math.abs(at(Float64Array.of(0.5, 0.25, 7)) - 5.75) < 1e-3);
  assert.ok(held.every((own, row) => Math.abs(own - sums[row]!) < 1e-3));
  const odd = new Float64Array(400);
  odd[10] = 1;
  assert.ok(createSquares(inputs, 0.001)(odd).held[10]! < 1e-9, "a row does not teach what is held against it");
  assert.ok(Math.abs(createSquares(inputs, 1e9)(sums).at(Float64Array.of(9, 9, 9)) - mean(sums)) < 1e-3);
});

test("a course spends what a right answer is worth: nothing where it is worth nothing, whatever helps where cost is none", () => {
  const stands = [[], [1], [0, 1], [2], [1, 2], [0, 1, 2]].map((asked) => ({ asked, gives: asked }));
  const plans = learnCourses(pool(2_000, 1), stands, 1);
  const [free, dear] = [plans(0), plans(50)];
  const rows = pool(2_000, 2);
  const came = (plan: typeof free) => {
    const courses = rows.map((row) => ({ row, ...plan.run(row) }));
    return {
      quality: mean(courses.map(({ row, answered }) => row.right[answered]!)),
      cost: mean(courses.map(({ cost }) => cost)),
    };
  };
  assert.ok(Math.abs(came(dear).cost - 0.05) < 1e-9, "one cheap model is asked, since an answer must be given");
  const best = came(free);
  assert.ok(best.quality > 0.88, `${best.quality}: three answers beside each other tell more than the large one alone`);
  assert.ok(Math.abs(best.quality - free.held.quality) < 0.03, `${best.quality} ${free.held.quality}`);
  const cheaper = plans(0.3);
  assert.ok(Math.abs(came(cheaper).cost - cheaper.held.cost) < 0.04, `${came(cheaper).cost} ${cheaper.held.cost}`);
  assert.deepEqual(rows.map(plans(0.3).run), rows.map(learnCourses(pool(2_000, 1), stands, 1)(0.3).run));
});

test("a pool is reported beside its baselines: what may be spent is kept, and routing with agreement beats either alone", () => {
  const rows = { learn: pool(1_500, 1), report: pool(1_500, 2) };
  const { policies } = poolContest(MODELS, rows, { pair: [0, 1], within: 0.5, progress: () => undefined });
  const of = (name: string) => {
    const { quality, cost } = policies.get(name)!;
    return { quality: mean(quality), cost: mean(cost) };
  };
  const [both, routing, agreement, perfect] = [
    "cascade_within",
    "routing_alone",
    "plain_agreement",
    "perfect_gate",
  ].map(of);
  assert.ok(both!.cost < 0.55, `${both!.cost}`);
  assert.ok(both!.quality > routing!.quality + 0.02, `${both!.quality} ${routing!.quality}`);
  assert.ok(both!.quality > agreement!.quality && both!.cost < agreement!.cost);
  assert.ok(perfect!.quality > both!.quality);
  assert.deepEqual(of("always large").cost, 1);
  assert.ok(of("cascade").quality > of("always large").quality - 0.02);
});
