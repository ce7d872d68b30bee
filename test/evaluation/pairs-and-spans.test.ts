import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Encoder } from "../../src/inference/encoder.ts";
import { measure } from "./measured.ts";
import { createTiny } from "./words.ts";

describe("similarity", () => {
  const pair = (text_a: string, text_b: string, score: number, more: object = {}) => ({
    text_a,
    text_b,
    score,
    ...more,
  });
  const rows = [
    pair("a b c d", "a b c d", 1, { lang: "en", type: "sts" }),
    pair("a b c d", "a b c x", 0.8, { lang: "en", type: "sts" }),
    pair("a b c d", "a b y x", 0.5, { lang: "de", type: "sts" }),
    pair("a b c d", "a z y x", 0.6, { lang: "de", type: "sts" }),
    pair("a b c d", "q z y x", 0, { lang: "en", type: "other" }),
  ];

  test("ranks of cosines are compared with ranks of scores, over all and by language and type", async () => {
    const report = await measure(rows, { task: "similarity" });
    // Ranks 5 4 2 3 1 against 5 4 3 2 1.
    assert.equal(report.spearman, 0.9);
    assert.deepEqual(report.per_language?.["en"], { rows: 3, spearman: 1 });
    assert.deepEqual(report.per_language?.["de"], { rows: 2, spearman: -1 });
    assert.deepEqual(report.per_type?.["other"], { rows: 1 });
    assert.equal(report.accuracy, undefined);
  });

  test("vectors of two stages are never compared", async () => {
    const whole = createTiny({ full: true });
    const encoder: Encoder = { ...createTiny({ full: true, faults: { q: "worker" } }), encode: whole.encode };
    const report = await measure(rows, { task: "similarity" }, encoder);
    assert.deepEqual([report.rows, report.second_stage_share], [5, 0.8]);
  });
});

describe("pii", () => {
  const rows = [
    {
      text: "Ana met Bo",
      spans: [
        [0, 3, "PERSON"],
        [8, 10, "PERSON"],
      ],
      source: "a",
    },
    // The smiley is one code point and two UTF-16 units.
    {
      text: "😀 Ana of Acme",
      spans: [
        [2, 5, "PERSON"],
        [9, 13, "ORGANIZATION"],
      ],
      source: "a",
    },
    {
      text: "Chen Li paid with 4111 1111 1111 1111",
      spans: [
        [0, 7, "PERSON"],
        [18, 37, "CREDIT_CARD"],
      ],
      source: "b",
    },
    { text: "card 4111111111111112", spans: [[5, 21, "CREDIT_CARD"]], source: "b" },
    { text: "nobody aged 49", spans: [[12, 14, "AGE"]], source: "b" },
  ];

  test("entities are found by exact spans; types that nobody answers for are left out", async () => {
    const report = await measure(rows, { task: "pii" });
    assert.deepEqual(report.per_label?.["PERSON"], { rows: 4, given: 4, precision: 0.75, recall: 0.75, f1: 0.75 });
    assert.equal(report.per_label?.["ORGANIZATION"]?.recall, 0);
    assert.equal(report.per_label?.["AGE"], undefined);
    assert.equal(report.span_f1, Number(((2 * 3) / 9).toPrecision(6)));
    assert.equal(report.per_source?.["a"]?.span_f1, Number(((2 * 3) / 7).toPrecision(6)));
  });

  test("the full stage finds them where there is one, unless the static one is asked for", async () => {
    const both = [...rows, { text: "ask ana", spans: [[4, 7, "PERSON"]] }];
    const encoder = createTiny({ full: true });
    const full = await measure(both, { task: "pii" }, encoder);
    assert.deepEqual([full.stage, full.second_stage_share, full.per_label?.["PERSON"]?.given], ["full", 1, 5]);
    const fast = await measure(both, { task: "pii", stage: "static" }, encoder);
    assert.deepEqual([fast.stage, fast.second_stage_share, fast.per_label?.["PERSON"]?.given], ["static", 0, 4]);
  });

  test("a row of which not all was read again counts with what was found, and is told", async () => {
    const report = await measure(
      [{ text: "Ana unheard", spans: [[0, 3, "PERSON"]] }],
      { task: "pii" },
      createTiny({ full: true }),
    );
    assert.deepEqual([report.span_f1, report.cut_rows, report.second_stage_share], [1, 1, 0]);
  });

  test("identifiers are told by kind, and missed ones only where they hold together", async () => {
    const { identifiers } = await measure(rows, { task: "pii" });
    assert.deepEqual(identifiers, {
      CREDIT_CARD: { texts: 2, reported: 1, recall: 0.5, valid: 1, valid_missed: 0 },
    });
  });

  test("spans beyond the text are a bad line", async () => {
    const report = await measure([...rows, { text: "Bo", spans: [[0, 3, "PERSON"]] }], { task: "pii" });
    assert.deepEqual(report.first_bad_lines, [
      { line: 6, problem: 'column "spans" reaches beyond the text, or ends before it starts' },
    ]);
  });
});
