import { z } from "zod";
import type { Backtest } from "./backtest.ts";

const MOST_REQUESTS = 1e12;
const amount = z.number().min(0).max(MOST_REQUESTS);
const share = z.number().min(0).max(1);
const price = z.strictObject({ input: amount, output: amount });
const speed = z.strictObject({ ttft_ms: amount, ms_per_token: amount });

/** What somebody expects of their own traffic. */
export const scenarioForm = z.strictObject({
  requests_per_day: z.number().positive().max(MOST_REQUESTS),
  /** Share of the requests by category of the file; shares are brought to a sum of 1. */
  mix: z.record(z.string(), share).optional(),
  /** Mean tokens of a prompt, and of a reply of the best model: recorded lengths are stretched to them. */
  input_tokens: z.number().positive().max(1e9).optional(),
  output_tokens: z.number().positive().max(1e9).optional(),
  prices: z.record(z.string(), price).prefault({}),
  speeds: z.record(z.string(), speed).prefault({}),
  router: z
    .strictObject({
      usd_per_decision: amount.default(0),
      ms_per_decision: amount.default(0),
      usd_per_day: amount.default(0),
    })
    .prefault({}),
});

export type Scenario = z.output<typeof scenarioForm>;

/** What one way of answering comes to under a scenario. */
export interface Course {
  readonly quality: number;
  readonly usd_per_day: number;
  readonly latency_ms: number;
}

export interface Outlook {
  readonly requests_per_day: number;
  readonly ours: Course;
  readonly always_best: Course;
  /** USD a day that always the best model costs more than ours and its router. */
  readonly net_saving_per_day: number;
  /** Requests a day from which the router pays for itself; null where it never does. */
  readonly break_even_requests_per_day: number | null;
}

/** The scenario names something that the file does not know. */
export class UnfitScenario extends Error {
  override readonly name = "UnfitScenario";
}

/** Errors: UnfitScenario. */
export function outlook(test: Backtest, scenario: Scenario): Outlook {
  const { router, requests_per_day: volume } = scenario;
  const weights = weightsOf(test, scenario);
  const best = courseOf(test, scenario, weights, test.board.written().get("always_best")!.rows.all());
  const ours = courseOf(test, scenario, weights, test.board.decided().chosen);
  const saved = best.cost - ours.cost - router.usd_per_decision;
  return {
    requests_per_day: volume,
    ours: {
      quality: short(ours.quality),
      usd_per_day: short(volume * (ours.cost + router.usd_per_decision) + router.usd_per_day),
      latency_ms: short(ours.latency + router.ms_per_decision),
    },
    always_best: {
      quality: short(best.quality),
      usd_per_day: short(volume * best.cost),
      latency_ms: short(best.latency),
    },
    net_saving_per_day: short(volume * saved - router.usd_per_day),
    break_even_requests_per_day: saved > 0 ? Math.ceil(router.usd_per_day / saved) : null,
  };
}

/** How much each row counts, so that categories have the shares of the mix. */
function weightsOf({ board, rows }: Backtest, { mix }: Scenario): Float64Array {
  if (mix === undefined) return new Float64Array(rows).fill(1 / rows);
  const categories = new Map(board.categories().map(({ name, rows: own }) => [name, own]));
  const weights = new Float64Array(rows);
  const total = Object.values(mix).reduce((sum, one) => sum + one, 0);
  if (total === 0) throw new UnfitScenario("the shares of the mix come to nothing");
  for (const [name, part] of Object.entries(mix)) {
    const own = categories.get(name);
    if (own === undefined) {
      const known = [...categories.keys()].slice(0, 20).join(", ") || "none";
      throw new UnfitScenario(`the mix names ${JSON.stringify(name)}, which no row has; categories are ${known}`);
    }
    for (const row of own) weights[row] = part / total / own.length;
  }
  return weights;
}

function courseOf(test: Backtest, scenario: Scenario, weights: Float64Array, chosen: Float32Array) {
  const { models, scores, tokens, inputTokens } = test.board.recorded();
  const { prices, speeds } = settled(test, scenario);
  const stretch = stretchOf(test, scenario, weights);
  let [quality, cost, latency] = [0, 0, 0];
  for (let row = 0; row < weights.length; row++) {
    const model = chosen[row]!;
    const at = row * models + model;
    const output = tokens[at]! * stretch.output;
    const { input: inputPrice, output: outputPrice } = prices[model]!;
    quality += weights[row]! * scores[at]!;
    cost += (weights[row]! * (inputTokens[row]! * stretch.input * inputPrice + output * outputPrice)) / 1e6;
    latency += weights[row]! * (speeds[model]!.ttftMs + output * speeds[model]!.msPerToken);
  }
  if (Number.isNaN(cost + latency))
    throw new UnfitScenario("a scenario needs recorded lengths of replies, and some are missing");
  return { quality, cost, latency };
}

function settled({ pool }: Backtest, { prices, speeds }: Scenario) {
  for (const name of [...Object.keys(prices), ...Object.keys(speeds)]) {
    if (!pool.models.includes(name)) {
      throw new UnfitScenario(`${JSON.stringify(name)} is no model of the pool; those are ${pool.models.join(", ")}`);
    }
  }
  return {
    prices: pool.models.map((model, at) => prices[model] ?? pool.prices[at]!),
    speeds: pool.models.map((model, at) => {
      const own = speeds[model];
      return own ? { ttftMs: own.ttft_ms, msPerToken: own.ms_per_token } : pool.speeds[at]!;
    }),
  };
}

/** How much longer prompts and replies are than the recorded ones, by the replies of the best model. */
function stretchOf(
  { board }: Backtest,
  { input_tokens: input, output_tokens: output }: Scenario,
  weights: Float64Array,
) {
  const { models, tokens, inputTokens } = board.recorded();
  const best = board.written().get("always_best")!.rows.all();
  const mean = (of: (row: number) => number) => weights.reduce((sum, weight, row) => sum + weight * of(row), 0);
  const ratio = (wanted: number | undefined, recorded: number) =>
    wanted === undefined || recorded === 0 ? 1 : wanted / recorded;
  return {
    input: ratio(
      input,
      mean((row) => inputTokens[row]!),
    ),
    output: ratio(
      output,
      mean((row) => tokens[row * models + best[row]!]!),
    ),
  };
}

const short = (value: number): number => Number(value.toPrecision(6));
