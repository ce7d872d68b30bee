import type { Encoding } from "../inference/encoder.ts";

/** What is expected of each model for one prompt, in the order of the predictor's models. */
export interface Forecast {
  /** Expected score in [0,1], calibrated. */
  readonly quality: Float64Array;
  /** Expected tokens of the reply; NaN for a model whose reply lengths were never recorded. */
  readonly outputTokens: Float64Array;
}

/** Learned from recorded outcomes: which model answers a text well, and at what length. */
export interface Predictor {
  readonly models: readonly string[];
  /** The encoder version that it was fitted with; with another one it would read noise. */
  readonly encoderVersion: string;
  /** Pure, and well under a millisecond. `encoding` is the text's own, by the stage that the predictor was fitted with. */
  forecast(text: string, encoding: Encoding): Forecast;
}
