import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { calibrationError, fitTemperature, reliability, softmax } from "../../src/statistics/calibration.ts";
import { accuracy, confusion, labelScores, macroF1 } from "../../src/statistics/classification.ts";
import { auc, operatingPoints, paired, pointAt, ranked, spearman } from "../../src/statistics/ranking.ts";
import { bootstrap, percentile, seeded } from "../../src/statistics/sample.ts";
import { compareSpans } from "../../src/statistics/spans.ts";

const near = (actual: number, expected: number, within = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);

describe("classification", () => {
  // Label 2 is given once and never true, label 3 never occurs.
  const all = confusion(4, [0, 0, 0, 1, 1], [0, 0, 1, 1, 2]);

  test("accuracy is the share of rows that got their true label", () => near(accuracy(all), 0.6));

  test("precision, recall and F1 are told for each label, and are 0 where nothing can be divided by", () => {
    const [first, second, third, fourth] = labelScores(all);
    assert.deepEqual(first, { rows: 3, given: 2, precision: 1, recall: 2 / 3, f1: 0.8 });
    assert.deepEqual(second, { rows: 2, given: 2, precision: 0.5, recall: 0.5, f1: 0.5 });
    assert.deepEqual(third, { rows: 0, given: 1, precision: 0, recall: 0, f1: 0 });
    assert.deepEqual(fourth, { rows: 0, given: 0, precision: 0, recall: 0, f1: 0 });
  });

  test("macro F1 is the mean over labels that are true or given somewhere", () => {
    near(macroF1(labelScores(all)), (0.8 + 0.5 + 0) / 3);
  });

  test("a row that was drawn twice counts twice", () => {
    near(accuracy(confusion(2, [0, 1], [0, 0], Uint16Array.of(3, 1))), 0.75);
  });

  test("without rows there is no accuracy", () => assert.ok(Number.isNaN(accuracy(confusion(2, [], [])))));
});

describe("calibration", () => {
  test("bins hold equal numbers of rows, the least confident first", () => {
    const bins = reliability(Float64Array.of(0.9, 0.5, 0.7, 0.6), [1, 0, 1, 1], 2);
    assert.deepEqual(
      bins.map(({ rows, accuracy }) => [rows, accuracy]),
      [
        [2, 0.5],
        [2, 1],
      ],
    );
    near(bins[0]!.confidence, 0.55);
    near(calibrationError(bins), (2 * 0.05 + 2 * 0.2) / 4);
  });

  test("fewer rows than bins make a bin each", () => {
    assert.equal(reliability(Float64Array.of(0.4, 0.6, 0.8), [0, 1, 1]).length, 3);
  });

  test("predictions that are as often right as they are sure have next to no error", () => {
    const random = seeded(3);
    const sure = Float64Array.from({ length: 50_000 }, () => 0.5 + random() / 2);
    const right = Array.from(sure, (confidence) => (random() < confidence ? 1 : 0));
    assert.ok(calibrationError(reliability(sure, right)) < 0.01);
    assert.ok(
      calibrationError(
        reliability(
          sure.map((confidence) => confidence ** 4),
          right,
        ),
      ) > 0.2,
    );
  });

  test("the fitted temperature is the one that the logits were heated by", () => {
    const random = seeded(4);
    const rows = 20_000;
    const logits = Float64Array.from({ length: rows * 3 }, () => random() * 4);
    const probabilities = new Float64Array(3);
    const truth = Array.from({ length: rows }, (_, row) => {
      softmax(logits.subarray(row * 3, row * 3 + 3), 1, probabilities);
      const draw = random();
      return draw < probabilities[0]! ? 0 : draw < probabilities[0]! + probabilities[1]! ? 1 : 2;
    });
    near(
      fitTemperature(
        logits.map((logit) => logit * 2.5),
        3,
        truth,
      ),
      2.5,
      0.1,
    );
    assert.equal(fitTemperature(new Float64Array(0), 3, []), 1);
  });
});

describe("ranking", () => {
  const scores = Float64Array.of(0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.5, 0.4, 0.2, 0.1);
  const rows = ranked(scores, Uint8Array.of(1, 1, 0, 1, 0, 1, 0, 0, 1, 0));

  test("AUC counts ties half", () => near(auc(rows), 0.68));

  test("recall at a false-positive rate is the most that flags no more than that share of the negative rows", () => {
    assert.deepEqual(pointAt(rows, 0.001), { threshold: 0.9, recall: 0.2, falsePositives: 0 });
    assert.deepEqual(pointAt(rows, 0.2), { threshold: 0.7, recall: 0.6, falsePositives: 0.2 });
  });

  test("rows of the same score stand and fall together", () => {
    // Flagging the second row means flagging the third, which is negative.
    assert.equal(pointAt(rows, 0.19)!.recall, 0.2);
    assert.equal([...operatingPoints(rows)].length, 9);
  });

  test("where the highest score is a negative row's, nothing can be flagged", () => {
    const worst = ranked(Float64Array.of(0.9, 0.5), Uint8Array.of(0, 1));
    assert.deepEqual(pointAt(worst, 0.01), { threshold: Infinity, recall: 0, falsePositives: 0 });
  });

  test("without positive or without negative rows there is no point and no AUC", () => {
    const alone = ranked(Float64Array.of(0.9), Uint8Array.of(1));
    assert.equal(pointAt(alone, 0.01), undefined);
    assert.ok(Number.isNaN(auc(alone)));
  });

  test("Spearman gives ties their middle rank", () => {
    near(
      spearman(paired(Float64Array.of(1, 2, 2, 4, 5, 5, 7), Float64Array.of(3, 1, 4, 4, 9, 2, 8))),
      0.5229577884350214,
      1e-12,
    );
    near(spearman(paired(Float64Array.of(1, 2, 3), Float64Array.of(-1, -8, -9))), -1);
    assert.ok(Number.isNaN(spearman(paired(Float64Array.of(1, 1), Float64Array.of(1, 2)))));
  });

  test("weights say the same as rows that stand there several times", () => {
    const a = Float64Array.of(1, 2, 2, 4);
    const b = Float64Array.of(2, 1, 5, 5);
    const thrice = spearman(paired(Float64Array.of(1, 2, 2, 2, 4), Float64Array.of(2, 1, 5, 5, 5)));
    near(spearman(paired(a, b), Uint16Array.of(1, 1, 2, 1)), thrice);
  });
});

describe("spans", () => {
  const span = (start: number, end: number, type = "PERSON") => ({ start, end, type });

  test("only the same start, end and type is found", () => {
    const counts = compareSpans([span(0, 3), span(5, 9), span(12, 15)], [span(0, 3), span(5, 8), span(12, 15, "CITY")]);
    assert.deepEqual(counts.get("PERSON"), { right: 1, truth: 3, given: 2 });
    assert.deepEqual(counts.get("CITY"), { right: 0, truth: 0, given: 1 });
  });

  test("the same span given twice counts once", () => {
    assert.deepEqual(compareSpans([span(0, 3)], [span(0, 3), span(0, 3)]).get("PERSON"), {
      right: 1,
      truth: 1,
      given: 1,
    });
  });
});

describe("sample", () => {
  test("a percentile is the smallest value that so many do not exceed", () => {
    const values = Float64Array.from({ length: 100 }, (_, at) => 100 - at);
    assert.equal(percentile(values, 0.5), 50);
    assert.equal(percentile(values, 0.99), 99);
    assert.equal(percentile(values, 1), 100);
    assert.equal(percentile(values, 0), 1);
    assert.ok(Number.isNaN(percentile(new Float64Array(0), 0.5)));
  });

  test("the interval of a share is as wide as arithmetic says, and the same every time", () => {
    const right = Uint8Array.from({ length: 400 }, (_, row) => (row % 4 === 0 ? 0 : 1));
    const share = (weights: Uint16Array) => weights.reduce((sum, weight, row) => sum + weight * right[row]!, 0) / 400;
    const interval = bootstrap(400, share)!;
    const half = 1.96 * Math.sqrt((0.75 * 0.25) / 400);
    near(interval.low, 0.75 - half, 0.01);
    near(interval.high, 0.75 + half, 0.01);
    assert.deepEqual(bootstrap(400, share), interval);
  });

  test("there is no interval without rows, or where the figure is no number", () => {
    assert.equal(
      bootstrap(0, () => 1),
      undefined,
    );
    assert.equal(
      bootstrap(5, () => Number.NaN),
      undefined,
    );
  });
});
