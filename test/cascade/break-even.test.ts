import assert from "node:assert/strict";
import { test } from "node:test";
import { breakEvenRateOf, createBreakEvens } from "../../src/cascade/break-even.ts";
import { seeded } from "../../src/statistics/sample.ts";

/** A route whose cheap attempts cost 0.2 of the strong one: it breaks even at 80% escalated. */
function simulate(rate: number, requests: number, seed: number) {
  let now = 0;
  const draw = seeded(seed);
  const evens = createBreakEvens(() => now);
  const verdicts: string[] = [];
  for (let at = 0; at < requests; at++) {
    now += 10;
    evens.record("route", { escalated: draw() < rate, cheapUsd: 0.002, strongUsd: 0.01 });
    verdicts.push(evens.of("route")!.verdict);
  }
  return { verdicts, last: evens.of("route")! };
}

test("the break-even rate is one less the cheap attempts' share of the strong model's cost", () => {
  assert.equal(breakEvenRateOf(0.002, 0.01), 0.8);
  assert.ok(breakEvenRateOf(0.02, 0.01) < 0, "cheap attempts that cost more than the strong model never pay");
  assert.equal(breakEvenRateOf(0, 0), -Infinity);
});

test("a cascade that loses money is found within 500 requests", () => {
  for (const seed of [1, 2, 3, 4, 5]) assert.ok(simulate(0.95, 500, seed).verdicts.includes("loses"), `seed ${seed}`);
});

test("a cascade that pays raises no false alarm in 100,000 requests", () => {
  for (const [rate, seed] of [
    [0.5, 1],
    [0.78, 2],
  ] as const)
    assert.ok(!simulate(rate, 100_000, seed).verdicts.includes("loses"), `${rate}`);
  assert.equal(simulate(0.5, 1_000, 3).last.verdict, "pays");
});

test("before enough is known nothing is said", () => {
  assert.equal(simulate(1, 49, 1).last.verdict, "not_known_yet");
  assert.equal(simulate(0.8, 1_000, 1).last.verdict, "not_known_yet");
});

test("what was saved counts every attempt, and the interval holds the rate", () => {
  const { last } = simulate(0.5, 400, 1);
  assert.ok(Math.abs(last.savedUsd - 400 * (0.01 - 0.002 - last.rate * 0.01)) < 1e-9);
  assert.ok(last.interval.low < last.rate && last.rate < last.interval.high);
});

test("routes are told apart, and requests of more than an hour ago, or a thousand back, are forgotten", () => {
  let now = 0;
  const evens = createBreakEvens(() => now);
  const bill = (escalated: boolean) => ({ escalated, cheapUsd: 0.002, strongUsd: 0.01 });
  for (let at = 0; at < 3_000; at++) evens.record("busy", bill(at < 2_000));
  assert.deepEqual([evens.of("busy")!.requests, evens.of("busy")!.rate], [1_000, 0]);
  evens.record("quiet", bill(true));
  assert.equal(evens.of("quiet")!.rate, 1);
  assert.equal(evens.of("other"), undefined);
  now += 3_600_001;
  assert.equal(evens.of("quiet")!.requests, 0);
  assert.equal(evens.of("quiet")!.verdict, "not_known_yet");
});
