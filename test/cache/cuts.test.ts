import assert from "node:assert/strict";
import { test } from "node:test";
import { cutsFor } from "../../src/cache/cuts.ts";

const bounds = { entries: 10, bytes: 1000, entryBytes: 500, share: 0.5 };

test("nobody gives anything while there is room", () => {
  assert.deepEqual(cutsFor([], bounds), []);
  assert.deepEqual(cutsFor([{ tenant: "a", entries: 10, bytes: 1000 }], bounds), []);
});

test("tenants over their share give first, and only what is too much", () => {
  const [loud, quiet] = [
    { tenant: "loud", entries: 9, bytes: 600 },
    { tenant: "quiet", entries: 4, bytes: 300 },
  ];
  assert.deepEqual(cutsFor([quiet, loud], bounds), [{ tenant: "loud", entries: 3, bytes: 0 }]);
});

test("what they do not give is taken from all", () => {
  const tenants = [
    { tenant: "a", entries: 4, bytes: 700 },
    { tenant: "b", entries: 4, bytes: 400 },
    { tenant: "c", entries: 4, bytes: 300 },
  ];
  assert.deepEqual(cutsFor(tenants, bounds), [
    { tenant: "a", entries: 0, bytes: 200 },
    { entries: 2, bytes: 200 },
  ]);
});
