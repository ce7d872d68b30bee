import type { Points } from "./points.ts";
import { seeded } from "../statistics/sample.ts";

/** What became of the rows of a file at every model, row by row in the order of the file. */
export interface Recorded {
  readonly rows: number;
  readonly models: number;
  /** One a row. */
  readonly inputTokens: Float32Array;
  readonly scores: Float32Array;
  readonly costs: Float32Array;
  readonly tokens: Float32Array;
  readonly latencies: Float32Array;
}

/**
 * Rows in parts that are drawn again together: each row its own part while there are few. Beyond that rows fall into
 * parts by chance, whatever the order of the file, so that parts are as independent of each other as rows are.
 */
const MOST_PARTS = 4000;

const partsOf = (rows: number): number => Math.min(rows, MOST_PARTS);

function partOf(row: number, rows: number): number {
  if (rows <= MOST_PARTS) return row;
  let mixed = Math.imul(row ^ (row >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % MOST_PARTS;
}

/** Sums by part of what a policy's settings come to, a setting after the other. */
export interface Sums {
  readonly points: number;
  readonly parts: number;
  readonly quality: Float64Array;
  readonly cost: Float64Array;
  /** Over all rows, by setting. */
  readonly tokens: Float64Array;
  readonly latency: Float64Array;
  /** Rows by setting and model. */
  readonly chosen: Float64Array;
}

export function sumsOf({ rows, models, scores, costs, tokens, latencies }: Recorded, points: Points): Sums {
  const { count } = points;
  const parts = partsOf(rows);
  const sums = {
    points: count,
    parts,
    quality: new Float64Array(count * parts),
    cost: new Float64Array(count * parts),
    tokens: new Float64Array(count),
    latency: new Float64Array(count),
    chosen: new Float64Array(count * models),
  };
  const places = Uint16Array.from({ length: rows }, (_, row) => partOf(row, rows));
  for (let point = 0; point < count; point++) {
    for (let row = 0; row < rows; row++) {
      const model = points.choose(point, row);
      const at = row * models + model;
      const part = point * parts + places[row]!;
      sums.quality[part]! += scores[at]!;
      sums.cost[part]! += costs[at]!;
      sums.tokens[point]! += tokens[at]!;
      sums.latency[point]! += latencies[at]!;
      sums.chosen[point * models + model]! += 1;
    }
  }
  return sums;
}

/** How often each part counts, and how many rows that makes. */
export interface Draw {
  readonly weights: Uint16Array;
  readonly rows: number;
}

/** Every row once. */
export function wholeDraw(rows: number): Draw {
  return { weights: new Uint16Array(partsOf(rows)).fill(1), rows };
}

const RESAMPLES = 500;

/** Parts drawn with replacement, again and again; the same for the same seed, so that policies are compared in pairs. */
export function* redraws(rows: number, seed: number): Generator<Draw> {
  const parts = partsOf(rows);
  const random = seeded(seed);
  const weights = new Uint16Array(parts);
  const sizes = new Uint32Array(parts);
  for (let row = 0; row < rows; row++) sizes[partOf(row, rows)]! += 1;
  for (let resample = 0; resample < RESAMPLES; resample++) {
    weights.fill(0);
    let drawn = 0;
    for (let draw = 0; draw < parts; draw++) {
      const part = Math.floor(random() * parts);
      weights[part]! += 1;
      drawn += sizes[part]!;
    }
    yield { weights, rows: drawn };
  }
}

/** Means by setting under a draw. */
export interface Means {
  readonly quality: Float64Array;
  readonly cost: Float64Array;
}

export function meansOf({ points, parts, quality, cost }: Sums, { weights, rows }: Draw): Means {
  const means = { quality: new Float64Array(points), cost: new Float64Array(points) };
  for (let point = 0; point < points; point++) {
    let [gained, spent] = [0, 0];
    for (let part = 0, at = point * parts; part < parts; part++, at++) {
      const weight = weights[part]!;
      gained += weight * quality[at]!;
      spent += weight * cost[at]!;
    }
    means.quality[point] = gained / rows;
    means.cost[point] = spent / rows;
  }
  return means;
}
