import { type CascadeRow, cascadeRow } from "../../cascade/rows.ts";
import { UnfitOutcomes } from "../../outcomes/outcome.ts";
import { createTally, type Reading, type Tally, wholeRows } from "../material.ts";
import type { Replies } from "./replies.ts";

/** Rows that the cascade is measured on; of a longer file the first ones. */
const MOST_ROWS = 20_000;
const FEWEST_ROWS = 100;
const GOOD = 0.5;

/** Rows that every model of the pool has an outcome for, and each cheap one a reply. */
export interface Collected {
  readonly rows: readonly CascadeRow[];
  readonly tally: Tally;
  /** Rows that lack a cheap model's reply. */
  readonly unheard: number;
}

/** @param reading whose pool has the strong model last. Errors: UnfitOutcomes. */
export async function collectRows(reading: Reading, replies: Replies): Promise<Collected> {
  const tally = createTally();
  const rows: CascadeRow[] = [];
  let unheard = 0;
  for await (const { id, row, outcomes } of wholeRows(reading, tally)) {
    const answers = replies.get(id)?.filter((reply) => reply !== undefined) ?? [];
    if (answers.length < reading.pool.models.length - 1) {
      unheard += 1;
      continue;
    }
    const right = Uint8Array.from(outcomes.scores, (score) => Number(score >= GOOD));
    rows.push(
      cascadeRow(id, { asked: { turn: row.text }, answers }, { right, costs: Float64Array.from(outcomes.costs) }),
    );
    if (rows.length === MOST_ROWS) break;
  }
  if (rows.length < FEWEST_ROWS && reading.abort?.aborted !== true) {
    throw new UnfitOutcomes(
      `only ${rows.length} rows have an outcome of every model and a reply of each cheap one; at least ${FEWEST_ROWS} are needed${unheard > 0 ? ` (${unheard} lack a reply: do the ids of both files match?)` : ""}`,
    );
  }
  return { rows, tally, unheard };
}
