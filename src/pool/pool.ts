import type { Location, Model, Target, Tier } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { PoolOptions } from "./options.ts";

/** Every model there is, frozen. `models` are sorted by name, `tiers` by rank. */
export interface Pool {
  readonly models: readonly Model[];
  readonly byName: ReadonlyMap<string, Model>;
  readonly tiers: readonly Tier[];
}

/** Something that names what does not exist, or cannot be. `known` are the names that would have been right. */
export interface PoolProblem {
  readonly path: ReadonlyArray<string | number>;
  readonly message: string;
  readonly known?: readonly string[];
}

type ModelOptions = PoolOptions["models"][string];
type TargetOptions = ModelOptions["targets"][number];

/** Options that `checkPool` finds no fault with, in runtime form. Throws config_invalid for a tier that is not there. */
export function createPool(options: PoolOptions, locationOf: (upstream: string) => Location): Pool {
  const tiers = Object.entries(options.tiers).map(([name, tier], rank) => createTier(name, rank, tier));
  const models = Object.entries(options.models)
    .map(([name, model]) => createModel(name, model, tierCalled(model.tier, tiers), locationOf))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Object.freeze({
    models: Object.freeze(models),
    byName: new Map(models.map((model) => [model.name, model])),
    tiers: Object.freeze(tiers),
  });
}

/**
 * References that lead nowhere, and targets named twice. Circuit breakers, live speeds and outcomes belong to a
 * target id, and a target has one price: so an id belongs to one model, and the same endpoint under two models is
 * refused (serve it under two names at the upstream instead).
 */
export function checkPool(options: PoolOptions, upstreamNames: Iterable<string>): PoolProblem[] {
  const upstreams = new Set(upstreamNames);
  const owners = new Map<string, string>();
  const problems: PoolProblem[] = [];
  for (const [name, model] of Object.entries(options.models)) {
    problems.push(...checkModel(name, model, options.tiers));
    for (const [i, target] of model.targets.entries()) {
      problems.push(...checkTarget(target, ["models", name, "targets", i], name, upstreams, owners));
    }
  }
  return problems;
}

function checkModel(name: string, model: ModelOptions, tiers: PoolOptions["tiers"]): PoolProblem[] {
  const problems: PoolProblem[] = [];
  if (!Object.hasOwn(tiers, model.tier)) {
    problems.push({
      path: ["models", name, "tier"],
      message: `no tier is called "${model.tier}"`,
      known: Object.keys(tiers),
    });
  }
  if (model.max_tokens !== undefined && model.max_tokens > model.context) {
    problems.push({
      path: ["models", name, "max_tokens"],
      message: `max_tokens ${model.max_tokens} is more than the context of ${model.context} tokens`,
    });
  }
  return problems;
}

function checkTarget(
  target: TargetOptions,
  path: ReadonlyArray<string | number>,
  model: string,
  upstreams: ReadonlySet<string>,
  owners: Map<string, string>,
): PoolProblem[] {
  const problems: PoolProblem[] = [];
  if (!upstreams.has(target.upstream)) {
    const message = `no upstream is called "${target.upstream}"`;
    problems.push({ path: [...path, "upstream"], message, known: [...upstreams] });
  }
  const id = targetId(target);
  const owner = owners.get(id);
  if (owner === undefined) owners.set(id, model);
  else problems.push({ path, message: `the target ${id} already belongs to the model "${owner}"` });
  return problems;
}

function createTier(name: string, rank: number, { quality, timeouts }: PoolOptions["tiers"][string]): Tier {
  return Object.freeze({
    name,
    rank,
    quality,
    timeouts: Object.freeze({
      connectMs: timeouts.connect_ms,
      firstTokenMs: timeouts.first_token_ms,
      betweenTokensMs: timeouts.between_tokens_ms,
      totalMs: timeouts.total_ms,
    }),
  });
}

function createModel(name: string, model: ModelOptions, tier: Tier, locationOf: (upstream: string) => Location): Model {
  const { price } = model;
  return Object.freeze({
    name,
    tier,
    quality: model.quality ?? tier.quality,
    price: Object.freeze({
      input: price.input,
      output: price.output,
      cachedInput: price.cached_input ?? price.input,
    }),
    speed: Object.freeze({ ttftMs: model.ttft_ms, msPerToken: model.ms_per_token }),
    context: model.context,
    ...(model.max_tokens === undefined ? {} : { maxOutput: model.max_tokens }),
    modalities: Object.freeze([...model.modalities]),
    tools: model.tools,
    ...(model.parameters === undefined ? {} : { parameters: Object.freeze([...model.parameters]) }),
    ...(model.reasoning === undefined ? {} : { reasoning: model.reasoning }),
    targets: Object.freeze(model.targets.map((target) => createTarget(target, locationOf(target.upstream)))),
  });
}

function createTarget(target: TargetOptions, location: Location): Target {
  const { upstream, model, adapter } = target;
  return Object.freeze({
    id: targetId(target),
    upstream,
    upstreamModel: adapter ?? model,
    ...(adapter !== undefined && { base: model }),
    location,
  });
}

function tierCalled(name: string, tiers: readonly Tier[]): Tier {
  const tier = tiers.find((t) => t.name === name);
  if (!tier) throw new RouterError("config_invalid", `no tier is called "${name}"`);
  return tier;
}

const targetId = ({ upstream, model, adapter }: TargetOptions) => `${upstream}/${adapter ?? model}`;
