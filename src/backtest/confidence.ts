import type { Candidate } from "../contracts.ts";
import { valueSlack } from "../decision/value.ts";
import type { Recorded } from "../outcomes/sums.ts";
import { calibrationError, reliability } from "../statistics/calibration.ts";
import { fitLogistic } from "../statistics/regression.ts";
import type { Predicted } from "./again.ts";
import type { Setting } from "./promise.ts";

/** What turns a decision into the probability that it was good enough: weights of 1, of the slack, of the predicted quality. */
export type Calibration = readonly [bias: number, perSlack: number, perQuality: number];

export interface FittedConfidence {
  readonly calibration: Calibration;
  /** Of rows that it was not fitted to: share that was good enough, mean confidence, expected calibration error. */
  readonly held: {
    readonly rows: number;
    readonly adequate: number;
    readonly confidence: number;
    readonly ece: number;
  };
}

/** An answer is good enough where no model of the pool did better by more than this. */
const NEARLY = 0.05;
const WIDTH = 2;
const PULL = 1e-4;

/** Fitted to all rows; the figures come from two halves, each judged by what the other one taught. */
export function fitConfidence(predicted: Predicted, recorded: Recorded, setting: Setting): FittedConfidence {
  const features = featuresOf(predicted, setting);
  const truth = truthOf(recorded, setting);
  const all = Uint32Array.from(truth, (_, row) => row);
  const halves = [0, 1].map((half) => all.filter((row) => row % 2 === half));
  const confidence = new Float64Array(all.length);
  for (const [at, half] of halves.entries()) {
    const learned = fit(features, truth, halves[1 - at]!);
    for (const row of half) confidence[row] = apply(learned, features[row * WIDTH]!, features[row * WIDTH + 1]!);
  }
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, one) => sum + one, 0) / values.length;
  return {
    calibration: fit(features, truth, all),
    held: {
      rows: all.length,
      adequate: mean(truth),
      confidence: mean(confidence),
      ece: calibrationError(reliability(confidence, truth)),
    },
  };
}

function fit(features: Float32Array, truth: Int32Array, rows: Uint32Array): Calibration {
  const examples = { features, width: WIDTH, truth, labels: 2 };
  const steps = fitLogistic(examples, rows, { l2: PULL });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { weights, bias } = step.value;
  const gap = (of: Float64Array, no: number, yes: number) => of[yes]! - of[no]!;
  return [gap(bias, 0, 1), gap(weights, 0, WIDTH), gap(weights, 1, WIDTH + 1)];
}

const apply = ([bias, perSlack, perQuality]: Calibration, slack: number, quality: number) =>
  1 / (1 + Math.exp(-(bias + perSlack * slack + perQuality * quality)));

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

function truthOf({ models, scores }: Recorded, { chosen }: Setting): Int32Array {
  return Int32Array.from(chosen, (model, row) => {
    const own = scores.subarray(row * models, (row + 1) * models);
    return Number(own[model]! >= Math.max(...own) - NEARLY);
  });
}
