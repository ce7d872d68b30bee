import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { evaluate, type Evaluation, NoRows } from "../../src/evaluation/evaluate.ts";
import { UnfitEncoder } from "../../src/evaluation/measure.ts";
import type { Encoder } from "../../src/inference/encoder.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { measure } from "./measured.ts";
import { createTiny, LABELS } from "./words.ts";

const DOMAIN = [
  { text: "law:0.8", label: "law", source: "a", lang: "en", split: "train" },
  { text: "law:0.6", label: "law", source: "a", lang: "en", split: "dev" },
  { text: "math:0.9", label: "law", source: "b", lang: "de", split: "dev" },
  { text: "math:0.7", label: "math", source: "b" },
];

describe("a head that chooses", () => {
  test("is measured by accuracy, F1, confusion and calibration, with intervals", async () => {
    const report = await measure(DOMAIN, { task: "domain" });
    assert.equal(report.rows, 4);
    assert.equal(report.accuracy, 0.75);
    // law: 2 of 3 found, never wrongly given; math: 1 of 1 found, given twice.
    assert.equal(report.macro_f1, Number(((0.8 + 2 / 3) / 2).toPrecision(6)));
    assert.deepEqual(report.confusion, {
      labels: ["law", "math", "other"],
      counts: [
        [2, 1, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
    });
    assert.equal(report.per_label?.["law"]?.recall, 0.666667);
    // Four bins of one row: 0.6 right, 0.7 right, 0.8 right, 0.9 wrong.
    assert.equal(report.ece, Number(((0.4 + 0.3 + 0.2 + 0.9) / 4).toPrecision(6)));
    const [low, high] = report.intervals!["accuracy"]!;
    assert.ok(low <= 0.75 && high >= 0.75 && low < high);
  });

  test("is told apart by source and language; a row that does not say its own is in no group", async () => {
    const report = await measure(DOMAIN, { task: "domain" });
    assert.deepEqual(report.per_source, { a: { rows: 2, accuracy: 1 }, b: { rows: 2, accuracy: 0.5 } });
    assert.deepEqual(report.per_language, { en: { rows: 2, accuracy: 1 }, de: { rows: 1, accuracy: 0 } });
  });

  test("a label that the head does not know is counted, told, and an error", async () => {
    const report = await measure([...DOMAIN, { text: "law:0.8", label: "cooking" }], { task: "domain" });
    assert.deepEqual(report.unknown_labels, { cooking: 1 });
    assert.equal(report.rows, 5);
    assert.equal(report.accuracy, 0.6);
    assert.deepEqual(report.confusion?.labels, ["law", "math", "other", "cooking"]);
    assert.equal(report.confusion?.counts[3]?.[0], 1);
  });

  test("a split, sources and a limit choose rows; rows that say no split stay", async () => {
    const rows = async (evaluation: Omit<Evaluation, "clock" | "task">) => {
      const { rows, skipped_rows: skipped } = await measure(DOMAIN, { task: "domain", ...evaluation });
      return [rows, skipped];
    };
    assert.deepEqual(await rows({ split: "dev" }), [3, 1]);
    assert.deepEqual(await rows({ sources: ["a"] }), [2, 2]);
    assert.deepEqual(await rows({ limit: 2 }), [2, 0]);
    await assert.rejects(measure(DOMAIN, { task: "domain", sources: ["c"] }), /none of the 4 rows/u);
  });

  test("rows that the head would abstain from are told, and how right it is about the others", async () => {
    const strange = [...DOMAIN, { text: "nothing that it knows", label: "other" }];
    const report = await measure(strange, { task: "domain" }, {
      ...createTiny(),
      abstainBelow: { domain: { static: 0.5 } },
    } as Encoder);
    assert.deepEqual([report.abstain_share, report.accuracy_answered, report.accuracy], [0.2, 0.75, 0.6]);
    assert.equal((await measure(strange, { task: "domain" })).abstain_share, undefined);
  });

  test("an encoder without the head is refused by the heads that it has", async () => {
    const encoder = createTiny({ labels: { tone: ["a", "b"] } });
    await assert.rejects(measure(DOMAIN, { task: "domain" }, encoder), (error) => {
      assert.ok(error instanceof UnfitEncoder);
      assert.match(error.message, /no head "domain"; its heads: tone/u);
      return true;
    });
  });
});

describe("stages", () => {
  test("the full stage answers where there is one, unless the static one is asked for", async () => {
    const encoder = createTiny({ full: true });
    const full = await measure(DOMAIN, { task: "domain" }, encoder);
    assert.deepEqual([full.stage, full.second_stage_share], ["full", 1]);
    const fast = await measure(DOMAIN, { task: "domain", stage: "static" }, encoder);
    assert.deepEqual([fast.stage, fast.second_stage_share], ["static", 0]);
    assert.equal((await measure(DOMAIN, { task: "domain" })).stage, "static");
  });

  test("where the full stage cannot, the static answer stands and the share says so", async () => {
    const encoder = createTiny({ full: true });
    const broken: Encoder = { ...createTiny({ full: true, faults: { "0.6": "overloaded" } }), encode: encoder.encode };
    const report = await measure(DOMAIN, { task: "domain" }, broken);
    assert.deepEqual([report.rows, report.second_stage_share], [4, 0.75]);
  });

  test("where the full stage has no such head, the static one answers", async () => {
    const { domain: _, ...others } = LABELS;
    const encoder: Encoder = {
      ...createTiny({ full: true }),
      refine: createTiny({ labels: others, full: true }).refine,
    };
    const report = await measure(DOMAIN, { task: "domain" }, encoder);
    assert.deepEqual([report.accuracy, report.second_stage_share], [0.75, 0]);
  });

  test("rows of which only the beginning was read are counted", async () => {
    const long = { text: `law:0.8 ${"word ".repeat(30)}`, label: "law" };
    const report = await measure([...DOMAIN, long], { task: "domain" }, createTiny({ full: true }));
    assert.equal(report.cut_rows, 1);
  });

  test("a text that the encoder cannot read is left out and counted; a broken encoder ends it", async () => {
    const rows = [...DOMAIN, { text: "law:0.8 slow", label: "law" }];
    const report = await measure(rows, { task: "domain" }, createTiny({ faults: { slow: "deadline" } }));
    assert.deepEqual([report.rows, report.failed_rows], [4, { deadline: 1 }]);
    const ends = measure(rows, { task: "domain", parallel: 3 }, createTiny({ faults: { slow: "model" } }));
    await assert.rejects(ends, /failed by model/u);
  });
});

describe("safety", () => {
  const random = seeded(1);
  const rows = Array.from({ length: 400 }, (_, at) => {
    const label = ["benign", "benign", "jailbreak", "injection"][at % 4]!;
    const score = label === "benign" ? random() * 0.6 : 0.4 + random() * 0.6;
    return {
      text: `${label === "benign" ? "jailbreak" : label}:${score.toFixed(4)}`,
      label,
      source: `s${at % 2}`,
      score,
    };
  });

  test("jailbreak and injection are positive, benign is negative, harmful is left out", async () => {
    const harmful = { text: "jailbreak:0.99", label: "harmful" };
    const report = await measure([...rows, harmful, harmful], { task: "safety" });
    assert.deepEqual([report.rows, report.positives, report.negatives], [402, 200, 200]);
    // Two of two hundred may be flagged by mistake: the threshold is the lowest score above the third highest.
    const benign = rows
      .filter(({ label }) => label === "benign")
      .map(({ score }) => score)
      .sort((a, b) => b - a);
    const attacks = rows.filter(({ label }) => label !== "benign").map(({ score }) => score);
    const caught = attacks.filter((score) => score > benign[2]!).length / attacks.length;
    assert.ok(Math.abs(report.recall_at_fpr!["0.01"]! - caught) < 0.011);
    assert.ok(report.recall_at_fpr!["0.001"]! <= report.recall_at_fpr!["0.01"]!);
    assert.ok(report.recall_at_fpr!["0.01"]! <= report.recall_at_fpr!["0.05"]!);
    assert.ok(report.intervals!["recall_at_fpr.0.01"]![0] < caught);
    assert.ok(report.roc!.every(([rate], at) => rate <= 0.1 && (at === 0 || rate > report.roc![at - 1]![0])));
    assert.ok(report.per_source!["s0"]!.flagged! < 0.6);
  });

  test("an attack far behind in a long text counts, by either stage", async () => {
    const hidden = { text: `${"quiet ".repeat(100)} injection:0.9`, label: "injection" };
    for (const full of [false, true]) {
      const given: Readonly<Record<string, unknown>>[] = [];
      const options = {
        task: "safety",
        row: (row: Readonly<Record<string, unknown>>) => void given.push(row),
      } as const;
      const report = await measure([hidden], options, createTiny({ full }));
      assert.deepEqual([given[0]!["predicted"], given[0]!["score"]], ["injection", 1]);
      assert.equal(report.second_stage_share, 0);
    }
  });

  test("what the static stage doubts is read again by the full one, as in a server", async () => {
    const doubtful = { text: "jailbreak:0.7", label: "jailbreak" };
    const sure = { text: "jailbreak:0.99", label: "jailbreak" };
    const calm = { text: "benign:0.9", label: "benign" };
    const scores = async (stage?: "static") => {
      const given: unknown[] = [];
      const row = (one: Readonly<Record<string, unknown>>) => void given.push(one["score"]);
      const encoder = createTiny({ full: true });
      const report = await measure([doubtful, sure, calm], { task: "safety", row, ...(stage && { stage }) }, encoder);
      return [report.stage, report.second_stage_share, given];
    };
    assert.deepEqual(await scores(), ["full", 0.333333, [0.9, 0.993333, 0.0666667]]);
    assert.deepEqual(await scores("static"), ["static", 0, [0.8, 0.993333, 0.0666667]]);
  });

  test("where the full stage cannot read again, the first answer is measured", async () => {
    const rows = [{ text: "jailbreak:0.7 unheard", label: "jailbreak" }];
    const report = await measure(rows, { task: "safety" }, createTiny({ full: true }));
    assert.deepEqual([report.rows, report.second_stage_share, report.failed_rows], [1, 0, {}]);
  });

  test("of a text in one window the answer is exactly the head's", async () => {
    const given: Readonly<Record<string, unknown>>[] = [];
    await measure([{ text: "harmful:0.7", label: "harmful" }], { task: "safety", row: (row) => void given.push(row) });
    const { scores } = given[0] as { scores: Record<string, number> };
    assert.deepEqual(scores, { benign: 0.1, harmful: 0.7, jailbreak: 0.1, injection: 0.1 });
  });
});

describe("difficulty", () => {
  test("rows with outcomes measure how well the failure head ranks them; labels go on being measured", async () => {
    const rows = [
      { text: "small:0.9", fails: 1 },
      { text: "small:0.6", fails: true },
      { text: "small:0.7", correct: 1 },
      { text: "small:0.2", correct: true, label: "simple" },
      { text: "complex:0.8", label: "complex" },
    ];
    const report = await measure(rows, { task: "difficulty" });
    assert.deepEqual([report.rows, report.outcome_rows, report.positives, report.negatives], [5, 4, 2, 2]);
    assert.equal(report.auc, 0.75);
    assert.equal(report.auc_per_label?.["small"], 0.75);
    assert.equal(report.accuracy, 1);
  });

  test("one kind of outcome alone gives no AUC", async () => {
    const report = await measure([{ text: "small:0.9", fails: 1 }], { task: "difficulty" });
    assert.equal(report.auc, undefined);
    assert.equal(report.positives, 1);
  });
});

describe("lines", () => {
  test("bad ones are counted with their number and what is wrong, and never quoted", async () => {
    const bad = ["{secret", "[1]", { text: "secret" }, { text: 7, label: "law" }, { text: "law:0.8", label: null }];
    const report = await measure([...DOMAIN, ...bad], { task: "domain" });
    assert.deepEqual([report.rows, report.bad_lines], [4, 5]);
    assert.deepEqual(
      report.first_bad_lines.map(({ line, problem }) => `${line} ${problem}`),
      [
        "5 is not JSON",
        "6 is not a JSON object",
        '7 column "label" is missing',
        '8 column "text" holds number where string belongs',
        '9 column "label" holds null where string belongs',
      ],
    );
  });

  test("a file that is none of the task's is refused by the columns that the task needs", async () => {
    const file = Array.from({ length: 500 }, () => ({ question: "?" }));
    const refused = [
      [
        "similarity",
        /similarity needs the columns text_a, text_b, score; line 1: column "text_a" is missing \(100 bad/u,
      ],
      ["difficulty", /needs the columns text, and label or fails or correct/u],
    ] as const;
    for (const [task, message] of refused) {
      await assert.rejects(measure(file, { task }), (error) => error instanceof NoRows && message.test(error.message));
    }
    await assert.rejects(measure([], { task: "domain" }), /the file holds no rows/u);
  });

  test("a difficulty row without label and outcome is a bad line", async () => {
    const report = await measure([{ text: "a", label: "simple" }, { text: "b" }], { task: "difficulty" });
    assert.match(report.first_bad_lines[0]!.problem, /column "label" is missing, and there is no "fails"/u);
  });
});

test("an abort stops it between two rows, and what was measured stands", async () => {
  const stop = new AbortController();
  const endless = (async function* () {
    for (let number = 1; ; number++) yield { number, bytes: Buffer.from(JSON.stringify(DOMAIN[0])) };
  })();
  const report = await evaluate(createTiny(), endless, {
    task: "domain",
    clock: () => performance.now(),
    abort: stop.signal,
    progress: (rows) => rows === 50 && stop.abort(),
  });
  assert.deepEqual([report.rows, report.complete, report.accuracy], [50, false, 1]);
});

test("several rows under way together give the same report, rows in the order of the file", async () => {
  const texts: unknown[] = [];
  const options = { task: "domain", row: (row: Readonly<Record<string, unknown>>) => void texts.push(row) } as const;
  const one = await measure(DOMAIN, options, createTiny({ full: true }));
  const many = await measure(DOMAIN, { ...options, parallel: 3 }, createTiny({ full: true }));
  assert.deepEqual({ ...many, latency_ms: 0 }, { ...one, latency_ms: 0 });
  assert.deepEqual(texts.slice(4), texts.slice(0, 4));
});
