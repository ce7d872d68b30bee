import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { costOf, expectedCostUsd, expectedLatencyMs, expectedOutputTokens } from "../../src/pool/cost.ts";

const price = { input: 2, output: 8, cachedInput: 0.5 };

test("prices are USD per million tokens", () => {
  assert.equal(expectedCostUsd(price, 1_000_000, 500_000), 6);
});

test("cached input is part of the input and priced apart", () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0, cachedInputTokens: 400_000, estimated: false };
  assert.equal(costOf(price, usage), 0.6 * 2 + 0.4 * 0.5);
});

test("more cached than input counts as all of the input", () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0, cachedInputTokens: 9_000_000, estimated: false };
  assert.equal(costOf(price, usage), 0.5);
});

test("the reply grows slowly with the prompt and never beyond what the client asked for", () => {
  assert.equal(expectedOutputTokens({ inputTokens: 0 }), 200);
  assert.equal(expectedOutputTokens({ inputTokens: 10_000 }), 1000);
  assert.equal(expectedOutputTokens({ inputTokens: 10_000, maxOutputTokens: 50 }), 50);
  assert.equal(expectedOutputTokens({ inputTokens: 10_000, maxOutputTokens: 5000 }), 1000);
});

test("latency is the time to the first token plus the rest of them", () => {
  assert.equal(expectedLatencyMs({ ttftMs: 300, msPerToken: 10 }, 100), 1300);
});

test("whatever upstreams count, no cost is NaN, infinite or negative", () => {
  const any = fc.double();
  fc.assert(
    fc.property(any, any, any, any, any, any, (input, output, cachedInput, a, b, c) => {
      const odd = { input, output, cachedInput };
      const usage = { inputTokens: a, outputTokens: b, cachedInputTokens: c, estimated: true };
      for (const usd of [
        costOf(odd, usage),
        expectedCostUsd(odd, a, b),
        expectedLatencyMs({ ttftMs: a, msPerToken: b }, c),
      ]) {
        assert.ok(Number.isFinite(usd) && usd >= 0, String(usd));
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});
