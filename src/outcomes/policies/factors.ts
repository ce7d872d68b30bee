import { minimise } from "../../statistics/minimise.ts";
import { seeded } from "../../statistics/sample.ts";
import { crossEntropy } from "./fitted.ts";
import { type Lesson, type Policy, worths } from "./policy.ts";

const RANK = 8;
const PULL = 0.003;
const STEPS = 60;
const MOST_ROWS = 5000;

/** Where each part of the point begins: the projection of texts, the factors of models, the models' biases. */
interface Layout {
  readonly width: number;
  readonly models: number;
  readonly factors: number;
  readonly biases: number;
  readonly size: number;
}

/** right(model, text) = logistic(bias[model] + factors[model] * (projection text)). */
export const matrixFactors: Policy = {
  name: "matrix_factors",
  says: "models and texts as factors whose product says who is right (RouteLLM's matrix factorisation, from outcomes)",
  rule: "price",
  learn(lesson) {
    const layout = layoutOf(lesson);
    const point = fitted(lesson, layout);
    const projected = new Float64Array(RANK);
    const values = new Float64Array(layout.models);
    return worths(layout.models, ({ seen }, to) => {
      project(point, layout, seen.vector, projected);
      valuesOf(point, layout, projected, values);
      for (let model = 0; model < layout.models; model++) to[model] = 1 / (1 + Math.exp(-values[model]!));
    });
  },
};

function layoutOf({ pool, rows }: Lesson): Layout {
  const width = rows[0]!.seen.vector.length;
  const models = pool.models.length;
  const factors = RANK * width;
  const biases = factors + models * RANK;
  return { width, models, factors, biases, size: biases + models };
}

function fitted({ rows, seed }: Lesson, layout: Layout): Float64Array {
  const draw = seeded(seed);
  const start = Float64Array.from({ length: layout.size }, (_, at) => (at < layout.biases ? (draw() - 0.5) / 2 : 0));
  const used = rows.slice(0, MOST_ROWS);
  const search = minimise(start, (at, gradient) => lossAt(used, layout, at, gradient), STEPS);
  for (;;) {
    const next = search.next();
    if (next.done === true) return next.value;
  }
}

function lossAt(rows: Lesson["rows"], layout: Layout, at: Float64Array, gradient: Float64Array): number {
  const { width, models, factors, biases } = layout;
  const projected = new Float64Array(RANK);
  const values = new Float64Array(models);
  const slopes = new Float64Array(models);
  let loss = 0;
  gradient.fill(0);
  for (const row of rows) {
    const { vector } = row.seen;
    project(at, layout, vector, projected);
    valuesOf(at, layout, projected, values);
    loss += crossEntropy(values, row, slopes) / rows.length;
    for (let rank = 0; rank < RANK; rank++) {
      let back = 0;
      for (let model = 0; model < models; model++) {
        const slope = slopes[model]! / rows.length;
        gradient[factors + model * RANK + rank]! += slope * projected[rank]!;
        back += slope * at[factors + model * RANK + rank]!;
      }
      for (let feature = 0; feature < width; feature++) gradient[rank * width + feature]! += back * vector[feature]!;
    }
    for (let model = 0; model < models; model++) gradient[biases + model]! += slopes[model]! / rows.length;
  }
  for (let weight = 0; weight < biases; weight++) {
    loss += (PULL / 2) * at[weight]! ** 2;
    gradient[weight]! += PULL * at[weight]!;
  }
  return loss;
}

function project(point: Float64Array, { width }: Layout, vector: Float32Array, to: Float64Array): void {
  for (let rank = 0; rank < RANK; rank++) {
    let sum = 0;
    for (let feature = 0; feature < width; feature++) sum += point[rank * width + feature]! * vector[feature]!;
    to[rank] = sum;
  }
}

function valuesOf(point: Float64Array, { models, factors, biases }: Layout, projected: Float64Array, to: Float64Array) {
  for (let model = 0; model < models; model++) {
    let sum = point[biases + model]!;
    for (let rank = 0; rank < RANK; rank++) sum += point[factors + model * RANK + rank]! * projected[rank]!;
    to[model] = sum;
  }
}
