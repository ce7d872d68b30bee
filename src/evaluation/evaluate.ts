import type { Clock } from "../contracts.ts";
import { EncoderError, type Stage } from "../inference/encoder.ts";
import { percentile } from "../statistics/sample.ts";
import { createChoice } from "./choice.ts";
import { createColumn } from "./columns.ts";
import { createDifficulty } from "./difficulty.ts";
import { type Answer, type Measure, type Origin, short } from "./measure.ts";
import { createPiiMeasure } from "./pii.ts";
import { createReader, isPassing, type MeasuredEncoder, type Reader } from "./reader.ts";
import type { BadLine, LatencyFigures, Report, Task } from "./report.ts";
import { COLUMNS, parseRow } from "./rows.ts";
import { createSafety } from "./safety.ts";
import { createSimilarity } from "./similarity.ts";

export interface Evaluation {
  readonly task: Task;
  /** The full stage where the encoder has one, unless told otherwise. */
  readonly stage?: Stage;
  /** Only rows of this split, where rows say theirs; all by default. */
  readonly split?: string;
  /** Only rows of these sources; all by default. */
  readonly sources?: readonly string[];
  /** At most so many rows. */
  readonly limit?: number;
  /** Texts under way at the same time: 1 by default, so that latency is that of one text alone. */
  readonly parallel?: number;
  readonly clock: Clock;
  /** Stops it: the report tells what was measured so far. */
  readonly abort?: AbortSignal;
  /** Told after each row, with the rows so far. */
  progress?(rows: number): void;
  /** Gets each row that was measured, in the order of the file. */
  row?(row: Readonly<Record<string, unknown>>): void | Promise<void>;
}

export interface Line {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** There is nothing to measure, as in a file whose first hundred lines are no rows. The message says why, and which columns are needed. */
export class NoRows extends Error {
  override readonly name = "NoRows";
}

const HOPELESS = 100;
const BAD_LINES_TOLD = 10;

/**
 * Measures an encoder by the rows of a file, one line at a time. Of each row only numbers are kept.
 * Errors: NoRows, UnfitEncoder, and EncoderError where the encoder is broken or closed.
 */
export async function evaluate(
  encoder: MeasuredEncoder,
  lines: AsyncIterable<Line>,
  evaluation: Evaluation,
): Promise<Report> {
  const stage = stageOf(encoder, evaluation);
  const measure = measureOf(evaluation.task, createReader(encoder, stage, evaluation.clock), evaluation.clock);
  const tally = createTally();
  const underWay: Promise<Answer | EncoderError>[] = [];
  const settle = async () => {
    const answer = await underWay.shift()!;
    if (answer instanceof EncoderError) return tally.fail(answer);
    const row = answer.keep();
    tally.add(answer);
    await evaluation.row?.(row);
    evaluation.progress?.(tally.rows());
  };
  let taken = 0;
  for await (const { number, bytes } of lines) {
    if (evaluation.abort?.aborted) break;
    const parsed = parseRow(measure.schema, bytes);
    if ("problem" in parsed) {
      tally.bad({ line: number, problem: parsed.problem });
      if (taken === 0 && tally.badLines() === HOPELESS) break;
    } else if (isWanted(parsed.row, evaluation)) {
      taken += 1;
      const answer = measure.read(parsed.row).catch(passing);
      // One that breaks while another is waited for is heard when its turn comes.
      answer.catch(() => undefined);
      underWay.push(answer);
      if (underWay.length >= (evaluation.parallel ?? 1)) await settle();
      if (taken === evaluation.limit) break;
    } else tally.skip();
  }
  while (underWay.length > 0) await settle();
  if (taken === 0 && evaluation.abort?.aborted !== true) throw tally.nothing(evaluation.task);
  return {
    task: evaluation.task,
    encoder: encoder.version,
    stage,
    complete: evaluation.abort?.aborted !== true,
    ...tally.figures(),
    ...measure.figures(),
  };
}

function stageOf({ hasFullStage }: MeasuredEncoder, { stage }: Evaluation): Stage {
  return stage ?? (hasFullStage ? "full" : "static");
}

function measureOf(task: Task, reader: Reader, clock: Clock): Measure {
  // Each measure takes the rows that its own schema makes.
  const own = <R extends Origin>(measure: Measure<R>) => measure as unknown as Measure;
  if (task === "difficulty") return own(createDifficulty(reader));
  if (task === "safety") return own(createSafety(reader));
  if (task === "similarity") return own(createSimilarity(reader));
  if (task === "pii") return own(createPiiMeasure(reader, clock));
  return own(createChoice(reader, task));
}

function passing(error: unknown): EncoderError {
  if (isPassing(error)) return error;
  throw error;
}

function isWanted(row: Origin, { split, sources }: Evaluation): boolean {
  if (split !== undefined && row.split != null && row.split !== split) return false;
  return sources === undefined || (row.source != null && sources.includes(row.source));
}

function createTally() {
  const milliseconds = createColumn();
  const faults: Record<string, number> = {};
  const first: BadLine[] = [];
  let [rows, second, cut, bad, skipped] = [0, 0, 0, 0, 0];
  return {
    rows: () => rows,
    badLines: () => bad,
    add(answer: Answer) {
      rows += 1;
      if (answer.second) second += 1;
      if (answer.cut) cut += 1;
      for (const ms of answer.ms) milliseconds.push(ms);
    },
    fail({ fault }: EncoderError) {
      faults[fault] = (faults[fault] ?? 0) + 1;
    },
    bad(line: BadLine) {
      bad += 1;
      if (first.length < BAD_LINES_TOLD) first.push(line);
    },
    skip() {
      skipped += 1;
    },
    nothing(task: Task): NoRows {
      const [worst] = first;
      if (skipped > 0) return new NoRows(`none of the ${skipped} rows is of the split and the sources asked for`);
      if (worst === undefined) return new NoRows("the file holds no rows");
      const needs = `task ${task} needs the columns ${COLUMNS[task]}`;
      return new NoRows(`no line is a row; ${needs}; line ${worst.line}: ${worst.problem} (${bad} bad lines)`);
    },
    figures: () => ({
      rows,
      skipped_rows: skipped,
      bad_lines: bad,
      first_bad_lines: first,
      failed_rows: faults,
      cut_rows: cut,
      latency_ms: latencyOf(milliseconds.values()),
      second_stage_share: rows === 0 ? 0 : short(second / rows),
    }),
  };
}

function latencyOf(milliseconds: Float64Array): LatencyFigures {
  const sorted = milliseconds.toSorted();
  const at = (share: number) => (sorted.length === 0 ? 0 : short(percentile(sorted, share)));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
