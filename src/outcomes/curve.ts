import type { Means } from "./sums.ts";

/** Mean quality against mean cost (or another price of it), sorted by that; between two points a coin decides. */
export interface Curve {
  readonly cost: Float64Array;
  readonly quality: Float64Array;
}

export function curveOf({ cost, quality }: Means): Curve {
  const order = [...cost.keys()].sort((a, b) => cost[a]! - cost[b]! || quality[a]! - quality[b]!);
  return {
    cost: Float64Array.from(order, (at) => cost[at]!),
    quality: Float64Array.from(order, (at) => quality[at]!),
  };
}

/**
 * The upper hull of single models: what a coin that knows nothing of the prompt gets at each cost, from the cheapest
 * model to the best one.
 */
export function hullOf(means: Means): Curve {
  const { cost, quality } = curveOf(means);
  const hull: number[] = [];
  for (let at = 0; at < cost.length; at++) {
    // Dearer and no better: nobody would mix it in. Of two that cost the same the better one comes last.
    if (hull.length > 0 && quality[at]! <= quality[hull.at(-1)!]!) continue;
    if (hull.length > 0 && cost[at] === cost[hull.at(-1)!]) hull.pop();
    while (hull.length > 1 && isBelow(hull.at(-2)!, hull.at(-1)!, at)) hull.pop();
    hull.push(at);
  }
  return {
    cost: Float64Array.from(hull, (at) => cost[at]!),
    quality: Float64Array.from(hull, (at) => quality[at]!),
  };

  /** Whether the middle point lies on or below the line between the others. */
  function isBelow(left: number, middle: number, right: number): boolean {
    const [run, rise] = [cost[right]! - cost[left]!, quality[right]! - quality[left]!];
    return (quality[middle]! - quality[left]!) * run <= (cost[middle]! - cost[left]!) * rise;
  }
}

/** Mean quality for at most this cost; who has spent enough need not spend more. NaN where the curve begins above it. */
export function qualityAt({ cost, quality }: Curve, most: number): number {
  const next = cost.findIndex((own) => own > most);
  if (next === 0 || cost.length === 0) return Number.NaN;
  if (next < 0) return quality.at(-1)!;
  const share = (most - cost[next - 1]!) / (cost[next]! - cost[next - 1]!);
  return quality[next - 1]! + share * (quality[next]! - quality[next - 1]!);
}

/** The lowest cost at which the curve reaches this quality; NaN where it never does. */
export function costFor({ cost, quality }: Curve, least: number): number {
  const at = quality.findIndex((own) => own >= least);
  if (at < 0) return Number.NaN;
  if (at === 0) return cost[0]!;
  const share = (least - quality[at - 1]!) / (quality[at]! - quality[at - 1]!);
  return cost[at - 1]! + share * (cost[at]! - cost[at - 1]!);
}

/** Where 0 and 1 of a gap stand: what the weak model gets at the least price, the strong one at the most. */
export interface Gap {
  readonly weak: { readonly price: number; readonly quality: number };
  readonly strong: { readonly price: number; readonly quality: number };
}

/**
 * The curve as the share of the gap in quality that is recovered, against the share of the gap in price that is spent;
 * it begins with the weak model and ends with the strong one.
 */
function recovered({ cost, quality }: Curve, { weak, strong }: Gap): Curve {
  const prices = Array.from(cost, (own) => (own - weak.price) / (strong.price - weak.price));
  const gains = Array.from(quality, (own) => (own - weak.quality) / (strong.quality - weak.quality));
  const inside = prices.flatMap((price, at) => (price > 0 && price < 1 ? [at] : []));
  return {
    cost: Float64Array.from([0, ...inside.map((at) => prices[at]!), 1]),
    quality: Float64Array.from([0, ...inside.map((at) => gains[at]!), 1]),
  };
}

export interface Recovery {
  /** Mean share of the gap that is recovered, over all shares of the price. */
  readonly apgr: number;
  /** Shares of the price at which half, and four fifths, of the gap are recovered; NaN where never. */
  readonly cpt50: number;
  readonly cpt80: number;
}

/** RouteLLM's measures; for more than two models the price is the cost. NaN where the strong model is no better. */
export function recoveryOf(curve: Curve, gap: Gap): Recovery {
  if (gap.strong.quality <= gap.weak.quality || gap.strong.price <= gap.weak.price) {
    return { apgr: Number.NaN, cpt50: Number.NaN, cpt80: Number.NaN };
  }
  const gains = recovered(curve, gap);
  let area = 0;
  for (let at = 1; at < gains.cost.length; at++) {
    area += ((gains.cost[at]! - gains.cost[at - 1]!) * (gains.quality[at]! + gains.quality[at - 1]!)) / 2;
  }
  return { apgr: area, cpt50: costFor(gains, 0.5), cpt80: costFor(gains, 0.8) };
}
