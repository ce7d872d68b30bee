import type { Attempt, Usage } from "../contracts.ts";
import type { RequestRecord } from "../events.ts";
import { LARGEST, picoOf } from "./money.ts";
import { periodOf } from "./period.ts";

/** Whose money, and for what. A day is one of UTC; a request that no route was found for has the route "". */
export interface Heading {
  readonly day: string;
  readonly tenant: string;
  readonly route: string;
  readonly model: string;
}

/** Counts and money (1e-12 USD). Cached tokens are part of the input, reasoning of the output, estimated of both. */
export interface Amounts {
  /** Those that the model answered, or was the last to be paid for. */
  readonly requests: number;
  /** Tries at the model that used tokens. */
  readonly attempts: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Counted by us, where the upstream did not say. */
  readonly estimatedTokens: number;
  readonly cost: bigint;
  readonly baseline: bigint;
}

export interface Entry extends Heading, Amounts {}

/** USD that the tokens of an attempt cost, at the prices of the config that it was made under. */
export type CostOf = (attempt: Attempt) => number;

/**
 * What one request puts in the ledger: nothing where no tokens were used, else an entry for each model that used some,
 * to answer it or to say who should. To be asked is no request of its own. An answer of the cache is a request to the
 * model that gave it, at no cost.
 */
export function entriesOf(record: RequestRecord, costOf: CostOf): Entry[] {
  const paid = record.attempts.filter((attempt) => attempt.usage !== undefined);
  const asked = (record.asked ?? []).filter((attempt) => attempt.usage !== undefined);
  const about = {
    day: periodOf(record.at, "day"),
    tenant: record.tenant,
    route: record.plan?.decision?.route ?? "",
  };
  const entries = [...paid, ...asked].map((attempt) =>
    entryOf({ ...about, model: attempt.model }, attempt.usage!, costOf(attempt)),
  );
  const { cache } = record;
  // A refusal that others were told too is nobody's answer.
  if (cache?.model !== undefined && record.status < 400) {
    const spared = { ...NOTHING, requests: 1, baseline: picoOf(record.baselineUsd ?? 0) };
    return [...entries, { ...about, route: cache.route ?? about.route, model: cache.model, ...spared }];
  }
  if (paid.length === 0) return entries;
  const answering = (record.attempts.findLast(({ result, discarded }) => result === "ok" && !discarded) ?? paid.at(-1)!)
    .model;
  const answer = { ...NOTHING, requests: 1, baseline: picoOf(record.baselineUsd ?? 0) };
  return [...entries, { ...about, model: answering, ...answer }];
}

const NOTHING: Amounts = {
  requests: 0,
  attempts: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  estimatedTokens: 0,
  cost: 0n,
  baseline: 0n,
};

function entryOf(heading: Heading, usage: Usage, usd: number): Entry {
  const inputTokens = tokens(usage.inputTokens);
  const outputTokens = tokens(usage.outputTokens);
  return {
    ...heading,
    ...NOTHING,
    attempts: 1,
    inputTokens,
    cachedTokens: Math.min(tokens(usage.cachedInputTokens), inputTokens),
    outputTokens,
    reasoningTokens: Math.min(tokens(usage.reasoningTokens ?? 0), outputTokens),
    estimatedTokens: usage.estimated ? inputTokens + outputTokens : 0,
    cost: picoOf(usd),
  };
}

/** No upstream has served as many for one request; more is a mistake of its own. */
const MOST_TOKENS = 1e9;

/** Upstreams count as they like: what is no count is none. */
const tokens = (count: number): number => (count > 0 ? Math.min(Math.round(count), MOST_TOKENS) : 0);

export const keyOf = ({ day, tenant, route, model }: Heading): string => JSON.stringify([day, tenant, route, model]);

/** Two entries of one heading as one. */
export function joined(a: Entry, b: Entry): Entry {
  return {
    ...a,
    requests: a.requests + b.requests,
    attempts: a.attempts + b.attempts,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    estimatedTokens: a.estimatedTokens + b.estimatedTokens,
    cost: atMost(a.cost + b.cost),
    baseline: atMost(a.baseline + b.baseline),
  };
}

const atMost = (pico: bigint): bigint => (pico > LARGEST ? LARGEST : pico);
