import assert from "node:assert/strict";
import { test } from "node:test";
import { REPORT } from "../cache/pairs/families-report.ts";
import { generatePairs } from "../cache/pairs/generate.ts";
import { isSame, streamOf } from "./savings-stream.ts";

test("the truth about two texts is the generator's, for pairs of every type", () => {
  for (const { text_a, text_b, type, family } of generatePairs("report", 150)) {
    if (!Object.hasOwn(REPORT, family)) continue;
    assert.ok(isSame(text_a, text_a));
    assert.equal(isSame(text_a, text_b), type === "paraphrase", `${type}: ${text_a} / ${text_b}`);
  }
});

test("a stream has as many repeats as it should, of what was asked before, and is the same for the same seed", () => {
  for (const repeats of [0, 0.3, 0.7]) {
    const stream = streamOf(repeats, 300, 1);
    assert.deepEqual(streamOf(repeats, 300, 1), stream);
    const count = (...kinds: string[]) => stream.filter(({ kind }) => kinds.includes(kind)).length;
    assert.deepEqual([count("again"), count("reworded")], [repeats * 150, repeats * 150]);
    assert.ok(Math.abs(count("trap") - count("new", "trap") / 3) <= 1);
    for (const [at, { kind, text }] of stream.entries()) {
      const before = stream.slice(0, at).map((asking) => asking.text);
      if (kind === "new" || kind === "trap") assert.ok(!before.some((other) => isSame(other, text)), text);
      if (kind === "again") assert.ok(before.includes(text));
      if (kind === "reworded")
        assert.ok(
          before.some((other) => isSame(other, text)),
          text,
        );
    }
  }
});
