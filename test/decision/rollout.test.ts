import assert from "node:assert/strict";
import { test } from "node:test";
import { inRollout, rolloutOf } from "../../src/decision/rollout.ts";

test("about the stated share of keys is in, also for keys that differ in one digit", () => {
  for (const percent of [1, 10, 50]) {
    const inside = Array.from({ length: 20_000 }, (_, i) => `tenant-${i}`).filter((key) => inRollout(key, percent));
    assert.ok(Math.abs(inside.length / 200 - percent) < 1, `${inside.length / 200}% of ${percent}%`);
  }
});

test("the same keys are in after every restart: these are pinned", () => {
  const keys = ["acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "wonka"];
  assert.deepEqual(
    keys.filter((key) => inRollout(key, 50)),
    ["acme", "globex", "initech", "hooli", "stark"],
  );
});

test("a route's rollout overrides the global one, but not its kill switch", () => {
  const global = { mode: "route", percent: 100, default: "a" } as const;
  assert.deepEqual(rolloutOf(global, { percent: 5 }), { mode: "route", percent: 5, default: "a" });
  assert.deepEqual(rolloutOf(global, { mode: "observe", default: "b" }), {
    mode: "observe",
    percent: 100,
    default: "b",
  });
  const killed = { ...global, mode: "kill" } as const;
  assert.deepEqual(rolloutOf(killed, { mode: "route", default: "b" }), killed);
  assert.deepEqual(rolloutOf(global, undefined), global);
});
