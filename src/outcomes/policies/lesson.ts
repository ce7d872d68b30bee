import type { Pool } from "../table.ts";
import type { Lesson, Shown } from "./policy.ts";
import { highest } from "./policy.ts";

/** Rows to learn from, with what every policy asks of them. */
export function lessonOf(pool: Pool, rows: readonly Shown[], seed: number): Lesson {
  const models = pool.models.length;
  const meanScore = new Float64Array(models);
  const meanCost = new Float64Array(models);
  for (const { outcomes } of rows) {
    for (let model = 0; model < models; model++) {
      meanScore[model]! += outcomes.scores[model]! / rows.length;
      meanCost[model]! += outcomes.costs[model]! / rows.length;
    }
  }
  const byCost = [...meanCost.keys()].toSorted((a, b) => meanCost[a]! - meanCost[b]! || a - b);
  return { pool, rows, byCost, best: highest(meanScore), meanScore, meanCost, seed };
}
