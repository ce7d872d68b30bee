import assert from "node:assert/strict";
import { test } from "node:test";
import { directivesIn } from "../../src/cache/directives.ts";

test("a client's cache-control says whether answers are looked up and kept, and how old they may be", () => {
  const all = { looks: true, keeps: true, freshMs: Infinity };
  for (const [header, wanted] of [
    [undefined, all],
    ["", all],
    ["public, something-new=1", all],
    ["no-cache", { ...all, looks: false }],
    [" No-Cache , max-age=5", { ...all, looks: false, freshMs: 5000 }],
    ["no-store", { ...all, looks: false, keeps: false }],
    ["max-age=0", { ...all, freshMs: 0 }],
    ['max-age="60"', { ...all, freshMs: 60_000 }],
    ["max-age=", all],
    ["max-age=-1", all],
    ["max-age=soon", all],
    [`${"no-store,".repeat(1000)}max-age=1`, { looks: false, keeps: false, freshMs: 1000 }],
  ] as const)
    assert.deepEqual(directivesIn(header), wanted, header);
});
