import { DEFAULT_THRESHOLD } from "../../cache/same.ts";
import { EncoderError } from "../../inference/encoder.ts";
import { type Line, NoRows } from "../evaluate.ts";
import { isPassing, type MeasuredEncoder } from "../reader.ts";
import type { BadLine } from "../report.ts";
import { parseRow } from "../rows.ts";
import { createJudge, type Judged } from "./judge.ts";
import { type Pair, PAIR_COLUMNS, pairRow } from "./pairs.ts";
import { createTally, type PairReport } from "./report.ts";

export interface PairEvaluation {
  /** In place of the one that ships. */
  readonly threshold?: number;
  /** Only rows of this split, where rows say theirs; all by default. */
  readonly split?: string;
  /** Stops it: the report tells what was measured so far. */
  readonly abort?: AbortSignal;
  progress?(rows: number): void;
}

/** Pairs under way together: as many as the workers can read, and some that wait. */
const TOGETHER = 16;
const BAD_LINES_TOLD = 10;
const HOPELESS = 100;

/** Which pairs of a file the cache would serve. Errors: NoRows, and EncoderError where the encoder is broken or closed. */
export async function evaluatePairs(
  encoder: MeasuredEncoder,
  lines: AsyncIterable<Line>,
  evaluation: PairEvaluation,
): Promise<PairReport> {
  const tally = createTally();
  const { bad, first, failed, complete } = await eachJudged(encoder, lines, evaluation, (judged) => tally.add(judged));
  const figures = tally.figures();
  return {
    ...figures,
    encoder: encoder.version,
    threshold: evaluation.threshold ?? DEFAULT_THRESHOLD,
    complete,
    bad_lines: bad,
    first_bad_lines: first,
    failed_rows: failed,
  };
}

export interface Read {
  readonly bad: number;
  readonly first: readonly BadLine[];
  /** Rows that the encoder had no answer for: they are left out. */
  readonly failed: number;
  readonly complete: boolean;
}

/** Judges the pairs of a file in its order. Errors as above. */
export async function eachJudged(
  encoder: MeasuredEncoder,
  lines: AsyncIterable<Line>,
  { threshold, split, abort, progress }: PairEvaluation,
  keep: (judged: Judged) => void,
): Promise<Read> {
  const judge = createJudge(encoder, threshold === undefined ? {} : { threshold });
  const first: BadLine[] = [];
  let [bad, rows, failed] = [0, 0, 0];
  const underWay: Promise<Judged | EncoderError>[] = [];
  const settle = async (): Promise<void> => {
    const judged = await underWay.shift()!;
    if (judged instanceof EncoderError) return void (failed += 1);
    keep(judged);
    rows += 1;
    progress?.(rows);
  };
  for await (const { number, bytes } of lines) {
    if (abort?.aborted) break;
    const parsed = parseRow<Pair>(pairRow, bytes);
    if ("problem" in parsed) {
      bad += 1;
      if (first.length < BAD_LINES_TOLD) first.push({ line: number, problem: parsed.problem });
      if (rows === 0 && underWay.length === 0 && bad === HOPELESS) break;
    } else if (split === undefined || parsed.row.split === undefined || parsed.row.split === split) {
      const judged = judge.judge(parsed.row).catch(passing);
      judged.catch(() => undefined);
      underWay.push(judged);
      if (underWay.length >= TOGETHER) await settle();
    }
  }
  while (underWay.length > 0) await settle();
  if (rows === 0 && abort?.aborted !== true) {
    const [worst] = first;
    const why = worst === undefined ? "no rows" : `no rows: line ${worst.line} ${worst.problem}`;
    throw new NoRows(`${why}. Needed are the columns ${PAIR_COLUMNS}.`);
  }
  return { bad, first, failed, complete: abort?.aborted !== true };
}

function passing(error: unknown): EncoderError {
  if (isPassing(error)) return error;
  throw error;
}
