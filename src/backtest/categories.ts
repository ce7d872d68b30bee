import { bootstrap, type Weights } from "../statistics/sample.ts";
import type { Backtest } from "./backtest.ts";

/** One category: ours beside always the best model. */
export interface CategoryFigures {
  readonly rows: number;
  readonly quality: number;
  readonly cost: number;
  readonly best_quality: number;
  readonly best_cost: number;
  /** Ours less always the best, and its 95% interval. */
  readonly difference: number;
  readonly interval: readonly [low: number, high: number] | null;
}

const MOST_CATEGORIES = 60;

/** By category, the largest first. */
export function categoryFigures({ board }: Backtest): Record<string, CategoryFigures> {
  const { models, scores, costs } = board.recorded();
  const { chosen } = board.decided();
  const best = board.written().get("always_best")!.rows.all();
  const mean = (rows: Uint32Array, from: Float32Array, by: Float32Array) =>
    rows.reduce((sum, row) => sum + from[row * models + by[row]!]!, 0) / rows.length;
  return Object.fromEntries(
    board
      .categories()
      .slice(0, MOST_CATEGORIES)
      .map(({ name, rows }): [string, CategoryFigures] => {
        const gains = Float64Array.from(
          rows,
          (row) => scores[row * models + chosen[row]!]! - scores[row * models + best[row]!]!,
        );
        const interval = bootstrap(rows.length, (weights) => weighted(gains, weights));
        return [
          name,
          {
            rows: rows.length,
            quality: short(mean(rows, scores, chosen)),
            cost: short(mean(rows, costs, chosen)),
            best_quality: short(mean(rows, scores, best)),
            best_cost: short(mean(rows, costs, best)),
            difference: short(weighted(gains)),
            interval: interval ? [short(interval.low), short(interval.high)] : null,
          },
        ];
      }),
  );
}

function weighted(values: Float64Array, weights?: Weights): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (weights?.[at] ?? 1) * values[at]!;
  return sum / values.length;
}

const short = (value: number): number => Number(value.toPrecision(6));
