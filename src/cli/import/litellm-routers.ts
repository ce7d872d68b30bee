import { type Draft, literal } from "./draft.ts";
import { createReading, type Part, type Reading } from "./part.ts";

const PREFIX = "auto_router/";
const COMPLEXITY = "auto_router/complexity_router";
/** Tiers of its complexity router, the easiest first. */
const RUNGS = ["SIMPLE", "MEDIUM", "COMPLEX", "REASONING"];

export const isRouter = (entry: Part): boolean => modelIn(entry)?.startsWith(PREFIX) === true;

const modelIn = (entry: Part) => entry.part("litellm_params")?.text("model");

/** Entries of `model_list` that are routers: their names become aliases, and what they route by becomes signals. */
export function readRouters(entries: readonly Part[], draft: Draft): void {
  for (const entry of entries) {
    const params = entry.part("litellm_params")!;
    const name = entry.text("model_name");
    if (name !== undefined && ALIAS.test(name)) draft.aliases.push(name);
    else entry.note("its name cannot be the name of what is routed here (server: aliases)");
    if (modelIn(entry) === COMPLEXITY) readComplexity(entry, params, draft);
    else readSemantic(entry, params, draft);
  }
  if (entries.length > 1)
    entries[1]!.note("there is one way of deciding here: this router's name asks for the same as the first one's");
}

const ALIAS = /^[a-zA-Z][a-zA-Z0-9._/-]{0,127}$/u;

/** The model in the pool that somebody names. */
function poolModel(given: string | undefined, draft: Draft): string | undefined {
  const name = given === undefined ? undefined : draft.modelName(given);
  return name !== undefined && draft.models.has(name) ? name : undefined;
}

function readComplexity(entry: Part, params: Part, draft: Draft): void {
  const config = params.part("complexity_router_config");
  const tiers = config?.part("tiers");
  config?.leave(
    "classifier_type",
    "the signal complexity takes its place: a model that comes with the package, and no call",
  );
  draft.signals.complexity = {};
  const rungs = RUNGS.filter((rung) => tiers?.has(rung));
  if (rungs.length > 0 && !draft.ladder) draft.ladder = rungs.map((rung) => rung.toLowerCase());
  for (const rung of rungs) {
    const named = tiers!.texts(rung);
    for (const given of named) {
      const name = poolModel(given, draft);
      // A model on several rungs is worth the lowest one's price, so it stands there.
      if (name !== undefined) draft.models.get(name)!.tier ??= rung.toLowerCase();
      else tiers!.note(`${rung} names a model that is not in the pool`);
    }
  }
  const fallback = params.text("complexity_router_default_model") ?? config?.text("default_model");
  setFallback(entry, fallback, draft);
  const unranked = [...draft.models].flatMap(([name, { tier }]) => (tier === undefined ? [name] : []));
  if (draft.ladder && unranked.length > 0)
    entry.note(
      `models on none of its tiers stand on the lowest here, and are routed to as well: ${unranked.join(", ")}`,
    );
}

function setFallback(entry: Part, given: string | undefined, draft: Draft): void {
  const name = poolModel(given, draft);
  if (name !== undefined) draft.fallback ??= name;
  else if (given !== undefined) entry.note("its default model is not in the pool");
}

/** Routes by likeness to utterances: each names the model that answers. */
function readSemantic(entry: Part, params: Part, draft: Draft): void {
  params.leave("auto_router_embedding_model", "the packaged encoder compares, without a call");
  params.leave(
    "auto_router_config_path",
    "its routes stand in another file: put them here as auto_router_config, and import again",
  );
  setFallback(entry, params.text("auto_router_default_model"), draft);
  const json = params.part("auto_router_config") ? undefined : inJson(params);
  const config = params.part("auto_router_config") ?? json?.root;
  for (const key of ["encoder_type", "encoder_name"])
    config?.leave(key, "the packaged encoder compares, without a call");
  for (const route of config?.list("routes") ?? []) readRoute(route, entry, draft);
  for (const { path, why } of json?.notes() ?? []) params.note(`auto_router_config, ${path}: ${why}`);
}

/** The routes may be JSON in a text. */
function inJson(params: Part): Reading | undefined {
  const text = params.text("auto_router_config");
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return createReading({ value, lineOf: () => 0, problems: [] }, () => undefined);
  } catch {
    params.note("auto_router_config is a text that is no JSON");
    return undefined;
  }
}

function readRoute(route: Part, entry: Part, draft: Draft): void {
  const given = route.text("name");
  const model = poolModel(given, draft);
  const examples = [...new Set(route.texts("utterances").map((text) => text.trim()))].filter(Boolean);
  route.text("description");
  route.leave(
    "score_threshold",
    "what is near enough is learned from the examples here; set signals.embedding.routes[].threshold to say it",
  );
  if (given === undefined || model === undefined || examples.length === 0) {
    entry.note("one of its routes has no utterances, or names a model that is not in the pool");
    return;
  }
  const label = draft.label(given);
  const before = draft.routesByExample.find((each) => each.label === label);
  if (before) before.examples.push(...examples.map(literal));
  else draft.routesByExample.push({ label, examples: examples.map(literal), pin: { model } });
}
