import { closeness, closenessOfOne, type Closeness, type Prototypes } from "./prototypes.ts";

/** Tells how likely a text belongs to each route of one vector space. */
export interface Likeness {
  /** Probability in [0,1] for each route, in their order. */
  of(vector: Float32Array): readonly number[];
  /** The same of one of the examples, seen as if it had not been given; of its own route undefined where it has no other. */
  ofExample(route: number, example: number): readonly (number | undefined)[];
  /** Probability from which on a text is taken to belong, by route. */
  readonly thresholds: readonly number[];
  /** What the examples alone say that these should be. */
  readonly learned: readonly number[];
}

/** Likeness to a route as numbers: 0 is what any text has in common with it, 1 is an example itself. */
type Features = readonly [nearest: number, centre: number];

/** A known case: an example of its own route, or a text that does not belong. */
interface Row {
  readonly features: Features;
  readonly belongs: boolean;
}

/** Log-odds of belonging: `bias + nearest * x + centre * y`. */
type Weights = readonly [bias: number, nearest: number, centre: number];

/** Where the examples tell nothing better: halfway between anything and an example is undecided. */
const PRIOR: Weights = [-6, 8, 4];
/** How far, in log-odds, the examples may easily pull each weight from there. */
const LEEWAY = 3;
/** Rows that do not belong count together as much as this many times those that do. */
const RARITY = 3;
const STEPS = 12;
/** A step shortened to this leads nowhere. */
const SHORTEST = 1e-4;

const USUAL_THRESHOLD = 0.5;
const LOWEST_THRESHOLD = 0.3;
const HIGHEST_THRESHOLD = 0.9;
/** Fewer examples say nothing of where their route ends. */
export const FEW_EXAMPLES = 4;
/** A text sent the wrong way costs more than one that goes the usual way. */
const FALSE_ALARM = 2;

/** Strangers that each route is compared with: more would say the same. */
const MOST_STRANGERS = 200;
/** Everyday requests that may well be the route's own. */
const DOUBTFUL = 3;

/**
 * Learns from the examples alone where routes end, each example seen as if it had not been given: a logistic curve
 * over the closeness to the nearest group and to the centre, for all routes together, and a threshold for each route.
 * With few examples both stay near a fixed curve and a threshold of one half.
 * @param background vectors of texts that belong to no route
 * @param given thresholds that stand in the config
 */
export async function learnLikeness(
  routes: readonly Prototypes[],
  background: readonly Float32Array[],
  given: readonly (number | undefined)[],
): Promise<Likeness> {
  const zeros = routes.map((route) => mean(background.map((vector) => closeness(vector, route))));
  const rows: (readonly Row[])[] = [];
  for (const [index, route] of routes.entries()) {
    rows.push(rowsOf(route, [...strangersTo(index, routes), ...farFrom(route, background)], zeros[index]!));
    // Many examples take a while: others may have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const weights = fit(rows.flat());
  const probability = (close: Closeness, route: number) => logistic(odds(featuresOf(close, zeros[route]!), weights));
  const learned = rows.map((own) => thresholdOf(own, weights));
  return {
    of: (vector) => routes.map((route, index) => probability(closeness(vector, route), index)),
    ofExample(own, example) {
      const vector = routes[own]!.examples[example]!;
      return routes.map((route, index) => {
        const close = index === own ? closenessOfOne(example, route) : closeness(vector, route);
        return close && probability(close, index);
      });
    },
    thresholds: learned.map((threshold, index) => given[index] ?? threshold),
    learned,
  };
}

function strangersTo(route: number, routes: readonly Prototypes[]): Float32Array[] {
  const others = routes.filter((_, index) => index !== route).flatMap(({ examples }) => examples);
  const step = Math.max(1, Math.ceil(others.length / MOST_STRANGERS));
  return others.filter((_, index) => index % step === 0);
}

function farFrom(route: Prototypes, background: readonly Float32Array[]): Float32Array[] {
  const near = (vector: Float32Array) => closeness(vector, route).nearest;
  return background.toSorted((a, b) => near(b) - near(a)).slice(DOUBTFUL);
}

function rowsOf(route: Prototypes, strangers: readonly Float32Array[], zero: Closeness): Row[] {
  const own = route.examples.flatMap((_, index) => closenessOfOne(index, route) ?? []);
  const row = (belongs: boolean) => (close: Closeness) => ({ features: featuresOf(close, zero), belongs });
  return [...own.map(row(true)), ...strangers.map((vector) => closeness(vector, route)).map(row(false))];
}

function featuresOf({ nearest, centre }: Closeness, zero: Closeness): Features {
  return [above(nearest, zero.nearest), above(centre, zero.centre)];
}

const above = (cosine: number, zero: number) => Math.max(0, (cosine - zero) / Math.max(0.05, 1 - zero));

function mean(all: readonly Closeness[]): Closeness {
  const sum = (of: (close: Closeness) => number) => all.reduce((total, close) => total + of(close), 0);
  const count = Math.max(1, all.length);
  return { nearest: sum(({ nearest }) => nearest) / count, centre: sum(({ centre }) => centre) / count };
}

const odds = ([nearest, centre]: Features, [bias, x, y]: Weights) => bias + x * nearest + y * centre;
const logistic = (value: number) => 1 / (1 + Math.exp(-value));

/** The likeliest weights given the rows and the prior: Newton's method, each step shortened until it leads downwards. */
function fit(rows: readonly Row[]): Weights {
  const belonging = rows.filter(({ belongs }) => belongs).length;
  if (belonging === 0) return PRIOR;
  const strangers = Math.min(1, (RARITY * belonging) / Math.max(1, rows.length - belonging));
  const shareOf = ({ belongs }: Row) => (belongs ? 1 : strangers);
  let weights = PRIOR;
  let loss = lossOf(rows, shareOf, weights);
  for (let step = 0; step < STEPS; step++) {
    const direction = directionOf(rows, shareOf, weights);
    let next: Weights | undefined;
    for (let length = 1; length > SHORTEST && next === undefined; length /= 2) {
      const there = moved(weights, direction, length);
      const lower = lossOf(rows, shareOf, there);
      if (lower < loss) [next, loss] = [there, lower];
    }
    if (next === undefined) return weights;
    weights = next;
  }
  return weights;
}

/** More likeness never means less: a slope below zero would be an accident of few examples. */
function moved([bias, x, y]: Weights, [b, dx, dy]: Weights, length: number): Weights {
  return [bias - length * b, Math.max(0, x - length * dx), Math.max(0, y - length * dy)];
}

/** How improbable the rows are, and how far the weights are from the prior. */
function lossOf(rows: readonly Row[], shareOf: (row: Row) => number, weights: Weights): number {
  let loss = 0;
  for (const [at, weight] of weights.entries()) loss += (weight - PRIOR[at]!) ** 2 / (2 * LEEWAY ** 2);
  for (const row of rows) {
    const value = row.belongs ? -odds(row.features, weights) : odds(row.features, weights);
    loss += shareOf(row) * (Math.max(0, value) + Math.log1p(Math.exp(-Math.abs(value))));
  }
  return loss;
}

/** The step of Newton's method: gradient over curvature. */
function directionOf(rows: readonly Row[], shareOf: (row: Row) => number, weights: Weights): Weights {
  const gradient = weights.map((weight, at) => (weight - PRIOR[at]!) / LEEWAY ** 2);
  const curvature = Array.from({ length: 9 }, (_, at) => (at % 4 === 0 ? 1 / LEEWAY ** 2 : 0));
  for (const row of rows) {
    const share = shareOf(row);
    const probability = logistic(odds(row.features, weights));
    const inputs = [1, ...row.features];
    for (let i = 0; i < 3; i++) {
      gradient[i]! += share * (probability - (row.belongs ? 1 : 0)) * inputs[i]!;
      for (let j = 0; j < 3; j++) {
        curvature[i * 3 + j]! += share * probability * (1 - probability) * inputs[i]! * inputs[j]!;
      }
    }
  }
  return solve(curvature, gradient);
}

/** Solves three equations by Cramer's rule; the matrix is positive definite, so it has a solution. */
function solve(m: readonly number[], v: readonly number[]): readonly [number, number, number] {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  const [x, y, z] = v as [number, number, number];
  const det = (p: number[]) =>
    p[0]! * (p[4]! * p[8]! - p[5]! * p[7]!) -
    p[1]! * (p[3]! * p[8]! - p[5]! * p[6]!) +
    p[2]! * (p[3]! * p[7]! - p[4]! * p[6]!);
  const whole = det([a, b, c, d, e, f, g, h, i]);
  return [
    det([x, b, c, y, e, f, z, h, i]) / whole,
    det([a, x, c, d, y, f, g, z, i]) / whole,
    det([a, b, x, d, e, y, g, h, z]) / whole,
  ];
}

/** Where the fewest known cases of the route go wrong; of equally good places the one nearest to one half. */
function thresholdOf(rows: readonly Row[], weights: Weights): number {
  const probabilities = (belongs: boolean) =>
    rows.filter((row) => row.belongs === belongs).map(({ features }) => logistic(odds(features, weights)));
  const [own, strangers] = [probabilities(true), probabilities(false)];
  if (own.length < FEW_EXAMPLES) return USUAL_THRESHOLD;
  const share = (all: readonly number[], test: (p: number) => boolean) =>
    all.filter(test).length / Math.max(1, all.length);
  const cost = (at: number) => share(own, (p) => p < at) + FALSE_ALARM * share(strangers, (p) => p >= at);
  const steps = Array.from({ length: 61 }, (_, step) => LOWEST_THRESHOLD + step / 100);
  const places = steps.filter((at) => at <= HIGHEST_THRESHOLD);
  return places.reduce((best, at) => {
    const difference = cost(at) - cost(best);
    const isNearer = Math.abs(at - USUAL_THRESHOLD) < Math.abs(best - USUAL_THRESHOLD);
    return difference < -1e-9 || (difference < 1e-9 && isNearer) ? at : best;
  });
}
