import { setImmediate as turn } from "node:timers/promises";
import { bestWithin, type Candidate, cascadeOf, cheapest, runOf, type Study, study } from "../../cascade/fit.ts";
import { chanceOf, type FittedChance, fitChance } from "../../cascade/linear.ts";
import { runCascade } from "../../cascade/leaks.ts";
import type { CascadeRow } from "../../cascade/rows.ts";
import { seeded } from "../../statistics/sample.ts";

/** What one policy came to on each row, in the mean over all times that the row was reported. */
export interface Tallied {
  readonly quality: Float64Array;
  /** USD. */
  readonly cost: Float64Array;
}

export interface Contest {
  readonly policies: ReadonlyMap<string, Tallied>;
  /** How often each shape of cascade was chosen where the strong model's quality was to be kept. */
  readonly shapes: ReadonlyMap<string, number>;
  readonly splits: number;
}

export interface ContestOptions {
  /** Times that all rows are dealt into parts anew; each time every part is reported by what the others taught. */
  readonly repeats: number;
  readonly seed: number;
  /** Share of the strong model's cost that may be spent. */
  readonly within: number;
  /** Quality in [0,1] that may be lost against the strong model where the cheapest cascade is sought. */
  readonly mostLoss: number;
  readonly abort?: AbortSignal | undefined;
  readonly progress: (split: number, splits: number) => void;
}

const FOLDS = 5;
/** Shares of the strong model's cost that the curve is drawn through. */
export const BUDGETS: readonly number[] = Array.from({ length: 20 }, (_, at) => (at + 1) / 20);

export const SAVING = "cascade";
export const WITHIN = "cascade_within";
const ROUTER = "router_by_question";
const AGREEMENT = "plain_agreement";
const PERFECT = "perfect_gate";
export const alwaysOf = (model: string): string => `always ${model}`;
export const budgetOf = (share: number): string => `within ${share}`;

/** Every row through every policy, each time by what other rows taught. Errors: UnfitRows. */
export async function contest(
  models: readonly string[],
  rows: readonly CascadeRow[],
  options: ContestOptions,
): Promise<Contest> {
  const board = createBoard(rows);
  const shapes = new Map<string, number>();
  const splits = options.repeats * FOLDS;
  let done = 0;
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const order = dealt(rows, options.seed + repeat);
    for (let fold = 0; fold < FOLDS && options.abort?.aborted !== true; fold++) {
      const learn = order.filter((_, at) => at % FOLDS !== fold);
      const report = order.filter((_, at) => at % FOLDS === fold);
      runSplit(models, { learn, report }, options, (name, row, came) => board.add(name, row, came), shapes);
      options.progress(++done, splits);
      await turn();
    }
  }
  return { policies: board.means(), shapes, splits: done };
}

/** The rows in an order that the seed draws. */
export function dealt(rows: readonly CascadeRow[], seed: number): CascadeRow[] {
  const draw = seeded(seed);
  return rows
    .map((row) => ({ row, place: draw() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ row }) => row);
}

interface Came {
  readonly answered: number;
  readonly cost: number;
}
type Tell = (name: string, row: CascadeRow, came: Came) => void;

function runSplit(
  models: readonly string[],
  { learn, report }: { readonly learn: readonly CascadeRow[]; readonly report: readonly CascadeRow[] },
  { within, mostLoss }: ContestOptions,
  tell: Tell,
  shapes: Map<string, number>,
): void {
  const learned = study(models, learn);
  const strong = models.length - 1;
  const kept = bestOf(learn, strong);
  const saving = cheapest(learned, mostLoss);
  const shape = shapeOf(saving, models);
  shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  const cascades = [
    [SAVING, saving],
    [WITHIN, bestWithin(learned, within)],
    ...BUDGETS.map((share) => [budgetOf(share), bestWithin(learned, share)] as const),
  ] as const;
  for (const [name, candidate] of cascades) {
    const cascade = cascadeOf(learned, candidate);
    for (const row of report) tell(name, row, runCascade(row, cascade));
  }
  const router = learnRouter(learn, { learned, kept, within });
  for (const row of report) {
    for (const [model, name] of models.entries())
      tell(alwaysOf(name), row, { answered: model, cost: row.costs[model]! });
    tell(ROUTER, row, router(row));
    tell(
      PERFECT,
      row,
      runOf(row, { asks: [kept], steps: [{ kept }] }, () => row.right[kept] === 1),
    );
    if (strong === 2) tell(AGREEMENT, row, agreed(row, kept));
  }
}

/** The cheap model that was right most often. */
function bestOf(rows: readonly CascadeRow[], cheap: number): number {
  const rights = Array.from({ length: cheap }, (_, at) => rows.reduce((sum, { right }) => sum + right[at]!, 0));
  return rights.indexOf(Math.max(...rights));
}

/** Both cheap models are always asked; where they come to different things, the strong one. */
function agreed(row: CascadeRow, kept: number): Came {
  const steps = [{ kept }, { kept }];
  return runOf(row, { asks: [0, 1], steps }, (step) => step === 1 && row.beside[kept]!["pair.agree"] === 1);
}

const shapeOf = (candidate: Candidate | undefined, models: readonly string[]): string =>
  candidate === undefined
    ? "always the strong model"
    : `${candidate.asks.map((at) => models[at]).join(", then ")}; goes on where ${candidate.worth}`;

/** Chooses between the cheap model and the strong one before either has said a word: the best that the same share of cost buys. */
function learnRouter(
  rows: readonly CascadeRow[],
  { learned, kept, within }: { readonly learned: Study; readonly kept: number; readonly within: number },
): (row: CascadeRow) => Came {
  const asked = rows.map((row) => row.asked);
  const strong = learned.models.length - 1;
  const chance = (model: number): FittedChance =>
    fitChance(
      asked,
      Uint8Array.from(rows, ({ right }) => right[model]!),
    );
  const [cheapOne, strongOne] = [chance(kept), chance(strong)];
  const gains = rows.map((_, at) => strongOne.held[at]! - cheapOne.held[at]!);
  const order = [...rows.keys()].toSorted((a, b) => gains[b]! - gains[a]!);
  let cost = rows.reduce((sum, { costs }) => sum + costs[kept]!, 0);
  let least = Infinity;
  for (const at of order) {
    cost += rows[at]!.costs[strong]! - rows[at]!.costs[kept]!;
    if (gains[at]! <= 0 || cost > within * learned.strong.cost * rows.length) break;
    least = gains[at]!;
  }
  return (row) => {
    const gain = chanceOf(strongOne.chance, row.asked) - chanceOf(cheapOne.chance, row.asked);
    const answered = gain >= least ? strong : kept;
    return { answered, cost: row.costs[answered]! };
  };
}

function createBoard(rows: readonly CascadeRow[]) {
  const places = new Map(rows.map((row, at) => [row, at]));
  const sums = new Map<string, { quality: Float64Array; cost: Float64Array; times: Uint32Array }>();
  return {
    add(name: string, row: CascadeRow, { answered, cost }: Came) {
      const empty = () => new Float64Array(rows.length);
      const own = sums.get(name) ?? { quality: empty(), cost: empty(), times: new Uint32Array(rows.length) };
      sums.set(name, own);
      const at = places.get(row)!;
      own.quality[at]! += row.right[answered]!;
      own.cost[at]! += cost;
      own.times[at]! += 1;
    },
    means: () =>
      new Map(
        [...sums].map(([name, { quality, cost, times }]): [string, Tallied] => {
          // Who stops early has rows that were never reported.
          const reported = [...times.keys()].filter((at) => times[at]! > 0);
          const mean = (sum: Float64Array) => Float64Array.from(reported, (at) => sum[at]! / times[at]!);
          return [name, { quality: mean(quality), cost: mean(cost) }];
        }),
      ),
  };
}
