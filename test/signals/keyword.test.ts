import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createKeyword, keywordOptions } from "../../src/signals/keyword.ts";
import type { Reading } from "../../src/contracts.ts";
import { promptOf } from "./prompt.ts";

const calm = { spent: () => false, breathe: async () => {}, share: () => {} };

function read(rules: readonly object[], turn: string): readonly Reading[] {
  const look = createKeyword(keywordOptions.parse({ rules })).fast(promptOf(turn), calm);
  assert.ok(!(look instanceof Promise));
  return look.readings;
}

function matches(rule: object, turn: string): boolean {
  return read([{ label: "found", ...rule }], turn).length === 1;
}

test("a literal is found anywhere, whatever its case or width", () => {
  const rule = { any: ["money back"], match: "literal" };
  assert.ok(matches(rule, "I want my MONEY BACK!"));
  assert.ok(matches(rule, "ｍｏｎｅｙ ｂａｃｋ"));
  assert.ok(matches({ any: ["STRASSE"], match: "literal" }, "Hauptstraße 5"));
  assert.ok(!matches(rule, "money is back"));
});

test("a word is found between word edges only", () => {
  const rule = { any: ["art"], match: "word" };
  assert.ok(matches(rule, "Modern art, please"));
  assert.ok(matches(rule, "art"));
  assert.ok(!matches(rule, "a cart"));
  assert.ok(!matches(rule, "artistic"));
  assert.ok(!matches(rule, "art_1"));
  assert.ok(!matches({ any: ["счёт"], match: "word" }, "расчёт"));
  assert.ok(matches({ any: ["счёт"], match: "word" }, "Где мой счёт?"));
});

test("where a script has no spaces, a word is found among its neighbours", () => {
  assert.ok(matches({ any: ["退款"], match: "word" }, "我想要退款谢谢"));
  assert.ok(matches({ any: ["返金"], match: "word" }, "返金してください"));
  assert.ok(matches({ any: ["คืนเงิน"], match: "word" }, "ขอคืนเงินหน่อย"));
  assert.ok(matches({ any: ["refund"], match: "word" }, "我要refund谢谢"));
  assert.ok(matches({ any: ["退款"], match: "fuzzy" }, "我想要退款谢谢"));
});

test("fuzzy forgives one slip in four to seven letters, two in eight or more, none in three", () => {
  const refund = { any: ["refund"], match: "fuzzy" };
  for (const slip of ["refund", "refnd", "refunds", "refumd", "refudn", "erfund"])
    assert.ok(matches(refund, slip), slip);
  for (const other of ["refn", "refuel", "fundre"]) assert.ok(!matches(refund, other), other);
  const subscription = { any: ["subscription"], match: "fuzzy" };
  for (const slip of ["subscrption", "subscritpoin", "supscriptionn"]) assert.ok(matches(subscription, slip), slip);
  assert.ok(!matches(subscription, "subscribing"));
  assert.ok(matches({ any: ["tax"], match: "fuzzy" }, "my tax"));
  assert.ok(!matches({ any: ["tax"], match: "fuzzy" }, "my tux"));
});

test("a fuzzy phrase is compared word by word, in order", () => {
  const rule = { any: ["cancel my contract"], match: "fuzzy" };
  assert.ok(matches(rule, "please cancle my contratc now"));
  assert.ok(!matches(rule, "my contract cancel"));
  assert.ok(!matches(rule, "cancel my"));
});

test("fuzzy agrees with the distance it promises", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 4, maxLength: 10 });
  fc.assert(
    fc.property(word, word, (keyword, turn) => {
      const allowed = keyword.length >= 8 ? 2 : 1;
      assert.equal(matches({ any: [keyword], match: "fuzzy" }, turn), distance(keyword, turn) <= allowed);
    }),
    { seed: 3, numRuns: 400 },
  );
});

/** The textbook table, for comparison. */
function distance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i + j));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + same);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) cost = Math.min(cost, table[i - 2]![j - 2]! + 1);
      table[i]![j] = cost;
    }
  }
  return table[a.length]![b.length]!;
}

test("a regular expression is found in linear time", () => {
  const rule = { any: ["order (?:no|number) [0-9]{5}"], match: "regex" };
  assert.ok(matches(rule, "Where is Order No 48213?"));
  assert.ok(!matches(rule, "Where is order no 482?"));
  const start = performance.now();
  assert.ok(!matches({ any: ["(a+)+b"], match: "regex" }, "a".repeat(16_000)));
  assert.ok(performance.now() - start < 500);
});

test("case is ignored, but for what stands behind (?-i) in a regular expression", () => {
  for (const match of ["literal", "word", "fuzzy", "regex"])
    assert.ok(matches({ any: ["SWIFT"], match }, "a swift answer"), match);
  for (const pattern of ["(?-i)\\bSWIFT\\b", "by (?-i:SWIFT)"]) {
    assert.ok(matches({ any: [pattern], match: "regex" }, "send it by SWIFT"), pattern);
    assert.ok(!matches({ any: [pattern], match: "regex" }, "by swift answer"), pattern);
  }
});

test("only the newest turn is read", () => {
  const signal = createKeyword(keywordOptions.parse({ rules: [{ label: "refund", any: ["refund"] }] }));
  const prompt = { ...promptOf("hello"), system: "refund", everything: promptOf("refund").everything };
  assert.deepEqual(signal.fast(prompt, calm), { readings: [] });
});

test("readings come in the order of the rules, one a label, and the first pin wins", () => {
  const readings = read(
    [
      { label: "gamma", any: ["absent"], pin: { model: "never" } },
      { label: "zeta", any: ["order"] },
      { label: "beta", any: ["refund"], match: "fuzzy" },
      { label: "alpha", any: ["refund"], pin: { route: "support" } },
      { label: "beta", any: ["refund"], pin: { tier: "small" } },
    ],
    "refund my order",
  );
  assert.deepEqual(readings, [
    { label: "zeta", score: 1, confidence: 0.95 },
    { label: "beta", score: 1, confidence: 0.95 },
    { label: "alpha", score: 1, confidence: 0.95, pin: { route: "support" } },
  ]);
});

test("a long turn is read to its end", async () => {
  const signal = createKeyword(keywordOptions.parse({ rules: [{ label: "refund", any: ["refund"] }] }));
  const look = await signal.fast(promptOf(`${"word ".repeat(20_000)}refund`), calm);
  assert.equal(look.readings.length, 1);
});

test("a keyword that lies across two windows is found", async () => {
  const signal = createKeyword(keywordOptions.parse({ rules: [{ label: "refund", any: ["refund"] }] }));
  for (let shift = 0; shift < 12; shift++) {
    const turn = `${" ".repeat(16_384 - shift)}refund${" ".repeat(30_000)}`;
    assert.equal((await signal.fast(promptOf(turn), calm)).readings.length, 1, `shift ${shift}`);
  }
});

test("a bad pattern is refused with its path", () => {
  const result = keywordOptions.safeParse({
    rules: [
      { label: "a", any: ["fine("] },
      { label: "b", any: ["fine", "(bad"], match: "regex" },
    ],
  });
  assert.deepEqual(
    result.error?.issues.map(({ path }) => path),
    [["rules", 1, "any", 1]],
  );
});

test("two rules with scores for one label are refused", () => {
  const scores = { small: 0.9 };
  const result = keywordOptions.safeParse({
    rules: [
      { label: "a", any: ["x"], scores },
      { label: "a", any: ["y"], scores },
    ],
  });
  assert.deepEqual(
    result.error?.issues.map(({ path }) => path),
    [["rules", 1, "scores"]],
  );
});

test("a rule may escalate, alone or with others of its label, and keeps its place beside pins", () => {
  const hard = { label: "hard", any: ["think hard"], action: "escalate" };
  const [reading] = read([hard, { label: "hard", any: ["please"] }], "please think hard");
  assert.deepEqual(reading, { label: "hard", score: 1, confidence: 0.95, escalates: true });
  const [other] = read([hard, { label: "hard", any: ["please"] }], "please");
  assert.equal(other?.escalates, undefined);
});
