import { setImmediate as turn } from "node:timers/promises";
import type { Encoder } from "../inference/encoder.ts";
import type { OutcomeFile } from "../outcomes/open.ts";
import { type Lengths, type OutcomeRow, UnfitOutcomes } from "../outcomes/outcome.ts";
import { lessonOf } from "../outcomes/policies/lesson.ts";
import type { Lesson, Seen, Shown } from "../outcomes/policies/policy.ts";
import { createSample, placeOf } from "../outcomes/sample.ts";
import { outcomesOf, type Pool, promptTokens } from "../outcomes/table.ts";

/** Rows that anything is learned from; of more, as many are drawn. */
const MOST_LESSON = 20_000;
/** Below this there is nothing to learn. */
const FEWEST_LESSON = 20;
/** Of a text so many UTF-16 units are kept to learn from, and shown to rival policies. */
const MOST_UNITS = 8192;
const PATIENCE_MS = 60_000;
/** Rows between two turns of the event loop. */
const TURN_ROWS = 64;

/** Rows as they are passed over, counted; the first bad lines are told. */
export interface Tally {
  readonly firstBad: { readonly line: number; readonly problem: string }[];
  bad: number;
  /** By the set's own marks, and for want of an outcome or a cost at some model of the pool. */
  leftOut: number;
  incomplete: number;
}

const BAD_LINES_TOLD = 10;

export function createTally(): Tally & { readonly onto: Parameters<OutcomeFile["rows"]>[0] } {
  const tally: Tally = { firstBad: [], bad: 0, leftOut: 0, incomplete: 0 };
  return Object.assign(tally, {
    onto: {
      bad(line: number, problem: string) {
        tally.bad += 1;
        if (tally.firstBad.length < BAD_LINES_TOLD) tally.firstBad.push({ line, problem });
      },
      leftOut() {
        tally.leftOut += 1;
      },
    },
  });
}

/** What of a file is used, and what stops the reading of it. */
export interface Reading {
  readonly file: OutcomeFile;
  readonly pool: Pool;
  readonly isWanted: (id: string) => boolean;
  readonly abort?: AbortSignal | undefined;
}

/** A row that every model of the pool has an outcome for. */
export interface WholeRow {
  readonly id: string;
  readonly row: OutcomeRow;
  readonly outcomes: Shown["outcomes"];
}

export async function* wholeRows(
  { file, pool, isWanted, abort }: Reading,
  tally: ReturnType<typeof createTally>,
): AsyncGenerator<WholeRow> {
  let read = 0;
  for await (const row of file.rows(tally.onto)) {
    if (abort?.aborted === true) return;
    if (++read % TURN_ROWS === 0) await turn();
    if (!isWanted(row.id)) continue;
    const outcomes = outcomesOf(row, pool);
    if (outcomes === undefined) tally.incomplete += 1;
    else yield { id: row.id, row, outcomes };
  }
}

/** A part of a text would keep all of it in memory: what is kept is a copy. */
const beginning = (text: string): string =>
  text.length <= MOST_UNITS ? text : Buffer.from(text.slice(0, MOST_UNITS), "utf16le").toString("utf16le");

/** Whether a row's text is one of those that something was learned from, whatever their ids: then it is not held out. */
export function repeats({ rows }: Lesson): (row: OutcomeRow) => boolean {
  const taught = new Set(rows.map(({ seen }) => seen.text));
  return ({ text }) => taught.has(beginning(text));
}

/** What a router sees of a row. */
export async function seenOf(encoder: Encoder, row: OutcomeRow, lengths: Lengths): Promise<Seen> {
  const text = beginning(row.text);
  const encoding = await encoder.encode(text, PATIENCE_MS);
  return {
    text,
    inputTokens: promptTokens(row, lengths),
    vector: encoding.vector,
    features: encoding.features,
    domain: Float32Array.from(Object.values(encoding.heads["domain"]?.probabilities ?? {})),
  };
}

export const shownOf = (seen: Seen, { category }: OutcomeRow, outcomes: Shown["outcomes"]): Shown =>
  category === undefined ? { seen, outcomes } : { seen, outcomes, category };

/** The rows that a fold learns from, in an order that the seed draws. Errors: UnfitOutcomes. */
export async function collectLesson(
  encoder: Encoder,
  reading: Reading,
  { seed, progress }: { readonly seed: number; readonly progress: (rows: number) => void },
): Promise<{ readonly lesson: Lesson; readonly rows: readonly WholeRow[]; readonly tally: Tally }> {
  const sample = createSample<WholeRow>(MOST_LESSON);
  const tally = createTally();
  for await (const { row, ...whole } of wholeRows(reading, tally)) {
    sample.offer(placeOf(whole.id, seed), { ...whole, row: { ...row, text: beginning(row.text) } });
  }
  const rows = sample.drawn();
  if (rows.length < FEWEST_LESSON && reading.abort?.aborted !== true) {
    throw new UnfitOutcomes(`only ${rows.length} rows can be learned from; at least ${FEWEST_LESSON} are needed`);
  }
  const shown: Shown[] = [];
  for (const { row, outcomes } of rows) {
    if (reading.abort?.aborted === true) break;
    shown.push(shownOf(await seenOf(encoder, row, reading.pool.lengths), row, outcomes));
    if (shown.length % TURN_ROWS === 0) {
      progress(shown.length);
      await turn();
    }
  }
  const lesson = lessonOf(reading.pool, shown, seed);
  if (reading.abort?.aborted !== true) checkVariety(lesson);
  return { lesson, rows: rows.slice(0, shown.length), tally };
}

/** Where all models do equally well on every row there is nothing to choose. */
function checkVariety({ rows, pool }: Lesson): void {
  const varies = rows.some(({ outcomes: { scores } }) => scores.some((score) => score !== scores[0]));
  if (varies) return;
  throw new UnfitOutcomes(
    `on every row that is learned from, all ${pool.models.length} models have the same score: there is nothing to choose between`,
  );
}
