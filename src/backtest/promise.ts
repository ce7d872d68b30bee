import { pricesOfQuality } from "../outcomes/points.ts";
import type { Recorded } from "../outcomes/sums.ts";
import { isMeanBelow } from "../statistics/bound.ts";
import { chooseAt, type Predicted } from "./again.ts";

/** One setting of the knob, and whom it chooses for each row. */
export interface Setting {
  readonly usdPerPoint: number;
  readonly chosen: Uint16Array;
}

/** What is to be promised: mean score may lie at most `most` below that of the reference model, at this error. */
export interface Wish {
  /** Position of the model in the pool. */
  readonly reference: number;
  /** In [0,1]: two points are 0.02. */
  readonly most: number;
  readonly delta: number;
}

/** The cheapest setting that the rows carry, or how little less than the wish could be promised. */
export type Promised =
  | { readonly kept: true; readonly setting: Setting }
  /** `most` undefined: not even a loss of everything. */
  | { readonly kept: false; readonly most?: number };

/**
 * The settings between which rows change their model, or those that are given, from the most careful one, which buys
 * whatever is better.
 */
export function settingsFor(predicted: Predicted, prices: Iterable<number> = turningPrices(predicted)): Setting[] {
  const { models, quality } = predicted;
  const rows = quality.length / models;
  return [...prices].reverse().map((price) => {
    const usdPerPoint = roundedUp(price);
    return {
      usdPerPoint,
      chosen: Uint16Array.from({ length: rows }, (_, row) => chooseAt(predicted, row, usdPerPoint)),
    };
  });
}

const DIGITS = 4;

/** A price as the config will have it: what is tested is what is written. */
function roundedUp(price: number): number {
  const near = Number(price.toPrecision(DIGITS));
  return near >= price ? near : Number((near * (1 + 10 ** (1 - DIGITS))).toPrecision(DIGITS));
}

const turningPrices = ({ models, quality, costUsd }: Predicted) =>
  // A model that may not answer is never worth its cost.
  pricesOfQuality({
    models,
    numbers: quality,
    expected: costUsd.map((cost) => (Number.isNaN(cost) ? Infinity : cost)),
  });

/**
 * Learn, then test: settings are tested from the most careful one on, and the first that the rows do not carry ends it,
 * so that the error holds for the one that is taken, however many are tried (Angelopoulos and others, "Learn then
 * test", 2021). `rows` stand in an order that chance drew, and taught nothing that the settings were made of.
 */
export function promise(
  settings: readonly Setting[],
  recorded: Pick<Recorded, "models" | "scores">,
  rows: Uint32Array,
  wish: Wish,
): Promised {
  const holds = (setting: Setting, most: number) =>
    isMeanBelow(halved(lossesOf(setting, recorded, rows, wish.reference)), (1 + most) / 2, wish.delta);
  let taken: Setting | undefined;
  for (const setting of settings) {
    if (!holds(setting, wish.most)) break;
    taken = setting;
  }
  if (taken) return { kept: true, setting: taken };
  const [careful] = settings;
  const least = careful && POINTS.find((most) => most > wish.most && holds(careful, most));
  return { kept: false, ...(least !== undefined && { most: least }) };
}

/** Losses that are offered where the wish cannot be kept. */
const POINTS = [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5];

/** By how much the reference did better, row by row; negative where it did worse. In [-1,1]. */
export function lossesOf(
  { chosen }: Setting,
  { models, scores }: Pick<Recorded, "models" | "scores">,
  rows: Uint32Array,
  reference: number,
): Float64Array {
  return Float64Array.from(rows, (row) => scores[row * models + reference]! - scores[row * models + chosen[row]!]!);
}

/** From [-1,1] to [0,1]. */
const halved = (losses: Float64Array) => losses.map((loss) => (1 + loss) / 2);
