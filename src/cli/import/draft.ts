import type { ConfigInput } from "../../config/schema.ts";
import { nameFor, nameLike } from "../names.ts";
import { rankTiers } from "./tiers.ts";

type UpstreamInput = ConfigInput["upstreams"][string];
type ModelInput = ConfigInput["models"][string];
export type TargetInput = ModelInput["targets"][number];
type KeywordRule = NonNullable<NonNullable<NonNullable<ConfigInput["signals"]>["keyword"]>["rules"]>[number];
type EmbeddingRoute = NonNullable<NonNullable<NonNullable<ConfigInput["signals"]>["embedding"]>["routes"]>[number];
type Route = NonNullable<ConfigInput["routes"]>[string];

/** A model of the pool before its tier is known. `price` is missing where the file names none. */
export interface DraftModel extends Omit<ModelInput, "tier" | "price" | "targets"> {
  tier?: string;
  price?: ModelInput["price"];
  readonly targets: TargetInput[];
}

/** A config of ours while it is being put together. */
export interface Draft {
  readonly models: Map<string, DraftModel>;
  readonly keywords: KeywordRule[];
  readonly routesByExample: EmbeddingRoute[];
  readonly domainScores: Record<string, Record<string, number>>;
  readonly rules: NonNullable<ConfigInput["rules"]>;
  readonly routes: Record<string, Route>;
  readonly aliases: string[];
  signals: NonNullable<ConfigInput["signals"]>;
  safety: NonNullable<ConfigInput["safety"]>;
  server: NonNullable<ConfigInput["server"]>;
  /** Tiers that the file names by itself, cheapest first. */
  ladder?: readonly string[];
  fallback?: string;
  retries?: number;
  totalMs?: number;
  /** The name of an upstream like this: one for all that are alike. */
  upstream(options: UpstreamInput, hint: string): string;
  kindOf(upstream: string): UpstreamInput["kind"] | undefined;
  /** A name for a model of the pool, near to the one it has; the same one for the same. */
  modelName(given: string): string;
  routeName(given: string): string;
  label(given: string): string;
}

export function createDraft(): Draft & { finish(): ConfigInput } {
  const upstreams = new Map<string, { readonly name: string; readonly options: UpstreamInput }>();
  const names = { upstream: new Set<string>(), route: new Set(["default"]), model: new Set<string>() };
  const given = {
    model: new Map<string, string>(),
    route: new Map<string, string>(),
    label: new Map<string, string>(),
  };
  const labels = new Set<string>();
  const once = (known: Map<string, string>, text: string, make: () => string) => {
    const name = known.get(text) ?? make();
    known.set(text, name);
    return name;
  };
  const draft: Draft = {
    models: new Map(),
    keywords: [],
    routesByExample: [],
    domainScores: {},
    rules: [],
    routes: {},
    aliases: [],
    signals: {},
    safety: {},
    server: {},
    upstream(options, hint) {
      const key = JSON.stringify(options);
      const known = upstreams.get(key);
      if (known) return known.name;
      const name = nameFor(hint, names.upstream, "upstream");
      upstreams.set(key, { name, options });
      return name;
    },
    kindOf: (name) => [...upstreams.values()].find((each) => each.name === name)?.options.kind,
    modelName: (text) => once(given.model, text, () => nameLike(text, names.model, "model")),
    routeName: (text) => once(given.route, text, () => nameLike(text, names.route, "route")),
    label: (text) => once(given.label, text, () => nameLike(text, labels, "label")),
  };
  return Object.assign(draft, { finish: () => finished(draft, upstreams.values()) });
}

const USUAL_ALIAS = "auto";

function finished(
  draft: Draft,
  upstreams: Iterable<{ readonly name: string; readonly options: UpstreamInput }>,
): ConfigInput {
  const { keywords, routesByExample, domainScores, totalMs } = draft;
  // Where the file routed by nothing, something has to.
  const isMute = keywords.length + routesByExample.length === 0 && !draft.signals.domain && !draft.signals.complexity;
  const signals = isMute ? { domain: {}, complexity: {}, ...draft.signals } : draft.signals;
  const { tiers, models } = rankTiers(draft.models, draft.ladder, totalMs);
  const aliases = draft.aliases.filter((alias) => !draft.models.has(alias));
  const usual = draft.models.has(USUAL_ALIAS) ? "signalbox" : USUAL_ALIAS;
  return {
    version: 1,
    ...(Object.keys(draft.server).length > 0 && { server: draft.server }),
    aliases: [...new Set(aliases.length > 0 ? aliases : [usual])],
    upstreams: Object.fromEntries([...upstreams].map(({ name, options }) => [name, options])),
    ...(draft.retries !== undefined && { failover: { retries: draft.retries } }),
    tiers,
    models,
    signals: {
      ...(keywords.length > 0 && { keyword: { rules: keywords } }),
      ...(routesByExample.length > 0 && { embedding: { routes: routesByExample } }),
      ...(Object.keys(domainScores).length > 0 && { domain: { scores: domainScores } }),
      ...signals,
    },
    ...(draft.rules.length > 0 && { rules: draft.rules }),
    ...(Object.keys(draft.routes).length > 0 && { routes: draft.routes }),
    ...(Object.keys(draft.safety).length > 0 && { safety: draft.safety }),
    ...(draft.fallback !== undefined && { decision: { fallback: draft.fallback } }),
  };
}

/** A text of theirs that must not be taken for a reference of ours. */
export const literal = (text: string): string => text.replaceAll(/\$(?=\{[^{}\n]*\})/gu, "$$$$");
