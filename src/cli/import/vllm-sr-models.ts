import type { Draft, TargetInput } from "./draft.ts";
import type { Part } from "./part.ts";
import { baseUrlOf, chatServer, secretOf, variableFor } from "./servers.ts";

/** The pool of a config of vLLM Semantic Router, whichever form it has. */
export function readModels(root: Part, draft: Draft): void {
  const providers = root.part("providers");
  if (providers) for (const model of providers.list("models")) readProvided(model, draft);
  readEndpoints(root, draft);
  for (const card of root.part("routing")?.list("modelCards") ?? []) readCard(card, draft);
  const defaults = providers?.part("defaults");
  const chosen =
    defaults?.text("model") ??
    defaults?.text("default_model") ??
    providers?.text("default_model") ??
    root.text("default_model");
  if (chosen !== undefined && draft.models.has(draft.modelName(chosen))) draft.fallback = draft.modelName(chosen);
}

/** `providers.models[]`: a model with its backends. */
function readProvided(model: Part, draft: Draft): void {
  const given = model.text("name");
  if (given === undefined) return model.note("this model has no name");
  const id = model.text("provider_model_id") ?? externalId(model) ?? given;
  const format = model.text("api_format");
  const own = keyOf(model, given);
  const backends = [...model.list("backend_refs"), ...model.list("endpoints")].flatMap((backend) => {
    const upstream = backendServer(backend, draft, { format, own, model: given });
    return upstream === undefined ? [] : [{ weight: backend.number("weight") ?? 1, upstream }];
  });
  if (backends.some(({ weight }) => weight !== backends[0]!.weight))
    model.note("weights become an order: the backend with the most is the first choice, the others stand in for it");
  const targets = backends.toSorted((a, b) => b.weight - a.weight).map(({ upstream }) => ({ upstream, model: id }));
  if (targets.length === 0) return model.note("no backend of it can be reached from here, so it is left out");
  addModel(model, given, targets, draft);
}

/** What a server calls a model, where that differs: any of the names will do where there is one. */
function externalId(model: Part): string | undefined {
  const ids = model.part("external_model_ids")?.entries() ?? [];
  const vllm = ids.find(([kind]) => kind === "vllm") ?? (ids.length === 1 ? ids[0] : undefined);
  return vllm?.[1].asText();
}

function keyOf(part: Part, name: string): string | undefined {
  const variable = part.text("api_key_env");
  if (variable !== undefined) return secretOf(variable);
  for (const key of ["access_key", "api_key"]) {
    if (!part.has(key)) continue;
    part.leave(key, `keys do not move from file to file: put it into the environment variable ${variableFor(name)}`);
    return secretOf(variableFor(name));
  }
  return undefined;
}

interface Owner {
  readonly format: string | undefined;
  readonly own: string | undefined;
  readonly model: string;
}

function backendServer(backend: Part, draft: Draft, { format, own, model }: Owner): string | undefined {
  const name = backend.text("name") ?? model;
  const protocol = backend.text("protocol") ?? "http";
  const base = backend.text("base_url");
  const endpoint = backend.text("endpoint");
  const provider = backend.text("provider") ?? "";
  const url = baseUrlOf(base ?? `${protocol}://${endpoint ?? ""}`);
  if (url === undefined) {
    backend.note("this backend has no URL that can be read");
    return undefined;
  }
  const key = keyOf(backend, name) ?? own;
  const isAnthropic = format === "anthropic" || provider.startsWith("anthropic");
  if (isAnthropic) return draft.upstream({ kind: "anthropic", url, ...(key !== undefined && { key }) }, name);
  const isVllm = provider === "vllm" || (provider === "" && base === undefined);
  return draft.upstream(isVllm ? { kind: "vllm", url, ...(key !== undefined && { key }) } : chatServer(url, key), name);
}

/** `vllm_endpoints` and `model_config`: servers, and the models that name them. */
function readEndpoints(root: Part, draft: Draft): void {
  const servers = root.list("vllm_endpoints").flatMap((endpoint) => {
    const [name = "local", address, port] = [endpoint.text("name"), endpoint.text("address"), endpoint.number("port")];
    const host = address?.includes(":") ? `[${address}]` : address;
    const url = baseUrlOf(
      `${endpoint.text("protocol") ?? "http"}://${host ?? ""}${port === undefined ? "" : `:${port}`}`,
    );
    if (url === undefined) {
      endpoint.note("this endpoint has no address that can be read");
      return [];
    }
    return [
      { name, upstream: draft.upstream({ kind: "vllm", url }, name), serves: endpoint.texts("models"), part: endpoint },
    ];
  });
  if (servers.length > 1)
    for (const { part } of servers)
      part.leave("weight", "targets have an order instead: the first one answers while it can");
  else servers[0]?.part.number("weight");

  const named = new Set<string>();
  for (const [given, model] of root.part("model_config")?.entries() ?? []) {
    named.add(given);
    const preferred = model.texts("preferred_endpoints");
    const own = servers.filter(({ name, serves }) =>
      preferred.length > 0 ? preferred.includes(name) : serves.includes(given),
    );
    const at = own.length > 0 || preferred.length > 0 ? own : servers;
    const id = externalId(model) ?? given;
    if (at.length === 0) model.note("no endpoint of it is there, so it is left out");
    else
      addModel(
        model,
        given,
        at.map(({ upstream }) => ({ upstream, model: id })),
        draft,
      );
  }
  for (const { upstream, serves } of servers) {
    for (const given of serves.filter((name) => !named.has(name))) {
      const name = draft.modelName(given);
      const before = draft.models.get(name);
      if (before) before.targets.push({ upstream, model: given });
      else draft.models.set(name, { targets: [{ upstream, model: given }] });
    }
  }
}

function addModel(model: Part, given: string, targets: TargetInput[], draft: Draft): void {
  const name = draft.modelName(given);
  const taken = new Set([...draft.models.values()].flatMap((each) => each.targets.map(idOf)));
  const free = targets.filter(
    (target, at) => !taken.has(idOf(target)) && targets.findIndex((each) => idOf(each) === idOf(target)) === at,
  );
  if (free.length === 0)
    return model.note("another model has the same name at the same servers, so this one is left out");
  const price = priceOf(model);
  if (!price) model.note("no price: 0 is written, so that it looks free; put yours, per million tokens");
  draft.models.set(name, { ...(price && { price }), targets: free });
  readAdapters(model, name, draft);
}

const idOf = ({ upstream, model, adapter }: TargetInput) => `${upstream}/${adapter ?? model}`;

function priceOf(model: Part) {
  const pricing = model.part("pricing");
  const [input, output] = [pricing?.number("prompt_per_1m"), pricing?.number("completion_per_1m")];
  const cached = pricing?.number("cached_input_per_1m");
  const currency = pricing?.text("currency");
  if (currency !== undefined && currency !== "USD")
    pricing!.note(`prices are taken as USD, and these are in ${currency}`);
  if (input === undefined || output === undefined) return undefined;
  return { input, output, ...(cached !== undefined && { cached_input: cached }) };
}

/** `routing.modelCards[]`: facts about models that stand elsewhere. */
function readCard(card: Part, draft: Draft): void {
  const given = card.text("name");
  const name = given === undefined ? undefined : draft.modelName(given);
  const model = name === undefined ? undefined : draft.models.get(name);
  if (!model) return card.note("no model of this name can be reached, so what it says of it is left out");
  for (const key of WORDS_ONLY) card.texts(key);
  const context = card.number("context_window_size");
  if (context !== undefined && context >= 1) model.context = context;
  const most = card.number("max_output_tokens");
  if (most !== undefined && most <= (model.context ?? most)) model.max_tokens = most;
  const quality = card.number("quality_score");
  if (quality !== undefined && quality >= 0 && quality <= 1) model.quality = quality;
  readAdapters(card, name!, draft);
}

/** What a card says to people. */
const WORDS_ONLY = ["display_name", "publisher", "description", "tags", "capabilities", "param_size", "family"];

/** `loras[]`: an adapter becomes a model beside its base, which answers where the server does not know the adapter. */
function readAdapters(part: Part, base: string, draft: Draft): void {
  for (const lora of part.list("loras")) {
    const given = lora.text("name");
    lora.text("description");
    const model = draft.models.get(base)!;
    if (given === undefined || draft.models.has(draft.modelName(given))) continue;
    const targets = model.targets
      .filter(({ upstream }) => draft.kindOf(upstream) === "vllm")
      .map((target) => ({ ...target, adapter: given }));
    if (targets.length === 0) {
      lora.note("only vLLM servers have adapters, and none serves its base");
      continue;
    }
    draft.models.set(draft.modelName(given), { ...model, targets });
  }
}
