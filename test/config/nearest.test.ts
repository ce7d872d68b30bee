import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, nearest } from "../../src/config/nearest.ts";

test("a slip is a letter too many, too few, wrong, or two swapped", () => {
  assert.equal(distance("tier", "tier"), 0);
  assert.equal(distance("tier", "tiers"), 1);
  assert.equal(distance("tier", "tie"), 1);
  assert.equal(distance("tier", "tire"), 1);
  assert.equal(distance("tier", "teer"), 1);
  assert.equal(distance("", "abc"), 3);
});

test("the nearest name is found whatever the case and the dashes, the first of equals", () => {
  assert.equal(nearest("Drain-MS", ["listen", "drain_ms"]), "drain_ms");
  assert.equal(nearest("modle", ["models", "model"]), "model");
  assert.equal(nearest("ab", ["aa", "bb"]), "aa");
});

test("a name that is too far, or very long, is nobody's", () => {
  assert.equal(nearest("colour", ["level"]), undefined);
  assert.equal(nearest("x".repeat(10_000), ["x"]), undefined);
});
