import * as fc from "fast-check";
import type { Attempt, Usage } from "../../src/contracts.ts";
import type { RequestRecord } from "../../src/events.ts";
import { NOON, PRICES, recordOf } from "./records.ts";

const tokens = fc.integer({ min: 0, max: 1_000_000 });
const usage: fc.Arbitrary<Usage> = fc
  .record({ inputTokens: tokens, outputTokens: tokens, cachedInputTokens: tokens, estimated: fc.boolean() })
  .map((given) => ({ ...given, cachedInputTokens: Math.min(given.cachedInputTokens, given.inputTokens) }));
const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    model: fc.constantFrom(...Object.keys(PRICES)),
    result: fc.constantFrom("ok" as const, "timeout" as const, "broken_stream" as const),
    usage: fc.option(usage, { nil: undefined }),
  })
  .map(({ usage, ...rest }) => ({ ...rest, target: "t", latencyMs: 1, ...(usage && { usage }) }));

/** Records of a few tenants over the last hours of January and the first of February. */
export const anyRecord: fc.Arbitrary<RequestRecord> = fc
  .record({
    at: fc.integer({ min: NOON, max: NOON + 86_400_000 }),
    tenant: fc.constantFrom("acme", "globex", ""),
    attempts: fc.array(attempt, { maxLength: 4 }),
  })
  .map((given) => recordOf(given));
