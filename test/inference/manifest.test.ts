import assert from "node:assert/strict";
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { test, type TestContext } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { checkModelFile, readManifest, readModelFile } from "../../src/inference/manifest.ts";
import { modelFolder, startEncoder, temporaryFolder, writeManifest } from "./rig.ts";

/** Asserts that no encoder comes of the folder, and that the error says so. */
async function assertRefused(t: TestContext, models: string, says: RegExp): Promise<void> {
  await assert.rejects(startEncoder(t, {}, { models }), (error: unknown) => {
    assert.ok(error instanceof EncoderError);
    assert.equal(error.fault, "model");
    assert.match(error.message, says);
    return true;
  });
}

test("a folder without a manifest is refused with the file's name", async (t) => {
  await assertRefused(t, temporaryFolder(t), /manifest\.json cannot be read \(ENOENT\)/);
});

test("a manifest that is no JSON, or of another format, is refused with the place", async (t) => {
  const models = modelFolder(t);
  writeManifest(models, { format: 2 });
  await assertRefused(t, models, /manifest\.json is wrong at format:/);
  writeManifest(models, { surplus: 1 });
  await assertRefused(t, models, /manifest\.json is wrong at its top: .*surplus/);
  writeFileSync(join(models, "manifest.json"), "{");
  await assertRefused(t, models, /manifest\.json is no JSON/);
});

test("a manifest cannot name files outside of its folder, or ones that it does not vouch for", async (t) => {
  const models = modelFolder(t);
  writeManifest(models, { tokenizer: { file: "../vocab.txt", lowercase: true } });
  await assertRefused(t, models, /wrong at tokenizer\.file/);
  writeManifest(models, { tokenizer: { file: "other.txt", lowercase: true } });
  await assertRefused(t, models, /no size and sha256 of other\.txt/);
});

for (const name of ["vocab.txt", "static.safetensors", "full.onnx"]) {
  test(`${name} with one bit flipped, cut short, longer or gone is refused with its name`, async (t) => {
    const models = modelFolder(t);
    const path = join(models, name);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
    await assertRefused(t, models, new RegExp(`${name} is damaged: its sha256 is not the manifest's`));
    truncateSync(path, bytes.length - 1);
    await assertRefused(t, models, new RegExp(`${name} is damaged: it has \\d+ bytes instead of \\d+`));
    appendFileSync(path, "xx");
    await assertRefused(t, models, new RegExp(`${name} is damaged: it has \\d+ bytes`));
    rmSync(path);
    await assertRefused(t, models, new RegExp(`${name} cannot be read \\(ENOENT\\)`));
  });
}

test("files that the manifest vouches for and that are no models are refused too", async (t) => {
  for (const [name, says] of [
    ["full.onnx", /full\.onnx cannot be loaded/],
    ["static.safetensors", /static\.safetensors is no usable safetensors file/],
    ["vocab.txt", /vocabulary lacks \[UNK\]/],
  ] as const) {
    const models = modelFolder(t);
    writeFileSync(join(models, name), "no model at all");
    writeManifest(models);
    await assertRefused(t, models, says);
  }
});

test("a model that does not give what the manifest says is refused at the start", async (t) => {
  const models = modelFolder(t);
  const full = { file: "full.onnx", dimensions: 9, features: 6, maxTokens: 128 };
  writeManifest(models, { full });
  await assertRefused(t, models, /gives 8 numbers in vector, not 9/);
  const fit = { temperature: 1, abstainBelow: 0 };
  writeManifest(models, { heads: { taste: { labels: ["sweet"], kind: "choice", static: fit, full: fit } } });
  await assertRefused(t, models, /has no output head_taste/);
});

test("40 MB are checked in a fraction of a second, while the event loop goes on", async (t) => {
  const models = modelFolder(t);
  writeFileSync(join(models, "full.onnx"), Buffer.alloc(40_000_000, "a"));
  writeManifest(models);
  const manifest = await readManifest(models);
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  const start = performance.now();
  assert.equal(await checkModelFile(models, "full.onnx", manifest), join(models, "full.onnx"));
  const ms = performance.now() - start;
  clearInterval(counting);
  assert.ok(ms < 1000, `${ms} ms`);
  assert.ok(turns >= 3, `${turns} turns`);
  assert.deepEqual(
    Buffer.from(await readModelFile(models, "static.safetensors", manifest)),
    readFileSync(join(models, "static.safetensors")),
  );
});
