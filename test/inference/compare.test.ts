import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pairOf } from "../../src/inference/compare.ts";
import { createEncoder, type LoadedEncoder } from "../../src/inference/create.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import { modelFolder, PATIENT_MS, startEncoder } from "./rig.ts";

let encoder: LoadedEncoder;
const compare = (a: string, b: string) => encoder.compare!(a, b, PATIENT_MS);

before(async () => {
  const options = encoderOptions.parse({ second_stage: "always", workers: 1 });
  encoder = await createEncoder(options, { clock: () => performance.now() });
});
after(() => encoder.close());

test("two texts stand behind each other, the second one's tokens marked, in either order", () => {
  const [a, b] = [
    { ids: Int32Array.of(101, 7, 102), cases: Int32Array.of(0, 1, 0) },
    { ids: Int32Array.of(101, 8, 9, 102), cases: Int32Array.of(0, 2, 3, 0) },
  ];
  const [one, other] = pairOf(a, b);
  assert.deepEqual([...one.ids], [101, 7, 102, 8, 9, 102]);
  assert.deepEqual([...one.cases!], [0, 1, 0, 2, 3, 0]);
  assert.deepEqual([...one.kinds!], [0, 0, 0, 1, 1, 1]);
  assert.deepEqual([...other.ids], [101, 8, 9, 102, 7, 102]);
  assert.deepEqual([...other.kinds!], [0, 0, 0, 0, 1, 1]);
});

test("the same question in other words is told from one that only looks alike", async () => {
  const asked = "How long should pizza dough rise before baking?";
  const same = await compare(asked, "For how many hours do I let pizza dough proof before it goes into the oven?");
  const other = await compare(asked, "How long should pizza dough rest after baking?");
  assert.ok(same! > 0, `${same}`);
  assert.ok(other! < 0, `${other}`);
});

test("it does not matter which of the two is first", async () => {
  const [a, b] = ["Who taught Plato?", "Plato's teacher was who?"];
  assert.ok(Math.abs((await compare(a, b))! - (await compare(b, a))!) < 1e-4);
});

test("many at once are answered as one alone, among texts that are read for other reasons", async () => {
  const pairs = Array.from({ length: 20 }, (_, at) => [
    `How do I ${at} boil rice?`,
    `boiling rice ${"well ".repeat(at % 5)}`,
  ]);
  const alone: (number | undefined)[] = [];
  for (const [a, b] of pairs) alone.push(await compare(a!, b!));
  const [together] = await Promise.all([
    Promise.all(pairs.map(([a, b]) => compare(a!, b!))),
    Promise.all(pairs.map(([a]) => encoder.refine(a!, PATIENT_MS))),
  ]);
  // The full stage's 8-bit numbers depend a little on what is read together.
  for (const [at, logit] of together.entries()) assert.ok(Math.abs(logit! - alone[at]!) < 1, `${logit} ${alone[at]}`);
});

test("two that are too long together are not compared", async () => {
  assert.equal(await compare("bread ".repeat(300), "What is bread?"), undefined);
  assert.equal(await compare("bread ".repeat(200), "bread ".repeat(200)), undefined);
  assert.equal(typeof (await compare("bread ".repeat(100), "bread ".repeat(100))), "number");
});

test("out of time, and cancelled, are told as such", async () => {
  await assert.rejects(encoder.compare!("a", "b", 0), { fault: "deadline" });
  await assert.rejects(encoder.compare!("a", "b", PATIENT_MS, AbortSignal.abort()), { fault: "cancelled" });
});

test("models without one that compares have none", async (t) => {
  const { encoder: tiny } = await startEncoder(t, {}, { models: modelFolder(t) });
  assert.equal(tiny.compare, undefined);
});
