import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { type EncoderOptions, encoderOptions } from "../../src/inference/options.ts";
import { FIXTURES, libraryTokenizer, PATIENT_MS, startEncoder, temporaryFolder, VOCABULARY } from "./rig.ts";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"].map((content) => ({
  id: VOCABULARY.split("\n").indexOf(content),
  content,
}));

/** A model of one's own: the one that the packaged full stage has in tests, read as a sentence transformer. */
function ownModel(t: TestContext, change: Record<string, unknown> = {}): Pick<EncoderOptions, "onnx"> {
  const folder = temporaryFolder(t);
  const onnx = join(folder, "model.json");
  mkdirSync(join(folder, "files"));
  copyFileSync(join(FIXTURES, "full.onnx"), join(folder, "files", "full.onnx"));
  copyFileSync(join(FIXTURES, "make.py"), join(folder, "make.py"));
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(libraryTokenizer(SPECIAL)));
  const files = { model: "files/full.onnx", tokenizer: "tokenizer.json" };
  const manifest = { format: 1, version: "mine-1", ...files, dimensions: 8, maxTokens: 32, ...change };
  writeFileSync(onnx, JSON.stringify(manifest));
  return { onnx };
}

const near = (a: Float32Array, b: Float32Array) =>
  assert.ok(
    a.length === b.length && a.every((value, at) => Math.abs(value - b[at]!) < 1e-5),
    `${a.join()} is not ${b.join()}`,
  );

test("a sentence transformer's hidden states are pooled to their mean, padding left out", async (t) => {
  const { encoder } = await startEncoder(t, ownModel(t));
  const packaged = await startEncoder(t);
  const texts = ["bread", "bread and butter", "How do I bake a loaf of bread?"];
  const vectors = await Promise.all(texts.map(async (text) => encoder.encode(text, PATIENT_MS)));
  for (const [index, { vector, features, stage, tokens, cut }] of vectors.entries()) {
    const expected = await packaged.encoder.refine(texts[index]!, PATIENT_MS);
    near(vector, expected.vector);
    near(features, vector);
    assert.deepEqual([stage, tokens, cut], ["static", expected.tokens, false]);
  }
});

test("a model of one's own is the only stage, has the heads that its manifest names, and scans are the package's", async (t) => {
  const heads = { topic: { output: "head_domain", labels: ["a", "b", "c"], kind: "choice", abstainBelow: 0.2 } };
  const { encoder } = await startEncoder(t, ownModel(t, { heads }));
  assert.deepEqual([encoder.version, encoder.hasFullStage], ["mine-1", false]);
  assert.deepEqual(encoder.labels, { topic: ["a", "b", "c"] });
  assert.deepEqual(encoder.abstainBelow, { topic: { static: 0.2 } });
  await assert.rejects(encoder.refine("bread", PATIENT_MS), { fault: "model" });
  const { topic } = (await encoder.encode("bread", PATIENT_MS)).heads;
  const { a, b, c } = topic!.probabilities;
  assert.ok(Math.abs(a! + b! + c! - 1) < 1e-6);
  const scan = await encoder.scan(["ignore"], { safety: true, entities: false, deadlineMs: PATIENT_MS });
  assert.equal(scan.safety[0]!["jailbreak"], 0.9);
});

test("a named output is taken as it is, or by its first token", async (t) => {
  const taken = await startEncoder(t, ownModel(t, { output: "vector", pooling: "none" }));
  const mean = await startEncoder(t, ownModel(t));
  const first = await startEncoder(t, ownModel(t, { pooling: "first" }));
  const [a, b, c, d] = await Promise.all([
    taken.encoder.encode("bread and butter", PATIENT_MS),
    mean.encoder.encode("bread and butter", PATIENT_MS),
    first.encoder.encode("bread and butter", PATIENT_MS),
    first.encoder.encode("something else", PATIENT_MS),
  ]);
  near(a.vector, b.vector);
  near(c.vector, d.vector);
});

test("long text is cut to what the model reads, its special tokens kept", async (t) => {
  const { encoder } = await startEncoder(t, ownModel(t));
  for (const text of ["bread ".repeat(100), "bread ".repeat(200_000), "a".repeat(1_000_000)]) {
    const { tokens, cut, vector } = await encoder.encode(text, PATIENT_MS);
    assert.ok(tokens <= 32 && cut && vector.every(Number.isFinite));
  }
  const { tokens, cut } = await encoder.encode("bread ".repeat(30), PATIENT_MS);
  assert.deepEqual([tokens, cut], [32, false]);
});

test("a prefix is put before every text", async (t) => {
  const prefixed = await startEncoder(t, ownModel(t, { prefix: "query: " }));
  const plain = await startEncoder(t, ownModel(t));
  near(
    (await prefixed.encoder.encode("bread", PATIENT_MS)).vector,
    (await plain.encoder.encode("query: bread", PATIENT_MS)).vector,
  );
});

test("empty text and lone surrogates are read", async (t) => {
  const { encoder } = await startEncoder(t, ownModel(t));
  for (const text of ["", " ", "\ud800", "\0"]) {
    assert.ok((await encoder.encode(text, PATIENT_MS)).vector.every(Number.isFinite));
  }
});

const WRONG: Readonly<Record<string, readonly [change: Record<string, unknown>, says: RegExp]>> = {
  "an output that the model lacks": [{ output: "logits" }, /has no output logits; it has vector/],
  "other dimensions than the model's": [{ dimensions: 7 }, /no multiple of 7/],
  "labels that the head's output does not have": [
    { heads: { topic: { output: "head_domain", labels: ["a"], kind: "choice" } } },
    /head_domain has 3 numbers, not 1/,
  ],
  "a key that means nothing": [{ surplus: 1 }, /surplus/],
};

for (const [what, [change, says]] of Object.entries(WRONG)) {
  test(`a manifest with ${what} is refused at the start`, async (t) => {
    await assert.rejects(
      startEncoder(t, ownModel(t, change)),
      (error: unknown) => error instanceof EncoderError && error.fault === "model" && says.test(error.message),
    );
  });
}

test("a file that is no model, or no tokenizer, is refused at the start with its name", async (t) => {
  const refused = (own: Pick<EncoderOptions, "onnx">, says: RegExp) =>
    assert.rejects(
      startEncoder(t, own),
      (error: unknown) => error instanceof EncoderError && error.fault === "model" && says.test(error.message),
    );
  await refused(ownModel(t, { model: "make.py" }), /make\.py cannot be loaded/);
  await refused(ownModel(t, { model: "missing.onnx" }), /missing\.onnx cannot be loaded/);
  await refused(ownModel(t, { tokenizer: "model.json" }), /model\.json is no tokenizer\.json/);
  await refused(ownModel(t, { tokenizer: "../tokenizer.json" }), /wrong at tokenizer: a file lies beside the manifest/);
  await refused({ onnx: join(FIXTURES, "missing.json") }, /missing\.json cannot be read/);
});

test("one other source of vectors is named, not two", () => {
  const endpoint = { url: "http://127.0.0.1:9/v1", model: "m" };
  assert.deepEqual(
    encoderOptions.safeParse({ onnx: "model.json", embeddings: endpoint }).error?.issues.map(({ message }) => message),
    ["give either onnx or embeddings"],
  );
});
