import assert from "node:assert/strict";
import { test } from "node:test";
import { blend } from "../../src/inference/blend.ts";

const FULL = { law: 0.6, math: 0.3, other: 0.1 };
const FAST = { law: 0.2, math: 0.2, other: 0.6 };

function assertNear(found: Readonly<Record<string, number>>, wanted: Readonly<Record<string, number>>): void {
  assert.deepEqual(Object.keys(found), Object.keys(wanted));
  for (const [label, value] of Object.entries(wanted)) {
    assert.ok(Math.abs(found[label]! - value) < 1e-6, `${label}: ${found[label]}, not ${value}`);
  }
}

test("a choice is mixed by the logarithms of its probabilities, and sums to one", () => {
  const weights = { law: Math.sqrt(0.6 * 0.2), math: Math.sqrt(0.3 * 0.2), other: Math.sqrt(0.1 * 0.6) };
  const sum = weights.law + weights.math + weights.other;
  const wanted = { law: weights.law / sum, math: weights.math / sum, other: weights.other / sum };
  assertNear(blend(FULL, FAST, "choice", { share: 0.5, sharpness: 1 }), wanted);
});

test("sharpness makes what both say surer, or less sure", () => {
  const [a, b] = [0.6 ** 0.75 * 0.2 ** 0.25, 0.4 ** 0.75 * 0.8 ** 0.25];
  const sharp = blend({ a: 0.6, b: 0.4 }, { a: 0.2, b: 0.8 }, "choice", { share: 0.75, sharpness: 2 });
  assertNear(sharp, { a: a ** 2 / (a ** 2 + b ** 2), b: b ** 2 / (a ** 2 + b ** 2) });
});

test("questions are mixed by their log-odds, each on its own", () => {
  const logOdds = (p: number) => Math.log(p / (1 - p));
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  const found = blend({ small: 0.9, large: 0.4 }, { small: 0.5, large: 0.1 }, "questions", {
    share: 0.25,
    sharpness: 3,
  });
  assertNear(found, {
    small: logistic(3 * 0.25 * logOdds(0.9)),
    large: logistic(3 * (0.25 * logOdds(0.4) + 0.75 * logOdds(0.1))),
  });
});

test("with all of the share and no sharpening the full stage's answer is kept to the last bit", () => {
  for (const kind of ["choice", "questions"] as const) {
    assert.deepEqual(blend(FULL, FAST, kind, { share: 1, sharpness: 1 }), FULL);
  }
  assertNear(blend(FULL, FAST, "choice", { share: 0, sharpness: 1 }), FAST);
});

test("what one stage holds for impossible or certain is still a probability", () => {
  for (const kind of ["choice", "questions"] as const) {
    for (const share of [0, 0.5, 1]) {
      const found = blend({ a: 1, b: 0 }, { a: 0, b: 1 }, kind, { share, sharpness: 40 });
      assert.ok(Object.values(found).every((p) => p >= 0 && p <= 1));
      if (share === 0.5) assertNear(found, { a: 0.5, b: 0.5 });
    }
  }
});
