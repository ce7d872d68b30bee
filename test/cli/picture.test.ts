import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { picture, usd } from "../../src/cli/picture.ts";
import type { Decision, Plan } from "../../src/contracts.ts";

const decision: Decision = {
  model: "llama-8b",
  tier: "small",
  route: "default",
  reason: "cheapest_adequate",
  sentence:
    "llama-8b is the cheapest of 2 adequate models: predicted quality 0.9, best 0.93, tolerance 0.05 (expected cost 0.0000181 USD, confidence 0.81).",
  confidence: 0.812,
  margin: 0.03,
  runnerUp: "llama-8b",
  fallbacks: ["gpt"],
  candidates: [
    { model: "llama-8b", tier: "small", tierRank: 0, quality: 0.9, costUsd: 0.0000181, latencyMs: 900, allowed: true },
    { model: "gpt", tier: "large", tierRank: 1, quality: 0.93, costUsd: 0.00224, latencyMs: 3000, allowed: true },
    {
      model: "tiny",
      tier: "small",
      tierRank: 0,
      quality: 0.5,
      costUsd: 0.000002,
      latencyMs: 100,
      allowed: "does not understand image",
    },
  ],
  votes: [
    { signal: "complexity", weight: 0.6666 },
    { signal: "keyword", weight: 0, note: "no vote: read nothing" },
  ],
  expectedCostUsd: 0.0000181,
  baselineCostUsd: 0.00224,
};

const timeouts = { connectMs: 1000, firstTokenMs: 15_000, totalMs: 300_000 };
const plan: Plan = {
  decisionId: "d",
  configHash: "0123456789ab",
  decision,
  signals: [
    { signal: "keyword", readings: [], micros: 22.4 },
    {
      signal: "complexity",
      readings: [
        { label: "simple", score: 0.91, confidence: 0.87 },
        { label: "moderate", score: 0.09, confidence: 0.87 },
      ],
      micros: 88,
    },
    { signal: "pii", readings: [], micros: 20_001, failure: "deadline", error: "out of time after 20 ms" },
  ],
  safety: { action: "annotate", classes: ["pii"], sentence: "pii failed: annotate" },
  rules: ["images-stay"],
  targets: [
    {
      model: "llama-8b",
      target: { id: "local/llama", upstream: "local", upstreamModel: "llama", location: "internal" },
      timeouts,
      edits: [],
    },
    {
      model: "gpt",
      target: { id: "openai/gpt-5", upstream: "openai", upstreamModel: "gpt-5", location: "external" },
      timeouts: { ...timeouts, connectMs: 2500 },
      edits: [],
    },
  ],
  setHeaders: [],
  removeHeaders: [],
  preview: true,
  micros: 412,
};

test("a decision is drawn whole within 80 columns", () => {
  const drawn = picture(plan, { width: 80, colours: false, unicode: true });
  assert.equal(
    drawn,
    `llama-8b · tier small · route default · cheapest_adequate
llama-8b is the cheapest of 2 adequate models: predicted quality 0.9, best 0.93,
tolerance 0.05 (expected cost 0.0000181 USD, confidence 0.81).
confidence 0.81 · margin 0.030 between the two best (second: llama-8b)

signal      label                              score  conf.  share     µs
keyword     no vote: read nothing                                -     22
complexity  simple                              0.91   0.87    67%     88
            moderate                            0.09   0.87
pii         deadline: out of time after 20 ms                    -  20001

  model    predicted quality                                cost USD
  gpt      █████████████████████████████████████░░░ 0.93     0.00224
▸ llama-8b ████████████████████████████████████░░░░ 0.90   0.0000181
✗ tiny     ████████████████████░░░░░░░░░░░░░░░░░░░░ 0.50  0.00000200
    refused: does not understand image

   target        model     location  connect/first/total
1  local/llama   llama-8b  internal  1/15/300 s
2  openai/gpt-5  gpt       external  2.5/15/300 s

safety   pii failed: annotate
rules    images-stay
cost     0.0000181 USD, 99.2% below the baseline (expected) of 0.00224 USD
decided  in 0.41 ms by config 0123456789ab
`,
  );
});

test("where the terminal is narrow and knows ASCII only, the picture is too", () => {
  const drawn = picture(plan, { width: 56, colours: false, unicode: false });
  assert.match(drawn, /^[\n -~]*$/u);
  assert.deepEqual(
    drawn.split("\n").filter((line) => line.length > 56),
    [],
  );
  assert.match(drawn, /> llama-8b #+\.+ 0\.90 /u);
  assert.match(drawn, /^x tiny/mu);
  assert.match(drawn, / us$/mu);
});

test("a blocked request says by whom and what was read", () => {
  const { decision: _, ...rest } = plan;
  const blocked: Plan = {
    ...rest,
    targets: [],
    rules: [],
    signals: [{ signal: "jailbreak", readings: [{ label: "jailbreak", score: 0.93, confidence: 0.97 }], micros: 33 }],
    safety: { action: "block", classes: ["jailbreak"], sentence: "jailbreak 0.93 >= 0.8: block" },
    blocked: { status: 403, code: "blocked", message: "Blocked by safety: \u001b[2Jjailbreak." },
  };
  assert.equal(
    picture(blocked, { width: 80, colours: false, unicode: true }),
    `blocked (403)
Blocked by safety: [2Jjailbreak.

signal     label      score  conf.  share  µs
jailbreak  jailbreak   0.93   0.97      -  33

safety   jailbreak 0.93 >= 0.8: block
rules    none matched
decided  in 0.41 ms by config 0123456789ab
`,
  );
});

test("colours change no letter", () => {
  const plain = picture(plan, { width: 80, colours: false, unicode: true });
  const coloured = picture(plan, { width: 80, colours: true, unicode: true });
  assert.notEqual(coloured, plain);
  assert.equal(stripVTControlCharacters(coloured), plain);
});

test("a large pool is drawn in part, and the chosen model is always there", () => {
  const many = Array.from({ length: 60 }, (_, at) => ({
    ...decision.candidates[1]!,
    model: `m${at}`,
    quality: 0.99 - at / 100,
  }));
  const large = { ...plan, decision: { ...decision, model: "m59", candidates: many } };
  const drawn = picture(large, { width: 80, colours: false, unicode: false });
  assert.match(drawn, /^> m59 /mu);
  assert.match(drawn, /^ {2}and 39 more$/mu);
});

test("costs are told to three digits and without an exponent", () => {
  assert.deepEqual([0, 0.0000181, 0.00224, 1.5, 1234].map(usd), ["0", "0.0000181", "0.00224", "1.50", "1234"]);
});

test("a choice as dear as the baseline, or dearer, says so, and none speaks of saving", () => {
  const costing = (expectedCostUsd: number, baselineCostUsd: number) => {
    const drawn = picture(
      { ...plan, decision: { ...decision, expectedCostUsd, baselineCostUsd } },
      { width: 80, colours: false, unicode: true },
    );
    assert.doesNotMatch(drawn, /sav/u);
    return /^cost {5}(.*)$/mu.exec(drawn)![1];
  };
  assert.equal(costing(0.003, 0.002), "0.00300 USD, 50.0% above the baseline (expected) of 0.00200 USD");
  assert.equal(costing(0.002, 0.002), "0.00200 USD, as much as the baseline (expected)");
  assert.equal(costing(0.002, 0), "0.00200 USD (expected), baseline 0 USD");
});
