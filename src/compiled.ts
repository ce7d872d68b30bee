import type { Config } from "./config/schema.ts";
import type { Model } from "./contracts.ts";
import { defaultScores, type ScoreTable } from "./decision/difficulty.ts";
import { createProfiles } from "./decision/profile.ts";
import { createRoutes, type Route } from "./decision/routes.ts";
import { compileRules } from "./decision/rules.ts";
import { safetyOf } from "./decision/safety.ts";
import { createPool, type Pool } from "./pool/pool.ts";
import { votingOptions, type VotingOptions } from "./signals/index.ts";
import type { Signal } from "./signals/signal.ts";

/** Levels of a JSON body. */
const DEEPEST_BODY = 64;
/** Members and elements of a JSON body, fields of a message: each costs a hundred bytes or so once it is built. */
const MOST_ITEMS = 100_000;
/** How long a client has to send its body. */
const BODY_MS = 30_000;

/** A voting signal: how much it counts and what its labels are worth. */
export interface Voting {
  readonly signal: string;
  readonly weight: number;
  readonly scores?: ScoreTable;
  /** Its labels are names of models. */
  readonly byModel?: true;
}

/** All of the runtime that the config alone decides. */
export function compile(config: Config, signals: readonly Signal[]) {
  const { server, decision } = config;
  const pool = createPool(config, (upstream) => config.upstreams[upstream]!.location);
  const voting = votingOptions(config.signals).map((options) => votingOf(options, pool));
  const voters = new Set(voting.map(({ signal }) => signal));
  const { default: standIn, ...rollout } = decision.rollout;
  return {
    aliases: config.aliases,
    profiles: createProfiles(config.profiles),
    rules: compileRules(config.rules),
    routes: createRoutes(config.routes),
    safetyOf: (route: Route, pinnedBy: "rule" | "signal" | undefined) =>
      safetyOf(config.safety, route.safety, pinnedBy),
    decision: { ...decision, rollout: { ...rollout, ...(standIn !== undefined && { default: standIn }) } },
    baseline: decision.baseline ?? dearest(pool).name,
    signals,
    safetySignals: signals.filter(({ name }) => !voters.has(name)),
    voting,
    defaultScores: defaultScores(pool.models),
    pool,
    budgets: config.budgets,
    auth: server.auth,
    adminToken: server.admin.token,
    limits: {
      bytes: server.limits.body_bytes,
      depth: DEEPEST_BODY,
      items: MOST_ITEMS,
      timeoutMs: BODY_MS,
    },
    concurrent: server.limits.concurrent,
    responseHeaders: server.response_headers,
    routingHeader: server.routing_header,
    ownUrl: server.url?.replace(/\/+$/u, ""),
    drainMs: server.drain_ms,
    recordText: config.records?.text ?? false,
  };
}

/**
 * Labels whose difficulty the signal knows are worth to each model what the config says of the model or its tier,
 * and where it says nothing what the model's own quality makes of that difficulty.
 */
function votingOf({ signal, weight, scores, difficulty, byModel }: VotingOptions, { models }: Pool): Voting {
  if (!difficulty) return { signal, weight, ...(scores && { scores }), ...(byModel && { byModel }) };
  const derived = defaultScores(models, difficulty);
  const rows = Object.entries(derived).map(([label, byModel]) => {
    const own = scores?.[label];
    const row = models.map(({ name, tier }) => [name, own?.[name] ?? own?.[tier.name] ?? byModel[name]!] as const);
    return [label, Object.fromEntries(row)] as const;
  });
  return { signal, weight, scores: { ...scores, ...Object.fromEntries(rows) } };
}

/** The dearest model of the strongest tier: what a user without a router would play safe with. */
function dearest({ models }: Pool): Model {
  const byRank = models.toSorted(
    (a, b) => b.tier.rank - a.tier.rank || b.price.output - a.price.output || b.price.input - a.price.input,
  );
  return byRank[0]!;
}
