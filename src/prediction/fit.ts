import type { OutcomeRow } from "../outcomes/outcome.ts";
import { fitBlend, type HeldOut, scored } from "./blend.ts";
import { familiarityOf } from "./familiarity.ts";
import { BUCKETS } from "./features.ts";
import { figuresOf, type ModelFigures } from "./figures.ts";
import { foldsOf, orderOf } from "./folds.ts";
import type { FirstStep, Learned } from "./predictor.ts";
import { bounded } from "./predictor.ts";
import { type Design, designOf, fitRidge, type Linear, predictRows, type Targets } from "./ridge.ts";
import { pointOf, rawOf, spaceOf } from "./space.ts";
import { crossFit, type Folds, gapsOf, inputsOf, kindInputs, kindOf, lengthInputs, lengthOf } from "./stack.ts";
import { columnsOf, gapsAt, type Layout, lengthsAt, levelAt, type Tasks, tasksOf } from "./tasks.ts";

/** A row with its text's own vector, by the static stage. */
export interface EncodedRow {
  readonly row: OutcomeRow;
  readonly vector: Float32Array;
}

export interface FitChoices {
  readonly models: readonly string[];
  readonly encoderVersion: string;
  readonly seed?: number;
}

export interface FittedPredictor {
  readonly learned: Learned;
  /** Rows that were fitted to: all, or as many as are useful. */
  readonly rows: number;
  /** By model, of rows that were held out from what predicted them. */
  readonly heldOut: readonly ModelFigures[];
  /** Too few rows to learn from texts: every text gets the models' means. */
  readonly plain: boolean;
}

/** The rows do not do. The message says what is missing. */
export class UnfitRows extends Error {
  override readonly name = "UnfitRows";
}

/** Told between the steps, so that the caller can breathe, show it, or throw to stop. */
export type OnStep = (says: { readonly done: number; readonly of: number }) => Promise<void>;

/** More rows add minutes, and little else: of more, so many are drawn. */
const MOST_ROWS = 10_000;
/** With fewer, texts tell nothing that is not chance. */
const FEWEST_ROWS = 60;
const MOST_MODELS = 256;
const FOLDS = 5;
/** Rows that are held out, in all, to choose strengths of pull by. */
const JUDGED_ROWS = 1500;
/** The pull on categories; on the rest it is chosen, separately for how easy a text is, lengths, and gaps. */
const CATEGORY_PULL = 0.3;
const PULLS = [1, 3, 10, 30] as const;
const GAP_PULLS = [3, 10, 30, 100] as const;
/** Longer replies than this share's are few and far out: a mean would follow them. */
const LONGEST_SHARE = 0.99;
const SEED = 20_251_121;
const BREATH_ROWS = 64;

/**
 * Learns quality and reply length of each model from recorded outcomes. Whatever is chosen on the way (pulls, blends)
 * is chosen on rows held out, all wordings of a question together. The same rows and seed give the same predictor.
 * Errors: UnfitRows.
 */
export async function fitPredictor(
  all: readonly EncodedRow[],
  { models, encoderVersion, seed = SEED }: FitChoices,
  onStep: OnStep,
): Promise<FittedPredictor> {
  check(all, models.length);
  const order = orderOf(
    all.map(({ row }) => row.text),
    seed,
  );
  const encoded = Array.from(order.subarray(0, MOST_ROWS), (at) => all[at]!);
  const rows = encoded.map(({ row }) => row);
  const raws = [];
  for (const [at, { row, vector }] of encoded.entries()) {
    if (at % BREATH_ROWS === 0) await onStep({ done: 0, of: 1 });
    raws.push(rawOf(row.text, vector));
  }
  const space = spaceOf(raws);
  const design = designOf(
    raws.map((raw) => pointOf(raw, space)),
    BUCKETS,
  );
  const folds = foldsOf(
    rows.map(({ text }) => text),
    FOLDS,
    seed,
  );
  const plain = rows.length < FEWEST_ROWS;
  const tasks = plain ? onlyMeans(tasksOf(rows, models.length), rows.length) : tasksOf(rows, models.length);
  const { linear, predicted } = await firstSteps(design, tasks, folds, onStep);
  const second = secondStep(rows, tasks, predicted, folds);
  return {
    learned: {
      models,
      encoderVersion,
      space,
      familiarity: familiarityOf(encoded.map(({ vector }) => vector)),
      first: compact(linear, design.width),
      ...second.learned,
    },
    rows: rows.length,
    heldOut: figuresOf(models, second.held, folds),
    plain,
  };
}

function check(all: readonly EncodedRow[], models: number): void {
  if (all.length === 0) throw new UnfitRows("there are no rows to learn from");
  if (models === 0) throw new UnfitRows("the rows name no model");
  if (models > MOST_MODELS) throw new UnfitRows(`the rows name ${models} models; at most ${MOST_MODELS} are learned`);
  const width = all[0]!.vector.length;
  if (width === 0 || all.some(({ vector }) => vector.length !== width)) {
    throw new UnfitRows("the encoder gave no vectors, or vectors of several widths");
  }
  if (!all.some(({ row }) => row.scores.some((score) => !Number.isNaN(score)))) {
    throw new UnfitRows("no row has a score");
  }
}

/** Columns that never vary: what is predicted of them is their mean. */
function onlyMeans(tasks: Tasks, rows: number): Tasks {
  const layout: Layout = { categories: 0, lengths: 0, gaps: 0 };
  return { ...tasks, layout, targets: { columns: 1, values: new Float64Array(rows) }, directions: [] };
}

/** The first step fitted to all rows, and what it predicts of each row when fitted without its fold. */
async function firstSteps(design: Design, tasks: Tasks, folds: Folds, onStep: OnStep) {
  const trials = Math.min(FOLDS, Math.ceil((JUDGED_ROWS * FOLDS) / design.rows));
  const fits = trials + FOLDS + 1;
  let done = 0;
  const fit = async (rows: Uint32Array, targets: Targets, pulls: Float64Array): Promise<Linear> => {
    const work = fitRidge(design, rows, targets, pulls);
    for (let next = work.next(); ; next = work.next()) {
      if (next.done === true) {
        done += 1;
        return next.value;
      }
      await onStep({ done, of: fits });
    }
  };
  const pulls = await chosenPulls(design, tasks, folds, trials, fit);
  const { targets } = tasks;
  const predicted = new Float64Array(targets.values.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const [learn, judge] = split(folds, fold);
    const found = predictRows(design, judge, await fit(learn, targets, pulls));
    scatter(found, judge, targets.columns, predicted);
  }
  const everything = Uint32Array.from({ length: design.rows }, (_, row) => row);
  return { linear: await fit(everything, targets, pulls), predicted };
}

type Fit = (rows: Uint32Array, targets: Targets, pulls: Float64Array) => Promise<Linear>;

/** By column, the pull under which its part errs least on folds that were held out. */
async function chosenPulls(design: Design, { layout, targets }: Tasks, folds: Folds, trials: number, fit: Fit) {
  const columns = columnsOf(layout);
  const parts = [
    { from: levelAt(layout), to: lengthsAt(layout), pulls: PULLS },
    { from: lengthsAt(layout), to: gapsAt(layout), pulls: PULLS },
    { from: gapsAt(layout), to: columns, pulls: GAP_PULLS },
  ];
  const errors = parts.map(({ pulls }) => pulls.map(() => 0));
  const tried = columns - layout.categories;
  // All pulls at once: the columns stand side by side, once for each.
  const wide = repeated(targets, layout.categories, PULLS.length);
  const widePulls = Float64Array.from({ length: wide.columns }, (_, at) => {
    const column = layout.categories + (at % tried);
    return parts.find(({ from, to }) => column >= from && column < to)!.pulls[Math.floor(at / tried)]!;
  });
  for (let fold = 0; fold < trials; fold++) {
    const [learn, judge] = split(folds, fold);
    const found = predictRows(design, judge, await fit(learn, wide, widePulls));
    for (const [index, row] of judge.entries()) {
      for (let at = 0; at < wide.columns; at++) {
        const part = parts.findIndex(({ to }) => layout.categories + (at % tried) < to);
        const error = found[index * wide.columns + at]! - wide.values[row * wide.columns + at]!;
        errors[part]![Math.floor(at / tried)]! += error ** 2;
      }
    }
  }
  const best = errors.map((own, part) => parts[part]!.pulls[own.indexOf(Math.min(...own))]!);
  return Float64Array.from({ length: columns }, (_, column) =>
    column < layout.categories ? CATEGORY_PULL : best[parts.findIndex(({ to }) => column < to)]!,
  );
}

function repeated({ columns, values }: Targets, from: number, times: number): Targets {
  const kept = columns - from;
  const wide = new Float64Array((values.length / columns) * kept * times);
  for (let row = 0; row * columns < values.length; row++) {
    const own = values.subarray(row * columns + from, (row + 1) * columns);
    for (let time = 0; time < times; time++) wide.set(own, (row * times + time) * kept);
  }
  return { columns: kept * times, values: wide };
}

function split({ of }: Folds, fold: number): [learn: Uint32Array, judge: Uint32Array] {
  const rows = Uint32Array.from(of, (_, row) => row);
  return [rows.filter((row) => of[row] !== fold), rows.filter((row) => of[row] === fold)];
}

function scatter(from: Float64Array, rows: Uint32Array, columns: number, to: Float64Array): void {
  for (const [at, row] of rows.entries()) to.set(from.subarray(at * columns, (at + 1) * columns), row * columns);
}

/** From predicted columns to scores and tokens, fitted to what the first step said of rows that it was not fitted to. */
function secondStep(rows: readonly OutcomeRow[], tasks: Tasks, predicted: Float64Array, folds: Folds) {
  const { layout, residue, directions, means } = tasks;
  const models = means.length;
  const columns = columnsOf(layout);
  const levels = Float64Array.from(rows, (_, row) => predicted[row * columns + levelAt(layout)]!);
  const middle = levels.reduce((sum, level) => sum + level, 0) / rows.length;
  const kindOfRow = (row: number) => kindOf(predicted, row * columns, layout, middle);
  const kinds = crossFit(inputsOf(rows.length, kindInputs(layout), kindOfRow), residue, models, folds);
  const gaps = new Float64Array(residue.length);
  for (const row of rows.keys()) gaps.set(gapsOf(predicted, row * columns, layout, directions), row * models);
  const scores = new Float64Array(residue.length);
  for (const [row, { scores: own }] of rows.entries()) scores.set(own, row * models);
  const held: HeldOut = { rows: rows.length, models, scores, levels, residue, kinds: kinds.held, gaps };
  const blend = fitBlend(held);
  const quality = new Float64Array(residue.length);
  for (const [row, level] of levels.entries()) {
    const [from, to] = [row * models, (row + 1) * models];
    quality.set(scored({ blend, layout }, level, kinds.held.subarray(from, to), gaps.subarray(from, to)), from);
  }
  const { tokens, longest } = lengthsOf(rows, tasks, predicted, folds);
  const scorer = { layout, middle, kinds: kinds.linear, directions, blend };
  return { learned: { scorer, tokens, longest }, held: { models, scores, quality } };
}

function lengthsOf(rows: readonly OutcomeRow[], { layout, means }: Tasks, predicted: Float64Array, folds: Folds) {
  const models = means.length;
  const columns = columnsOf(layout);
  const longest = Float64Array.from({ length: models }, (_, model) => {
    const known = Float64Array.from(rows, ({ outputTokens }) => outputTokens[model]!).filter(
      (own) => !Number.isNaN(own),
    );
    return known.sort()[Math.ceil(LONGEST_SHARE * known.length) - 1] ?? Number.NaN;
  });
  const usual = longest.map((most, model) => {
    const known = rows.map(({ outputTokens }) => outputTokens[model]!).filter((own) => !Number.isNaN(own));
    return known.reduce((sum, own) => sum + bounded(own, most), 0) / Math.max(1, known.length);
  });
  const truth = new Float64Array(rows.length * models);
  for (const [row, { outputTokens }] of rows.entries()) {
    for (let model = 0; model < models; model++) {
      const own = outputTokens[model]!;
      truth[row * models + model] = Number.isNaN(own) ? usual[model]! : bounded(own, longest[model]!);
    }
  }
  const inputs = inputsOf(rows.length, lengthInputs(layout), (row) => lengthOf(predicted, row * columns, layout));
  return { tokens: crossFit(inputs, truth, models, folds).linear, longest };
}

/** Words by whole numbers up to 127 of each column's own unit: what that rounds off is far below the noise. */
function compact({ columns, mean, weights }: Linear, width: number): FirstStep {
  const words = weights.subarray(width * columns);
  const wordUnit = new Float64Array(columns);
  for (const [at, weight] of words.entries()) {
    wordUnit[at % columns] = Math.max(wordUnit[at % columns]!, Math.abs(weight) / 127);
  }
  return {
    columns,
    mean,
    dense: Float32Array.from(weights.subarray(0, width * columns)),
    words: Int8Array.from(words, (weight, at) => Math.round(weight / (wordUnit[at % columns]! || 1))),
    wordUnit,
  };
}
