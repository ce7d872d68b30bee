import assert from "node:assert/strict";
import { test } from "node:test";
import type { Candidate, Decision } from "../../src/contracts.ts";
import { decide, questionOf, type Case } from "../../src/decision/decide.ts";

/** Quality rises with cost from tier to tier; `mid` is adequate, `small` is not. */
const small: Candidate = {
  model: "small",
  tier: "low",
  tierRank: 0,
  quality: 0.5,
  costUsd: 0.001,
  latencyMs: 300,
  allowed: true,
};
const mid: Candidate = {
  ...small,
  model: "mid",
  tier: "middle",
  tierRank: 1,
  quality: 0.88,
  costUsd: 0.003,
  latencyMs: 900,
};
const large: Candidate = {
  ...small,
  model: "large",
  tier: "high",
  tierRank: 2,
  quality: 0.9,
  costUsd: 0.01,
  latencyMs: 700,
};

const plain: Case = {
  route: "default",
  candidates: [large, mid, small],
  votes: [{ signal: "complexity", weight: 1 }],
  readingConfidence: 1,
  tolerance: 0.05,
  threshold: 0.6,
  minQuality: 0,
  escalateBelowMargin: 0,
  prefer: "cost",
  rollout: { mode: "route", percent: 100, inRollout: true },
};
const observing = { mode: "observe", percent: 100, inRollout: true, default: "small" } as const;

function decided(change: Partial<Case>): Decision {
  const decision = decide({ ...plain, ...change });
  assert.ok(!("refused" in decision), JSON.stringify(decision));
  return decision;
}
const outcome = (change: Partial<Case>) => {
  const { model, reason } = decided(change);
  return `${model}: ${reason}`;
};
const without = (name: string, broken = "forbidden by a rule") =>
  plain.candidates.map((c) => (c.model === name ? { ...c, allowed: broken } : c));

test("the cheapest model within the tolerance answers, and the decision says what it weighed", () => {
  assert.deepEqual(decided({}), {
    model: "mid",
    tier: "middle",
    route: "default",
    reason: "cheapest_adequate",
    sentence:
      "mid is the cheapest of 2 adequate models: predicted quality 0.88, best 0.9, tolerance 0.05 (expected cost 0.003 USD, confidence 0.818).",
    confidence: 1 / (1 + Math.exp(-0.03 / 0.02)),
    margin: 0.9 - 0.88,
    runnerUp: "mid",
    fallbacks: ["large", "small"],
    candidates: plain.candidates,
    votes: plain.votes,
    expectedCostUsd: 0.003,
    baselineCostUsd: 0.01,
  });
});

test("a model exactly at the tolerance is adequate, whatever floating point makes of the difference", () => {
  const edge = [
    { ...large, quality: 0.6 },
    { ...small, quality: 0.55 },
  ];
  assert.equal(outcome({ candidates: edge, threshold: 0.5 }), "small: cheapest_adequate");
});

test("of models that cost the same the better one answers, and of equal ones the first by name", () => {
  const free = [large, mid, small].map((candidate) => ({ ...candidate, costUsd: 0 }));
  const named = (quality: number) =>
    free.map((candidate) => (candidate.model === "large" ? { ...candidate, model: "zoo", quality } : candidate));
  assert.equal(outcome({ candidates: named(0.9) }), "zoo: cheapest_adequate");
  assert.equal(outcome({ candidates: named(0.9), usdPerPoint: 0, threshold: 0 }), "zoo: best_value");
  assert.equal(outcome({ candidates: named(mid.quality) }), "mid: cheapest_adequate");
});

test("where a point of quality has a price, the model that is worth most answers", () => {
  // 38 points lie between small and mid, for 0.002 USD; 2 points between mid and large, for 0.007 USD.
  assert.equal(outcome({ usdPerPoint: 0.00005, threshold: 0 }), "small: best_value");
  assert.equal(outcome({ usdPerPoint: 0.0001, threshold: 0 }), "mid: best_value");
  assert.equal(outcome({ usdPerPoint: 0.01, threshold: 0 }), "large: best_value");
  assert.equal(outcome({ usdPerPoint: 0, threshold: 0 }), "small: best_value");
  assert.equal(outcome({ usdPerPoint: 0, threshold: 0, minQuality: 0.6 }), "mid: best_value");
});

test("confidence in the model that is worth most is about what others would be worth, and below it the fallback answers", () => {
  // small is 0.36 of quality behind at that price; large, 0.02 better and 0.007 USD dearer, 0.05.
  const { confidence, sentence } = decided({ usdPerPoint: 0.001 });
  assert.ok(Math.abs(confidence - 1 / (1 + Math.exp(-0.05 / 0.02))) < 1e-9, String(confidence));
  assert.match(sentence, /^mid is worth most at 0\.001 USD per point of quality: predicted quality 0\.88, best 0\.9 /u);
  assert.equal(outcome({ usdPerPoint: 0.001, threshold: 0.95, fallback: "large" }), "large: low_confidence");
});

const holding = (model: string, costUsd: number, inToolLoop = false) => ({ model, costUsd, inToolLoop });
const advising = (model: string) => ({ router: "judge", model });

/** Each line: both rules of a neighbouring pair have something to say; the first wins. */
const PAIRS: ReadonlyArray<readonly [name: string, change: Partial<Case>, winner: string]> = [
  ["constraints over guarded", { guarded: "large", candidates: without("large") }, "refused"],
  ["guarded over requested", { guarded: "large", requested: "small" }, "large: guarded"],
  ["requested over rollout", { requested: "large", rollout: observing }, "large: requested"],
  ["rollout over pinned", { rollout: observing, pin: { model: "large" } }, "small: observed"],
  ["pinned over the user's wish for more", { pin: { model: "small" }, escalates: true }, "small: pinned"],
  ["the user's wish for more over held", { escalates: true, held: holding("mid", 0) }, "large: escalated"],
  ["held over unsure", { held: holding("mid", 0), threshold: 1, fallback: "large" }, "mid: held"],
  ["unsure over the router", { threshold: 1, fallback: "large", advice: advising("small") }, "large: low_confidence"],
  ["the router over close", { escalateBelowMargin: 0.1, advice: advising("mid") }, "mid: llm_router"],
  ["unsure over close", { threshold: 1, fallback: "small", escalateBelowMargin: 0.1 }, "small: low_confidence"],
  ["close over cheapest", { escalateBelowMargin: 0.1 }, "large: low_margin"],
  ["cheapest over best available", { minQuality: 0.87, threshold: 0 }, "mid: cheapest_adequate"],
];

for (const [name, change, winner] of PAIRS) {
  test(`precedence: ${name}`, () => {
    const result = decide({ ...plain, ...change });
    assert.equal("refused" in result ? "refused" : `${result.model}: ${result.reason}`, winner);
  });
}

test("without the earlier rule of each pair the later one has its way", () => {
  assert.equal(outcome({ requested: "small" }), "small: requested");
  assert.equal(outcome({ pin: { model: "large" } }), "large: pinned");
  assert.equal(outcome({ threshold: 1, fallback: "large" }), "large: low_confidence");
});

test("a user who asks for more gets one tier up from what would be chosen, and no further with every turn", () => {
  assert.equal(outcome({ escalates: true }), "large: escalated");
  assert.equal(outcome({ escalates: true, tolerance: 1 }), "mid: escalated");
  assert.equal(outcome({ escalates: true, tolerance: 1, held: holding("mid", 0.001) }), "mid: escalated");
  assert.equal(outcome({ escalates: true, tolerance: 0, threshold: 0 }), "large: cheapest_adequate");
});

test("a conversation is held while its model is adequate and staying is not dearer than the choice", () => {
  assert.equal(outcome({ held: holding("large", 0.003) }), "large: held");
  assert.equal(outcome({ held: holding("large", 0.0031) }), "mid: cheapest_adequate");
  assert.equal(outcome({ held: holding("small", 0) }), "mid: cheapest_adequate");
  assert.equal(outcome({ held: holding("small", 9, true) }), "small: held");
  assert.equal(outcome({ held: holding("gone", 0, true) }), "mid: cheapest_adequate");
  assert.equal(outcome({ held: holding("small", 0, true), candidates: without("small") }), "mid: cheapest_adequate");
  const priced = { usdPerPoint: 0.0001, threshold: 0 };
  assert.equal(outcome({ ...priced, held: holding("small", 0) }), "mid: best_value", "cheap and worth less");
  assert.equal(outcome({ ...priced, held: holding("large", 0.0031) }), "large: held", "dearer and worth more");
  assert.equal(decided({ held: holding("mid", 0.0005) }).expectedCostUsd, 0.0005, "its prefix is cached");
});

test("only models that are close enough to matter are put to the router, and only where nothing else decides", () => {
  const offered = (change: Partial<Case>) => questionOf({ ...plain, ...change }).map(({ model }) => model);
  assert.deepEqual(offered({ escalateBelowMargin: 0.1 }), ["mid", "large", "small"]);
  assert.deepEqual(offered({ escalateBelowMargin: 0.01 }), []);
  assert.deepEqual(offered({ escalateBelowMargin: 0.1, pin: { model: "small" } }), []);
  assert.deepEqual(offered({ escalateBelowMargin: 0.1, candidates: [mid] }), []);
  const many = ["a", "b", "c", "d"].map((model) => ({ ...mid, model }));
  assert.equal(offered({ escalateBelowMargin: 0.1, candidates: [...plain.candidates, ...many] }).length, 4);
});

test("a router that says nothing is told of in the sentence, and what it says counts only where it may answer", () => {
  const close = { escalateBelowMargin: 0.1 };
  const silent = decided({ ...close, advice: { router: "judge", silence: "it was late" } });
  assert.equal(silent.reason, "low_margin");
  assert.match(silent.sentence, /instead of mid; judge was no help: it was late \(expected/u);
  assert.equal(outcome({ ...close, advice: advising("gone") }), "large: low_margin");
  assert.equal(outcome({ ...close, advice: advising("small"), candidates: without("small") }), "large: low_margin");
});

test("a model that can be told how much to think is told, and the others are not", () => {
  const reasoning = { effort: "high", budgetTokens: 100 } as const;
  const candidates = [large, { ...mid, reasons: true as const }, small];
  assert.deepEqual(decided({ candidates, reasoning }).reasoning, reasoning);
  assert.equal(decided({ reasoning }).reasoning, undefined);
});

test("a guarded model that may not answer means that nobody may: safety holds", () => {
  assert.deepEqual(decide({ ...plain, guarded: "large", candidates: without("large", "context 10 < 20 tokens") }), {
    refused: "large: context 10 < 20 tokens",
  });
  assert.deepEqual(decide({ ...plain, guarded: "gone" }), { refused: "gone is not in the pool" });
});

test("a guarded request has nothing to fail over to", () => {
  assert.deepEqual(decided({ guarded: "large" }).fallbacks, []);
});

test("a requested, default, pinned or fallback model that may not answer leaves it to the next rule", () => {
  const candidates = without("small");
  assert.equal(outcome({ candidates, requested: "small" }), "mid: cheapest_adequate");
  assert.equal(outcome({ candidates, rollout: observing }), "mid: cheapest_adequate");
  assert.equal(outcome({ candidates, pin: { model: "small" } }), "mid: cheapest_adequate");
  assert.equal(outcome({ candidates, pin: { tier: "low" } }), "mid: cheapest_adequate");
  assert.equal(outcome({ candidates, fallback: "small", threshold: 1 }), "mid: cheapest_adequate");
});

test("nobody allowed: the refusal names each model's constraint", () => {
  const closed = plain.candidates.map((c) => ({ ...c, allowed: "context 8192 < 9000 tokens" }));
  assert.deepEqual(decide({ ...plain, candidates: closed }), {
    refused: "large: context 8192 < 9000 tokens; mid: context 8192 < 9000 tokens; small: context 8192 < 9000 tokens",
  });
  assert.deepEqual(decide({ ...plain, candidates: [] }), { refused: "the pool has no models" });
});

test("a refusal of a large pool stays short", () => {
  const many = Array.from({ length: 50 }, (_, i) => ({ ...small, model: `m${i}`, allowed: "no" }));
  const result = decide({ ...plain, candidates: many });
  assert.ok("refused" in result && result.refused.endsWith("m19: no; and 30 more"));
});

test("a rollout says what would have been chosen instead", () => {
  const kill = { mode: "kill", percent: 100, inRollout: true, default: "small" } as const;
  const outside = { mode: "route", percent: 10, inRollout: false, default: "small" } as const;
  const instead = { model: "mid", reason: "cheapest_adequate" };
  assert.deepEqual(decided({ rollout: observing }).instead, instead);
  assert.deepEqual(decided({ rollout: kill }).instead, instead);
  assert.deepEqual(decided({ rollout: outside }).instead, instead);
  assert.deepEqual(decided({ rollout: outside, pin: { model: "large" } }).instead, {
    model: "large",
    reason: "pinned",
  });
  assert.equal(outcome({ rollout: kill }), "small: kill_switch");
  assert.equal(outcome({ rollout: outside }), "small: not_in_rollout");
  assert.equal(outcome({ rollout: { ...outside, inRollout: true } }), "mid: cheapest_adequate");
  assert.equal("instead" in decided({}), false);
});

test("a pinned tier answers with its cheapest adequate model, measured against its own best", () => {
  const twin = { ...small, model: "twin", quality: 0.48, costUsd: 0.0005 };
  const weak = { ...small, model: "weak", quality: 0.3, costUsd: 0.0001 };
  assert.equal(outcome({ pin: { tier: "low" }, candidates: [...plain.candidates, twin, weak] }), "twin: pinned");
});

test("a pinned tier none of whose models is good enough answers with its best", () => {
  const twin = { ...small, model: "twin", quality: 0.48, costUsd: 0.0005 };
  const pin = { tier: "low" };
  assert.equal(outcome({ pin, candidates: [...plain.candidates, twin], minQuality: 0.8 }), "small: pinned");
});

test("unsure without a fallback: the best predicted model answers", () => {
  assert.equal(outcome({ threshold: 0.9 }), "large: low_confidence");
  assert.match(
    decided({ threshold: 0.9 }).sentence,
    /^confidence 0\.818 in mid < 0\.9, so the best predicted model large answers/,
  );
});

test("no votes: confidence is 0 and the fallback answers", () => {
  const votes = [{ signal: "complexity", weight: 0, note: "no vote" }];
  const decision = decided({ votes, fallback: "small" });
  assert.equal(`${decision.model}: ${decision.reason}`, "small: low_confidence");
  assert.equal(decision.confidence, 0);
});

test("nobody good enough: the fallback answers if there is one, else the best there is", () => {
  assert.equal(outcome({ minQuality: 0.95, threshold: 0, fallback: "small" }), "small: low_confidence");
  assert.equal(outcome({ minQuality: 0.95, threshold: 0 }), "large: best_available");
  assert.equal(
    outcome({ minQuality: 0.95, threshold: 0, fallback: "small", candidates: without("small") }),
    "large: best_available",
  );
});

test("a low margin escalates to the best model of the next tier that has one", () => {
  const close = [small, { ...mid, quality: 0.51 }, { ...large, quality: 0.5 }];
  const escalateBelowMargin = 0.02;
  assert.equal(outcome({ candidates: close, escalateBelowMargin }), "mid: low_margin");
  const skipping = [small, { ...mid, quality: 0.5, allowed: "forbidden" }, { ...large, quality: 0.51 }];
  assert.equal(outcome({ candidates: skipping, escalateBelowMargin }), "large: low_margin");
});

test("at the top there is nowhere to escalate to", () => {
  const top = [large, { ...large, model: "large-2", costUsd: 0.005 }];
  assert.equal(outcome({ candidates: top, escalateBelowMargin: 0.5 }), "large-2: cheapest_adequate");
});

test("equal cost is decided by name, equal latency by cost", () => {
  const twins = [
    { ...mid, model: "c" },
    { ...mid, model: "a" },
    { ...mid, model: "b" },
  ];
  assert.equal(decided({ candidates: twins }).model, "a");
  assert.deepEqual(decided({ candidates: twins }).fallbacks, ["b", "c"]);
  const dear = { ...mid, model: "a", costUsd: 1 };
  assert.equal(decided({ candidates: [dear, { ...mid, model: "z" }], prefer: "latency" }).model, "z");
});

test("the fast profile prefers the fastest adequate model", () => {
  assert.equal(outcome({ prefer: "latency" }), "large: cheapest_adequate");
  assert.match(decided({ prefer: "latency" }).sentence, /^large is the fastest of 2/);
});

test("in doubt fallbacks go from the best down: a distrusted cheap model comes last", () => {
  const candidates = [small, mid, large].map((candidate) => ({ ...candidate, quality: candidate.quality }));
  const unsure = decided({ candidates, threshold: 1, fallback: "mid" });
  assert.equal(unsure.reason, "low_confidence");
  const best = candidates.toSorted((a, b) => b.quality - a.quality).map(({ model }) => model);
  assert.deepEqual(
    unsure.fallbacks,
    best.filter((model) => model !== "mid"),
  );
});

test("a model that was asked for by name has no other to fail over to", () => {
  assert.deepEqual(decided({ requested: "small" }).fallbacks, []);
});

test("confidence is measured against the best of the pool, allowed or not", () => {
  const all = [small, mid, { ...large, quality: 0.99 }];
  const alone = all.map((candidate) =>
    candidate.model === "small" ? candidate : { ...candidate, allowed: "external" },
  );
  const decision = decided({ candidates: alone, fallback: "large" });
  assert.equal(decision.model, "small");
  assert.ok(decision.confidence < 0.5, `${decision.confidence}`);
  assert.match(decision.sentence, /of the 1 that may answer \(of 3\)/);
});

test("fallbacks are the adequate ones by cost, then the rest from the best down", () => {
  const weak = { ...small, model: "weak", quality: 0.6, costUsd: 0.1 };
  const peer = { ...large, model: "peer", costUsd: 0.02 };
  const candidates = [small, weak, peer, large, mid];
  assert.deepEqual(decided({ candidates }).fallbacks, ["large", "peer", "weak", "small"]);
});

test("savings count against the named baseline even where it may not answer, else against the dearest of the top tier", () => {
  assert.equal(decided({ baseline: "small" }).baselineCostUsd, 0.001);
  assert.equal(decided({ baseline: "large", candidates: without("large") }).baselineCostUsd, 0.01);
  assert.equal(
    decided({ candidates: [...plain.candidates, { ...large, model: "x", costUsd: 0.5 }] }).baselineCostUsd,
    0.5,
  );
});

test("one model alone has no runner-up, and its whole quality for a margin", () => {
  const decision = decided({ candidates: [mid] });
  assert.equal("runnerUp" in decision, false);
  assert.equal(decision.margin, 0.88);
});
