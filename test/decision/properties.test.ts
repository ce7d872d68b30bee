import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Candidate } from "../../src/contracts.ts";
import { confidenceOf, slackOver } from "../../src/decision/confidence.ts";
import { decide, type Case } from "../../src/decision/decide.ts";
import { defaultScores } from "../../src/decision/difficulty.ts";
import { inRollout } from "../../src/decision/rollout.ts";
import { vote, type Voter } from "../../src/decision/vote.ts";

const runs = (numRuns: number) => ({ seed: 20_260, numRuns });
const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Few values, so that ties are common. */
const coarse = fc.constantFrom(0, 0.2, 0.5, 0.55, 0.8, 0.85, 0.9, 1);

const LABELS = ["simple", "moderate", "complex", "billing", "constructor"];
const label = fc.constantFrom(...LABELS);
const models = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("a", "b", "c", "d", "e"), tier: fc.constantFrom("low", "high"), quality: coarse }),
  { selector: ({ name }) => name, minLength: 1 },
);
const scores = fc.dictionary(label, fc.dictionary(fc.constantFrom("a", "b", "c", "low", "high", "toString"), share));
const readings = fc.array(fc.record({ label, score: fc.oneof(share, coarse), confidence: share }), { maxLength: 4 });
const voters = fc.uniqueArray(
  fc.record({
    signal: fc.constantFrom("s1", "s2", "s3", "s4", "s5"),
    weight: fc.oneof(share, coarse),
    readings,
    scores,
  }),
  { selector: ({ signal }) => signal },
);

test("the order of the signals, and of their readings, never matters to the bit", () => {
  const shuffled = voters.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.boolean()),
  );
  fc.assert(
    fc.property(shuffled, models, ([list, other, turned], pool) => {
      const defaults = defaultScores(pool);
      const turnedOver = other.map((v) => (turned ? { ...v, readings: v.readings.toReversed() } : v));
      assert.deepEqual(vote(turnedOver, pool, defaults), vote(list, pool, defaults));
    }),
    runs(500),
  );
});

test("raising a signal's weight never lowers the pre-cost rank of the model that it likes best", () => {
  fc.assert(
    fc.property(voters, models, fc.nat(), share, (list, pool, pick, more) => {
      const voter = list[pick % Math.max(1, list.length)];
      if (!voter) return;
      const defaults = defaultScores(pool);
      const alone = vote([{ ...voter, weight: 1 }], pool, defaults).qualities;
      const top = [...alone].toSorted(([, x], [, y]) => y - x)[0]![0];
      const raised = list.map((v) => (v === voter ? { ...v, weight: Math.max(v.weight, more) } : v));
      assert.ok(rankOf(top, raised, pool) <= rankOf(top, list, pool));
    }),
    runs(1_000),
  );

  function rankOf(model: string, list: readonly Voter[], pool: Parameters<typeof vote>[1]): number {
    const { qualities } = vote(list, pool, defaultScores(pool));
    return [...qualities.values()].filter((q) => q > qualities.get(model)!).length;
  }
});

test("qualities stay in [0,1], shares of those who voted add up to 1, and who did not vote is noted", () => {
  fc.assert(
    fc.property(voters, models, (list, pool) => {
      const ballot = vote(list, pool, defaultScores(pool));
      for (const quality of ballot.qualities.values()) assert.ok(quality >= 0 && quality <= 1);
      const total = ballot.votes.reduce((sum, { weight }) => sum + weight, 0);
      assert.ok(total === 0 || Math.abs(total - 1) < 1e-9);
      assert.ok(ballot.votes.every(({ weight, note }) => (weight === 0) === (note !== undefined)));
      assert.equal(ballot.votes.length, list.length);
    }),
    runs(500),
  );
});

const candidate: fc.Arbitrary<Omit<Candidate, "model">> = fc.record({
  tier: fc.constantFrom("low", "middle", "high"),
  tierRank: fc.nat(2),
  quality: fc.oneof(coarse, share),
  costUsd: fc.oneof(fc.constantFrom(0, 0.001, 0.002), fc.double({ min: 0, max: 10, noNaN: true })),
  latencyMs: fc.oneof(fc.constantFrom(100, 200), fc.nat(100_000)),
  allowed: fc.oneof(
    { weight: 3, arbitrary: fc.constant(true as const) },
    { weight: 1, arbitrary: fc.constant("context 1 < 2 tokens") },
  ),
});
const names = ["a", "b", "c", "d", "e", "f"];
const candidates = fc
  .array(candidate, { maxLength: names.length })
  .map((list) => list.map((facts, i): Candidate => ({ ...facts, model: names[i]! })));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const anyName = fc.constantFrom(...names, "gone");
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    route: fc.constantFrom("default", "support"),
    candidates,
    votes: fc.array(fc.record({ signal: fc.constantFrom("s1", "s2"), weight: coarse }), { maxLength: 2 }),
    readingConfidence: share,
    tolerance: coarse,
    threshold: share,
    minQuality: coarse,
    escalateBelowMargin: coarse,
    prefer: fc.constantFrom("cost", "latency"),
    usdPerPoint: maybe(fc.constantFrom(0, 0.0001, 0.01)),
    fallback: maybe(anyName),
    guarded: fc.option(anyName, { nil: undefined, freq: 8 }),
    requested: fc.option(anyName, { nil: undefined, freq: 8 }),
    pin: maybe(
      fc.oneof(
        anyName.map((model) => ({ model })),
        fc.constantFrom("low", "gone").map((tier) => ({ tier })),
        fc.constant({ route: "support" }),
      ),
    ),
    rollout: fc.record({
      mode: fc.constantFrom("route", "observe", "kill"),
      percent: fc.nat(100),
      inRollout: fc.boolean(),
      default: maybe(anyName),
    }),
    escalates: fc.option(fc.constant(true as const), { nil: undefined, freq: 3 }),
    held: maybe(fc.record({ model: anyName, costUsd: fc.constantFrom(0, 0.001, 5), inToolLoop: fc.boolean() })),
    advice: maybe(
      fc.oneof(
        anyName.map((model) => ({ router: "judge", model })),
        fc.constant({ router: "judge", silence: "it was late" }),
      ),
    ),
    baseline: maybe(anyName),
  })
  // An absent key is absent, as it is after a trip through JSON.
  .map((input) => JSON.parse(JSON.stringify(input)) as Case);

test("decide never throws, and its choice and every fallback satisfy the constraints", () => {
  fc.assert(
    fc.property(anyCase, (input) => {
      const decision = decide(input);
      const allowed = new Set(input.candidates.filter((c) => c.allowed === true).map((c) => c.model));
      if ("refused" in decision) {
        assert.ok(allowed.size === 0 || (input.guarded !== undefined && !allowed.has(input.guarded)));
        return;
      }
      const stops = [decision.model, ...decision.fallbacks];
      assert.ok(stops.every((model) => allowed.has(model)));
      assert.equal(new Set(stops).size, stops.length);
      const alone = decision.reason === "guarded" || decision.reason === "requested";
      assert.equal(stops.length, alone ? 1 : allowed.size);
      if (input.guarded !== undefined) assert.deepEqual(stops, [input.guarded]);
      assert.match(decision.sentence, /^[ -~]+$/u);
      assert.ok(decision.confidence >= 0 && decision.confidence <= 1);
      assert.ok(decision.margin >= 0 && decision.margin <= 1);
    }),
    runs(3_000),
  );
});

test("a case that went through JSON is decided alike", () => {
  fc.assert(
    fc.property(anyCase, (input) => {
      const again = JSON.parse(JSON.stringify(input)) as Case;
      assert.deepEqual(JSON.parse(JSON.stringify(decide(again))), JSON.parse(JSON.stringify(decide(input))));
    }),
    runs(500),
  );
});

test("the order of the candidates never matters to the choice", () => {
  const cases = anyCase.chain((input) =>
    fc.tuple(fc.constant(input), fc.shuffledSubarray([...input.candidates], { minLength: input.candidates.length })),
  );
  fc.assert(
    fc.property(cases, ([input, shuffled]) => {
      const [one, other] = [decide(input), decide({ ...input, candidates: shuffled })];
      if ("refused" in one || "refused" in other) return assert.equal("refused" in one, "refused" in other);
      assert.deepEqual({ ...other, candidates: input.candidates }, one);
    }),
    runs(500),
  );
});

test("among equals in quality the choice goes by cost, then by name", () => {
  const twins = fc.array(fc.constantFrom(0.001, 0.002, 0.003), { minLength: 1, maxLength: names.length });
  fc.assert(
    fc.property(twins, coarse, (costs, quality) => {
      const facts = { tier: "low", tierRank: 0, quality, latencyMs: 1, allowed: true as const };
      const pool = costs.map((costUsd, i): Candidate => ({ ...facts, model: names[i]!, costUsd }));
      const least = Math.min(...costs);
      const expected = names[costs.findIndex((cost) => cost === least)];
      const decision = decide(routed(pool));
      assert.ok(!("refused" in decision));
      assert.equal(decision.model, expected);
    }),
    runs(300),
  );
});

test("a cheaper price never makes a model less chosen at equal quality", () => {
  // Without escalation, the user's own too: there the model that would be chosen is the one that is passed over.
  fc.assert(
    fc.property(anyCase, fc.nat(), share, (input, pick, factor) => {
      const { escalates: _, ...asked } = input;
      const calm: Case = { ...asked, escalateBelowMargin: 0, prefer: "cost" };
      const lucky = calm.candidates[pick % Math.max(1, calm.candidates.length)];
      if (!lucky) return;
      const cheaper = calm.candidates.map((c) => (c === lucky ? { ...c, costUsd: c.costUsd * factor } : c));
      const [before, after] = [decide(calm), decide({ ...calm, candidates: cheaper })];
      if ("refused" in before || "refused" in after) return;
      if (before.model === lucky.model) assert.equal(after.model, lucky.model);
    }),
    runs(2_000),
  );
});

test("confidence is one half at the edge, rises with quality, and rises faster for surer readings", () => {
  fc.assert(
    fc.property(share, share, share, share, share, share, (a, b, best, tolerance, minQuality, sure) => {
      const standard = { best, tolerance, minQuality };
      const [low, high] = a < b ? [a, b] : [b, a];
      assert.ok(confidenceOf(slackOver(low, standard), sure) <= confidenceOf(slackOver(high, standard), sure));
      const edge = confidenceOf(slackOver(Math.max(best - tolerance, minQuality, 0), standard), sure);
      assert.ok(Math.abs(edge - 0.5) < 0.0001 || best < tolerance);
      const [doubtful, certain] = [
        confidenceOf(slackOver(high, standard), 0),
        confidenceOf(slackOver(high, standard), 1),
      ];
      assert.ok(Math.abs(certain - 0.5) >= Math.abs(doubtful - 0.5));
    }),
    runs(500),
  );
});

test("once in the rollout, a key stays in as the percentage grows", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), share, share, (key, a, b) => {
      const [less, more] = a < b ? [a * 100, b * 100] : [b * 100, a * 100];
      assert.ok(!inRollout(key, less) || inRollout(key, more));
      assert.equal(inRollout(key, 100), true);
      assert.equal(inRollout(key, 0), false);
      assert.equal(inRollout(key, more), inRollout(key, more));
    }),
    runs(1_000),
  );
});

function routed(pool: readonly Candidate[]): Case {
  return {
    route: "default",
    candidates: pool,
    votes: [{ signal: "s1", weight: 1 }],
    readingConfidence: 1,
    tolerance: 0.05,
    threshold: 0,
    minQuality: 0,
    escalateBelowMargin: 0,
    prefer: "cost",
    rollout: { mode: "route", percent: 100, inRollout: true },
  };
}
