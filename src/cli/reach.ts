import type { Config } from "../config/schema.ts";
import { createRoutes, DEFAULT_ROUTE, type Route } from "../decision/routes.ts";

/** Parts of a config that no request can come to, by name. */
export interface OutOfReach {
  readonly models: readonly string[];
  /** Routes that neither a rule nor a signal pins. */
  readonly routes: readonly string[];
  /** Tiers without a model. */
  readonly tiers: readonly string[];
}

export function outOfReach(config: Config): OutOfReach {
  const routes = createRoutes(config.routes);
  const pinned = new Set([DEFAULT_ROUTE, ...pinnedRoutes(config.rules), ...pinnedRoutes(config.signals)]);
  const taken = [...routes.values()].filter(({ name }) => pinned.has(name));
  const exempt = exemptModels(config, taken);
  const models = Object.entries(config.models);
  const used = new Set(models.map(([, { tier }]) => tier));
  return {
    models: models
      .filter(([name, { tier }]) => !exempt.has(name) && !taken.some((route) => holds(route, name, tier)))
      .map(([name]) => name),
    routes: [...routes.keys()].filter((name) => !pinned.has(name)),
    tiers: Object.keys(config.tiers).filter((tier) => !used.has(tier)),
  };
}

function holds({ models, tier }: Route, model: string, itsTier: string): boolean {
  return (models?.includes(model) ?? true) && (tier === undefined || tier === itsTier);
}

/** Models that the config itself sends requests to, whatever the route allows. */
function exemptModels({ safety, decision }: Config, routes: readonly Route[]): Set<string | undefined> {
  return new Set([safety.guarded_model, decision.rollout.default, ...routes.map(({ rollout }) => rollout?.default)]);
}

/** Whatever signals there are: a `pin` or a `then` that names a route. */
function pinnedRoutes(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, inside]: [string, unknown]) => {
    const pin = key === "pin" || key === "then" ? (inside as { readonly route?: unknown } | null)?.route : undefined;
    return [...(typeof pin === "string" ? [pin] : []), ...pinnedRoutes(inside)];
  });
}
