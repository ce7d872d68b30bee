import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { predictorFile } from "../../src/prediction/file.ts";
import { fitPredictor } from "../../src/prediction/fit.ts";
import { createPredictor, predictorOptions } from "../../src/signals/predictor.ts";
import { signalContract } from "../contract/signal.contract.ts";
import { encodedOf, ENCODER_VERSION, MODELS, rowsOf } from "../prediction/outcomes.ts";
import type { MemoryEncoderOptions } from "../rig/encoder.ts";
import { promptOf } from "./prompt.ts";
import { calm, learnedTools } from "./tools.ts";

const folder = await mkdtemp(join(tmpdir(), "predictor-"));
after(() => rm(folder, { recursive: true }));

async function learned(name: string, encoderVersion: string, rows = rowsOf(200)): Promise<string> {
  const file = join(folder, name);
  const { learned: found } = await fitPredictor(encodedOf(rows), { models: MODELS, encoderVersion }, async () => {});
  await writeFile(file, predictorFile(found));
  return file;
}

const file = await learned("usual.json", ENCODER_VERSION);
const signalOf = (path = file, more: MemoryEncoderOptions = {}) =>
  createPredictor(predictorOptions.parse({ path }), learnedTools(more).tools);
const refused = (path: string, message: RegExp) =>
  assert.rejects(signalOf(path), (error) => error instanceof EncoderError && message.test(error.message));

signalContract("predictor", () => signalOf());

test("predictor reads each model of its file: its expected quality, and how long its reply would be", async () => {
  const { readings } = await (await signalOf()).fast(promptOf("please give the polynomial and the matrix root"), calm);
  assert.deepEqual(
    readings.map(({ label }) => label),
    [...MODELS],
  );
  const [algebraist, poet] = readings;
  assert.ok(algebraist!.score > poet!.score + 0.2);
  assert.ok(algebraist!.outputTokens! > 2 * poet!.outputTokens!);
  assert.equal(algebraist!.confidence, poet!.confidence);
});

test("a model whose lengths were never recorded has a quality alone", async () => {
  const rows = rowsOf(100).map((row) => ({ ...row, outputTokens: Float64Array.of(Number.NaN, 80) }));
  const signal = await signalOf(await learned("half.json", ENCODER_VERSION, rows));
  const { readings } = await signal.fast(promptOf("a poem"), calm);
  assert.deepEqual(
    readings.map(({ outputTokens }) => outputTokens !== undefined),
    [false, true],
  );
});

test("a turn without words has no readings", async () => {
  assert.deepEqual(await (await signalOf()).fast(promptOf(" \n"), calm), { readings: [] });
});

test("a file that is missing, broken or of another encoder is refused by name", async () => {
  await refused(join(folder, "none.json"), /none\.json is not there/u);
  await refused(folder, /cannot be read/u);
  const broken = join(folder, "broken.json");
  await writeFile(broken, "{");
  await refused(broken, /broken\.json cannot be used: it is not JSON/u);
  await refused(await learned("foreign.json", "other-9"), /encoder other-9, and this one is memory-1.*calibrate/u);
});
