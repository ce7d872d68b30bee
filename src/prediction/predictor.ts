import type { Encoding } from "../inference/encoder.ts";
import { type Familiarity, familiar } from "./familiarity.ts";
import { type Scorer, score } from "./blend.ts";
import { lengthOf, predictInto, type SmallLinear } from "./stack.ts";
import { pointOf, rawOf, type Space } from "./space.ts";

/** What is expected of each model for one prompt, in the order of the predictor's models. */
export interface Forecast {
  /** Expected score in [0,1], calibrated. */
  readonly quality: Float64Array;
  /** Expected tokens of the reply; NaN for a model whose reply lengths were never recorded. */
  readonly outputTokens: Float64Array;
  /** In [0,1]: how much the text is like those that were learned from; 1 for all but the oddest twentieth of them. */
  readonly familiarity: number;
}

/** Learned from recorded outcomes: which model answers a text well, and at what length. */
export interface Predictor {
  readonly models: readonly string[];
  /** The encoder version that it was fitted with; with another one it would read noise. */
  readonly encoderVersion: string;
  /** Pure, and well under a millisecond. `encoding` is the text's own, by the static stage. */
  forecast(text: string, encoding: Pick<Encoding, "vector">): Forecast;
}

/** Everything that was learned. */
export interface Learned {
  readonly models: readonly string[];
  readonly encoderVersion: string;
  readonly space: Space;
  readonly familiarity: Familiarity;
  readonly first: FirstStep;
  readonly scorer: Scorer;
  readonly tokens: SmallLinear;
  /** By model: replies are taken to be no longer; NaN where lengths were never recorded. */
  readonly longest: Float64Array;
}

/** prediction[column] = mean[column] + what dense numbers and words add; weights by input and column. */
export interface FirstStep {
  readonly columns: number;
  readonly mean: Float64Array;
  readonly dense: Float32Array;
  /** Whole numbers, times the column's `wordUnit`. */
  readonly words: Int8Array;
  readonly wordUnit: Float64Array;
}

/** The vector is not as wide as those that were learned from. */
export class UnfitVector extends Error {
  override readonly name = "UnfitVector";
}

/** Errors of `forecast`: UnfitVector. */
export function createPredictor(learned: Learned): Predictor {
  const { models, encoderVersion, space, scorer, tokens, longest } = learned;
  const width = space.vectorMean.length;
  return {
    models,
    encoderVersion,
    forecast(text, { vector }) {
      if (vector.length !== width) {
        throw new UnfitVector(`the predictor reads vectors of ${width} numbers, not ${vector.length}`);
      }
      const predicted = firstStep(learned, text, vector);
      const outputTokens = new Float64Array(models.length);
      predictInto(tokens, lengthOf(predicted, 0, scorer.layout), 0, outputTokens, 0);
      return {
        quality: score(scorer, predicted),
        outputTokens: outputTokens.map((value, model) => bounded(value, longest[model]!)),
        familiarity: familiar(learned.familiarity, vector),
      };
    },
  };
}

/** NaN stays NaN. */
export const bounded = (tokens: number, longest: number) => Math.min(longest, Math.max(1, tokens));

function firstStep({ space, first }: Learned, text: string, vector: Float32Array): Float64Array {
  const { columns, mean, dense, words, wordUnit } = first;
  const point = pointOf(rawOf(text, vector), space);
  const ofWords = new Float64Array(columns);
  for (const [at, bucket] of point.buckets.entries()) {
    const [value, from] = [point.values[at]!, bucket * columns];
    for (let column = 0; column < columns; column++) ofWords[column]! += value * words[from + column]!;
  }
  const predicted = mean.map((own, column) => own + ofWords[column]! * wordUnit[column]!);
  for (const [input, value] of point.dense.entries()) {
    const from = input * columns;
    for (let column = 0; column < columns; column++) predicted[column]! += value * dense[from + column]!;
  }
  return predicted;
}
