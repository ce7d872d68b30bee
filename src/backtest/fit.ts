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
import type { FitContext, FitWay } from "./fold.ts";

/** Of the lesson this share is held out of a first fit, to say what quality may cost. */
const HELD_SHARE = 0.2;

/**
 * A predictor learned from the lesson, in a file for as long as it is needed, and the lowest price of quality at which
 * the router expects to keep the best model's quality.
 */
export const fitPredicted: FitWay = async (lesson, rows, context) => {
  const encoded = rows.map(({ row }, at): EncodedRow => ({ row, vector: lesson.rows[at]!.seen.vector }));
  const held = Math.ceil(encoded.length * HELD_SHARE);
  const trial = await fit(encoded.slice(held), context, "a first predictor");
  const usdPerPoint = priceToKeepQuality(lesson, lesson.rows.slice(0, held), trial, context);
  const whole = await fit(encoded, context, "the predictor");
  const home = await mkdtemp(join(tmpdir(), "signalbox-backtest-"));
  const file = join(home, "predictor.json");
  await writeFile(file, predictorFile(whole.learned));
  return {
    signals: { predictor: { file, weight: 1 } },
    usdPerPoint,
    notes: whole.plain
      ? ["Too few rows to learn from texts: the predictor knows each model's mean score, and nothing more."]
      : [],
    close: () => rm(home, { recursive: true }),
  };
};

async function fit(rows: readonly EncodedRow[], context: FitContext, what: string): Promise<FittedPredictor> {
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

/** By what is predicted alone, of rows that were held out: their outcomes would be noise where rows are few. */
function priceToKeepQuality(
  { pool, meanCost, best }: Lesson,
  rows: readonly Shown[],
  { learned }: FittedPredictor,
  { fileModels, names }: FitContext,
): number {
  const models = names.length;
  const at = names.map((name) => fileModels.indexOf(name));
  const predictor = createPredictor(learned);
  const numbers = new Float32Array(rows.length * models);
  const expected = new Float32Array(rows.length * models);
  for (const [row, { seen }] of rows.entries()) {
    const { quality, outputTokens } = predictor.forecast(seen.text, seen);
    for (let model = 0; model < models; model++) {
      const cost = expectedCost(pool.prices[model]!, seen.inputTokens, outputTokens[at[model]!]!);
      numbers[row * models + model] = quality[at[model]!]!;
      expected[row * models + model] = Number.isNaN(cost) ? meanCost[model]! : cost;
    }
  }
  const written = { numbers, expected, models };
  const qualityOf = (choose: (row: number) => number) =>
    rows.reduce((sum, _, row) => sum + numbers[row * models + choose(row)]!, 0);
  const wanted = qualityOf(() => best);
  const prices = pricesOfQuality(written);
  return prices.find((price) => qualityOf((row) => worthMost(written, row, price)) >= wanted) ?? prices.at(-1)!;
}
