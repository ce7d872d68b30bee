import { isMeanBelow } from "../statistics/bound.ts";
import { wilson } from "../statistics/proportion.ts";
import type { Interval } from "../statistics/sample.ts";
import { type Candidate, cascadeOf, cheapest, NEVER, runOf, study, UnfitRows } from "./fit.ts";
import { accepts, type Cascade, worthBefore } from "./plan.ts";
import type { CascadeRow } from "./rows.ts";

/** What a cascade is to be held to. */
export interface Wish {
  /** Share of all requests that may get a wrong answer which the strong model would have got right, in (0,1). */
  readonly mostLoss: number;
  /** How probable it may be that the promise is wrong, in (0,1). */
  readonly delta: number;
}

/** A share with the 95% interval that it lies in. */
export interface Share extends Interval {
  readonly share: number;
  readonly rows: number;
}

/** A cascade whose loss is bounded, and what its gates did with rows that they were not learned from. */
export interface Promised {
  readonly cascade: Cascade;
  readonly rows: number;
  readonly wish: Wish;
  /** Of wrong answers that a cheap model had at hand: given out all the same. Of right ones: not given out. */
  readonly wrongLetThrough: Share;
  readonly rightRejected: Share;
  readonly escalated: Share;
  readonly loss: Share;
}

/** Thresholds between letting nothing pass and letting everything pass, from the most careful one on. */
const STEPS = 40;
/** Of a first answer alone half as many are let pass as of one that stands beside another. */
const FIRST = 0.5;

/**
 * Learns from the first half of the rows and tests thresholds on the other, from the most careful one on; the last one
 * before the first that fails is taken, so that all of them together are wrong with probability `delta` at most.
 * @param rows in an order that has nothing to do with their outcomes
 * Errors: UnfitRows where the rows cannot carry the promise.
 */
export function promise(models: readonly string[], rows: readonly CascadeRow[], wish: Wish): Promised {
  const half = Math.ceil(rows.length / 2);
  const [learn, test] = [rows.slice(0, half), rows.slice(half)];
  const needed = fewestRows(wish);
  if (test.length < needed) throw new UnfitRows(tooFew(rows.length, needed, wish));
  const learned = study(models, learn);
  const shape = cheapest(learned, wish.mostLoss) ?? cheapest(learned, 1);
  if (shape === undefined) throw new UnfitRows("no cascade costs less than always asking the strong model");
  let found: Cascade | undefined;
  for (let step = 1; step <= STEPS; step++) {
    const cascade = cascadeOf(learned, { ...shape, most: mostAt(shape, step / STEPS) });
    const losses = Float64Array.from(test, (row) => Number(isLost(row, cascade)));
    if (!isMeanBelow(losses, wish.mostLoss, wish.delta)) break;
    found = cascade;
  }
  if (found === undefined || !isCheaper(test, found)) {
    throw new UnfitRows(
      `no threshold saves anything and keeps the loss below ${percent(wish.mostLoss)} on ${test.length} rows that nothing was learned from: allow more, or ask the strong model always`,
    );
  }
  return { cascade: found, rows: test.length, wish, ...leaks(test, found) };
}

function mostAt({ steps, worth, most }: Candidate, share: number): number[] {
  return steps.map((step, at) => {
    const isLast = at === steps.length - 1;
    if (!isLast && most[at] === NEVER) return NEVER;
    const sorted = step.worths(isLast && steps.length > 1 ? worth : worthBefore(worth)).toSorted((a, b) => a - b);
    const passing = Math.floor(share * (isLast ? 1 : FIRST) * sorted.length);
    return passing === 0 ? NEVER : sorted[passing - 1]!;
  });
}

/** What the cascade does with a row, by the features that were recorded of it. */
export function runCascade(row: CascadeRow, cascade: Cascade) {
  const steps = cascade.keeps.map((kept) => ({ kept }));
  return runOf(row, { asks: cascade.asks, steps }, (step) => {
    const kept = cascade.keeps[step]!;
    return accepts(cascade, step, (step === 0 ? row.alone : row.beside)[kept]!).accepted;
  });
}

function isCheaper(rows: readonly CascadeRow[], cascade: Cascade): boolean {
  const saved = rows.reduce((sum, row) => sum + row.costs.at(-1)! - runCascade(row, cascade).cost, 0);
  return saved > 0;
}

function isLost(row: CascadeRow, cascade: Cascade): boolean {
  const { answered } = runCascade(row, cascade);
  return row.right[answered] === 0 && row.right.at(-1) === 1;
}

function leaks(rows: readonly CascadeRow[], cascade: Cascade) {
  const kept = cascade.keeps.at(-1)!;
  const strong = cascade.models.length - 1;
  const runs = rows.map((row) => {
    const { answered } = runCascade(row, cascade);
    // What was at hand when it was decided: the answer that was given out, or the one that was not.
    const isOut = answered !== strong;
    return { row, isOut, right: row.right[isOut ? answered : kept] === 1 };
  });
  const shareOf = (some: readonly (typeof runs)[number][], is: (run: (typeof runs)[number]) => boolean): Share => {
    const count = some.filter(is).length;
    return { share: some.length === 0 ? 0 : count / some.length, rows: some.length, ...wilson(count, some.length) };
  };
  return {
    wrongLetThrough: shareOf(
      runs.filter(({ right }) => !right),
      ({ isOut }) => isOut,
    ),
    rightRejected: shareOf(
      runs.filter(({ right }) => right),
      ({ isOut }) => !isOut,
    ),
    escalated: shareOf(runs, ({ isOut }) => !isOut),
    loss: shareOf(runs, ({ row }) => isLost(row, cascade)),
  };
}

const MOST_ROWS = 1_000_000;

/** How many rows without a single loss it takes to show this much; doubled until it is enough. */
function fewestRows({ mostLoss, delta }: Wish): number {
  const isEnough = (rows: number) => isMeanBelow(new Float64Array(rows), mostLoss, delta);
  let enough = 1;
  while (!isEnough(enough) && enough < MOST_ROWS) enough *= 2;
  let few = enough / 2;
  while (enough - few > 1) {
    const middle = Math.ceil((few + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

const percent = (share: number) => `${Number((share * 100).toPrecision(3))}%`;

const tooFew = (rows: number, needed: number, { mostLoss, delta }: Wish) =>
  `${rows} rows cannot show that the loss is below ${percent(mostLoss)} with ${percent(1 - delta)} confidence: even without a loss it takes ${2 * needed}, half of them to learn from`;
