import assert from "node:assert/strict";
import { test } from "node:test";
import { waitOf } from "../../src/upstream/wait.ts";

const NOW = Date.parse("2025-11-21T12:00:00Z");
const DATE = "Fri, 21 Nov 2025 11:00:00 GMT";

for (const [what, headers, wanted, status = 429] of [
  ["nothing", {}, undefined],
  ["seconds", { "retry-after": "7" }, 7000],
  ["parts of a second", { "retry-after": "0.25" }, 250],
  ["milliseconds, before seconds", { "retry-after-ms": "120", "retry-after": "1" }, 120],
  ["seconds of an overload", { "retry-after": "7" }, 7000, 529],
  ["no time after a good answer", { "retry-after": "7" }, undefined, 200],
  ["more than five minutes", { "retry-after": "86400" }, 300_000],
  ["no time", { "retry-after": "0" }, 0],
  ["a date by our clock", { "retry-after": "Fri, 21 Nov 2025 12:00:30 GMT" }, 30_000],
  ["a date by its own clock", { "retry-after": "Fri, 21 Nov 2025 11:00:30 GMT", date: DATE }, 30_000],
  ["a date that is over", { "retry-after": "Fri, 21 Nov 2025 11:59:00 GMT" }, 0],
  ["nonsense", { "retry-after": "soon" }, undefined],
  ["two values", { "retry-after": "1, 2" }, undefined],
  ["a number below zero", { "retry-after": "-5" }, undefined],
  ["a number beyond all", { "retry-after": "9".repeat(400) }, undefined],
  [
    "OpenAI's limits: the one that is used up",
    {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1m30.5s",
      "x-ratelimit-remaining-tokens": "900",
      "x-ratelimit-reset-tokens": "6m0s",
    },
    90_500,
  ],
  [
    "OpenAI's limits of which none is told used up: the first that is whole again",
    { "x-ratelimit-reset-requests": "120ms", "x-ratelimit-reset-tokens": "2s" },
    120,
  ],
  ["limits in seconds", { "x-ratelimit-reset-requests": "12" }, 12_000],
  [
    "Anthropic's limits",
    {
      "anthropic-ratelimit-requests-remaining": "10",
      "anthropic-ratelimit-requests-reset": "2025-11-21T12:00:01Z",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2025-11-21T12:00:42Z",
    },
    42_000,
  ],
  ["limits of something that is no rate limit", { "x-ratelimit-reset-requests": "12" }, undefined, 503],
  ["limits that cannot be read", { "x-ratelimit-reset-requests": "1y", "x-ratelimit-reset-tokens": "" }, undefined],
] as const satisfies readonly (readonly [string, Record<string, string>, number | undefined, number?])[]) {
  test(`what a server asks to be left alone for: ${what}`, () => {
    assert.equal(waitOf(status, headers, NOW), wanted);
  });
}
