import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Attempt, Usage } from "../../src/contracts.ts";
import { entriesOf, joined, type Entry } from "../../src/ledger/entry.ts";
import { LARGEST, picoOf, usdOf } from "../../src/ledger/money.ts";
import { anyRecord } from "./arbitrary.ts";
import { billOf, priceOf, recordOf, sum } from "./records.ts";

const usage = (over: Partial<Usage> = {}): Usage => ({
  inputTokens: 1000,
  outputTokens: 100,
  cachedInputTokens: 0,
  estimated: false,
  ...over,
});
const attempt = (model: string, result: Attempt["result"], used?: Usage): Attempt => ({
  model,
  target: "t",
  result,
  latencyMs: 1,
  ...(used && { usage: used }),
});
const entries = (...attempts: Attempt[]) => entriesOf(recordOf({ attempts }), priceOf);
const of = (found: readonly Entry[], model: string) =>
  found.filter((entry) => entry.model === model).reduce((a, b) => joined(a, b));

test("what is written down is what the upstreams bill, to the last millionth of a millionth", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const billed = record.attempts.reduce((all, tried) => all + billOf(tried), 0n);
      assert.equal(
        sum(entriesOf(record, priceOf), ({ cost }) => cost),
        billed,
      );
    }),
    { numRuns: 2000 },
  );
});

test("every try that used tokens counts for its own model, the request once, for the one that answered", () => {
  const found = entries(
    attempt("large", "broken_stream", usage({ outputTokens: 7 })),
    attempt("medium", "timeout"),
    attempt("small", "ok", usage({ cachedInputTokens: 400, reasoningTokens: 60 })),
  );
  const { attempts, requests, inputTokens, cachedTokens, outputTokens, reasoningTokens } = of(found, "small");
  assert.deepEqual(
    { attempts, requests, inputTokens, cachedTokens, outputTokens, reasoningTokens },
    { attempts: 1, requests: 1, inputTokens: 1000, cachedTokens: 400, outputTokens: 100, reasoningTokens: 60 },
  );
  const failed = of(found, "large");
  assert.deepEqual([failed.attempts, failed.requests, failed.outputTokens, failed.baseline], [1, 0, 7, 0n]);
  assert.equal(
    of(found, "small").baseline,
    picoOf(priceOf({ model: "large", usage: usage({ cachedInputTokens: 400 }) })),
  );
  assert.ok(!found.some(({ model }) => model === "medium"));
});

test("a request that nobody answered counts for the last that was paid, and one without tokens not at all", () => {
  const found = entries(attempt("large", "broken_stream", usage()), attempt("small", "client_gone", usage()));
  assert.deepEqual([of(found, "large").requests, of(found, "small").requests], [0, 1]);
  assert.deepEqual(entries(attempt("small", "connect_failed")), []);
});

test("what a model was asked for us counts for that model, and is no request of its own", () => {
  const record = recordOf({ attempts: [attempt("large", "ok", usage())] });
  const asked = [{ ...attempt("small", "ok", usage()), purpose: "router" as const }];
  const both = entriesOf({ ...record, asked }, priceOf);
  assert.deepEqual([of(both, "small").requests, of(both, "small").attempts, of(both, "large").requests], [0, 1, 1]);
  assert.equal(of(both, "small").cost, picoOf(priceOf({ model: "small", usage: usage() })));
  const decidedOnly = entriesOf({ ...record, asked, attempts: [] }, priceOf);
  assert.deepEqual(
    decidedOnly.map(({ model, requests }) => [model, requests]),
    [["small", 0]],
  );
});

test("who answered in vain is paid, and whoever's answer was given out has the request", () => {
  const discarded = { ...attempt("large", "ok", usage()), discarded: true as const };
  const found = entries(attempt("small", "ok", usage()), discarded);
  assert.deepEqual([of(found, "small").requests, of(found, "large").requests], [1, 0]);
  assert.deepEqual([of(found, "small").attempts, of(found, "large").attempts], [1, 1]);
  assert.ok(of(found, "large").cost > 0n);
});

test("what was estimated stands apart and in the sum", () => {
  const found = entries(attempt("large", "broken_stream", usage({ estimated: true })), attempt("small", "ok", usage()));
  assert.deepEqual([of(found, "large").estimatedTokens, of(found, "small").estimatedTokens], [1100, 0]);
  assert.equal(of(found, "large").inputTokens, 1000);
});

test("a day is one of UTC, and a request without a decision has no route", () => {
  const { plan: _, ...bare } = recordOf({
    at: Date.UTC(2026, 1, 28, 23, 59),
    attempts: [attempt("small", "ok", usage())],
  });
  const [entry] = entriesOf(bare, priceOf);
  assert.deepEqual([entry!.day, entry!.route], ["2026-02-28", ""]);
});

test("whatever an upstream says that it counted, sums stay whole and within bounds", () => {
  for (const count of [Number.NaN, -5, Infinity, 1e300, 0.4]) {
    const absurd = usage({ inputTokens: count, outputTokens: count, cachedInputTokens: count, reasoningTokens: count });
    for (const entry of entries(attempt("large", "ok", absurd))) {
      const { inputTokens, outputTokens, cachedTokens, reasoningTokens, cost, baseline } = entry;
      for (const amount of [inputTokens, outputTokens, cachedTokens, reasoningTokens]) {
        assert.ok(Number.isInteger(amount) && amount >= 0 && amount <= 1e9, `${amount} of ${count}`);
      }
      for (const pico of [cost, baseline]) assert.ok(pico >= 0n && pico <= LARGEST, `${pico} of ${count}`);
    }
  }
  assert.deepEqual([Number.NaN, -1, 0, 0.075, Infinity].map(picoOf), [0n, 0n, 0n, 75_000_000_000n, LARGEST]);
  assert.equal(usdOf(75_000_000_000n), 0.075);
});
