import type { Weights } from "./sample.ts";

/** How often each label was given for each true one: `counts[truth * labels + given]`. */
export interface Confusion {
  readonly labels: number;
  readonly counts: Float64Array;
}

/** Labels are positions in a list of `labels` names. */
export function confusion(
  labels: number,
  truth: ArrayLike<number>,
  given: ArrayLike<number>,
  weights?: Weights,
): Confusion {
  const counts = new Float64Array(labels * labels);
  for (let row = 0; row < truth.length; row++) counts[truth[row]! * labels + given[row]!]! += weights?.[row] ?? 1;
  return { labels, counts };
}

/** Share of rows that got their true label; NaN where there are no rows. */
export function accuracy({ labels, counts }: Confusion): number {
  let right = 0;
  let all = 0;
  for (let at = 0; at < counts.length; at++) {
    all += counts[at]!;
    if (at % (labels + 1) === 0) right += counts[at]!;
  }
  return right / all;
}

export interface LabelScore {
  /** Rows whose true label it is, and rows that were given it. */
  readonly rows: number;
  readonly given: number;
  /** Each is 0 where nothing can be divided by. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function labelScores({ labels, counts }: Confusion): LabelScore[] {
  return Array.from({ length: labels }, (_, label) => {
    let rows = 0;
    let given = 0;
    for (let other = 0; other < labels; other++) {
      rows += counts[label * labels + other]!;
      given += counts[other * labels + label]!;
    }
    return scoreOf(counts[label * labels + label]!, rows, given);
  });
}

export function scoreOf(right: number, rows: number, given: number): LabelScore {
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    rows,
    given,
    precision: share(right, given),
    recall: share(right, rows),
    f1: share(2 * right, rows + given),
  };
}

/** Mean F1 of the labels that occur, as truth or as answer; NaN where none does. */
export function macroF1(scores: readonly LabelScore[]): number {
  const occurring = scores.filter(({ rows, given }) => rows + given > 0);
  return occurring.reduce((sum, { f1 }) => sum + f1, 0) / occurring.length;
}
