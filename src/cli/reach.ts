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

/** One tier that is worth less than one before it. */
export interface Misplaced {
  readonly tier: string;
  readonly quality: number;
  /** The best of those before it. */
  readonly before: { readonly tier: string; readonly quality: number };
}

/** Tiers go from the cheapest to the strongest: a later one of lower quality is probably a slip. */
export function misplacedTiers({ tiers }: Pick<Config, "tiers">): readonly Misplaced[] {
  const found: Misplaced[] = [];
  let best: Misplaced["before"] | undefined;
  for (const [tier, { quality }] of Object.entries(tiers)) {
    if (best === undefined || quality >= best.quality) best = { tier, quality };
    else found.push({ tier, quality, before: best });
  }
  return found;
}

export function misplacedText({ quality, before }: Misplaced): string {
  return `its quality ${quality} is below the ${before.quality} of ${before.tier}, which stands before it`;
}

export const ORDER_OF_TIERS = "order the tiers from the cheapest to the strongest, or correct their quality";

function holds({ models, tier }: Route, model: string, itsTier: string): boolean {
  return (models?.includes(model) ?? true) && (tier === undefined || tier === itsTier);
}

/** Models that the config itself sends requests to, whatever the route allows. */
function exemptModels({ safety, decision }: Config, routes: readonly Route[]): Set<string | undefined> {
  return new Set([safety.model, decision.rollout.default, ...routes.map(({ rollout }) => rollout?.default)]);
}

/** Whatever signals there are: a `pin` or a `then` that names a route. */
function pinnedRoutes(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, inside]: [string, unknown]) => {
    const pin = key === "pin" || key === "then" ? (inside as { readonly route?: unknown } | null)?.route : undefined;
    return [...(typeof pin === "string" ? [pin] : []), ...pinnedRoutes(inside)];
  });
}
