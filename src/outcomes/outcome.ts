/**
 * What became of one prompt at several models, as somebody recorded it. Arrays stand in the order of the file's
 * `models`; NaN where a model was not run, or a number was not recorded.
 */
export interface OutcomeRow {
  /** Names the row in reports; unique within its file. */
  readonly id: string;
  /** What the router sees: the newest human turn. */
  readonly text: string;
  /** In [0,1]: the share of the task that the model's answer got right. */
  readonly scores: Float64Array;
  /** Tokens of the prompt, and of each model's reply. */
  readonly inputTokens: number;
  readonly outputTokens: Float64Array;
  /** USD of each model's answer, where it was recorded instead of tokens. */
  readonly costUsd?: Float64Array;
  /** Milliseconds to the last token. */
  readonly latencyMs?: Float64Array;
  /** What the file calls the row's subject, task or source; no router sees it. */
  readonly category?: string;
}

/** USD per million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/**
 * How much of each answer's length a file knows: `recorded` for some row at least, `assumed` to be the same for every
 * model, or `calls`: a call counts the same whatever is said in it.
 */
export type Lengths = "recorded" | "assumed" | "calls";

/** What a file of outcomes says beside its rows. */
export interface OutcomeFacts {
  readonly models: readonly string[];
  /** USD per million tokens by model, where the file tells them. */
  readonly prices: Readonly<Record<string, TokenPrice>>;
  /** True where tokens were counted by somebody's tokenizer; false where they are characters divided by four. */
  readonly tokensCounted: boolean;
  readonly lengths: Lengths;
}

/** Tokens of a reply whose length nobody recorded, and of a call that counts as one whatever is in it. */
export const ASSUMED_REPLY = 250;
export const CALL_TOKENS = 1000;

/** The file cannot be measured by. The message says why, for the person who gave it; never what stands in a row. */
export class UnfitOutcomes extends Error {
  override readonly name = "UnfitOutcomes";
}
