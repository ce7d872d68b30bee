import assert from "node:assert/strict";
import { test } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import type { SignalReport } from "../../src/contracts.ts";
import { canLookAgain, lookAgain } from "../../src/signals/look-again.ts";
import type { Signal } from "../../src/signals/signal.ts";
import { promptOf } from "./prompt.ts";

const clock = () => performance.now();
const first = { label: "first", score: 1, confidence: 1 };
const better = { label: "better", score: 1, confidence: 1 };
const report = (signal: string, more: Partial<SignalReport> = {}): SignalReport => ({
  signal,
  readings: [first],
  micros: 7,
  stage: "static",
  ...more,
});

function signal(name: string, refine?: NonNullable<Signal["refine"]>): Signal {
  return { name, deadlineMs: 5, fast: () => ({ readings: [first] }), ...(refine && { refine }) };
}

const seeing = signal("seeing", async () => ({ readings: [better], stage: "full" }));

test("a better reading takes the place of the first, and the report names its stage", async () => {
  const reports = [report("plain"), report("seeing")];
  const again = await lookAgain([seeing], promptOf("hello"), reports, { deadlineMs: 50, clock });
  assert.deepEqual(again[0], reports[0]);
  assert.deepEqual([again[1]!.readings, again[1]!.stage, again[1]!.failure], [[better], "full", undefined]);
  assert.ok(again[1]!.micros >= 7);
});

test("where a second look fails or comes too late the first reading stands, and the report says so", async () => {
  const late = signal("late", () => new Promise(() => {}));
  const full = signal("full", () => Promise.reject(new EncoderError("overloaded", "secret zebra")));
  const broken = signal("broken", () => Promise.reject(new TypeError("secret zebra")));
  const reports = ["late", "full", "broken"].map((name) => report(name));
  const again = await lookAgain([late, full, broken], promptOf("zebra"), reports, { deadlineMs: 1, clock });
  assert.deepEqual(
    again.map(({ readings, stage, failure }) => [readings, stage, failure]),
    [
      [[first], "static", "second_look"],
      [[first], "static", "second_look"],
      [[first], "static", "second_look"],
    ],
  );
  assert.equal(again[0]!.error, "The second look did not come within 1 ms. The first reading stands.");
  assert.doesNotMatch(JSON.stringify(again), /zebra/u);
});

test("whoever is still looking when time is up is told to stop", async () => {
  let told = false;
  const late = signal("late", (_prompt, abort) => {
    abort.addEventListener("abort", () => (told = true));
    return new Promise(() => {});
  });
  await lookAgain([late], promptOf("hello"), [report("late")], { deadlineMs: 1, clock });
  assert.ok(told);
});

test("only what read with the first stage can look again", () => {
  const all = [seeing, signal("blind")];
  const able = (reports: readonly SignalReport[]) => canLookAgain(all, reports).map(({ name }) => name);
  assert.deepEqual(able([report("seeing"), report("blind")]), ["seeing"]);
  assert.deepEqual(able([report("seeing", { stage: "full" })]), []);
  assert.deepEqual(able([{ signal: "seeing", readings: [], micros: 1 }]), []);
});
