import assert from "node:assert/strict";
import { test } from "node:test";
import type { SignalReport } from "../../src/contracts.ts";
import { routesOptions, safetyOptions } from "../../src/decision/options.ts";
import { judgeSafety, safetyOf } from "../../src/decision/safety.ts";

const both = ["jailbreak", "pii"];
const report = (signal: string, label: string, score: number): SignalReport => ({
  signal,
  readings: [{ label, score, confidence: 1 }],
  micros: 1,
});
const failed = (signal: string, failure: "error" | "deadline" | "unread"): SignalReport => ({
  signal,
  readings: [],
  micros: 1,
  failure,
});
const clean = (signal: string): SignalReport => ({ signal, readings: [], micros: 1 });

function judge(safety: unknown, reports: readonly SignalReport[], configured: readonly string[] = both) {
  return judgeSafety(safetyOf(safetyOptions.parse(safety), undefined, undefined), reports, configured);
}

test("nothing found, nothing done", () => {
  const verdict = judge({ jailbreak: { action: "block" } }, [clean("jailbreak"), clean("pii")]);
  assert.deepEqual(verdict, { action: "none", classes: [], sentence: "nothing found", internalOnly: false });
});

test("a reading at the threshold has the class's action, one below has none", () => {
  const safety = { jailbreak: { action: "block", threshold: 0.8 } };
  assert.deepEqual(judge(safety, [report("jailbreak", "override", 0.8)]), {
    action: "block",
    classes: ["jailbreak"],
    sentence: "jailbreak 0.80 >= 0.8: block",
    internalOnly: false,
  });
  assert.equal(judge(safety, [report("jailbreak", "override", 0.79)]).action, "none");
});

test("one signal speaks for two classes, told apart by its label", () => {
  const safety = { jailbreak: { action: "block" }, injection: { action: "annotate" } };
  const verdict = judge(safety, [report("jailbreak", "injection", 1)]);
  assert.deepEqual([verdict.action, verdict.classes], ["annotate", ["injection"]]);
});

test("any entity is personal data, and the sentence does not say which", () => {
  const verdict = judge({ pii: { action: "internal" } }, [report("pii", "iban", 0.95)]);
  assert.deepEqual(verdict, {
    action: "internal",
    classes: ["pii"],
    sentence: "pii 0.95 >= 0.8: internal",
    internalOnly: true,
  });
});

test("the strictest action wins, and a wish to stay inside is not lost in it", () => {
  const safety = { model: "g", jailbreak: { action: "guarded" }, pii: { action: "internal" } };
  const verdict = judge(safety, [report("jailbreak", "role_play", 1), report("pii", "card", 1)]);
  assert.deepEqual([verdict.action, verdict.classes, verdict.internalOnly], ["guarded", ["jailbreak", "pii"], true]);
  const order = ["annotate", "internal", "guarded", "block"];
  for (const [i, stricter] of order.entries()) {
    for (const milder of order.slice(0, i)) {
      const pair = { jailbreak: { action: milder }, pii: { action: stricter } };
      assert.equal(judge(pair, [report("jailbreak", "x", 1), report("pii", "card", 1)]).action, stricter);
    }
  }
});

test("a failed signal is allowed unless on_error says otherwise", () => {
  assert.equal(judge({ pii: { action: "block" } }, [failed("pii", "error")]).action, "none");
  const strict = judge({ pii: { action: "annotate", on_error: "guarded" } }, [failed("pii", "error")]);
  assert.deepEqual([strict.action, strict.sentence], ["guarded", "pii not judged (error): guarded"]);
});

test("what a failed signal found before it failed counts", () => {
  const verdict = judge({ pii: { action: "block" } }, [{ ...report("pii", "card", 1), failure: "error" }]);
  assert.equal(verdict.action, "block");
});

test("a signal that should have reported and did not has failed; one that is off is not missed", () => {
  const safety = { pii: { action: "annotate", on_error: "block" } };
  assert.equal(judge(safety, []).action, "block");
  assert.equal(judge(safety, [], ["jailbreak"]).action, "none");
});

test("what was not read counts as found unless on_unread allows it: length is no way around a check", () => {
  for (const failure of ["unread", "deadline"] as const) {
    assert.equal(judge({ pii: { action: "internal" } }, [failed("pii", failure)]).action, "internal");
    assert.equal(judge({ pii: { action: "annotate" } }, [failed("pii", failure)]).action, "none");
    assert.equal(judge({ pii: { action: "block", on_unread: "allow" } }, [failed("pii", failure)]).action, "none");
  }
  const both = { ...report("pii", "card", 1), failure: "unread" as const };
  const verdict = judge({ pii: { action: "annotate", on_unread: "guarded" } }, [both]);
  assert.equal(verdict.sentence, "pii 1.00 >= 0.8: annotate; pii not read to the end: guarded");
  assert.deepEqual([verdict.action, verdict.classes], ["guarded", ["pii"]]);
});

test("what could not be read a second time was read: neither on_error nor on_unread has a say", () => {
  const options = { jailbreak: { action: "block", on_error: "block", on_unread: "block" } } as const;
  const again = { ...report("jailbreak", "jailbreak", 0.3), failure: "second_look" } as const;
  assert.equal(judge(options, [again]).action, "none");
  assert.equal(judge(options, [{ ...again, failure: "error" }]).action, "block");
});

const global = safetyOptions.parse({ jailbreak: { action: "guarded", threshold: 0.8, on_unread: "block" } });
const override = (jailbreak: unknown) => routesOptions.parse({ r: { safety: { jailbreak } } })["r"]?.safety;

test("a route that a rule pinned may loosen", () => {
  const { classes } = safetyOf(global, override({ action: "annotate", threshold: 0.9, on_unread: "allow" }), "rule");
  assert.deepEqual(classes.jailbreak, { action: "annotate", threshold: 0.9, onError: "none", onUnread: "none" });
});

test("a route that a signal pinned only tightens: the client wrote what the signal read", () => {
  const loose = override({ action: "annotate", threshold: 0.9, on_unread: "allow" });
  assert.deepEqual(safetyOf(global, loose, "signal"), safetyOf(global, undefined, "signal"));
  const { classes } = safetyOf(global, override({ action: "block", threshold: 0.5, on_error: "guarded" }), "signal");
  assert.deepEqual(classes.jailbreak, { action: "block", threshold: 0.5, onError: "guarded", onUnread: "block" });
});

test("a route may judge a class that is not judged elsewhere", () => {
  const { classes } = safetyOf(safetyOptions.parse({}), override({ action: "block" }), "signal");
  assert.deepEqual(classes, {
    jailbreak: { action: "block", threshold: 0.8, onError: "none", onUnread: "block" },
  });
});

test("what is harmful is judged where the config names it, and is no jailbreak", () => {
  const harmful = [report("jailbreak", "harmful", 0.95)];
  assert.equal(judge({ jailbreak: { action: "block" }, injection: { action: "block" } }, harmful).action, "none");
  const verdict = judge({ jailbreak: { action: "block" }, harmful: { action: "guarded" } }, harmful);
  assert.deepEqual([verdict.action, verdict.classes], ["guarded", ["harmful"]]);
});
