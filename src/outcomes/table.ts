import { ASSUMED_REPLY, CALL_TOKENS, type OutcomeFacts, type OutcomeRow, type TokenPrice } from "./outcome.ts";

/** Which models of a file are looked at, and what they cost. */
export interface Pool {
  readonly models: readonly string[];
  /** Where each stands among the models of the file. */
  readonly at: Int32Array;
  readonly prices: readonly TokenPrice[];
  readonly speeds: readonly ModelSpeed[];
  readonly lengths: OutcomeFacts["lengths"];
}

/** What latency is modelled from where none was recorded. */
export interface ModelSpeed {
  readonly ttftMs: number;
  readonly msPerToken: number;
}

/** One row's outcomes at the models of a pool, in the pool's order. */
export interface Outcomes {
  readonly inputTokens: number;
  readonly scores: Float32Array;
  readonly costs: Float32Array;
  readonly tokens: Float32Array;
  readonly latencies: Float32Array;
  readonly isLatencyRecorded: boolean;
}

/** The row as the pool sees it; undefined where a model of the pool was not run, or nothing tells what it cost. */
export function outcomesOf(row: OutcomeRow, pool: Pool): Outcomes | undefined {
  const size = pool.models.length;
  const [scores, costs, tokens, latencies] = [0, 1, 2, 3].map(() => new Float32Array(size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  let isLatencyRecorded = true;
  for (let model = 0; model < size; model++) {
    const at = pool.at[model]!;
    scores[model] = row.scores[at]!;
    tokens[model] = replyTokens(row, at, pool.lengths);
    costs[model] = costAt(row, at, pool.prices[model]!, tokens[model]!);
    const recorded = row.latencyMs?.[at] ?? Number.NaN;
    isLatencyRecorded &&= !Number.isNaN(recorded);
    latencies[model] = Number.isNaN(recorded) ? modelled(pool.speeds[model]!, tokens[model]!) : recorded;
  }
  if (scores.some(Number.isNaN) || costs.some(Number.isNaN)) return undefined;
  return { inputTokens: row.inputTokens, scores, costs, tokens, latencies, isLatencyRecorded };
}

function replyTokens(row: OutcomeRow, at: number, lengths: OutcomeFacts["lengths"]): number {
  const recorded = row.outputTokens[at]!;
  return Number.isNaN(recorded) && lengths === "assumed" ? ASSUMED_REPLY : recorded;
}

function costAt(row: OutcomeRow, at: number, price: TokenPrice, tokens: number): number {
  const recorded = row.costUsd?.[at] ?? Number.NaN;
  return Number.isNaN(recorded) ? expectedCost(price, row.inputTokens, tokens) : recorded;
}

function modelled({ ttftMs, msPerToken }: ModelSpeed, tokens: number): number {
  return ttftMs + msPerToken * (Number.isNaN(tokens) ? ASSUMED_REPLY : tokens);
}

/** Tokens of a prompt as a decision should count them. */
export const promptTokens = (row: OutcomeRow, lengths: OutcomeFacts["lengths"]): number =>
  lengths === "calls" ? CALL_TOKENS : row.inputTokens;

/** USD of so many tokens; NaN where the reply's length is not known. */
export function expectedCost({ input, output }: TokenPrice, inputTokens: number, outputTokens: number): number {
  return (inputTokens * input + outputTokens * output) / 1_000_000;
}
