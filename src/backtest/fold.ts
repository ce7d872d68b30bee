import { setImmediate as turn } from "node:timers/promises";
import type { Accepted } from "../config/check.ts";
import { POLICIES } from "../outcomes/policies/index.ts";
import type { Learned, Lesson } from "../outcomes/policies/policy.ts";
import { promptTokens } from "../outcomes/table.ts";
import { type Board, createExpectation } from "./board.ts";
import type { Decider, Workshop } from "./decider.ts";
import {
  collectLesson,
  createTally,
  type Reading,
  repeats,
  seenOf,
  shownOf,
  type Tally,
  wholeRows,
  type WholeRow,
} from "./material.ts";
import { ownConfig, ownNames, type Way } from "./own-config.ts";

/** What is learned from, and what is reported on. */
export interface Fold {
  readonly name: string;
  readonly learn: Reading;
  readonly report: Reading;
}

/** The user's config, and what it calls the models of the pool; without one the router is made for the file. */
export interface Given {
  readonly accepted: Pick<Accepted, "config" | "hash">;
  readonly names: readonly string[];
}

/** How a router of our own is fitted to rows. `close` when the last decision is made. */
export type FitWay = (lesson: Lesson, rows: readonly WholeRow[], context: FitContext) => Promise<FittedWay>;

export interface FittedWay extends Way {
  /** What makes it less than it could be. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface FitContext {
  readonly encoder: Workshop["encoder"];
  /** What the config will call the models of the pool. */
  readonly names: readonly string[];
  /** All models of the file that is learned from, those of the pool by those names. */
  readonly fileModels: readonly string[];
  readonly seed: number;
  readonly abort?: AbortSignal | undefined;
  readonly progress: (says: string) => void;
}

export interface FoldOptions {
  readonly seed: number;
  readonly workshop: Workshop;
  readonly given?: Given | undefined;
  readonly fit: FitWay;
  readonly progress: (says: string) => void;
}

export interface FoldResult {
  readonly name: string;
  readonly learned: number;
  /** Of the report's file, and of the one that was learned from. */
  readonly tally: Tally;
  readonly learnTally: Tally;
  /** Rows that the config blocks, or lets no model of the pool answer. */
  readonly refused: number;
  /** Policies that the rows, or the encoder, lack something for. */
  readonly unlearned: readonly string[];
  readonly notes: readonly string[];
}

/** Learns, then decides every row of the report and writes the numbers onto the board; undefined where it was stopped before that. */
export async function runFold(fold: Fold, board: Board, options: FoldOptions): Promise<FoldResult | undefined> {
  const { seed, workshop, given } = options;
  const progress = (says: string) => options.progress(`${fold.name}: ${says}`);
  const { encoder } = workshop;
  const { lesson, rows, tally } = await collectLesson(encoder, fold.learn, {
    seed,
    progress: (count) => progress(`${count} rows to learn from`),
  });
  const { abort } = fold.learn;
  const isStopped = () => abort?.aborted === true;
  const learned = await learnAll(lesson, isStopped, (name) => progress(`learning ${name}`));
  if (isStopped()) return undefined;
  const names = given?.names ?? ownNames(lesson.pool.models);
  const fitted = given
    ? undefined
    : await unlessStopped(abort, () =>
        options.fit(lesson, rows, { encoder, names, fileModels: fileModels(fold, names), seed, abort, progress }),
      );
  if (fitted === undefined && !given) return undefined;
  try {
    const decider = await workshop.decider(fitted ? ownConfig(lesson, fitted) : given!.accepted, names);
    const ready = { decider, encoder, learned, lesson, progress: (count: number) => progress(`${count} rows decided`) };
    const { repeated, ...told } = await report(fold, board, ready).finally(() => decider.release());
    const unlearned = POLICIES.filter(({ name }) => !learned.has(name)).map(({ name }) => name);
    return {
      name: fold.name,
      learned: rows.length,
      learnTally: tally,
      unlearned,
      notes: [...(fitted?.notes ?? []), ...repeatedNote(fold.name, repeated)],
      ...told,
    };
  } finally {
    await fitted?.close();
  }
}

/** Undefined where it was stopped on the way. */
async function unlessStopped<T>(abort: AbortSignal | undefined, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (abort?.aborted === true && error === abort.reason) return undefined;
    throw error;
  }
}

/** Outcomes of models that are not in the pool tell how hard a prompt is. */
function fileModels({ learn: { file, pool } }: Fold, names: readonly string[]): string[] {
  return file.facts.models.map((_, at) => names[pool.at.indexOf(at)] ?? `other-${at}`);
}

async function learnAll(
  lesson: Lesson,
  isStopped: () => boolean,
  progress: (name: string) => void,
): Promise<ReadonlyMap<string, Learned>> {
  const learned = new Map<string, Learned>();
  for (const policy of POLICIES) {
    if (isStopped()) break;
    progress(policy.name);
    await turn();
    const own = policy.learn(lesson);
    if (own) learned.set(policy.name, own);
  }
  return learned;
}

interface Ready {
  readonly encoder: Workshop["encoder"];
  readonly decider: Decider;
  readonly learned: ReadonlyMap<string, Learned>;
  readonly lesson: Lesson;
  readonly progress: (rows: number) => void;
}

async function report(fold: Fold, board: Board, { decider, encoder, learned, lesson, progress }: Ready) {
  const tally = createTally();
  const expectation = createExpectation(lesson);
  const { lengths } = fold.report.pool;
  const isRepeated = repeats(lesson);
  let [refused, done, repeated] = [0, 0, 0];
  for await (const { id, row, outcomes } of wholeRows(fold.report, tally)) {
    const decided = await decider.decide(row.text, promptTokens(row, lengths));
    progress(++done);
    if (decided === undefined) {
      refused += 1;
      continue;
    }
    const shown = shownOf(await seenOf(encoder, row, lengths), row, outcomes);
    repeated += Number(isRepeated(row));
    board.push({ id, shown, decided }, learned, expectation(shown));
  }
  return { tally, refused, repeated };
}

const repeatedNote = (fold: string, repeated: number): string[] =>
  repeated === 0
    ? []
    : [
        `${fold}: ${repeated} of the reported rows have the text of a row that was learned from, which flatters what learned.`,
      ];
