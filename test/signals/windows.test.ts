import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Look, Pace } from "../../src/signals/signal.ts";
import { OVERLAP_UNITS, readWindows, VISIT_UNITS, type Visit, WINDOW_UNITS } from "../../src/signals/windows.ts";

const never: Pace = { spent: () => false, breathe: async () => {}, share: () => {} };
const reading = { label: "x", score: 1, confidence: 1 };

/** For tests that look at the windows alone. */
function read(texts: readonly string[], pace: Pace, visit: Visit): Look | Promise<Look> {
  return readWindows(texts, pace, visit, () => []);
}

test("texts of one window's worth in all are read at once, each whole", () => {
  const seen: [string, number][] = [];
  const look = read(["one", "", "three"], never, (window, index) => seen.push([window, index]));
  assert.deepEqual(look, { readings: [] });
  assert.ok(!(read(["a".repeat(WINDOW_UNITS)], never, () => {}) instanceof Promise));
  assert.ok(read(["a".repeat(WINDOW_UNITS + 1)], never, () => {}) instanceof Promise);
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
      await read([text], never, (window) => {
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
  const cases: [string[], number][] = [
    [["a".repeat(100_000)], 6],
    [Array.from({ length: 1000 }, () => "a".repeat(100)), 13],
  ];
  for (const [texts, expected] of cases) {
    let breaths = 0;
    let sinceBreath = 0;
    const pace: Pace = {
      spent: () => false,
      breathe: async () => {
        breaths++;
        sinceBreath = 0;
      },
      share: () => {},
    };
    await read(texts, pace, (window) => {
      sinceBreath += window.length;
      assert.ok(sinceBreath <= WINDOW_UNITS);
    });
    assert.equal(breaths, expected);
  }
});

test("many tiny texts are no long stretch without a breath: their visits count, too", async () => {
  let visits = 0;
  let most = 0;
  const pace: Pace = { ...never, breathe: async () => void (visits = 0) };
  const texts = Array.from({ length: 16_000 }, () => "@");
  await read(texts, pace, () => void (most = Math.max(most, ++visits)));
  assert.equal(most, Math.floor((WINDOW_UNITS + VISIT_UNITS) / (1 + VISIT_UNITS)));
  assert.ok(most < 150);
});

test("reading stops when the pace is spent, and says that not all was read", async () => {
  let windows = 0;
  const pace: Pace = { ...never, spent: () => windows >= 2 };
  const found = () => (windows > 0 ? [reading] : []);
  const look = await readWindows(["a".repeat(100_000)], pace, () => windows++, found);
  assert.deepEqual(look, { readings: [reading], unread: true });
  assert.equal(windows, 2);
});

test("what was found so far can be asked for between the windows", async () => {
  let windows = 0;
  let ask = (): unknown => "nothing was shared";
  const seen: unknown[] = [];
  const pace: Pace = {
    spent: () => false,
    breathe: async () => void seen.push(ask()),
    share: (found) => void (ask = found),
  };
  await readWindows(
    ["a".repeat(30_000)],
    pace,
    () => windows++,
    () => Array.from({ length: windows }, () => reading),
  );
  assert.deepEqual(seen, [[reading]]);
});
