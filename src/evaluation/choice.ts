import type { Encoding, Prediction } from "../inference/encoder.ts";
import { calibrationError, reliability } from "../statistics/calibration.ts";
import { accuracy, confusion, labelScores, type LabelScore, macroF1 } from "../statistics/classification.ts";
import { bootstrap, type Interval } from "../statistics/sample.ts";
import { type Column, createColumn, createGroups, createNames, type Names, perGroup } from "./columns.ts";
import { type Answer, type Measure, type Origin, short, UnfitEncoder } from "./measure.ts";
import type { Read, Reader } from "./reader.ts";
import type { Bounds, GroupFigures, LabelFigures, TaskFigures } from "./report.ts";
import { type ChoiceRow, choiceRow } from "./rows.ts";

/** Labels that the head does not have, told apart; the rest of them are counted together. */
const MOST_UNKNOWN = 30;

/** A prediction; `known` is absent where nobody told it. One that abstains would not count in a decision. */
export type Judgement = Pick<Prediction, "probabilities"> &
  Partial<Pick<Prediction, "known">> & { readonly abstains?: boolean };

/** What was kept of every row: positions in `names`, how sure the answer was, where the row came from. */
export interface Choices {
  readonly truth: Column;
  readonly given: Column;
  readonly confidence: Column;
  /** Labels of the head, and with those of the file that it does not have behind them. */
  readonly labels: readonly string[];
  readonly names: Names;
  push(origin: Origin, label: string, judgement: Judgement): Readonly<Record<string, unknown>>;
  figures(own?: (rows: Uint32Array) => Partial<GroupFigures>): TaskFigures;
}

export function createChoices(labels: readonly string[]): Choices {
  const names = createNames(labels, MOST_UNKNOWN, "(other unknown labels)");
  const [truth, given, confidence] = [createColumn(), createColumn(), createColumn()];
  const abstaining = createColumn();
  const [sources, languages] = [createGroups(), createGroups()];
  return {
    truth,
    given,
    confidence,
    labels,
    names,
    push(origin, label, { probabilities, known, abstains }) {
      const [best, probability] = highest(labels, probabilities);
      truth.push(names.numberOf(label));
      given.push(best);
      confidence.push(probability);
      if (abstains !== undefined) abstaining.push(abstains ? 1 : 0);
      sources.push(origin.source ?? undefined);
      languages.push(origin.lang ?? undefined);
      const predicted = { label, predicted: labels[best], scores: rounded(probabilities) };
      return known === undefined ? predicted : { ...predicted, known: short(known) };
    },
    figures(own = () => ({})) {
      if (truth.length === 0) return {};
      const [truths, givens] = [truth.values(), given.values()];
      const group = (rows: Uint32Array): GroupFigures => {
        const right = rows.reduce((sum, row) => sum + (truths[row] === givens[row] ? 1 : 0), 0);
        return { rows: rows.length, accuracy: short(right / rows.length), ...own(rows) };
      };
      const perSource = perGroup(sources, group);
      const perLanguage = perGroup(languages, group);
      return {
        ...wholeFigures(truths, givens, names.all(), labels.length),
        ...sureFigures(confidence.values(), truths, givens),
        ...(abstaining.length === truth.length && abstainFigures(abstaining.values(), truths, givens)),
        ...(perSource && { per_source: perSource }),
        ...(perLanguage && { per_language: perLanguage }),
      };
    },
  };
}

function highest(
  labels: readonly string[],
  probabilities: Prediction["probabilities"],
): [label: number, probability: number] {
  let best = 0;
  for (let at = 1; at < labels.length; at++) {
    if ((probabilities[labels[at]!] ?? 0) > (probabilities[labels[best]!] ?? 0)) best = at;
  }
  return [best, probabilities[labels[best]!] ?? 0];
}

function wholeFigures(truth: Float64Array, given: Float64Array, labels: readonly string[], known: number): TaskFigures {
  const all = confusion(labels.length, truth, given);
  const scores = labelScores(all);
  const resampled = (figure: (of: ReturnType<typeof confusion>) => number) =>
    bootstrap(truth.length, (weights) => figure(confusion(labels.length, truth, given, weights)));
  const counts = labels.map((_, label) => [...all.counts.subarray(label * labels.length, (label + 1) * labels.length)]);
  const unknown = labels.slice(known).map((label, at) => [label, scores[known + at]!.rows] as const);
  return {
    accuracy: short(accuracy(all)),
    macro_f1: short(macroF1(scores)),
    ...(unknown.length > 0 && { unknown_labels: Object.fromEntries(unknown) }),
    confusion: { labels, counts },
    per_label: Object.fromEntries(labels.map((label, at) => [label, labelFigures(scores[at]!)])),
    intervals: boundsOf({ accuracy: resampled(accuracy), macro_f1: resampled((of) => macroF1(labelScores(of))) }),
  };
}

function sureFigures(confidence: Float64Array, truth: Float64Array, given: Float64Array): TaskFigures {
  const bins = reliability(
    confidence,
    truth.map((label, row) => (label === given[row] ? 1 : 0)),
  );
  return {
    ece: short(calibrationError(bins)),
    reliability: bins.map((bin) => ({
      rows: bin.rows,
      confidence: short(bin.confidence),
      accuracy: short(bin.accuracy),
    })),
  };
}

function abstainFigures(abstaining: Float64Array, truth: Float64Array, given: Float64Array): TaskFigures {
  let [answered, right] = [0, 0];
  for (let row = 0; row < truth.length; row++) {
    if (abstaining[row] === 1) continue;
    answered += 1;
    if (truth[row] === given[row]) right += 1;
  }
  const share = short(1 - answered / truth.length);
  return { abstain_share: share, ...(answered > 0 && { accuracy_answered: short(right / answered) }) };
}

export function labelFigures({ rows, given, precision, recall, f1 }: LabelScore): LabelFigures {
  return { rows, given, precision: short(precision), recall: short(recall), f1: short(f1) };
}

export function boundsOf(intervals: Readonly<Record<string, Interval | undefined>>): Record<string, Bounds> {
  return Object.fromEntries(
    Object.entries(intervals).flatMap(([name, interval]) =>
      interval === undefined ? [] : [[name, [short(interval.low), short(interval.high)] as const]],
    ),
  );
}

export function rounded(scores: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(scores).map(([label, score]) => [label, short(score)]));
}

/** Labels of the head, or an UnfitEncoder where there is no such head. */
export function labelsOf({ encoder }: Reader, head: string): readonly string[] {
  const labels = encoder.labels[head];
  if (labels === undefined || labels.length === 0) {
    const there = Object.keys(encoder.labels).join(", ") || "none";
    throw new UnfitEncoder(`this encoder has no head "${head}"; its heads: ${there}`);
  }
  return labels;
}

export function predictionOf({ encoder }: Reader, encoding: Encoding, head: string): Judgement {
  const prediction = encoding.heads[head];
  if (prediction === undefined) {
    throw new UnfitEncoder(`the ${encoding.stage} stage of this encoder has no head "${head}"`);
  }
  const least = encoder.abstainBelow?.[head]?.[encoding.stage];
  return least === undefined ? prediction : { ...prediction, abstains: prediction.known < least };
}

export const costOf = ({ answer, ms, second }: Read<Encoding>) => ({ ms: [ms], second, cut: answer.cut });

/** A head that chooses one label for a text: domain, intent. */
export function createChoice(reader: Reader, head: string): Measure<ChoiceRow> {
  const choices = createChoices(labelsOf(reader, head));
  return {
    schema: choiceRow,
    async read(row): Promise<Answer> {
      const read = await reader.encoding(row.text, head);
      const prediction = predictionOf(reader, read.answer, head);
      return { ...costOf(read), keep: () => choices.push(row, row.label, prediction) };
    },
    figures: () => choices.figures(),
  };
}
