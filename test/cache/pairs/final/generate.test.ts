import assert from "node:assert/strict";
import { test } from "node:test";
import { LEARN, LEARN_TRANSLATED } from "../families-learn.ts";
import { REPORT, REPORT_TRANSLATED } from "../families-report.ts";
import { generatePairs, TYPES } from "../generate.ts";
import { bare, FINAL, generateFinal } from "./generate.ts";

test("each type has its thousand pairs, different in either order, and the same each time", () => {
  const pairs = generateFinal(1_000);
  for (const type of TYPES) {
    const keys = pairs
      .filter((pair) => pair.type === type)
      .map(({ text_a: a, text_b: b }) => [a, b].map(bare).toSorted().join("\n"));
    assert.equal(new Set(keys).size, 1_000, type);
  }
  assert.deepEqual(generateFinal(1_000), pairs);
  assert.notDeepEqual(generateFinal(20, 1), generateFinal(20));
});

test("each type has twelve families, and half of those of a trap are hard", () => {
  for (const type of TYPES) {
    const families = FINAL[type];
    assert.ok(families.length >= 12, type);
    assert.equal(new Set(families.map(({ name }) => name)).size, families.length, type);
    const hard = families.filter((family) => family.hard).length;
    if (type !== "paraphrase") assert.ok(hard * 2 >= families.length, `${type}: ${hard} of ${families.length}`);
  }
});

test("no slot stays open, and no pair is one question in two ways of typing it", () => {
  for (const pair of generateFinal(1_000)) {
    assert.doesNotMatch(pair.text_a + pair.text_b, /[{}<>|=!]|undefined| {2}/u, pair.family);
    assert.notEqual(bare(pair.text_a), bare(pair.text_b));
    assert.equal(pair.score >= 0.9, pair.type === "paraphrase");
  }
});

test("no family, no wording and no text is in another split too", () => {
  const others = { ...LEARN, ...REPORT };
  const wordings = Object.values(others).flatMap((line) => line.split(" / "));
  const shapes = new Set([...wordings, ...[...LEARN_TRANSLATED, ...REPORT_TRANSLATED].flat()].map(shape));
  const texts = new Set(
    [...generatePairs("learn", 1_000), ...generatePairs("report", 1_000)].flatMap(({ text_a: a, text_b: b }) => [
      bare(a),
      bare(b),
    ]),
  );
  const families = Object.values(FINAL).flat();
  assert.deepEqual(
    families.filter(({ name }) => name in others).map(({ name }) => name),
    [],
  );
  assert.deepEqual(
    families.flatMap(({ forms }) => forms).filter((form) => shapes.has(shape(form))),
    [],
  );
  assert.deepEqual(
    generateFinal(1_000)
      .flatMap(({ text_a: a, text_b: b }) => [a, b])
      .filter((text) => texts.has(bare(text))),
    [],
  );
});

/** A wording without what fills it. */
function shape(form: string): string {
  return bare(form.replaceAll(/\{[^}]*\}/gu, "_"));
}
