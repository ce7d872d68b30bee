import { setImmediate as turn } from "node:timers/promises";
import { type Contender, type Field, measure, type Measured } from "../outcomes/measures.ts";
import { POLICIES } from "../outcomes/policies/index.ts";
import { deciles, pointsOf, type Points } from "../outcomes/points.ts";
import { type Recorded, type Sums, sumsOf } from "../outcomes/sums.ts";
import type { Pool } from "../outcomes/table.ts";
import { decidedAgain } from "./again.ts";
import { type Board, createBoard } from "./board.ts";
import { type Fold, type FoldOptions, type FoldResult, runFold } from "./fold.ts";

/** Our own policy, by the name that reports give it. */
export const OURS = "signalbox";
/** A coin between single models that knows nothing of the prompt. */
export const BLIND = "blind_mix";

/** What a backtest came to. */
export interface Backtest {
  readonly pool: Pool;
  readonly rows: number;
  readonly isLatencyRecorded: boolean;
  readonly folds: readonly FoldResult[];
  readonly field: Field;
  /** Ours first. */
  readonly measured: readonly Measured[];
  readonly board: Board;
  /** False where it was stopped: the figures are those of the rows that were decided by then. */
  readonly complete: boolean;
}

export interface BacktestOptions extends FoldOptions {
  readonly abort?: AbortSignal | undefined;
}

/** Every row of the folds through the router and past all policies. Errors: UnfitOutcomes, EncoderError. */
export async function backtest(folds: readonly Fold[], options: BacktestOptions): Promise<Backtest | undefined> {
  const { pool } = folds[0]!.report;
  const board = createBoard(pool, POLICIES);
  const results: FoldResult[] = [];
  for (const fold of folds) {
    if (options.abort?.aborted === true) break;
    const result = await runFold(fold, board, options);
    if (result) results.push(result);
  }
  if (board.rows === 0) return undefined;
  const recorded = board.recorded();
  const field = fieldOf(board, recorded, options.seed);
  const measured = await measure(field, async () => {
    await turn();
  });
  return {
    pool,
    rows: board.rows,
    isLatencyRecorded: recorded.isLatencyRecorded,
    folds: results,
    field,
    measured,
    board,
    complete: options.abort?.aborted !== true,
  };
}

function fieldOf(board: Board, recorded: Recorded, seed: number): Field {
  const { rows, models } = recorded;
  const sums = (points: Points) => sumsOf(recorded, points);
  const singles = sums({ count: models, choose: (model) => model });
  const pair = models === 2 ? pairOf(singles) : undefined;
  // A call to the strong model counts as one, and to the weak one as none.
  const calls = pair && { ...recorded, costs: Float32Array.from(recorded.costs, (_, at) => +(at % 2 === pair.strong)) };
  const written = board.written();
  const others = [...written.values()].map(({ policy, rows: own }): Contender => {
    const all = { rule: policy.rule, width: own.width, numbers: own.all(), expected: board.expected(), models };
    const isScore = policy.rule !== "choices";
    return {
      name: policy.name,
      isReference: policy.isReference ?? false,
      sums: sums(pointsOf(all)),
      ...(pair && calls && { byCalls: sumsOf(calls, isScore ? deciles(all, pair.strong, pair.weak) : pointsOf(all)) }),
    };
  });
  const decided = board.decided();
  const predicted = { models, quality: decided.quality, costUsd: decided.costUsd };
  const score = { rule: "price" as const, width: models, numbers: decided.quality, expected: decided.costUsd, models };
  const ours: Contender = {
    name: OURS,
    isReference: false,
    decided: sums({ count: 1, choose: (_, row) => decided.chosen[row]! }),
    sums: sums(decidedAgain(predicted)),
    ...(pair && calls && { byCalls: sumsOf(calls, deciles(score, pair.strong, pair.weak)) }),
  };
  const best = others.find(({ name }) => name === "always_best")!.sums!;
  return {
    rows,
    singles,
    best,
    ...(pair && { pair }),
    ours,
    others: [...others, { name: BLIND, isReference: false }],
    seed,
  };
}

/** The cheaper and the dearer model. */
function pairOf({ cost, parts }: Sums): { weak: number; strong: number } {
  const total = (model: number) => cost.subarray(model * parts, (model + 1) * parts).reduce((sum, one) => sum + one, 0);
  return total(0) <= total(1) ? { weak: 0, strong: 1 } : { weak: 1, strong: 0 };
}
