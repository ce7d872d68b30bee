import assert from "node:assert/strict";
import { test } from "node:test";
import { fitConfidence } from "../../src/backtest/confidence.ts";
import { lossesOf, promise, settingsFor } from "../../src/backtest/promise.ts";
import type { Recorded } from "../../src/outcomes/sums.ts";
import { bootstrap, seeded } from "../../src/statistics/sample.ts";

const MODELS = 3;
const COSTS = [1e-5, 6e-5, 5e-4];

/** Models that answer with the probability that is predicted of them: the cheap one fails where prompts are hard. */
function world(rows: number, seed: number) {
  const random = seeded(seed);
  const quality = new Float32Array(rows * MODELS);
  const scores = new Float32Array(rows * MODELS);
  for (let row = 0; row < rows; row++) {
    const ease = random();
    for (let model = 0; model < MODELS; model++) {
      const chance = Math.min(0.98, [0.15 + 0.8 * ease, 0.4 + 0.55 * ease, 0.62 + 0.34 * ease][model]!);
      quality[row * MODELS + model] = chance;
      scores[row * MODELS + model] = Number(random() < chance);
    }
  }
  const costs = Float32Array.from({ length: rows * MODELS }, (_, at) => COSTS[at % MODELS]!);
  const nothing = new Float32Array(rows * MODELS);
  const recorded: Recorded = {
    rows,
    models: MODELS,
    inputTokens: nothing,
    scores,
    costs,
    tokens: nothing,
    latencies: nothing,
  };
  return { predicted: { models: MODELS, quality, costUsd: costs }, recorded };
}

function shuffled(rows: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let at = rows - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

const WISH = { reference: 2, most: 0.04, delta: 0.05 };

test("what is promised on one half of the rows holds on the other, in at least 95 of 100 random splits, and saves", () => {
  const rows = 4000;
  const { predicted, recorded } = world(rows, 3);
  const settings = settingsFor(predicted);
  const random = seeded(11);
  let [broken, promised, spent] = [0, 0, 0];
  for (let split = 0; split < 200; split++) {
    const order = shuffled(rows, random);
    const found = promise(settings, recorded, order.subarray(0, rows / 2), WISH);
    if (!found.kept) continue;
    promised += 1;
    const losses = lossesOf(found.setting, recorded, order.subarray(rows / 2), WISH.reference);
    // Broken only where the other half shows it beyond its own error.
    const interval = bootstrap(
      losses.length,
      (weights) => losses.reduce((sum, loss, at) => sum + loss * weights[at]!, 0) / losses.length,
      split,
    );
    if (interval!.low > WISH.most) broken += 1;
    spent += found.setting.chosen.reduce((sum, model) => sum + COSTS[model]!, 0) / (rows * COSTS[2]!);
  }
  assert.equal(promised, 200);
  assert.ok(broken <= 10, `${broken} of 200 broken`);
  assert.ok(spent / promised < 0.8, `${spent / promised} of the cost`);
});

test("what the rows cannot carry is not promised, and what they could carry is offered", () => {
  const { predicted, recorded } = world(300, 5);
  const settings = settingsFor(predicted);
  const found = promise(settings, recorded, shuffled(300, seeded(1)), { ...WISH, most: 0.01 });
  assert.equal(found.kept, false);
  assert.ok(!found.kept && found.most !== undefined && found.most > 0.01 && found.most <= 0.2, JSON.stringify(found));
  assert.deepEqual(promise(settings, recorded, new Uint32Array(0), WISH), { kept: false });
});

test("settings begin with the most careful one, and end with one that buys nothing", () => {
  const { predicted } = world(500, 7);
  const settings = settingsFor(predicted);
  assert.ok(settings[0]!.chosen.every((model) => model === 2));
  assert.ok(settings.at(-1)!.chosen.every((model) => model === 0));
  for (const [at, { usdPerPoint }] of settings.entries()) {
    if (at > 0) assert.ok(usdPerPoint < settings[at - 1]!.usdPerPoint);
  }
  const written = settings.map(({ usdPerPoint }) => Number(usdPerPoint.toPrecision(4)));
  assert.deepEqual(
    settings.map(({ usdPerPoint }) => usdPerPoint),
    written,
    "a config has no more digits, and what is tested is what is written",
  );
});

test("calibrated confidence is the share of answers that were good enough, on rows it was not fitted to", () => {
  const { predicted, recorded } = world(4000, 9);
  const setting = settingsFor(predicted)[12]!;
  const { calibration, held } = fitConfidence(predicted, recorded, setting);
  assert.ok(held.ece < 0.05, `${held.ece}`);
  assert.ok(Math.abs(held.adequate - held.confidence) < 0.03);
  assert.equal(calibration.length, 3);
  assert.ok(calibration[2] > 0, "the better the answer that is predicted, the surer");
});
