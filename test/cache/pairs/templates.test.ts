import assert from "node:assert/strict";
import { test } from "node:test";
import type { Template } from "./fill.ts";
import { LEARN, LEARN_TRANSLATED } from "./families-learn.ts";
import { REPORT, REPORT_TRANSLATED } from "./families-report.ts";
import { TYPES } from "./generate.ts";
import { readFamilies } from "./questions.ts";
import { bare, shapeOf, SPLITS, templatePairs } from "./templates.ts";

const WHICH = ["hard", "blind"] as const;
const formsOf = (families: Readonly<Record<string, readonly Template[]>>) =>
  Object.values(families).flatMap((all) => all.flatMap(({ forms }) => forms));

for (const split of WHICH) {
  test(`${split}: each type has its thousand pairs, different in either order, and the same each time`, () => {
    const pairs = templatePairs(split, 1_000);
    for (const type of TYPES) {
      const keys = pairs
        .filter((pair) => pair.type === type)
        .map(({ text_a: a, text_b: b }) => [a, b].map(bare).toSorted().join("\n"));
      assert.equal(new Set(keys).size, 1_000, type);
    }
    assert.deepEqual(templatePairs(split, 1_000), pairs);
    assert.notDeepEqual(templatePairs(split, 20, 1), templatePairs(split, 20));
  });

  test(`${split}: each type has twelve families, and many of those of a trap are hard`, () => {
    for (const type of TYPES) {
      const families = SPLITS[split].families[type];
      assert.ok(families.length >= 12, type);
      assert.equal(new Set(families.map(({ name }) => name)).size, families.length, type);
      const hard = families.filter((family) => family.hard).length;
      if (type !== "paraphrase") assert.ok(hard * 3 >= families.length, `${type}: ${hard} of ${families.length}`);
    }
  });

  test(`${split}: no slot stays open, and no pair is one question in two ways of typing it`, () => {
    for (const pair of templatePairs(split, 1_000)) {
      assert.doesNotMatch(pair.text_a + pair.text_b, /[{}<>|=!]|undefined| {2}/u, pair.family);
      assert.notEqual(bare(pair.text_a), bare(pair.text_b));
      assert.equal(pair.score >= 0.9, pair.type === "paraphrase");
    }
  });
}

test("no wording of the hard split is in another one, and none of the blind split is learned from", () => {
  const templates = [...Object.values(LEARN), ...Object.values(REPORT)].flatMap((line) => line.split(" / "));
  const known = new Set([...templates, ...LEARN_TRANSLATED.flat(), ...REPORT_TRANSLATED.flat()].map(shapeOf));
  const hard = formsOf(SPLITS.hard.families);
  assert.deepEqual(
    hard.filter((form) => known.has(shapeOf(form))),
    [],
  );
  const questions = readFamilies().flatMap((family) => family.questions.flat());
  const learned = new Set([...known, ...[...hard, ...questions].map(shapeOf)]);
  assert.deepEqual(
    formsOf(SPLITS.blind.families).filter((form) => learned.has(shapeOf(form))),
    [],
  );
});
