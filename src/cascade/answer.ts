import type { Finish, Format, ToolChoice } from "../dialect/form.ts";

/** What was asked, as far as an answer is judged by it. */
export interface Asked {
  /** The newest human turn. */
  readonly turn: string;
  /** ISO 639-1 of the language that the answer is to be in, where it is known. */
  readonly language?: string;
  readonly format?: Format;
  /** Names of the tools that the model may call. */
  readonly tools?: readonly string[];
  readonly toolChoice?: ToolChoice;
}

/** What one model said. */
export interface Answer {
  readonly text: string;
  readonly finish?: Finish;
  /** Tools that it calls; `arguments` is JSON as text. */
  readonly calls?: readonly { readonly name: string; readonly arguments: string }[];
  /** Natural logarithms of its tokens' probabilities, where the upstream gives them. */
  readonly logprobs?: Float64Array;
  /** Of unit length, by one encoder for all answers, where somebody encoded them. */
  readonly vector?: Float32Array;
  /** The rest is still being said. */
  readonly isBeginning?: true;
}
