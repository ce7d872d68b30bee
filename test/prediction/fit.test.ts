import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutcomeRow } from "../../src/outcomes/outcome.ts";
import { predictorFile, readPredictor } from "../../src/prediction/file.ts";
import { type FittedPredictor, fitPredictor } from "../../src/prediction/fit.ts";
import { createPredictor, type Predictor, UnfitVector } from "../../src/prediction/predictor.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { encodedOf, ENCODER_VERSION, MODELS, rowsOf, textOn, type Topic, vectorOf } from "./outcomes.ts";

const fit = (rows: readonly OutcomeRow[], models: readonly string[] = MODELS, seed?: number) =>
  fitPredictor(
    encodedOf(rows),
    { models, encoderVersion: ENCODER_VERSION, ...(seed !== undefined && { seed }) },
    async () => {},
  );

const forecastOf = (predictor: Predictor, text: string) => predictor.forecast(text, { vector: vectorOf(text) });
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean forecast by model for texts on the topic that nobody learned from. */
function expected({ learned }: FittedPredictor, topic: Topic) {
  const predictor = createPredictor(learned);
  const random = seeded(99);
  const all = Array.from({ length: 40 }, () => forecastOf(predictor, textOn(topic, random)));
  const by = (of: (at: number) => readonly number[]) => MODELS.map((_, model) => mean(of(model)));
  return {
    quality: by((model) => all.map(({ quality }) => quality[model]!)),
    tokens: by((model) => all.map(({ outputTokens }) => outputTokens[model]!)),
  };
}

let shared: Promise<FittedPredictor> | undefined;
const fitted = () => (shared ??= fit(rowsOf(400)));

test("which model answers which texts well is found again, with about the right probability", async () => {
  const [algebra, verse] = [expected(await fitted(), "algebra"), expected(await fitted(), "verse")];
  for (const [found, wanted] of [
    [algebra.quality, [0.9, 0.3]],
    [verse.quality, [0.3, 0.9]],
  ] as const) {
    for (const [at, value] of found.entries())
      assert.ok(Math.abs(value - wanted[at]!) < 0.12, `${value} ${wanted[at]}`);
  }
});

test("so is how long their replies are", async () => {
  const [algebra, verse] = [expected(await fitted(), "algebra"), expected(await fitted(), "verse")];
  assert.ok(Math.abs(algebra.tokens[0]! - 400) < 60 && Math.abs(verse.tokens[1]! - 300) < 50);
  assert.ok(algebra.tokens[1]! < 120 && verse.tokens[0]! < 140);
});

test("rows that were held out are predicted better than by the mean, and as sure as is right", async () => {
  const { heldOut, rows, plain } = await fitted();
  assert.deepEqual([rows, plain, heldOut.map(({ model }) => model)], [400, false, [...MODELS]]);
  for (const { brier, constantBrier, logLoss, constantLogLoss, ece } of heldOut) {
    assert.ok(brier < 0.75 * constantBrier && logLoss < 0.85 * constantLogLoss);
    assert.ok(ece < 0.1, String(ece));
  }
});

test("where outcomes do not follow from texts, the forecast stays near the mean and says nothing it cannot know", async () => {
  const random = seeded(5);
  const rows = rowsOf(400).map((row) => ({
    ...row,
    scores: Float64Array.of(Number(random() < 0.7), Number(random() < 0.5)),
  }));
  const noise = await fit(rows);
  const predictor = createPredictor(noise.learned);
  const qualities = rows.slice(0, 100).map(({ text }) => forecastOf(predictor, text).quality);
  assert.ok(qualities.every(([a]) => Math.abs(a! - 0.7) < 0.2));
  for (const { brier, constantBrier } of noise.heldOut) assert.ok(brier < 1.02 * constantBrier);
});

test("expected scores have the mean of the recorded ones", async () => {
  const rows = rowsOf(300, 4);
  const predictor = createPredictor((await fit(rows)).learned);
  for (const model of MODELS.keys()) {
    const said = mean(rows.map(({ text }) => forecastOf(predictor, text).quality[model]!));
    assert.ok(Math.abs(said - mean(rows.map(({ scores }) => scores[model]!))) < 0.03);
  }
});

test("the same rows and seed give the same file, another seed another", async () => {
  const rows = rowsOf(120);
  const [one, same, other] = await Promise.all([fit(rows), fit(rows), fit(rows, MODELS, 7)]);
  assert.equal(predictorFile(one.learned), predictorFile(same.learned));
  assert.notEqual(predictorFile(one.learned), predictorFile(other.learned));
});

test("a file that is read back predicts what was written, and stays below two megabytes", async () => {
  const { learned } = await fitted();
  const file = Buffer.from(predictorFile(learned));
  assert.ok(file.length < 2_000_000);
  const [written, read] = [createPredictor(learned), createPredictor(readPredictor(file))];
  for (const { text } of rowsOf(20, 3)) {
    const [a, b] = [forecastOf(written, text), forecastOf(read, text)];
    for (const at of MODELS.keys()) {
      assert.ok(Math.abs(a.quality[at]! - b.quality[at]!) < 1e-5);
      assert.ok(Math.abs(a.outputTokens[at]! - b.outputTokens[at]!) < 0.1);
    }
    assert.ok(Math.abs(a.familiarity - b.familiarity) < 1e-6);
  }
});

test("a model that always succeeds is never expected to do worse for it", async () => {
  const rows = rowsOf(200);
  const raised = rows.map((row) => ({ ...row, scores: Float64Array.of(1, row.scores[1]!) }));
  const [before, after] = await Promise.all([fit(rows), fit(raised)]);
  for (const topic of ["algebra", "verse"] as const) {
    assert.ok(expected(after, topic).quality[0]! >= expected(before, topic).quality[0]!);
  }
  assert.ok(expected(after, "verse").quality[0]! > 0.9);
});

test("models that were not run on a row, and lengths that nobody recorded, teach nothing", async () => {
  const random = seeded(8);
  const rows = rowsOf(400).map((row) => ({
    ...row,
    scores: row.scores.map((score) => (random() < 0.3 ? Number.NaN : score)),
    outputTokens: Float64Array.of(row.outputTokens[0]!, Number.NaN),
  }));
  const some = await fit(rows);
  const { quality, tokens } = expected(some, "algebra");
  assert.ok(quality[0]! - quality[1]! > 0.3);
  assert.ok(tokens[0]! > 250 && Number.isNaN(tokens[1]!));
});

test("scores between none and all are learned as they are", async () => {
  const rows = rowsOf(300).map((row) => ({ ...row, scores: row.scores.map((score) => 0.25 + score / 2) }));
  const { quality } = expected(await fit(rows), "algebra");
  assert.ok(Math.abs(quality[0]! - 0.7) < 0.07 && Math.abs(quality[1]! - 0.4) < 0.1);
});

test("few rows teach each model's mean, pulled together, and it is said that they are few", async () => {
  const few = await fit(rowsOf(20));
  assert.ok(few.plain);
  const predictor = createPredictor(few.learned);
  const [one, other] = [forecastOf(predictor, "a poem"), forecastOf(predictor, "an equation")];
  assert.deepEqual(one.quality, other.quality);
  assert.ok(one.quality.every((value) => value > 0.3 && value < 0.9));
});

test("one row, one outcome, one model, and fifty models are enough for a forecast within [0,1]", async () => {
  const many = Array.from({ length: 50 }, (_, at) => `model-${at}`);
  const wide = (count: number, models: number, score: (row: number, model: number) => number) =>
    rowsOf(count).map((row, at) => ({
      ...row,
      scores: Float64Array.from({ length: models }, (_, model) => score(at, model)),
      outputTokens: new Float64Array(models).fill(Number.NaN),
    }));
  for (const [rows, models] of [
    [wide(1, 2, () => 1), MODELS],
    [wide(100, 2, () => 0), MODELS],
    [wide(100, 1, (row) => row % 2), ["only"]],
    [wide(100, 50, (row, model) => Number((row + model) % 3 === 0)), many],
  ] as const) {
    const { quality } = forecastOf(createPredictor((await fit(rows, models)).learned), "a poem about a matrix");
    assert.equal(quality.length, models.length);
    assert.ok(quality.every((value) => value >= 0 && value <= 1));
  }
});

test("text unlike all that was learned from is not familiar", async () => {
  const predictor = createPredictor((await fitted()).learned);
  const random = seeded(42);
  const usual = Array.from({ length: 50 }, () => forecastOf(predictor, textOn("verse", random)).familiarity);
  assert.ok(mean(usual) > 0.9);
  assert.ok(forecastOf(predictor, "xyzzy").familiarity < mean(usual));
});

test("rows without text vectors, scores or models are refused with what is missing", async () => {
  const rows = rowsOf(3);
  const refused = async (made: Promise<unknown>, message: RegExp) =>
    assert.rejects(made, { name: "UnfitRows", message });
  await refused(fit([]), /no rows/u);
  await refused(fit(rows, []), /no model/u);
  await refused(fit(rows.map((row) => ({ ...row, scores: row.scores.map(() => Number.NaN) }))), /no row has a score/u);
  const bare = rows.map((row) => ({ row, vector: new Float32Array(0) }));
  await refused(
    fitPredictor(bare, { models: MODELS, encoderVersion: "x" }, async () => {}),
    /no vectors/u,
  );
});

test("whoever is told of the steps can stop the work", async () => {
  const stop = new Error("enough");
  let told = 0;
  const work = fitPredictor(encodedOf(rowsOf(80)), { models: MODELS, encoderVersion: "x" }, async () => {
    told += 1;
    if (told === 5) throw stop;
  });
  await assert.rejects(work, stop);
});

test("a vector of another width is refused", async () => {
  const predictor = createPredictor((await fitted()).learned);
  assert.throws(() => predictor.forecast("a poem", { vector: new Float32Array(3) }), UnfitVector);
});
