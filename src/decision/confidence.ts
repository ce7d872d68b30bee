import { micro, ONE } from "./micro.ts";

/**
 * Provisional, until calibration on outcomes replaces these two: how much predicted quality (in [0,1]) makes us
 * surer by one unit of log-odds when every reading is certain, and how much more when none is.
 */
const SCALE_WHEN_SURE = 0.02;
const SCALE_OF_DOUBT = 0.2;

export interface Standard {
  /** Predicted quality of the best model. */
  readonly best: number;
  readonly tolerance: number;
  readonly minQuality: number;
}

/** Millionths of quality that a model must have to be adequate: near enough to the best, and good enough at all. */
export function requiredMicro({ best, tolerance, minQuality }: Standard): number {
  return Math.max(micro(best) - micro(tolerance), micro(minQuality));
}

/** How far a model of this predicted quality is above what is required; negative where it is below. */
export function slackOver(quality: number, standard: Standard): number {
  return (micro(quality) - requiredMicro(standard)) / ONE;
}

/**
 * Probability in [0,1] that a model with this slack is adequate: how far, in quality, it is from not being so. One half
 * at the very edge; it rises with the distance from the edge, and the faster the surer the signals were of what they read.
 */
export function confidenceOf(slack: number, readingConfidence: number): number {
  const scale = SCALE_WHEN_SURE + SCALE_OF_DOUBT * (1 - micro(readingConfidence) / ONE);
  return 1 / (1 + Math.exp(-slack / scale));
}

/** Learned from outcomes: log-odds of adequacy are bias + perSlack x slack + perQuality x predicted quality. */
export type Calibration = readonly [bias: number, perSlack: number, perQuality: number];

/**
 * The same where outcomes taught it: the share of answers to such requests that were adequate, which is that no model
 * of the pool did better by more than 0.05. No surer than the signals were of what they read.
 */
export function calibratedConfidence(
  [bias, perSlack, perQuality]: Calibration,
  { slack, quality, readingConfidence }: Readonly<Record<"slack" | "quality" | "readingConfidence", number>>,
): number {
  return Math.min(readingConfidence, 1 / (1 + Math.exp(-(bias + perSlack * slack + perQuality * quality))));
}
