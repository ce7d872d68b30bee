import assert from "node:assert/strict";
import { test } from "node:test";
import { type Batchable, createBatches } from "../../src/inference/batch.ts";

const text = (size: number, endsAt = 1e9): Batchable => ({ size, endsAt });
const sizes = (batch: readonly Batchable[]) => batch.map(({ size }) => size);

test("texts of like length are read together, beginning with the oldest and then the likest", () => {
  const { choose } = createBatches();
  assert.deepEqual(sizes(choose([text(64), text(8), text(128), text(60), text(70), text(65)], 0)), [64, 65, 60, 70]);
  assert.deepEqual(choose([], 0), []);
});

test("a batch has at most eight texts and 1,024 tokens with padding", () => {
  const { choose } = createBatches();
  assert.equal(
    choose(
      Array.from({ length: 20 }, () => text(16)),
      0,
    ).length,
    8,
  );
  assert.equal(
    choose(
      Array.from({ length: 20 }, () => text(300)),
      0,
    ).length,
    3,
  );
  assert.equal(choose([text(5000), text(5000)], 0).length, 1);
});

test("no text joins that would make another one miss its deadline", () => {
  const batches = createBatches();
  for (let times = 0; times < 50; times++) batches.measured(100, 10);
  assert.deepEqual(sizes(batches.choose([text(100, 25), text(100), text(100)], 0)), [100, 100]);
  assert.deepEqual(sizes(batches.choose([text(100, 15), text(100), text(100)], 0)), [100]);
  assert.deepEqual(sizes(batches.choose([text(100), text(100, 15), text(100)], 0)), [100, 100]);
});

test("a text that cannot be read in time is left for one that can", () => {
  const batches = createBatches();
  for (let times = 0; times < 50; times++) batches.measured(100, 10);
  assert.deepEqual(batches.choose([text(100, 3), text(80, 50)], 0), [text(80, 50)]);
  assert.deepEqual(batches.choose([text(100, 3)], 0), []);
});

test("one slow run does not stop reading for ever", () => {
  const batches = createBatches();
  batches.measured(10, 10_000);
  const waiting = [text(64, 25)];
  const tries = Array.from({ length: 200 }, () => batches.choose(waiting, 0).length);
  assert.equal(tries[0], 0);
  assert.equal(tries.at(-1), 1);
});
