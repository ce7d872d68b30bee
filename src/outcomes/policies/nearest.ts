import { choosing, highest, type Learned, type Lesson, type Policy, type Shown, worths } from "./policy.ts";
import { oracle } from "./simple.ts";

/** Each model's own prompts are those for which it was the cheapest of the best. */
export const nearestCentroid: Policy = {
  name: "nearest_centroid",
  says: "the model whose prompts of the learn rows lie nearest on average",
  rule: "choices",
  learn(lesson) {
    const centroids = centroidsOf(lesson);
    return choosing(({ seen }) => highest(centroids.map((centroid) => dot(centroid, seen.vector, 0))));
  },
};

function centroidsOf({ pool, rows, ...rest }: Lesson): Float32Array[] {
  const right = oracle.learn({ pool, rows, ...rest })!;
  const width = rows[0]!.seen.vector.length;
  const centroids = pool.models.map(() => new Float32Array(width));
  const choice = new Float32Array(1);
  for (const row of rows) {
    right.write(row, choice);
    const centroid = centroids[choice[0]!]!;
    for (let at = 0; at < width; at++) centroid[at]! += row.seen.vector[at]!;
  }
  for (const centroid of centroids) {
    const length = Math.sqrt(dot(centroid, centroid, 0)) || 1;
    for (let at = 0; at < width; at++) centroid[at]! /= length;
  }
  return centroids;
}

const NEIGHBOURS = [5, 10, 20, 40, 80, 160];
/** Prompts that are compared with, and learn rows that choose how many neighbours count. */
const MOST_POINTS = 3000;
const JUDGES = 400;

/** The mean score of the prompts nearest by meaning. */
export const nearestNeighbours: Policy = {
  name: "knn",
  says: "mean scores of the nearest learn prompts, as many as suit the learn rows best",
  rule: "price",
  learn(lesson) {
    const points = lesson.rows.slice(0, MOST_POINTS);
    const vectors = new Float32Array(points.length * points[0]!.seen.vector.length);
    points.forEach(({ seen }, at) => vectors.set(seen.vector, at * seen.vector.length));
    const near = (row: Shown, count: number, to: Float32Array, self = -1) =>
      meanOfNearest(points, vectors, row.seen.vector, { count, self }, to);
    const models = lesson.pool.models.length;
    const guess = new Float32Array(models);
    const losses = NEIGHBOURS.map((count) => {
      let loss = 0;
      for (const [at, row] of points.slice(0, JUDGES).entries()) {
        near(row, count, guess, at);
        for (let model = 0; model < models; model++) loss += (guess[model]! - row.outcomes.scores[model]!) ** 2;
      }
      return -loss;
    });
    const count = NEIGHBOURS[highest(losses)]!;
    return worths(models, (row, to) => near(row, count, to));
  },
};

/** `self` is no neighbour of its own. */
function meanOfNearest(
  points: Lesson["rows"],
  vectors: Float32Array,
  vector: Float32Array,
  { count, self }: { readonly count: number; readonly self: number },
  to: Parameters<Learned["write"]>[1],
): void {
  const nearness = new Float32Array(points.length);
  for (let at = 0; at < points.length; at++) nearness[at] = dot(vectors, vector, at * vector.length);
  if (self >= 0) nearness[self] = -2;
  const edge = nearness.toSorted()[Math.max(0, points.length - count)]!;
  let found = 0;
  to.fill(0);
  for (let at = 0; at < points.length && found < count; at++) {
    if (nearness[at]! < edge || at === self) continue;
    found += 1;
    const { scores } = points[at]!.outcomes;
    for (let model = 0; model < to.length; model++) to[model]! += scores[model]!;
  }
  for (let model = 0; model < to.length; model++) to[model]! /= Math.max(1, found);
}

function dot(a: Float32Array, b: Float32Array, from: number): number {
  let sum = 0;
  for (let at = 0; at < b.length; at++) sum += a[from + at]! * b[at]!;
  return sum;
}
