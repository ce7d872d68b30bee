import type { Features } from "./features.ts";
import { type FittedChance, fitChance } from "./linear.ts";
import { type Cascade, type Judged, type Worth, worthBefore, worthOf, WORTHS } from "./plan.ts";
import type { CascadeRow } from "./rows.ts";

/** The rows cannot be learned from. The message says why, and what would help. */
export class UnfitRows extends Error {
  override readonly name = "UnfitRows";
}

/** Below this there is nothing to learn. */
const FEWEST_ROWS = 40;

/** One step of a cascade, with what was learned for it. */
interface Step {
  readonly kept: number;
  readonly right: FittedChance;
  readonly strong: FittedChance;
  /** What going on from here is worth, by row. */
  readonly worths: (worth: Worth) => number[];
}

/** A cascade that could be run, and what it came to on the rows that it was learned from, each judged by the others. */
export interface Candidate {
  readonly asks: readonly number[];
  readonly steps: readonly Step[];
  readonly worth: Worth;
  readonly most: readonly number[];
  /**
   * Share of right answers, and USD a request. The share is half what came of the rows and half what their gates
   * expected, and level with its neighbours': of hundreds of candidates the one that looks best is mostly the luckiest.
   */
  readonly quality: number;
  readonly cost: number;
}

/** Everything that was learned from rows; a cascade is chosen from it by what it is to come to. */
export interface Study {
  readonly models: readonly string[];
  readonly rows: number;
  /** As a candidate's. */
  readonly strong: { readonly quality: number; readonly cost: number };
  readonly candidates: readonly Candidate[];
}

/**
 * Learns gates and tries thresholds; every row is judged by gates that were learned from others.
 * @param models one or two cheap ones, then the strong one
 * @param rows in an order that has nothing to do with their outcomes
 * Errors: UnfitRows.
 */
export function study(models: readonly string[], rows: readonly CascadeRow[]): Study {
  check(models, rows);
  const strong = models.length - 1;
  const cheap = [...models.keys()].slice(0, -1);
  const best = cheap.toSorted((a, b) => mean(rows, b) - mean(rows, a))[0]!;
  const alone = cheap.map((at) => learnStep(rows, at, false));
  const orders = cheap.length === 1 ? [[0]] : [[0], [1], [0, 1], [1, 0]];
  const both = cheap.length === 1 ? undefined : learnStep(rows, best, true);
  const { held } = (both ?? alone[0]!).strong;
  const sum = (of: (row: CascadeRow, at: number) => number) => rows.reduce((all, row, at) => all + of(row, at), 0);
  return {
    models,
    rows: rows.length,
    strong: {
      quality: (mean(rows, strong) + sum((_, at) => held[at]!) / rows.length) / 2,
      cost: sum(({ costs }) => costs[strong]!) / rows.length,
    },
    candidates: orders.flatMap((asks) =>
      tried(rows, asks, asks.length === 1 ? [alone[asks[0]!]!] : [alone[asks[0]!]!, both!]),
    ),
  };
}

const mean = (rows: readonly CascadeRow[], model: number) =>
  rows.reduce((sum, { right }) => sum + right[model]!, 0) / rows.length;

function check(models: readonly string[], rows: readonly CascadeRow[]): void {
  if (models.length < 2 || models.length > 3) {
    throw new UnfitRows(
      `a cascade is fitted to one or two cheap models and a strong one, not to ${models.length} models`,
    );
  }
  if (rows.length < FEWEST_ROWS) {
    throw new UnfitRows(`only ${rows.length} rows can be learned from; at least ${FEWEST_ROWS} are needed`);
  }
  if (rows.some(({ costs }) => costs.some((cost) => !(cost >= 0)))) {
    throw new UnfitRows("a row has a cost that is no amount of 0 or more");
  }
}

/** What is read of the rows at a step. */
const featuresAt = ({ alone, beside }: CascadeRow, kept: number, isBeside: boolean): Features =>
  (isBeside ? beside : alone)[kept]!;

function learnStep(rows: readonly CascadeRow[], kept: number, isBeside: boolean): Step {
  const features = rows.map((row) => featuresAt(row, kept, isBeside));
  const truth = (model: number) => Uint8Array.from(rows, ({ right }) => right[model]!);
  const right = fitChance(features, truth(kept));
  const strong = fitChance(features, truth(rows[0]!.right.length - 1));
  const judged = features.map((own, at): Judged => ({
    right: right.held[at]!,
    strong: strong.held[at]!,
    agree: own["pair.agree"] === 1,
  }));
  return { kept, right, strong, worths: (worth) => judged.map((one) => worthOf(worth, one)) };
}

/** Thresholds that are tried at the last step, and at the one before, as shares of the rows that they let pass. */
const LAST = Array.from({ length: 41 }, (_, at) => at / 40);
const BEFORE = [0, 0.5];

function tried(rows: readonly CascadeRow[], asks: readonly number[], steps: readonly Step[]): Candidate[] {
  const last = steps.at(-1)!;
  const slope = slopeOf(rows, last.kept);
  const worths = asks.length === 1 ? WORTHS.filter((worth) => worthBefore(worth) === worth) : WORTHS;
  return worths.flatMap((worth) => {
    const own = last.worths(worth);
    const mosts = thresholds(own, LAST);
    const all = (before: readonly number[], first: readonly (readonly number[])[]) =>
      levelled(
        mosts.map((most) => outcome(rows, { asks, steps, worth, most: [...before, most] }, [...first, own])),
        slope,
      );
    if (asks.length === 1) return all([], []);
    const first = steps[0]!.worths(worthBefore(worth));
    return thresholds(first, BEFORE).flatMap((before) => all([before], [first]));
  });
}

/** Quality that a USD buys by asking the strong model instead of the cheap one, whatever is asked. */
function slopeOf(rows: readonly CascadeRow[], cheap: number): number {
  const strong = rows[0]!.right.length - 1;
  const spent = rows.reduce((sum, { costs }) => sum + costs[strong]! - costs[cheap]!, 0) / rows.length;
  return spent > 0 ? Math.max(0, mean(rows, strong) - mean(rows, cheap)) / spent : 0;
}

/** Neighbours to either side. */
const NEIGHBOURS = 8;

/** Qualities as their neighbours show them too, beyond what the difference in cost buys: one threshold alone is luck. */
function levelled(candidates: readonly Candidate[], slope: number): Candidate[] {
  const beyond = candidates.map(({ quality, cost }) => quality - slope * cost);
  return candidates.map((one, at) => {
    const near = beyond.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1);
    return { ...one, quality: near.reduce((sum, value) => sum + value, 0) / near.length + slope * one.cost };
  });
}

/** Below every worth, then by share of the values that are at most the threshold. */
function thresholds(values: readonly number[], shares: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const found = shares.map((share) => (share === 0 ? NEVER : sorted[Math.ceil(share * sorted.length) - 1]!));
  return [...new Set(found)];
}

/** The threshold below every worth. */
export const NEVER = -1;

function outcome(
  rows: readonly CascadeRow[],
  plan: Pick<Candidate, "asks" | "steps" | "worth" | "most">,
  worths: readonly (readonly number[])[],
): Candidate {
  const { steps } = plan;
  let [came, expected, cost] = [0, 0, 0];
  for (const [at, row] of rows.entries()) {
    const run = runOf(row, plan, (step) => worths[step]![at]! <= plan.most[step]!);
    came += row.right[run.answered]!;
    expected += run.steps > steps.length ? steps.at(-1)!.strong.held[at]! : steps[run.steps - 1]!.right.held[at]!;
    cost += run.cost;
  }
  return { ...plan, quality: (came + expected) / 2 / rows.length, cost: cost / rows.length };
}

/** What a cascade does with one row: which model's answer is given out, after how many steps, for how much. */
export interface Run {
  readonly answered: number;
  readonly steps: number;
  readonly cost: number;
}

export function runOf(
  { costs }: CascadeRow,
  { asks, steps }: { readonly asks: readonly number[]; readonly steps: readonly { readonly kept: number }[] },
  accepts: (step: number) => boolean,
): Run {
  let cost = 0;
  for (const [step, asked] of asks.entries()) {
    cost += costs[asked]!;
    if (accepts(step)) return { answered: steps[step]!.kept, steps: step + 1, cost };
  }
  const strong = costs.length - 1;
  return { answered: strong, steps: asks.length + 1, cost: cost + costs[strong]! };
}

/** The cheapest candidate whose quality is not more than `mostLoss` below the strong model's; none where none is. */
export function cheapest({ candidates, strong }: Study, mostLoss: number): Candidate | undefined {
  const good = candidates.filter(
    ({ quality, cost }) => quality >= strong.quality - mostLoss - EXACT && cost < strong.cost,
  );
  return good.toSorted((a, b) => a.cost - b.cost || b.quality - a.quality)[0];
}

/** The best candidate that costs at most this share of the strong model; the cheapest of all where none costs so little. */
export function bestWithin({ candidates, strong }: Study, share: number): Candidate {
  const affordable = candidates.filter(({ cost }) => cost <= share * strong.cost);
  const byQuality = affordable.toSorted((a, b) => b.quality - a.quality || a.cost - b.cost)[0];
  return byQuality ?? candidates.toSorted((a, b) => a.cost - b.cost)[0]!;
}

const EXACT = 1e-12;

/** The candidate as it is run and written to a file; always the strong model where there is none. */
export function cascadeOf({ models }: Study, candidate: Candidate | undefined): Cascade {
  const { asks = [], steps = [], worth = "wrong", most = [] } = candidate ?? {};
  return {
    format: 1,
    models: [...models],
    asks: [...asks],
    keeps: steps.map(({ kept }) => kept),
    worth,
    most: [...most],
    gates: steps.map(({ right, strong }) => ({ right: right.chance, strong: strong.chance })),
  };
}
