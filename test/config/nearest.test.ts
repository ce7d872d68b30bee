import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../src/config/nearest.ts";
import { distance } from "../../src/text/spelling.ts";

test("a slip is a letter too many, too few, wrong, or two swapped", () => {
  assert.equal(distance("tier", "tier", Infinity), 0);
  assert.equal(distance("tier", "tiers", Infinity), 1);
  assert.equal(distance("tier", "tie", Infinity), 1);
  assert.equal(distance("tier", "tire", Infinity), 1);
  assert.equal(distance("tier", "teer", Infinity), 1);
  assert.equal(distance("", "abc", Infinity), 3);
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
