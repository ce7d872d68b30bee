import { auc, ranked } from "../statistics/ranking.ts";
import { bootstrap } from "../statistics/sample.ts";
import { boundsOf, costOf, createChoices, labelsOf, predictionOf, rounded } from "./choice.ts";
import { createColumn } from "./columns.ts";
import { type Answer, type Measure, short } from "./measure.ts";
import type { Reader } from "./reader.ts";
import type { TaskFigures } from "./report.ts";
import { type DifficultyRow, difficultyRow } from "./rows.ts";

/** The label whose failures `auc` tells: that of a small model. */
const SMALL = "small";

/**
 * Labels by the difficulty head; and what became of an answer, `fails` or `correct`, by the failure head: how well
 * its probability ranks the prompts that a model gets wrong above those that it gets right.
 */
export function createDifficulty(reader: Reader): Measure<DifficultyRow> {
  // Either head may be missing, as long as no row asks for it.
  const choices = createChoices(reader.encoder.labels["difficulty"] ?? []);
  const sizes = reader.encoder.labels["failure"] ?? [];
  const fails = createColumn();
  const scores = sizes.map(() => createColumn());
  return {
    schema: difficultyRow,
    async read(row): Promise<Answer> {
      const outcome = row.fails ?? (row.correct == null ? undefined : !row.correct);
      if (row.label != null) labelsOf(reader, "difficulty");
      if (outcome !== undefined) labelsOf(reader, "failure");
      const read = await reader.encoding(row.text, outcome === undefined ? "difficulty" : "failure");
      const chosen = row.label == null ? undefined : predictionOf(reader, read.answer, "difficulty");
      const failure = outcome === undefined ? undefined : predictionOf(reader, read.answer, "failure");
      return {
        ...costOf(read),
        keep() {
          const kept = chosen === undefined ? {} : choices.push(row, row.label!, chosen);
          if (failure === undefined) return kept;
          fails.push(outcome === true ? 1 : 0);
          for (const [at, size] of sizes.entries()) scores[at]!.push(failure.probabilities[size] ?? 0);
          return { ...kept, fails: outcome === true ? 1 : 0, failure: rounded(failure.probabilities) };
        },
      };
    },
    figures() {
      const labelled = choices.figures();
      if (fails.length === 0) return labelled;
      const outcomes = outcomeFigures(
        sizes,
        scores.map((column) => column.values()),
        Uint8Array.from(fails.values()),
      );
      return { ...labelled, ...outcomes, intervals: { ...labelled.intervals, ...outcomes.intervals } };
    },
  };
}

function outcomeFigures(sizes: readonly string[], scores: readonly Float64Array[], fails: Uint8Array): TaskFigures {
  const positives = fails.reduce((sum, fail) => sum + fail, 0);
  const counts = { outcome_rows: fails.length, positives, negatives: fails.length - positives };
  if (positives === 0 || positives === fails.length) return counts;
  const rows = scores.map((own) => ranked(own, fails));
  const areas = rows.map((own) => short(auc(own)));
  const at = Math.max(0, sizes.indexOf(SMALL));
  return {
    ...counts,
    auc: areas[at]!,
    auc_per_label: Object.fromEntries(sizes.map((size, index) => [size, areas[index]!])),
    intervals: boundsOf({ auc: bootstrap(fails.length, (weights) => auc(rows[at]!, weights)) }),
  };
}
