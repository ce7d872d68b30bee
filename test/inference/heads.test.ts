import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { predict } from "../../src/inference/prediction.ts";
import { PATIENT_MS, startEncoder, temporaryFolder } from "./rig.ts";

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);

test("the logits of a choice become probabilities that sum to one, flatter with a higher temperature", () => {
  const labels = ["a", "b", "c"];
  const { probabilities } = predict([2, 1, 0], { labels, kind: "choice", temperature: 1 });
  close(probabilities["a"]!, 0.66524096);
  close(probabilities["a"]! + probabilities["b"]! + probabilities["c"]!, 1);
  close(predict([4, 2, 0], { labels, kind: "choice", temperature: 2 }).probabilities["a"]!, 0.66524096);
});

test("questions are answered each on its own", () => {
  const { probabilities } = predict([0, 3], { labels: ["a", "b"], kind: "questions", temperature: 1 });
  close(probabilities["a"]!, 0.5);
  close(probabilities["b"]!, 0.95257413);
});

test("what is known grows with the evidence, is one half without any, and stays in [0,1]", () => {
  for (const kind of ["choice", "questions"] as const) {
    const known = (logits: number[]) => predict(logits, { labels: ["a", "b"], kind, temperature: 1 }).known;
    close(known([0, 0]), 0.5);
    assert.ok(known([1, -1]) > 0.5);
    assert.ok(known([5, -1]) > known([1, -1]));
    for (const huge of [1e3, 1e30]) assert.ok(known([huge, -huge]) <= 1 && known([-huge, huge]) >= 0);
  }
  // One question is a choice between yes and no.
  close(
    predict([3], { labels: ["a"], kind: "questions", temperature: 1 }).known,
    predict([1.5, -1.5], { labels: ["yes", "no"], kind: "choice", temperature: 1 }).known,
  );
});

const HEAD = {
  format: 1,
  encoderVersion: "tiny-1",
  name: "domain",
  labels: ["cats", "dogs"],
  kind: "choice",
  weights: [
    [1, 0, 0, 0, 0, 0, 0, 0],
    [-1, 0, 0, 0, 0, 0, 0, 0],
  ],
  bias: [0.25, 0],
  temperature: 0.5,
  abstainBelow: 0.6,
};

function headsFile(t: TestContext, content: unknown): string {
  const path = join(temporaryFolder(t), "heads.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

test("a head of one's own answers from the features, in place of the model's", async (t) => {
  const { encoder } = await startEncoder(t, { heads: headsFile(t, HEAD) });
  assert.deepEqual(encoder.labels["domain"], ["cats", "dogs"]);
  assert.deepEqual(encoder.abstainBelow["domain"], { static: 0.6 });
  assert.deepEqual(encoder.abstainBelow["safety"], { static: 0.4, full: 0.4 });
  const { features, heads } = await encoder.encode("hello world", PATIENT_MS);
  const logit = (2 * features[0]! + 0.25) / 0.5;
  close(heads["domain"]!.probabilities["cats"]!, 1 / (1 + Math.exp(-logit)));
  assert.deepEqual(Object.keys(heads["safety"]!.probabilities), ["benign", "harmful", "jailbreak", "injection"]);
});

test("a stage that a head was not learned for has no such head", async (t) => {
  const { encoder } = await startEncoder(t, { heads: headsFile(t, HEAD) });
  const { heads } = await encoder.refine("hello world", PATIENT_MS);
  assert.deepEqual(Object.keys(heads).sort(), ["failure", "safety"]);
});

test("heads of both stages come in one file, each applied to its own", async (t) => {
  const full = { ...HEAD, stage: "full", weights: HEAD.weights.map((row) => row.slice(0, 6)), abstainBelow: 0.1 };
  const { encoder } = await startEncoder(t, { heads: headsFile(t, [HEAD, full]) });
  assert.deepEqual(encoder.abstainBelow["domain"], { static: 0.6, full: 0.1 });
  const { features, heads } = await encoder.refine("hello world", PATIENT_MS);
  close(heads["domain"]!.probabilities["cats"]!, 1 / (1 + Math.exp(-(2 * features[0]! + 0.25) / 0.5)));
});

const WRONG: Readonly<Record<string, readonly [content: unknown, says: RegExp]>> = {
  "learned with another encoder": [{ ...HEAD, encoderVersion: "other" }, /encoder other, and this one is tiny-1/],
  "for other features": [{ ...HEAD, weights: [[1], [2]] }, /reads 1 features; the static stage has 8/],
  "with a row too few": [{ ...HEAD, weights: HEAD.weights.slice(1) }, /one row for each label/],
  "with rows of two lengths": [{ ...HEAD, weights: [HEAD.weights[0], [1]] }, /rows are of one length/],
  "with a bias too few": [{ ...HEAD, bias: [1] }, /one number for each label/],
  "with a label twice": [{ ...HEAD, labels: ["cats", "cats"] }, /no label stands twice/],
  "with a number that is none": [{ ...HEAD, bias: [null, 1] }, /wrong at 0\.bias\.0/],
  "twice in its file": [[HEAD, HEAD], /has a head twice/],
  "with other labels in the other stage": [[HEAD, { ...HEAD, stage: "full", labels: ["x", "y"] }], /other labels/],
};

for (const [what, [content, says]] of Object.entries(WRONG)) {
  test(`a head ${what} is refused`, async (t) => {
    await assert.rejects(
      startEncoder(t, { heads: headsFile(t, content) }),
      (error: unknown) => error instanceof EncoderError && error.fault === "model" && says.test(error.message),
    );
  });
}
