import assert from "node:assert/strict";
import { test } from "node:test";
import { LEARN } from "./families-learn.ts";
import { REPORT } from "./families-report.ts";
import { generatePairs, TYPES } from "./generate.ts";

test("each type has its thousand pairs in either split, all different, and the same each time", () => {
  for (const split of ["learn", "report"] as const) {
    const pairs = generatePairs(split, 1_000);
    for (const type of TYPES)
      assert.equal(pairs.filter((pair) => pair.type === type).length, 1_000, `${split} ${type}`);
    assert.equal(new Set(pairs.map(({ text_a: a, text_b: b }) => `${a}\n${b}`)).size, pairs.length);
    assert.deepEqual(generatePairs(split, 20), generatePairs(split, 20));
  }
});

test("no slot stays open, and no pair is one text twice", () => {
  for (const pair of [...generatePairs("learn", 300), ...generatePairs("report", 300)]) {
    assert.doesNotMatch(pair.text_a + pair.text_b, /[{}[\]|]|undefined/u, pair.family);
    assert.notEqual(pair.text_a, pair.text_b);
    assert.equal(pair.score >= 0.9, pair.type === "paraphrase");
  }
});

test("no family, and no wording, is in both splits", () => {
  const [learn, report] = [LEARN, REPORT].map(
    (families) => new Set(Object.values(families).flatMap((line) => line.split(" / "))),
  );
  assert.deepEqual(
    Object.keys(LEARN).filter((name) => name in REPORT),
    [],
  );
  assert.deepEqual(
    [...learn!].filter((form) => report!.has(form)),
    [],
  );
});
