import { bootstrap, type Weights } from "../statistics/sample.ts";
import { createRows } from "../outcomes/columns.ts";
import { promptTokens } from "../outcomes/table.ts";
import type { Decider } from "./decider.ts";
import { createTally, type Reading, wholeRows } from "./material.ts";

type Bounds = readonly [low: number, high: number];

/** What changes from one config to another, over the same rows. Quality in [0,1], money in USD a request. */
export interface Changes {
  readonly rows: number;
  /** Rows that another model answers, and by which models, the most frequent first. */
  readonly changed: number;
  readonly moves: readonly { readonly from: string; readonly to: string; readonly rows: number }[];
  /** Rows that one of the two blocks, or lets no model answer; they are left out. */
  readonly refused: number;
  readonly quality: Difference;
  readonly cost: Difference;
  readonly bad_lines: number;
  readonly complete: boolean;
}

export interface Difference {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  readonly interval: Bounds | null;
}

const MOST_MOVES = 20;

/** Decides every row by both. */
export async function compare(
  reading: Reading,
  deciders: { readonly before: Decider; readonly after: Decider },
  progress: (rows: number) => void,
): Promise<Changes> {
  const { models, lengths } = reading.pool;
  const columns = createRows(4);
  const moves = new Map<string, { from: string; to: string; rows: number }>();
  const tally = createTally();
  let [refused, changed] = [0, 0];
  for await (const { row, outcomes } of wholeRows(reading, tally)) {
    const tokens = promptTokens(row, lengths);
    const before = await deciders.before.decide(row.text, tokens);
    const after = await deciders.after.decide(row.text, tokens);
    if (before === undefined || after === undefined) {
      refused += 1;
      continue;
    }
    const { scores, costs } = outcomes;
    columns.push([scores[before.chosen]!, scores[after.chosen]!, costs[before.chosen]!, costs[after.chosen]!]);
    progress(columns.length);
    if (before.chosen === after.chosen) continue;
    changed += 1;
    const [from, to] = [models[before.chosen]!, models[after.chosen]!];
    const move = moves.get(`${from}\n${to}`) ?? { from, to, rows: 0 };
    move.rows += 1;
    moves.set(`${from}\n${to}`, move);
  }
  const all = columns.all();
  return {
    rows: columns.length,
    changed,
    moves: [...moves.values()].toSorted((a, b) => b.rows - a.rows).slice(0, MOST_MOVES),
    refused,
    quality: differenceOf(all, 0),
    cost: differenceOf(all, 2),
    bad_lines: tally.bad,
    complete: reading.abort?.aborted !== true,
  };
}

/** Of the column at `at` and the one behind it. */
function differenceOf(all: Float32Array, at: number): Difference {
  const rows = all.length / 4;
  const gains = Float64Array.from({ length: rows }, (_, row) => all[row * 4 + at + 1]! - all[row * 4 + at]!);
  const mean = (column: number) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += all[row * 4 + column]!;
    return sum / rows;
  };
  const interval = bootstrap(rows, (weights) => weighted(gains, weights));
  return {
    before: short(mean(at)),
    after: short(mean(at + 1)),
    difference: short(weighted(gains)),
    interval: interval ? [short(interval.low), short(interval.high)] : null,
  };
}

function weighted(values: Float64Array, weights?: Weights): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (weights?.[at] ?? 1) * values[at]!;
  return sum / values.length;
}

const short = (value: number): number => Number(value.toPrecision(6));
