import type { Constraints, Model, Needs, Prompt, Speed } from "../contracts.ts";
import { expectedCostUsd, expectedLatencyMs, expectedOutputTokens } from "./cost.ts";
import { expectedSpeed, orderTargets, reachableTargets, type TargetFacts } from "./order.ts";

/** Everything about one request that may rule a model out. Lists of models name models, never tiers. */
export interface RequestFacts extends TargetFacts {
  readonly prompt: Pick<Prompt, "inputTokens" | "maxOutputTokens"> & { readonly needs: Needs };
  readonly constraints: Constraints;
  /** Models that the client's key may use; undefined means all. */
  readonly callerModels?: readonly string[];
  /** The model that the client asked for by name: no other is what it asked for. */
  readonly named?: string;
  /** What rules demand: only these, none of those. */
  readonly only?: readonly string[];
  readonly forbid?: readonly string[];
  readonly route?: RouteScope;
  /** Live speed of a target, where there is one. */
  speedOf?(targetId: string): Speed | undefined;
}

/**
 * What a route narrows the pool to. `exempt` are models that the config itself sends the request to and that the
 * route does not bind: the guarded model of a guarded request, the default model while a rollout is not routing.
 */
export interface RouteScope {
  readonly name: string;
  readonly models?: readonly string[];
  readonly tier?: string;
  readonly exempt?: readonly string[];
}

/** Gives the constraint that a model breaks, as one ASCII sentence without client text, or nothing. */
type Constraint = (model: Model, facts: RequestFacts) => string | undefined;

/** Permission first, then ability, then price and speed, then where and whether it can be reached. */
const CONSTRAINTS: readonly Constraint[] = [
  askedFor,
  allowedToCaller,
  allowedByRequest,
  allowedByRules,
  withinRoute,
  context,
  reply,
  modalities,
  tools,
  parameters,
  cost,
  firstToken,
  latency,
  location,
  availability,
];

/** True when the model may answer, else the first constraint that it breaks. */
export function refusal(model: Model, facts: RequestFacts): true | string {
  for (const constraint of CONSTRAINTS) {
    const broken = constraint(model, facts);
    if (broken !== undefined) return broken;
  }
  return true;
}

function askedFor({ name }: Model, { named, route }: RequestFacts) {
  return named === undefined || name === named || route?.exempt?.includes(name)
    ? undefined
    : "the client asked for another model by name";
}

function allowedToCaller({ name }: Model, { callerModels }: RequestFacts) {
  return callerModels && !callerModels.includes(name)
    ? `not among the ${callerModels.length} models of this client key`
    : undefined;
}

function allowedByRequest({ name }: Model, { constraints }: RequestFacts) {
  return constraints.models && !constraints.models.includes(name)
    ? `not among the ${constraints.models.length} models that the request allows`
    : undefined;
}

function allowedByRules({ name }: Model, { only, forbid }: RequestFacts) {
  if (forbid?.includes(name)) return "forbidden by a rule";
  return only && !only.includes(name) ? `not among the ${only.length} models that the rules allow` : undefined;
}

function withinRoute({ name, tier }: Model, { route }: RequestFacts) {
  if (!route || route.exempt?.includes(name)) return undefined;
  if (route.models && !route.models.includes(name)) {
    return `not among the ${route.models.length} models of route ${route.name}`;
  }
  return route.tier !== undefined && route.tier !== tier.name
    ? `tier ${tier.name} is not ${route.tier}, the tier of route ${route.name}`
    : undefined;
}

/** Room is kept for the reply that the client asked for, since upstreams check exactly that; else for the expected one. */
function context(model: Model, { prompt, constraints }: RequestFacts) {
  const room = Math.min(prompt.maxOutputTokens ?? expectedOutputTokens(prompt), model.maxOutput ?? Infinity);
  const needed = Math.max(prompt.inputTokens + room, constraints.minContext ?? 0);
  return model.context < needed ? `context ${model.context} < ${needed} tokens` : undefined;
}

/** Upstreams turn down a request for a longer reply than the model can give. */
function reply({ maxOutput }: Model, { prompt }: RequestFacts) {
  return maxOutput !== undefined && prompt.maxOutputTokens !== undefined && maxOutput < prompt.maxOutputTokens
    ? `max_tokens ${maxOutput} < ${prompt.maxOutputTokens} tokens`
    : undefined;
}

function modalities(model: Model, { prompt, constraints }: RequestFacts) {
  const needed = [...prompt.needs.modalities, ...(constraints.modalities ?? [])];
  const missing = needed.find((modality) => !model.modalities.includes(modality));
  return missing === undefined ? undefined : `does not understand ${missing}`;
}

function tools(model: Model, { prompt, constraints }: RequestFacts) {
  if (model.tools) return undefined;
  const count = prompt.needs.tools.length;
  return count > 0 || constraints.tools === true ? `cannot call tools, ${count} given` : undefined;
}

function parameters(model: Model, { prompt }: RequestFacts) {
  const { parameters: known } = model;
  if (!known) return undefined;
  const unknown = prompt.needs.parameters.find((parameter) => !known.includes(parameter));
  return unknown === undefined ? undefined : `does not know the parameter ${fieldName(unknown)}`;
}

function cost(model: Model, { prompt, constraints }: RequestFacts) {
  const limit = constraints.maxCostUsd;
  if (limit === undefined) return undefined;
  const expected = expectedCostUsd(model.price, prompt.inputTokens, expectedOutputTokens(prompt));
  return expected > limit ? `expected cost ${figure(expected)} > ${figure(limit)} USD` : undefined;
}

function firstToken(model: Model, facts: RequestFacts) {
  const limit = facts.constraints.maxTtftMs;
  if (limit === undefined) return undefined;
  const { ttftMs } = speed(model, facts);
  return ttftMs > limit ? `expected first token after ${figure(ttftMs)} > ${figure(limit)} ms` : undefined;
}

function latency(model: Model, facts: RequestFacts) {
  const limit = facts.constraints.maxLatencyMs;
  if (limit === undefined) return undefined;
  const expected = expectedLatencyMs(speed(model, facts), expectedOutputTokens(facts.prompt));
  return expected > limit ? `expected latency ${figure(expected)} > ${figure(limit)} ms` : undefined;
}

function location(model: Model, facts: RequestFacts) {
  return reachableTargets(model, isInternalOnly(facts)).length === 0
    ? `location: none of ${model.targets.length} targets is internal`
    : undefined;
}

function availability(model: Model, facts: RequestFacts) {
  const internalOnly = isInternalOnly(facts);
  if (orderTargets(model, { internalOnly, isCallable: (id) => facts.isCallable(id) }).length > 0) return undefined;
  return `circuit breakers shut off all ${reachableTargets(model, internalOnly).length} targets`;
}

/** Whether the request must stay on our own model servers, whoever asked for it. */
export function isInternalOnly(facts: Pick<RequestFacts, "internalOnly" | "constraints">): boolean {
  return facts.internalOnly || facts.constraints.location === "internal";
}

function speed(model: Model, facts: RequestFacts): Speed {
  return expectedSpeed(model, {
    internalOnly: isInternalOnly(facts),
    isCallable: (id) => facts.isCallable(id),
    speedOf: (id) => facts.speedOf?.(id),
  });
}

/** The client chose the name: shown only where it looks like one. */
function fieldName(name: string): string {
  return /^[a-z_]{1,40}$/.test(name) ? name : "that the client named";
}

const figure = (value: number) => String(Number(value.toPrecision(4)));
