import assert from "node:assert/strict";
import { test } from "node:test";
import { createPii, piiOptions } from "../../src/signals/pii.ts";
import { readAll } from "../../src/signals/read.ts";
import type { Look, Signal } from "../../src/signals/signal.ts";
import { promptOf } from "./prompt.ts";

const clock = () => performance.now();
const reading = { label: "x", score: 1, confidence: 1 };

function signal(name: string, fast: Signal["fast"], deadlineMs = 5): Signal {
  return { name, deadlineMs, fast };
}

const quick = signal("quick", () => ({ readings: [reading] }));
const slow = signal("slow", async (_prompt, pace) => {
  await pace.breathe();
  return { readings: [reading] };
});

test("signals that answer at once are read without a promise", () => {
  const reports = readAll([quick, quick], promptOf("hello"), clock);
  assert.ok(!(reports instanceof Promise));
  assert.deepEqual(
    reports.map(({ signal, readings }) => ({ signal, readings })),
    [
      { signal: "quick", readings: [reading] },
      { signal: "quick", readings: [reading] },
    ],
  );
});

test("reports stand in the order of the signals, whoever answers first", async () => {
  const reports = await readAll([slow, quick], promptOf("hello"), clock);
  assert.deepEqual(
    reports.map(({ signal }) => signal),
    ["slow", "quick"],
  );
});

test("a signal that throws, at once or later, is reported by its kind of error alone, and stops nobody", async () => {
  const thrower = signal("thrower", () => {
    throw new RangeError("secret zebra");
  });
  const rejecter = signal("rejecter", async () => {
    throw new TypeError("secret zebra");
  });
  const [first, second, third] = await readAll([thrower, rejecter, quick], promptOf("secret zebra"), clock);
  assert.equal(first!.failure, "error");
  assert.equal(first!.error, "The signal thrower failed with RangeError.");
  assert.equal(second!.error, "The signal rejecter failed with TypeError.");
  assert.deepEqual(third!.readings, [reading]);
});

test("a signal that never answers is reported as past its deadline", async () => {
  const stuck = signal("stuck", () => new Promise<Look>(() => {}), 1);
  const start = clock();
  const [report] = await readAll([stuck], promptOf("hello"), clock);
  assert.equal(report!.failure, "deadline");
  assert.equal(report!.error, "The signal stuck did not answer within 1 ms.");
  assert.deepEqual(report!.readings, []);
  assert.ok(clock() - start < 500);
});

test("what a signal found before it was cut off, or broke, is kept", async () => {
  const stuck = signal("stuck", (_prompt, pace) => {
    pace.share(() => [reading]);
    return new Promise<Look>(() => {});
  });
  const thrower = signal("thrower", async (_prompt, pace) => {
    pace.share(() => [reading]);
    throw new TypeError("secret zebra");
  });
  const reports = await readAll([stuck, thrower], promptOf("hello"), clock);
  assert.deepEqual(
    reports.map(({ failure, readings }) => [failure, readings]),
    [
      ["deadline", [reading]],
      ["error", [reading]],
    ],
  );
});

test("personal data found in the first windows is reported where a crowd keeps the signal from its last", async () => {
  const text = `my ssn is 123-45-6789. ${"nothing of note ".repeat(200_000)}`;
  const pii = createPii(piiOptions.parse({ deadline_ms: 1 }));
  // A loop that is taken up by others: the timers of the deadline come before the signal's next turn.
  const reports = readAll([pii], promptOf(text), clock);
  const until = clock() + 60;
  while (clock() < until);
  const [report] = await reports;
  assert.ok(report!.failure === "deadline" || report!.failure === "unread");
  assert.deepEqual(
    report!.readings.map(({ label }) => label),
    ["us_ssn"],
  );
});

test("an error after the deadline hurts nobody", async () => {
  const late = signal("late", () => new Promise((_resolve, reject) => setTimeout(reject, 60, new Error("late"))), 1);
  const [report] = await readAll([late], promptOf("hello"), clock);
  assert.equal(report!.failure, "deadline");
  await new Promise((resolve) => setTimeout(resolve, 60));
});

test("a signal that ran out of time keeps what it had read, and is reported as unread", async () => {
  const partial = signal("partial", async (_prompt, pace) => {
    while (!pace.spent()) await pace.breathe();
    return { readings: [reading], unread: true };
  });
  const [report] = await readAll([partial], promptOf("hello"), clock);
  assert.equal(report!.failure, "unread");
  assert.deepEqual(report!.readings, [reading]);
});

test("micros are measured with the clock that was passed in", () => {
  let now = 100;
  const worker = signal("worker", () => {
    now += 1.5;
    return { readings: [] };
  });
  const reports = readAll([worker], promptOf("hello"), () => now);
  assert.ok(!(reports instanceof Promise));
  assert.equal(reports[0]!.micros, 1500);
});
