import assert from "node:assert/strict";
import { test } from "node:test";
import { deciles, pointsOf, pricesOfQuality, type Written } from "../../src/outcomes/points.ts";

const written = (
  rule: Written["rule"],
  numbers: readonly number[],
  expected: readonly number[],
  models: number,
): Written => ({
  rule,
  width: models,
  numbers: Float32Array.from(numbers),
  expected: Float32Array.from(expected),
  models,
});
const chosen = (points: ReturnType<typeof pointsOf>, rows: number) =>
  Array.from({ length: points.count }, (_, point) =>
    Array.from({ length: rows }, (_, row) => points.choose(point, row)),
  );

test("a price of quality runs from nothing, where the cheapest answers, to where each row has what it is worth most with", () => {
  // The first row gains much by the dear model, the second little, the third loses by it.
  const all = written("price", [0, 1, 0, 0.1, 0.5, 0.4], [1, 2, 1, 2, 1, 2], 2);
  const choices = chosen(pointsOf(all), 3);
  assert.deepEqual(choices[0], [0, 0, 0]);
  assert.deepEqual(choices.at(-1), [1, 1, 0]);
  assert.ok(choices.some((choice) => choice.join() === "1,0,0"));
  const prices = pricesOfQuality(all);
  assert.equal(prices[0], 0);
  assert.ok([...prices].every((price, at) => at === 0 || price > prices[at - 1]!));
});

test("a tolerance runs from the widest, where the cheapest answers, to none, where the first answers", () => {
  const choices = chosen(pointsOf(written("tolerance", [0, 1, 0.8, 1], [1, 2, 1, 2], 2)), 2);
  assert.deepEqual(
    [choices[0], choices.at(-1)],
    [
      [0, 0],
      [1, 1],
    ],
  );
  assert.ok(choices.some((choice) => choice.join() === "1,0"));
});

test("choices are settings as they stand", () => {
  const points = pointsOf({ ...written("choices", [0, 1, 1, 0], [], 2), width: 2 });
  assert.deepEqual(chosen(points, 2), [
    [0, 1],
    [1, 0],
  ]);
});

test("tenths of the rows go to the strong model, those that gain most by it first, whatever the sign", () => {
  const rows = 20;
  const numbers = Array.from({ length: rows }, (_, row) => [0, row - 15]).flat();
  const points = deciles(written("price", numbers, numbers, 2), 1, 0);
  assert.equal(points.count, 11);
  const strong = Array.from({ length: 11 }, (_, point) =>
    Array.from({ length: rows }, (_, row) => row).filter((row) => points.choose(point, row) === 1),
  );
  assert.deepEqual(
    strong.map(({ length }) => length),
    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20],
  );
  assert.deepEqual(strong[1], [18, 19]);
});
