import type { Candidate } from "../contracts.ts";
import { type Calibration, calibratedConfidence } from "../decision/confidence.ts";
import { valueSlack } from "../decision/value.ts";
import type { Recorded } from "../outcomes/sums.ts";
import { calibrationError, reliability } from "../statistics/calibration.ts";
import { fitLogistic } from "../statistics/regression.ts";
import type { Predicted } from "./again.ts";
import type { Setting } from "./promise.ts";

export interface FittedConfidence {
  readonly calibration: Calibration;
  /** Of rows that it was not fitted to: share that was good enough, mean confidence, expected calibration error. */
  readonly held: ConfidenceFigures;
}

/** Shares in [0,1]: answers that were adequate, what confidence said of them on the average, expected calibration error. */
export interface ConfidenceFigures {
  readonly rows: number;
  readonly adequate: number;
  readonly confidence: number;
  readonly ece: number;
}

type Scored = Pick<Recorded, "models" | "scores">;

/** An answer is adequate where no model of the pool did better by more than this. */
const NEARLY = 0.05;
const WIDTH = 2;
const PULL = 1e-4;

/** Fitted to all rows; the figures come from two halves, each judged by what the other one taught. */
export function fitConfidence(predicted: Predicted, recorded: Scored, setting: Setting): FittedConfidence {
  const features = featuresOf(predicted, setting);
  const truth = truthOf(recorded, setting);
  const all = Uint32Array.from(truth, (_, row) => row);
  const halves = [0, 1].map((half) => all.filter((row) => row % 2 === half));
  const confidence = new Float64Array(all.length);
  for (const [at, half] of halves.entries()) {
    const learned = fit(features, truth, halves[1 - at]!);
    for (const row of half) {
      const [slack, quality] = [features[row * WIDTH]!, features[row * WIDTH + 1]!];
      confidence[row] = calibratedConfidence(learned, { slack, quality, readingConfidence: 1 });
    }
  }
  return { calibration: fit(features, truth, all), held: figuresOf(confidence, truth) };
}

/** What confidence was worth on rows whose answers were chosen so. */
export function confidenceFigures(
  confidence: ArrayLike<number>,
  recorded: Scored,
  chosen: ArrayLike<number>,
): ConfidenceFigures {
  return figuresOf(Float64Array.from(confidence), truthOf(recorded, { chosen: Uint16Array.from(chosen) }));
}

function figuresOf(confidence: Float64Array, truth: Int32Array): ConfidenceFigures {
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length;
  return {
    rows: truth.length,
    adequate: mean(truth),
    confidence: mean(confidence),
    ece: calibrationError(reliability(confidence, truth)),
  };
}

/** A slack that would speak against a model is noise beside its quality, and has no say then. */
function fit(features: Float32Array, truth: Int32Array, rows: Uint32Array): Calibration {
  const both = fitted(features, truth, rows);
  if (both[1] >= 0) return both;
  return fitted(
    features.map((feature, at) => (at % WIDTH === 0 ? 0 : feature)),
    truth,
    rows,
  );
}

function fitted(features: Float32Array, truth: Int32Array, rows: Uint32Array): Calibration {
  const examples = { features, width: WIDTH, truth, labels: 2 };
  const steps = fitLogistic(examples, rows, { l2: PULL });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { weights, bias } = step.value;
  const gap = (of: Float64Array, no: number, yes: number) => of[yes]! - of[no]!;
  return [gap(bias, 0, 1), gap(weights, 0, WIDTH), gap(weights, 1, WIDTH + 1)];
}

function featuresOf({ models, quality, costUsd }: Predicted, { chosen, usdPerPoint }: Setting): Float32Array {
  const features = new Float32Array(chosen.length * WIDTH);
  for (let row = 0; row < chosen.length; row++) {
    const candidates = Array.from({ length: models }, (_, model): Pick<Candidate, "model" | "quality" | "costUsd"> => {
      const cost = costUsd[row * models + model]!;
      return {
        model: String(model),
        quality: quality[row * models + model]!,
        costUsd: Number.isNaN(cost) ? Number.MAX_VALUE : cost,
      };
    });
    const own = candidates[chosen[row]!]!;
    features[row * WIDTH] = valueSlack(own, candidates, usdPerPoint);
    features[row * WIDTH + 1] = own.quality;
  }
  return features;
}

const truthOf = ({ models, scores }: Scored, { chosen }: Pick<Setting, "chosen">): Int32Array =>
  Int32Array.from(chosen, (model, row) => {
    const own = scores.subarray(row * models, (row + 1) * models);
    return Number(own[model]! >= Math.max(...own) - NEARLY);
  });
