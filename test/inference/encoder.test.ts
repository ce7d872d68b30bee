import assert from "node:assert/strict";
import { test } from "node:test";
import type { Encoding } from "../../src/inference/encoder.ts";
import { readStrangeTexts } from "../acceptance/encoder.ts";
import { short } from "../acceptance/story.ts";
import { modelFolder, PATIENT_MS, startEncoder, TINY_STAGE } from "./rig.ts";

const ALL = { safety: true, entities: true, deadlineMs: PATIENT_MS };
const LENGTH = 1_000_000;

const length = (vector: Float32Array) => Math.hypot(...vector);

test("an encoder tells its version, labels, thresholds and stages", async (t) => {
  const { encoder } = await startEncoder(t);
  assert.equal(encoder.version, "tiny-1");
  assert.equal(encoder.hasFullStage, true);
  assert.deepEqual(encoder.labels["domain"], ["law", "math", "other"]);
  assert.deepEqual(encoder.abstainBelow["domain"], { static: 0.4, full: 0.4 });
});

test("short text is encoded at once by the static stage", async (t) => {
  const { encoder } = await startEncoder(t);
  const encoding = encoder.encode("How do I bake bread?", PATIENT_MS);
  assert.ok(!(encoding instanceof Promise));
  const { stage, vector, heads, tokens, cut } = encoding;
  assert.deepEqual([stage, tokens, cut], ["static", 7, false]);
  assert.ok(Math.abs(length(vector) - 1) < 1e-5);
  assert.deepEqual(Object.keys(heads).sort(), ["domain", "failure", "safety"]);
});

test("long text is encoded by a worker, to the same result", async (t) => {
  const { encoder } = await startEncoder(t);
  const text = "How do I bake bread? ".repeat(190);
  const long = encoder.encode(`${text}${" ".repeat(5000)}`, PATIENT_MS);
  assert.ok(long instanceof Promise);
  assert.deepEqual(await long, await encoder.encode(text, PATIENT_MS));
  const longest = await encoder.encode("bread ".repeat(100_000), PATIENT_MS);
  assert.deepEqual([longest.tokens, longest.cut], [8192, true]);
});

test("the full stage gives the same for a text alone and in a batch with longer ones", async (t) => {
  // Two encoders, since one would not read the same words twice.
  const single = await startEncoder(t);
  const { encoder, events } = await startEncoder(t);
  const texts = Array.from({ length: 24 }, (_, index) => `bread ${"and butter ".repeat(index % 8)}`);
  const alone: Encoding[] = [];
  for (const text of texts.slice(0, 8)) alone.push(await single.encoder.refine(text, PATIENT_MS));
  const together = await Promise.all(texts.map((text) => encoder.refine(text, PATIENT_MS)));
  for (const [index, { stage, vector, features, heads, tokens }] of together.entries()) {
    const expected = alone[index % 8]!;
    assert.deepEqual([stage, tokens], ["full", expected.tokens]);
    for (const [at, value] of vector.entries()) assert.ok(Math.abs(value - expected.vector[at]!) < 1e-5);
    for (const [at, value] of features.entries()) assert.ok(Math.abs(value - expected.features[at]!) < 1e-5);
    const { law } = heads["domain"]!.probabilities;
    assert.ok(Math.abs(law! - expected.heads["domain"]!.probabilities["law"]!) < 1e-5);
  }
  assert.ok(events.some((event) => event.kind === "batch" && event.texts > 1));
});

test("the full stage reads the first tokens of a long text and says so", async (t) => {
  const { encoder } = await startEncoder(t, { max_tokens: 20 });
  const { tokens, cut } = await encoder.refine("bread ".repeat(100), PATIENT_MS);
  assert.deepEqual([tokens, cut], [20, true]);
  const whole = await encoder.refine("bread ".repeat(18), PATIENT_MS);
  assert.deepEqual([whole.tokens, whole.cut], [20, false]);
});

test("without a second stage in the options there is none", async (t) => {
  const { encoder } = await startEncoder(t, { second_stage: "never" });
  assert.equal(encoder.hasFullStage, false);
  await assert.rejects(encoder.refine("bread", PATIENT_MS), { fault: "model" });
});

test("a scan reads every window of every text and says where persons are", async (t) => {
  const { encoder } = await startEncoder(t);
  const few = encoder.scan(["Nothing here", "please ignore john", ""], ALL);
  assert.ok(!(few instanceof Promise));
  assert.deepEqual(
    few.safety.map(({ jailbreak }) => jailbreak),
    [0.1, 0.9, 0],
  );
  assert.deepEqual(few.entities, [[], [{ start: 14, end: 18, type: "PERSON", probability: 0.8 }], []]);
  assert.deepEqual([few.tokens, few.unreadUnits], [5, 0]);
  assert.deepEqual((await encoder.scan(["john"], { ...ALL, entities: false })).entities, [[]]);
  assert.deepEqual((await encoder.scan(["ignore"], { ...ALL, safety: false })).safety, [{}]);
});

test("a scan of 200,000 characters sees what stands anywhere in them, each thing once", async (t) => {
  const { encoder } = await startEncoder(t);
  const filler = "the bread is in the oven . ";
  const pieces = Array.from({ length: 7400 }, (_, index) => (index % 37 === 0 ? "john " : filler));
  const text = `${pieces.join("")}ignore`;
  const scan = await encoder.scan([text, "x ".repeat(3000)], ALL);
  assert.ok(text.length > 190_000);
  assert.equal(scan.unreadUnits, 0);
  assert.equal(scan.safety[0]!["jailbreak"], 0.9);
  assert.equal(scan.safety[1]!["jailbreak"], 0.1);
  const expected = [...text.matchAll(/john/gu)].map(({ index }) => index);
  assert.deepEqual(
    scan.entities[0]!.map(({ start }) => start),
    expected,
  );
  assert.ok(scan.entities[0]!.every(({ start, end }) => text.slice(start, end) === "john"));
});

test("a scan that runs out of time gives what it found and says how much it did not read", async (t) => {
  const { encoder } = await startEncoder(t);
  const text = `ignore john ${"bread and butter ".repeat(300_000)}`;
  const scan = await encoder.scan([text], { ...ALL, deadlineMs: 30 });
  assert.ok(scan.unreadUnits > 0 && scan.unreadUnits <= text.length);
  if (scan.unreadUnits < text.length) {
    assert.equal(scan.safety[0]!["jailbreak"], 0.9);
    assert.equal(scan.entities[0]!.length, 1);
  }
  const nothing = await encoder.scan([text, "x".repeat(5000)], { ...ALL, deadlineMs: 0 });
  assert.equal(nothing.unreadUnits, text.length + 5000);
  assert.deepEqual(
    nothing.safety,
    [0, 1].map(() => ({ harmful: 0, jailbreak: 0, injection: 0 })),
  );
});

/** Every way of reading one text; all must come to an end with an answer. */
const HOSTILE: Readonly<Record<string, string>> = {
  "empty text": "",
  "white space": " \n\t ",
  "one megabyte of a letter": "a".repeat(LENGTH),
  "one megabyte of dots": ".".repeat(LENGTH),
  "one megabyte of blanks": " ".repeat(LENGTH),
  "one megabyte of accents": "\u0301".repeat(LENGTH),
  "one megabyte of halves of pairs": "\ud800".repeat(LENGTH),
  "one megabyte of ideographs": "中".repeat(LENGTH),
  "lone surrogates": "\ud800 a \udfff\ud800b",
  "a zero byte": "\0",
};

for (const [what, text] of Object.entries(HOSTILE)) {
  test(`${what} is encoded, refined, scanned and scanned again like any text`, async (t) => {
    const { encoder } = await startEncoder(t);
    const texts = [text, text.slice(0, 5000)];
    const [encoding, refined, scan] = await Promise.all([
      encoder.encode(text, PATIENT_MS),
      encoder.refine(text, PATIENT_MS),
      encoder.scan(texts, ALL),
    ]);
    for (const { vector, heads } of [encoding, refined]) {
      assert.ok(vector.every(Number.isFinite));
      assert.ok(Object.values(heads).every(({ known }) => known >= 0 && known <= 1));
    }
    assert.equal(scan.unreadUnits, 0);
    // As if all of it were suspicious.
    const place = { start: 0, end: text.length, suspicion: 0.5, probabilities: { benign: 0.5, jailbreak: 0.5 } };
    const { safety, entities, second } = await encoder.rescan(texts, { ...scan, suspects: [[place], []] }, ALL);
    assert.ok(Object.values(safety[0]!).every((p) => p >= 0 && p <= 1));
    assert.ok(entities.every((own, at) => own.every(({ start, end }) => start < end && end <= texts[at]!.length)));
    assert.ok(second!.read > 0 && second!.fault === undefined);
  });
}

test("strange strings by the hundred are read, while workers are killed", async (t) => {
  const { failures, rows } = await readStrangeTexts(short({ inputs: 700 }), {
    models: modelFolder(t),
    stage: TINY_STAGE,
  });
  assert.deepEqual(failures, []);
  assert.equal(rows["texts"], 700);
  assert.equal(rows["workers killed"], 2);
});
