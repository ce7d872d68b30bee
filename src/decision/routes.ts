import type { Effort, Timeouts } from "../contracts.ts";
import type { DecisionRoomOptions } from "./options.ts";
import type { Rollout } from "./rollout.ts";

type RouteOptions = DecisionRoomOptions["routes"][string];

/** A named way for requests, in runtime form. Undefined means: as everywhere. */
export interface Route {
  readonly name: string;
  readonly models?: readonly string[];
  readonly tier?: string;
  readonly minQuality: number;
  readonly fallback?: string;
  readonly reasoning?: Effort;
  readonly timeouts: Partial<Timeouts>;
  /** A stream that breaks off may go on from another target. */
  readonly continues?: true;
  /** In file form: it is merged with the global safety by `safetyOf`. */
  readonly safety?: NonNullable<RouteOptions["safety"]>;
  readonly rollout?: Partial<Rollout>;
}

/** Takes whatever no pin sends elsewhere. */
export const DEFAULT_ROUTE = "default";

/** Every route by name, with the one called "default" whether the file has it or not. */
export function createRoutes(options: DecisionRoomOptions["routes"]): ReadonlyMap<string, Route> {
  const routes = new Map(Object.entries(options).map(([name, route]) => [name, createRoute(name, route)]));
  if (!routes.has(DEFAULT_ROUTE)) routes.set(DEFAULT_ROUTE, createRoute(DEFAULT_ROUTE, { min_quality: 0 }));
  return routes;
}

function createRoute(name: string, options: RouteOptions): Route {
  const { models, tier, fallback, reasoning, timeouts, safety, rollout } = options;
  return {
    name,
    ...(models && { models }),
    ...(tier !== undefined && { tier }),
    minQuality: options.min_quality,
    ...(fallback !== undefined && { fallback }),
    ...(reasoning !== undefined && { reasoning }),
    timeouts: {
      ...(timeouts?.connect_ms !== undefined && { connectMs: timeouts.connect_ms }),
      ...(timeouts?.first_token_ms !== undefined && { firstTokenMs: timeouts.first_token_ms }),
      ...(timeouts?.between_tokens_ms !== undefined && { betweenTokensMs: timeouts.between_tokens_ms }),
      ...(timeouts?.total_ms !== undefined && { totalMs: timeouts.total_ms }),
    },
    ...(options.continue && { continues: true }),
    ...(safety && { safety }),
    ...(rollout && { rollout: createRollout(rollout) }),
  };
}

function createRollout(rollout: NonNullable<RouteOptions["rollout"]>): Partial<Rollout> {
  return {
    ...(rollout.mode !== undefined && { mode: rollout.mode }),
    ...(rollout.percent !== undefined && { percent: rollout.percent }),
    ...(rollout.default !== undefined && { default: rollout.default }),
  };
}
