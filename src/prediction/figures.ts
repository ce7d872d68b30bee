import { calibrationError, reliability } from "../statistics/calibration.ts";
import type { Folds } from "./stack.ts";

/** How well a model's scores were predicted on rows that were held out, beside predicting its mean of the other rows. */
export interface ModelFigures {
  readonly model: string;
  readonly rows: number;
  /** Mean squared error. */
  readonly brier: number;
  readonly constantBrier: number;
  readonly logLoss: number;
  readonly constantLogLoss: number;
  /** Expected calibration error. */
  readonly ece: number;
}

interface Held {
  readonly models: number;
  /** By row and model; NaN where a model was not run. */
  readonly scores: Float64Array;
  readonly quality: Float64Array;
}

const LEAST = 0.005;

export function figuresOf(names: readonly string[], held: Held, folds: Folds): ModelFigures[] {
  return names.map((model, at) => ({ model, ...figuresOfOne(held, at, folds) }));
}

function figuresOfOne({ models, scores, quality }: Held, model: number, folds: Folds) {
  const known = [...folds.of.keys()].filter((row) => !Number.isNaN(scores[row * models + model]!));
  const truth = Float64Array.from(known, (row) => scores[row * models + model]!);
  const said = Float64Array.from(known, (row) => quality[row * models + model]!);
  const means = Array.from({ length: folds.count }, (_, fold) =>
    mean(truth.filter((_score, at) => folds.of[known[at]!] !== fold)),
  );
  const constant = Float64Array.from(known, (row) => means[folds.of[row]!]!);
  return {
    rows: known.length,
    brier: mean(truth.map((score, at) => (score - said[at]!) ** 2)),
    constantBrier: mean(truth.map((score, at) => (score - constant[at]!) ** 2)),
    logLoss: mean(truth.map((score, at) => lossOf(score, said[at]!))),
    constantLogLoss: mean(truth.map((score, at) => lossOf(score, constant[at]!))),
    ece: calibrationError(reliability(said, truth)),
  };
}

/** Cross entropy of a score in [0,1]; nothing is taken to be certain. */
function lossOf(score: number, said: number): number {
  const sure = Math.max(LEAST, Math.min(1 - LEAST, said));
  return -score * Math.log(sure) - (1 - score) * Math.log(1 - sure);
}

const mean = (values: Float64Array) =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
