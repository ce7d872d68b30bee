import { percentile } from "../statistics/sample.ts";
import type { Rule } from "./policies/policy.ts";

/** The settings of a policy's knob that are looked at, from the cheapest to the dearest, and whom each setting chooses. */
export interface Points {
  readonly count: number;
  /** The model that the setting chooses for the row. */
  choose(point: number, row: number): number;
}

/** What a policy wrote for all rows, and what it had to expect each model to cost. */
export interface Written {
  readonly rule: Rule;
  readonly width: number;
  readonly numbers: Float32Array;
  readonly expected: Float32Array;
  readonly models: number;
}

const SETTINGS = 25;
/** Rows whose own turning points say which settings are worth looking at. */
const MOST_LOOKED_AT = 20_000;

export function pointsOf(written: Written): Points {
  const { rule, width, numbers } = written;
  if (rule === "choices") return { count: width, choose: (point, row) => numbers[row * width + point]! };
  if (rule === "tolerance") {
    const tolerances = spread(turningTolerances(written), SETTINGS).reverse();
    return { count: tolerances.length, choose: (point, row) => cheapestNear(written, row, tolerances[point]!) };
  }
  const prices = pricesOfQuality(written);
  return { count: prices.length, choose: (point, row) => worthMost(written, row, prices[point]!) };
}

/**
 * USD that a point of quality (0.01) may cost: the settings between which rows change their model, evenly by row, from
 * one that buys nothing to one that buys everything.
 */
export function pricesOfQuality(
  written: Pick<Written, "numbers" | "expected" | "models">,
  settings = SETTINGS,
): Float64Array {
  return spread(turningPrices(written), settings);
}

/** Settings at even shares of the turning points, and one on either side of all of them. */
function spread(turns: number[], settings: number): Float64Array {
  if (turns.length === 0) return new Float64Array([0]);
  const sorted = Float64Array.from(turns).sort();
  const inner = Array.from({ length: settings - 2 }, (_, at) => percentile(sorted, (at + 0.5) / (settings - 2)));
  return Float64Array.from(new Set([0, ...inner, sorted.at(-1)! * BEYOND]));
}

const BEYOND = 1.000_001;

function* lookedAt({ numbers, models }: Pick<Written, "numbers" | "models">): Generator<number> {
  const rows = numbers.length / models;
  const step = Math.max(1, Math.ceil(rows / MOST_LOOKED_AT));
  for (let row = 0; row < rows; row += step) yield row;
}

/** Walks from each row's cheapest model to the one it is worth most with. */
function turningPrices(written: Pick<Written, "numbers" | "expected" | "models">): number[] {
  const { numbers, expected, models } = written;
  const turns: number[] = [];
  for (const row of lookedAt(written)) {
    const [worth, cost] = [row, row].map((at, which) =>
      (which === 0 ? numbers : expected).subarray(at * models, (at + 1) * models),
    ) as [Float32Array, Float32Array];
    let at = cheapest(worth, cost);
    for (;;) {
      let next = -1;
      let price = Infinity;
      for (let model = 0; model < models; model++) {
        const gain = worth[model]! - worth[at]!;
        const own = (cost[model]! - cost[at]!) / (gain * 100);
        if (gain > 0 && own < price) [next, price] = [model, own];
      }
      if (next < 0) break;
      if (price > 0) turns.push(price);
      at = next;
    }
  }
  return turns;
}

function turningTolerances(written: Written): number[] {
  const { numbers, models } = written;
  const turns: number[] = [];
  for (const row of lookedAt(written)) {
    const own = numbers.subarray(row * models, (row + 1) * models);
    const best = Math.max(...own);
    for (const worth of own) if (best > worth) turns.push(best - worth);
  }
  return turns;
}

function cheapest(worth: Float32Array, cost: Float32Array): number {
  let best = 0;
  for (let model = 1; model < cost.length; model++) {
    const less = cost[best]! - cost[model]!;
    if (less > 0 || (less === 0 && worth[model]! > worth[best]!)) best = model;
  }
  return best;
}

/** Value first, then what costs less: settings at the edge must not depend on the order of models. */
export function worthMost(
  { numbers, expected, models }: Pick<Written, "numbers" | "expected" | "models">,
  row: number,
  price: number,
): number {
  const from = row * models;
  let best = 0;
  let most = -Infinity;
  for (let model = 0; model < models; model++) {
    const value = numbers[from + model]! * 100 * price - expected[from + model]!;
    if (value > most || (value === most && expected[from + model]! < expected[from + best]!)) {
      best = model;
      most = value;
    }
  }
  return best;
}

function cheapestNear({ numbers, expected, models }: Written, row: number, tolerance: number): number {
  const from = row * models;
  let top = -Infinity;
  for (let model = 0; model < models; model++) top = Math.max(top, numbers[from + model]!);
  let best = -1;
  for (let model = 0; model < models; model++) {
    if (numbers[from + model]! < top - tolerance) continue;
    if (best < 0 || expected[from + model]! < expected[from + best]!) best = model;
  }
  return best;
}

const TENTHS = 10;

/**
 * Of two models: the rows by how much more the strong one is worth, and none, a tenth, ... all of them to it, the
 * settings that RouteLLM's measures are taken at. Rows that are worth the same keep the order of the file.
 */
export function deciles({ numbers, models }: Written, strong: number, weak: number): Points {
  const rows = numbers.length / models;
  const lead = Float64Array.from({ length: rows }, (_, row) => numbers[row * 2 + strong]! - numbers[row * 2 + weak]!);
  const order = Uint32Array.from(lead, (_, row) => row).sort((a, b) => lead[b]! - lead[a]! || a - b);
  const tenth = new Uint8Array(rows);
  order.forEach((row, place) => {
    tenth[row] = Math.floor((place * TENTHS) / rows);
  });
  return { count: TENTHS + 1, choose: (point, row) => (tenth[row]! < point ? strong : weak) };
}
