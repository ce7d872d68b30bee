import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Pace } from "../../src/signals/signal.ts";
import { OVERLAP_UNITS, readWindows, WINDOW_UNITS } from "../../src/signals/windows.ts";

const never: Pace = { spent: () => false, breathe: async () => {} };

test("texts of one window's worth in all are read at once, each whole", () => {
  const seen: [string, number][] = [];
  const whole = readWindows(["one", "", "three"], never, (window, index) => seen.push([window, index]));
  assert.equal(whole, true);
  assert.deepEqual(seen, [
    ["one", 0],
    ["three", 2],
  ]);
});

test("the windows of a long text cover it, overlap, and never part a surrogate pair", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 60_000 }), async (offset, length) => {
      const text = "x".repeat(offset) + "😀".repeat(length);
      let rebuilt = "";
      await readWindows([text], never, (window) => {
        assert.ok(window.isWellFormed());
        assert.ok(window.length <= WINDOW_UNITS);
        if (rebuilt === "") rebuilt = window;
        else {
          const shared = [OVERLAP_UNITS, OVERLAP_UNITS + 1].find((units) => rebuilt.endsWith(window.slice(0, units)));
          assert.ok(shared !== undefined);
          rebuilt += window.slice(shared);
        }
      });
      assert.equal(rebuilt.length, text.length);
      assert.equal(rebuilt, text);
    }),
    { seed: 7, numRuns: 20 },
  );
});

test("there is a breath before every further window's worth, of one text or of many", async () => {
  for (const texts of [["a".repeat(100_000)], Array.from({ length: 1000 }, () => "a".repeat(100))]) {
    let breaths = 0;
    let sinceBreath = 0;
    const pace: Pace = {
      spent: () => false,
      breathe: async () => {
        breaths++;
        sinceBreath = 0;
      },
    };
    await readWindows(texts, pace, (window) => {
      sinceBreath += window.length;
      assert.ok(sinceBreath <= WINDOW_UNITS);
    });
    assert.equal(breaths, 6);
  }
});

test("reading stops when the pace is spent, and says that not all was read", async () => {
  let windows = 0;
  const pace: Pace = { spent: () => windows >= 2, breathe: async () => {} };
  assert.equal(await readWindows(["a".repeat(100_000)], pace, () => windows++), false);
  assert.equal(windows, 2);
});
