import { wilson } from "../statistics/proportion.ts";
import type { Interval } from "../statistics/sample.ts";
import { breakEvenRateOf } from "./break-even.ts";
import { type Run, runOf } from "./fit.ts";
import { accepts, type Cascade } from "./plan.ts";
import type { CascadeRow } from "./rows.ts";

/** A share with the 95% interval that it lies in, and of how many rows it is one. */
export interface Share extends Interval {
  readonly share: number;
  readonly rows: number;
}

/** What a cascade did with rows: how often its gates were wrong either way, and what that cost. */
export interface Leaks {
  /** Of wrong answers that a cheap model had at hand: given out all the same. Of right ones: not given out. */
  readonly wrongLetThrough: Share;
  readonly rightRejected: Share;
  readonly escalated: Share;
  /** Of all rows: a wrong answer where the strong model had the right one. */
  readonly loss: Share;
  /** USD a request: of the cascade, of all that it asked before the strong model, and of always the strong model. */
  readonly cost: number;
  readonly cheapCost: number;
  readonly strongCost: number;
  /** Share of requests at which the cascade would cost as much as the strong model alone. */
  readonly breakEvenRate: number;
  /** Shares of right answers: of the cascade, and of the strong model alone. */
  readonly quality: number;
  readonly strongQuality: number;
}

/** What the cascade does with a row, by the features that were recorded of it. */
export function runCascade(row: CascadeRow, cascade: Cascade): Run {
  const steps = cascade.keeps.map((kept) => ({ kept }));
  return runOf(row, { asks: cascade.asks, steps }, (step) => {
    const kept = cascade.keeps[step]!;
    return accepts(cascade, step, (step === 0 ? row.alone : row.beside)[kept]!).accepted;
  });
}

/** Whether the client got a wrong answer where the strong model had the right one. */
export const isLost = (row: CascadeRow, { answered }: Pick<Run, "answered">): boolean =>
  row.right[answered] === 0 && row.right.at(-1) === 1;

/** @param kept the cheap model whose answer is at hand when the strong one is asked */
export function leaksOf(rows: readonly CascadeRow[], run: (row: CascadeRow) => Run, kept: number): Leaks {
  const strong = rows[0]!.right.length - 1;
  const runs = rows.map((row) => {
    const { answered, cost } = run(row);
    const isOut = answered !== strong;
    return { row, isOut, cost, isLost: isLost(row, { answered }), right: row.right[isOut ? answered : kept] === 1 };
  });
  const mean = (of: (one: (typeof runs)[number]) => number) =>
    runs.reduce((sum, one) => sum + of(one), 0) / runs.length;
  const cheapCost = mean(({ row, isOut, cost }) => cost - (isOut ? 0 : row.costs[strong]!));
  const strongCost = mean(({ row }) => row.costs[strong]!);
  return {
    wrongLetThrough: shareOf(runs.filter(({ right }) => !right).map(({ isOut }) => isOut)),
    rightRejected: shareOf(runs.filter(({ right }) => right).map(({ isOut }) => !isOut)),
    escalated: shareOf(runs.map(({ isOut }) => !isOut)),
    loss: shareOf(runs.map((one) => one.isLost)),
    cost: mean(({ cost }) => cost),
    cheapCost,
    strongCost,
    breakEvenRate: breakEvenRateOf(cheapCost, strongCost),
    quality: mean(({ row, isOut, right }) => (isOut ? Number(right) : row.right[strong]!)),
    strongQuality: mean(({ row }) => row.right[strong]!),
  };
}

function shareOf(found: readonly boolean[]): Share {
  const count = found.filter(Boolean).length;
  return { share: found.length === 0 ? 0 : count / found.length, rows: found.length, ...wilson(count, found.length) };
}
