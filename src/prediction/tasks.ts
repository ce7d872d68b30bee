import type { OutcomeRow } from "../outcomes/outcome.ts";
import type { Targets } from "./ridge.ts";
import { principal } from "./small.ts";

/** Which columns the first step predicts, in this order: categories, the level, lengths, gaps. */
export interface Layout {
  readonly categories: number;
  readonly lengths: number;
  readonly gaps: number;
}

/** What rows teach the first step, and what their models' outcomes are made of. */
export interface Tasks {
  readonly layout: Layout;
  readonly targets: Targets;
  /** Mean score by model, few rows pulled towards the mean of all. */
  readonly means: Float64Array;
  /** Score by row and model, less the model's mean and what all models share in the row; 0 where it was not run. */
  readonly residue: Float64Array;
  /** Directions in which models differ from one another, each a number by model. */
  readonly directions: readonly Float64Array[];
}

/** Categories with fewer rows, and beyond so many, are not told apart. */
const FEWEST_OF_CATEGORY = 10;
const MOST_CATEGORIES = 64;
const MOST_LENGTHS = 4;
const MOST_GAPS = 8;
/** Rows of the mean of all models that each model's mean is mixed with. */
const PRIOR_ROWS = 5;

export const levelAt = ({ categories }: Layout) => categories;
export const lengthsAt = ({ categories }: Layout) => categories + 1;
export const gapsAt = ({ categories, lengths }: Layout) => categories + 1 + lengths;
export const columnsOf = ({ categories, lengths, gaps }: Layout) => categories + 1 + lengths + gaps;

/** @param models how many each row tells of */
export function tasksOf(rows: readonly OutcomeRow[], models: number): Tasks {
  const { means, levels, residue } = splitScores(rows, models);
  const directions = directionsOf(residue, models, Math.min(MOST_GAPS, models - 1));
  const logs = logLengths(rows, models);
  const lengths = directionsOf(logs, models, MOST_LENGTHS);
  const categories = categoriesOf(rows);
  const layout = { categories: categories.length, lengths: lengths.length, gaps: directions.length };
  const columns = columnsOf(layout);
  const values = new Float64Array(rows.length * columns);
  for (const [row, { category }] of rows.entries()) {
    const to = values.subarray(row * columns, (row + 1) * columns);
    const own = category === undefined ? -1 : categories.indexOf(category);
    if (own >= 0) to[own] = 1;
    to[levelAt(layout)] = levels[row]!;
    const project = (from: Float64Array, onto: readonly Float64Array[], at: number) => {
      for (const [index, direction] of onto.entries()) {
        for (let model = 0; model < models; model++) to[at + index]! += from[row * models + model]! * direction[model]!;
      }
    };
    project(logs, lengths, lengthsAt(layout));
    project(residue, directions, gapsAt(layout));
  }
  return { layout, targets: { columns, values }, means, residue, directions };
}

/** Each score is its model's mean, and what all models share in the row (how easy it is), and a rest. */
function splitScores(rows: readonly OutcomeRow[], models: number) {
  const sums = new Float64Array(models);
  const counts = new Float64Array(models);
  for (const { scores } of rows) {
    for (let model = 0; model < models; model++) {
      if (Number.isNaN(scores[model]!)) continue;
      sums[model]! += scores[model]!;
      counts[model]! += 1;
    }
  }
  const total = (of: Float64Array) => of.reduce((sum, own) => sum + own, 0);
  const overall = total(counts) > 0 ? total(sums) / total(counts) : 0.5;
  const means = sums.map((sum, model) => (sum + PRIOR_ROWS * overall) / (counts[model]! + PRIOR_ROWS));
  const levels = new Float64Array(rows.length);
  const residue = new Float64Array(rows.length * models);
  for (const [row, { scores }] of rows.entries()) {
    const known = [...means.keys()].filter((model) => !Number.isNaN(scores[model]!));
    if (known.length === 0) continue;
    const level = known.reduce((sum, model) => sum + scores[model]! - means[model]!, 0) / known.length;
    levels[row] = level;
    for (const model of known) residue[row * models + model] = scores[model]! - means[model]! - level;
  }
  return { means, levels, residue };
}

/** Logarithms of the tokens by row and model, in standard deviations from the model's mean; 0 where not recorded. */
function logLengths(rows: readonly OutcomeRow[], models: number): Float64Array {
  const logs = new Float64Array(rows.length * models);
  for (let model = 0; model < models; model++) {
    const own = rows.map(({ outputTokens }) => Math.log(Math.max(1, outputTokens[model]!)));
    const known = own.filter((value) => !Number.isNaN(value));
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const spread = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
    if (!(spread > 0)) continue;
    for (const [row, value] of own.entries()) {
      logs[row * models + model] = Number.isNaN(value) ? 0 : (value - mean) / spread;
    }
  }
  return logs;
}

/** The directions in which the rows spread most. */
function directionsOf(values: Float64Array, models: number, most: number): Float64Array[] {
  const matrix = new Float64Array(models * models);
  for (let from = 0; from < values.length; from += models) {
    for (let one = 0; one < models; one++) {
      for (let two = 0; two < models; two++) matrix[one * models + two]! += values[from + one]! * values[from + two]!;
    }
  }
  return principal(matrix, models, most);
}

function categoriesOf(rows: readonly OutcomeRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { category } of rows) if (category !== undefined) counts.set(category, (counts.get(category) ?? 0) + 1);
  const known = [...counts].filter(([, count]) => count >= FEWEST_OF_CATEGORY);
  known.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  // One category alone tells nothing.
  return known.length < 2 ? [] : known.slice(0, MOST_CATEGORIES).map(([name]) => name);
}
