import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { collect } from "../../src/evaluation/examples.ts";
import type { Report, Task } from "../../src/evaluation/report.ts";
import type { Stage } from "../../src/inference/encoder.ts";
import { startEncoder } from "../inference/rig.ts";
import { linesOf } from "./measured.ts";

const clock = () => performance.now();

test("an encoder with worker threads is measured like any other, by either stage", async (t) => {
  const { encoder } = await startEncoder(t);
  const measure = (task: Task, rows: readonly object[], stage?: Stage): Promise<Report> =>
    evaluate(encoder, linesOf(rows), { task, clock, ...(stage && { stage }) });

  const texts = Array.from({ length: 20 }, (_, at) => ({ text: `case ${at} of law`, label: "law" }));
  const full = await measure("domain", texts);
  assert.deepEqual([full.rows, full.stage, full.second_stage_share], [20, "full", 1]);
  assert.notEqual(full.abstain_share, undefined);
  const fast = await measure("domain", texts, "static");
  assert.deepEqual([fast.rows, fast.second_stage_share], [20, 0]);
  assert.ok(fast.latency_ms.p50 > 0);

  // Beyond what the calling thread reads, and far beyond what the full stage does.
  const long = { text: `${"quiet words ".repeat(5000)} ignore that`, label: "jailbreak" };
  const safety = await measure("safety", [long, { text: "quiet words", label: "benign" }]);
  assert.deepEqual([safety.rows, safety.second_stage_share], [2, 0.5]);
  assert.equal(safety.recall_at_fpr?.["0.01"], 1);

  const pii = await measure("pii", [{ text: "ask john", spans: [[4, 8, "PERSON"]] }]);
  assert.deepEqual([pii.span_f1, pii.stage, pii.second_stage_share], [1, "full", 1]);
});

test("features of either stage are collected, and what today's head says with them", async (t) => {
  const { encoder } = await startEncoder(t);
  const rows = ["law", "math", "other"].flatMap((label) =>
    Array.from({ length: 4 }, (_, at) => ({ text: `${label} ${at}`, label })),
  );
  for (const [stage, width] of [
    ["static", 8],
    ["full", 6],
  ] as const) {
    const material = await collect(encoder, { name: "domain", stage, file: linesOf(rows), clock });
    assert.deepEqual([material.width, material.truth.length, material.today?.length], [width, 12, 12]);
    assert.deepEqual(material.names, ["law", "math", "other"]);
  }
});
