import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Candidate, Reading } from "../../src/contracts.ts";
import { decide, type Case } from "../../src/decision/decide.ts";
import { couldFlip, type CaseWith, type Doubt } from "../../src/decision/second-look.ts";
import { vote, type Voter } from "../../src/decision/vote.ts";

const TABLE = { easy: { small: 0.95, large: 0.96 }, hard: { small: 0.4, large: 0.95 } };
const MODELS = [
  { name: "small", tier: "small", quality: 0.5, costUsd: 1 },
  { name: "large", tier: "large", quality: 0.95, costUsd: 9 },
];

const reading = (label: string, score = 1): Reading => ({ label, score, confidence: 0.99 });
const either = (easy: number): Reading[] => [reading("easy", easy), reading("hard", 1 - easy)];

interface Setting extends Partial<Case> {
  readonly weights?: Readonly<Record<string, number>>;
  readonly allowed?: readonly string[];
}

/** The case that these readings lead to, and how it would be with others. */
function setUp(readings: Readonly<Record<string, readonly Reading[]>>, setting: Setting = {}) {
  const { weights = {}, allowed = ["small", "large"], ...more } = setting;
  const caseOf = (all: typeof readings): Case => {
    const voters = Object.entries(all).map(([signal, read]): Voter => {
      return { signal, weight: weights[signal] ?? 0.5, readings: read, scores: TABLE };
    });
    const { qualities, votes, readingConfidence } = vote(voters, MODELS, {});
    const candidates = MODELS.map(({ name, tier, costUsd }, tierRank): Candidate => {
      const quality = qualities.get(name)!;
      return { model: name, tier, tierRank, quality, costUsd, latencyMs: 1, allowed: allowed.includes(name) || "no" };
    });
    return {
      tolerance: 0.1,
      threshold: 0.6,
      minQuality: 0,
      escalateBelowMargin: 0,
      prefer: "cost",
      route: "default",
      rollout: { mode: "route", percent: 100, inRollout: true },
      ...more,
      candidates,
      votes,
      readingConfidence,
    };
  };
  const caseWith: CaseWith = (signal, read) => caseOf({ ...readings, [signal]: read });
  return { choice: caseOf(readings), caseWith };
}

const doubt = (signal: string, ...alternatives: readonly (readonly [number, readonly Reading[]])[]): Doubt => ({
  signal,
  alternatives: alternatives.map(([probability, readings]) => ({ probability, readings })),
});

const UNDECIDED = [doubt("a", [0.5, [reading("easy")]], [0.5, [reading("hard")]])];

test("a tie between what sends the request here and there is worth a second look", () => {
  const { choice, caseWith } = setUp({ a: either(0.5) });
  assert.ok(couldFlip(choice, UNDECIDED, caseWith, 0.1));
});

test("what leads to the same model either way is not", () => {
  const { choice, caseWith } = setUp({ a: [reading("hard")] });
  assert.ok(!couldFlip(choice, [doubt("a", [0.9, [reading("hard")]], [0.1, either(0.3)])], caseWith, 0));
});

test("the probability of what would flip the decision must be above the limit", () => {
  const { choice, caseWith } = setUp({ a: [reading("hard")] });
  const easy = [reading("easy")];
  assert.ok(couldFlip(choice, [doubt("a", [0.11, easy])], caseWith, 0.1));
  assert.ok(!couldFlip(choice, [doubt("a", [0.1, easy])], caseWith, 0.1));
});

test("what several signals could read adds up", () => {
  const hard = [reading("hard")];
  const { choice, caseWith } = setUp({ a: hard, b: hard }, { tolerance: 0.3, threshold: 0 });
  const [a, b] = ["a", "b"].map((name) => doubt(name, [0.06, [reading("easy")]]));
  assert.ok(!couldFlip(choice, [a!], caseWith, 0.1));
  assert.ok(couldFlip(choice, [a!, b!], caseWith, 0.1));
});

test("where precedence leaves the vote no say, no reading flips anything", () => {
  const settings: Setting[] = [
    { guarded: "large" },
    { requested: "large" },
    { pin: { model: "large" } },
    { rollout: { mode: "kill", percent: 100, default: "large", inRollout: true } },
    { rollout: { mode: "observe", percent: 100, default: "large", inRollout: true } },
    { rollout: { mode: "route", percent: 0, default: "large", inRollout: false } },
  ];
  for (const setting of settings) {
    const { choice, caseWith } = setUp({ a: either(0.5) }, setting);
    assert.ok(!couldFlip(choice, UNDECIDED, caseWith, 0), JSON.stringify(setting));
  }
});

test("a pin that a better reading would bring, or take away, flips", () => {
  const { choice } = setUp({ a: [reading("hard")] });
  const pinned: CaseWith = () => ({ ...choice, pin: { model: "small" } });
  assert.ok(couldFlip(choice, [doubt("a", [0.5, []])], pinned, 0.1));
  assert.ok(couldFlip(pinned("a", []), [doubt("a", [0.5, []])], () => choice, 0.1));
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const readings = share.map(either);
const doubts = fc
  .array(fc.tuple(share, readings), { maxLength: 4 })
  .map((all) => [doubt("a", ...all.map(([probability, read]) => [probability, read] as const))]);

test("never where no signal has a weight, and never where one model is allowed", () => {
  fc.assert(
    fc.property(readings, doubts, share, (read, some, limit) => {
      const weightless = setUp({ a: read }, { weights: { a: 0 } });
      assert.ok(!couldFlip(weightless.choice, some, weightless.caseWith, limit));
      for (const allowed of [["small"], ["large"], []]) {
        const single = setUp({ a: read }, { allowed });
        assert.ok(!couldFlip(single.choice, some, single.caseWith, limit));
      }
    }),
    { seed: 4, numRuns: 200 },
  );
});

test("reading the same again changes nothing, and the higher the limit the seldomer a second look", () => {
  fc.assert(
    fc.property(readings, doubts, share, share, (read, some, low, high) => {
      const { choice, caseWith } = setUp({ a: read });
      assert.deepEqual(decide(caseWith("a", read)), decide(choice));
      assert.ok(!couldFlip(choice, [doubt("a", [1, read])], caseWith, 0));
      const [least, most] = [Math.min(low, high), Math.max(low, high)];
      if (couldFlip(choice, some, caseWith, most)) assert.ok(couldFlip(choice, some, caseWith, least));
    }),
    { seed: 4, numRuns: 200 },
  );
});
