import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { UnfitOutcomes } from "../outcomes/outcome.ts";
import { pricesOfQuality, worthMost } from "../outcomes/points.ts";
import type { Lesson, Shown } from "../outcomes/policies/policy.ts";
import { expectedCost } from "../outcomes/table.ts";
import { predictorFile } from "../prediction/file.ts";
import { type EncodedRow, fitPredictor, type FittedPredictor, UnfitRows } from "../prediction/fit.ts";
import { createPredictor } from "../prediction/predictor.ts";
import { chooseAt, type Predicted } from "./again.ts";
import { fitConfidence } from "./confidence.ts";
import type { FitContext, FitWay } from "./fold.ts";
import type { WholeRow } from "./material.ts";

/** Of the lesson this share is held out of a first fit, to say what quality may cost. */
const HELD_SHARE = 0.2;

/**
 * A predictor learned from the lesson, in a file for as long as it is needed; the lowest price of quality at which the
 * router expects to keep the best model's quality; and what its confidence is worth there.
 */
export const fitPredicted: FitWay = async (lesson, rows, context) => {
  const encoded = encodedOf(lesson, rows);
  const held = Math.ceil(encoded.length * HELD_SHARE);
  const trial = await fit(encoded.slice(held), context, "a first predictor");
  const judges = lesson.rows.slice(0, held);
  const predicted = forecasts(lesson, judges, trial, context);
  const usdPerPoint = priceToKeepQuality(predicted, lesson.best);
  const setting = { usdPerPoint, chosen: Uint16Array.from(judges, (_, row) => chooseAt(predicted, row, usdPerPoint)) };
  const whole = await fit(encoded, context, "the predictor");
  const home = await mkdtemp(join(tmpdir(), "signalbox-backtest-"));
  const path = join(home, "predictor.json");
  await writeFile(path, predictorFile(whole.learned));
  return {
    signals: { predictor: { path, weight: 1 } },
    usdPerPoint,
    calibration: fitConfidence(predicted, scoresOf(judges, predicted.models), setting).calibration,
    notes: whole.plain
      ? ["Too few rows to learn from texts: the predictor knows each model's mean score, and nothing more."]
      : [],
    close: () => rm(home, { recursive: true }),
  };
};

/** Rows with the vectors that the lesson has of them. */
export const encodedOf = (lesson: Lesson, rows: readonly WholeRow[]): EncodedRow[] =>
  rows.map(({ row }, at) => ({ row, vector: lesson.rows[at]!.seen.vector }));

/** What the pool's models scored, row by row. */
const scoresOf = (rows: readonly Shown[], models: number) => ({
  models,
  scores: Float32Array.from(rows.flatMap(({ outcomes }) => [...outcomes.scores])),
});

/** Errors: UnfitOutcomes. */
export async function fit(rows: readonly EncodedRow[], context: FitContext, what: string): Promise<FittedPredictor> {
  const { fileModels: models, encoder, seed, abort, progress } = context;
  try {
    return await fitPredictor(rows, { models, encoderVersion: encoder.version, seed }, async ({ done, of }) => {
      abort?.throwIfAborted();
      progress(`learning ${what}, ${done} of ${of} steps`);
      await turn();
    });
  } catch (error) {
    throw error instanceof UnfitRows ? new UnfitOutcomes(error.message) : error;
  }
}

/** What the router will expect of rows that taught it nothing. */
function forecasts(
  { pool, meanCost }: Lesson,
  rows: readonly Shown[],
  { learned }: FittedPredictor,
  { fileModels, names }: FitContext,
): Predicted {
  const models = names.length;
  const at = names.map((name) => fileModels.indexOf(name));
  const predictor = createPredictor(learned);
  const quality = new Float32Array(rows.length * models);
  const costUsd = new Float32Array(rows.length * models);
  for (const [row, { seen }] of rows.entries()) {
    const forecast = predictor.forecast(seen.text, seen);
    for (let model = 0; model < models; model++) {
      const cost = expectedCost(pool.prices[model]!, seen.inputTokens, forecast.outputTokens[at[model]!]!);
      quality[row * models + model] = forecast.quality[at[model]!]!;
      costUsd[row * models + model] = Number.isNaN(cost) ? meanCost[model]! : cost;
    }
  }
  return { models, quality, costUsd };
}

/** By what is predicted alone: the outcomes of so few rows would be noise. */
function priceToKeepQuality({ models, quality, costUsd }: Predicted, best: number): number {
  const written = { numbers: quality, expected: costUsd, models };
  const rows = quality.length / models;
  const qualityOf = (choose: (row: number) => number) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += quality[row * models + choose(row)]!;
    return sum;
  };
  const wanted = qualityOf(() => best);
  const prices = pricesOfQuality(written);
  return prices.find((price) => qualityOf((row) => worthMost(written, row, price)) >= wanted) ?? prices.at(-1)!;
}
