import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Examples,
  fitLogistic,
  type FitOptions,
  type LinearModel,
  logitsOf,
} from "../../src/statistics/regression.ts";
import { seeded } from "../../src/statistics/sample.ts";

/** Clouds around one centre a label, features of very different sizes, one that never varies. */
function clouds(rows: number, labels: number, width: number, seed = 1): Examples {
  const random = seeded(seed);
  const bell = () => random() + random() + random() - 1.5;
  const centres = Float32Array.from({ length: labels * width }, () => bell());
  const truth = Int32Array.from({ length: rows }, (_, row) => row % labels);
  const features = Float32Array.from({ length: rows * width }, (_, at) => {
    const [row, feature] = [Math.floor(at / width), at % width];
    if (feature === 0) return 7;
    return (centres[truth[row]! * width + feature]! + bell()) * (feature === 1 ? 1000 : 1) + feature;
  });
  return { features, width, truth, labels };
}

function fit(examples: Examples, rows: Uint32Array, options: FitOptions): LinearModel {
  const work = fitLogistic(examples, rows, options);
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

const firstOf = (count: number, from = 0) => Uint32Array.from({ length: count }, (_, at) => from + at);

function share(model: LinearModel, examples: Examples, rows: Uint32Array): number {
  const logits = logitsOf(model, examples, rows);
  let right = 0;
  for (const [at, row] of rows.entries()) {
    const own = [...logits.subarray(at * model.labels, (at + 1) * model.labels)];
    if (own.indexOf(Math.max(...own)) === examples.truth[row]) right += 1;
  }
  return right / rows.length;
}

test("a fit tells clouds apart that it has not seen, whatever the size of a feature", () => {
  const examples = clouds(1200, 6, 20);
  const model = fit(examples, firstOf(800), { l2: 0.001 });
  assert.ok(share(model, examples, firstOf(400, 800)) > 0.95);
});

test("at the end no small step in any direction lowers the loss", () => {
  const examples = clouds(200, 3, 5);
  const l2 = 0.01;
  const rows = firstOf(200);
  const model = fit(examples, rows, { l2, steps: 500 });
  const best = lossOf(model, examples, rows, l2);
  for (const [part, at] of [
    ["weights", 2],
    ["weights", 8],
    ["weights", 14],
    ["bias", 0],
    ["bias", 2],
  ] as const) {
    for (const step of [-0.05, 0.05]) {
      const moved = { ...model, [part]: model[part].map((value, index) => (index === at ? value + step : value)) };
      assert.ok(lossOf(moved, examples, rows, l2) > best - 1e-6, `${part} ${at} ${step}`);
    }
  }
});

/** The loss as the definition has it, in the scale that the fit works in. */
function lossOf(
  { labels, width, weights, bias }: LinearModel,
  { features, truth }: Examples,
  rows: Uint32Array,
  l2: number,
) {
  let loss = 0;
  for (const row of rows) {
    const logits = Array.from({ length: labels }, (_, label) => {
      let sum = bias[label]!;
      for (let at = 0; at < width; at++) sum += weights[label * width + at]! * features[row * width + at]!;
      return sum;
    });
    loss += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - logits[truth[row]!]!), 0)) / rows.length;
  }
  for (let at = 0; at < width; at++) {
    const values = Array.from(rows, (row) => features[row * width + at]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    for (let label = 0; label < labels; label++) loss += (l2 / 2) * weights[label * width + at]! ** 2 * (variance || 1);
  }
  return loss;
}

test("the same rows give the same model, and a feature that never varies gets no weight", () => {
  const examples = clouds(300, 3, 5);
  const model = fit(examples, firstOf(300), { l2: 0.01 });
  assert.deepEqual(fit(examples, firstOf(300), { l2: 0.01 }), model);
  for (const label of [0, 1, 2]) assert.equal(model.weights[label * 5], 0);
});

test("a stronger pull makes smaller weights", () => {
  const examples = clouds(300, 3, 5);
  const size = (l2: number) => Math.hypot(...fit(examples, firstOf(300), { l2 }).weights);
  assert.ok(size(1) < size(0.1) && size(0.1) < size(0.001));
});

test("a start at the solution needs next to no steps", () => {
  const examples = clouds(300, 3, 5);
  const start = fit(examples, firstOf(300), { l2: 0.01 });
  assert.ok([...fitLogistic(examples, firstOf(300), { l2: 0.01, start })].length <= 2);
});

test("label weights make a rare label count as much as a frequent one", () => {
  const random = seeded(9);
  // One feature, two overlapping clouds, nineteen rows of one for one of the other.
  const truth = Int32Array.from({ length: 2000 }, (_, row) => (row % 20 === 0 ? 1 : 0));
  const features = Float32Array.from(truth, (label) => label + (random() - 0.5) * 3);
  const examples = { features, width: 1, truth, labels: 2 };
  const recall = (options: FitOptions) => {
    const logits = logitsOf(fit(examples, firstOf(2000), options), examples, firstOf(2000));
    const rare = [...truth.keys()].filter((row) => truth[row] === 1);
    return rare.filter((row) => logits[row * 2 + 1]! > logits[row * 2]!).length / rare.length;
  };
  assert.ok(recall({ l2: 0.001 }) < 0.2);
  assert.ok(recall({ l2: 0.001, labelWeights: Float64Array.of(20 / 19 / 2, 20 / 2) }) > 0.5);
});
