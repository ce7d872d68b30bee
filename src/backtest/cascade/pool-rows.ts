import { setImmediate as turn } from "node:timers/promises";
import type { LoadedEncoder } from "../../inference/create.ts";
import { type EncodedRow, fitPredictor } from "../../prediction/fit.ts";
import { foldsOf } from "../../prediction/folds.ts";
import { createPredictor, type Forecast } from "../../prediction/predictor.ts";
import { encodedOf } from "../fit.ts";
import { collectLesson, type Reading } from "../material.ts";
import type { PoolRow, Said } from "./course.ts";

export interface PoolReading {
  readonly learn: Reading;
  readonly report: Reading;
  readonly encoder: LoadedEncoder;
  /** What each model of the pool said, by id of the row. */
  readonly said: ReadonlyMap<string, readonly Said[]>;
  readonly seed: number;
  readonly progress: (says: string) => void;
}

/** Rows are forecast by a predictor of the other parts. */
const PARTS = 5;

type Collected = Awaited<ReturnType<typeof collectLesson>>;

/**
 * Rows of a pool with what the predictor expects of them: of rows to learn from by what the other parts of them taught,
 * of rows that are reported by what all of those taught. Errors: UnfitOutcomes.
 */
export async function poolRows(
  reading: PoolReading,
): Promise<{ readonly learn: readonly PoolRow[]; readonly report: readonly PoolRow[] }> {
  const { encoder, seed, progress } = reading;
  const collect = (part: Reading) => collectLesson(encoder, part, { seed, progress: () => undefined });
  const [learn, report] = [await collect(reading.learn), await collect(reading.report)];
  const [known, unknown] = [encodedOf(learn.lesson, learn.rows), encodedOf(report.lesson, report.rows)];
  const folds = foldsOf(
    known.map(({ row }) => row.text),
    PARTS,
    seed,
  );
  const held: Forecast[] = [];
  for (let part = 0; part < PARTS; part++) {
    progress(`forecasts, part ${part + 1} of ${PARTS}`);
    const forecast = await forecaster(
      known.filter((_row, at) => folds.of[at] !== part),
      reading,
    );
    for (const [at, own] of known.entries()) if (folds.of[at] === part) held[at] = forecast(own);
  }
  progress("forecasts of the report");
  const forecast = await forecaster(known, reading);
  return {
    learn: rowsOf(learn, held, reading),
    report: rowsOf(report, unknown.map(forecast), reading),
  };
}

async function forecaster(rows: readonly EncodedRow[], { learn, encoder, seed }: PoolReading) {
  const { models } = learn.file.facts;
  const { learned } = await fitPredictor(rows, { models, encoderVersion: encoder.version, seed }, async () => {
    await turn();
  });
  const predictor = createPredictor(learned);
  return ({ row, vector }: EncodedRow) => predictor.forecast(row.text, { vector });
}

function rowsOf({ lesson, rows }: Collected, forecasts: readonly Forecast[], { learn, said }: PoolReading): PoolRow[] {
  return rows.flatMap(({ id, row, outcomes }, at) => {
    const own = said.get(id);
    if (own === undefined) return [];
    const { quality } = forecasts[at]!;
    const level = quality.reduce((sum, one) => sum + one, 0) / quality.length;
    return {
      id,
      right: Uint8Array.from(outcomes.scores, (score) => Number(score >= GOOD)),
      costs: Float64Array.from(outcomes.costs),
      before: Float64Array.from([
        ...Array.from(learn.pool.at, (model) => logit(quality[model]!)),
        logit(level),
        Math.log1p(row.text.length),
        ...lesson.rows[at]!.seen.domain,
      ]),
      said: own,
    };
  });
}

const GOOD = 0.5;
const LEAST = 0.005;

function logit(chance: number): number {
  const inside = Math.min(1 - LEAST, Math.max(LEAST, chance));
  return Math.log(inside / (1 - inside));
}
