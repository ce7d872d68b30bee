import assert from "node:assert/strict";
import { before, test } from "node:test";
import { predictorFile, readPredictor, UnfitPredictor } from "../../src/prediction/file.ts";
import { fitPredictor } from "../../src/prediction/fit.ts";
import { encodedOf, ENCODER_VERSION, MODELS, rowsOf } from "./outcomes.ts";

let file: Record<string, unknown>;

before(async () => {
  const choices = { models: MODELS, encoderVersion: ENCODER_VERSION };
  const { learned } = await fitPredictor(encodedOf(rowsOf(80)), choices, async () => {});
  file = JSON.parse(predictorFile(learned)) as Record<string, unknown>;
});

const read = (value: unknown) => readPredictor(Buffer.from(JSON.stringify(value)));
const refused = (value: unknown, message: RegExp) =>
  assert.throws(
    () => read(value),
    (error) => error instanceof UnfitPredictor && message.test(error.message),
  );

test("what is no JSON, or another JSON, is refused with the place", () => {
  assert.throws(() => readPredictor(Buffer.from("no")), /not JSON/u);
  assert.throws(() => readPredictor(Buffer.from([0xff, 0xfe, 0x00])), /not JSON/u);
  refused([], /expected object/iu);
  refused({ ...file, models: [] }, /^models/u);
  refused({ ...file, extra: 1 }, /extra/u);
});

test("a file of another format says what to do", () => {
  refused({ ...file, format: 2 }, /format 2.*format 1.*calibrate again/u);
});

test("models stand once", () => {
  refused({ ...file, models: ["a", "a"] }, /twice/u);
});

test("numbers that are too few, too many, or none are refused by name", () => {
  refused({ ...file, longest: [1] }, /longest has 1 numbers; 2 belong there/u);
  refused({ ...file, models: ["a", "b", "c"] }, /numbers; 3 belong/u);
  const first = file["first"] as Record<string, unknown>;
  refused({ ...file, first: { ...first, words: "AAAA" } }, /first\.words has 3 numbers/u);
  refused({ ...file, first: { ...first, dense: "AADAfw==" } }, /first\.dense has what is no number/u);
  refused({ ...file, first: { ...first, mean: [] } }, /first\.mean/u);
});

test("an untouched file is read", () => {
  assert.deepEqual(read(file).models, [...MODELS]);
});
