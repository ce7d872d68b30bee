import type { ConfigInput } from "../../config/schema.ts";
import type { Draft, DraftModel, TargetInput } from "./draft.ts";
import type { Part } from "./part.ts";
import { baseUrlOf, chatServer, secretOf, variableFor } from "./servers.ts";

type UpstreamInput = ConfigInput["upstreams"][string];

/** Providers that speak OpenAI's chat completions, and where. */
const COMPATIBLE: Readonly<Record<string, readonly [url: string, variable: string | undefined]>> = {
  deepseek: ["https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"],
  mistral: ["https://api.mistral.ai/v1", "MISTRAL_API_KEY"],
  groq: ["https://api.groq.com/openai/v1", "GROQ_API_KEY"],
  together_ai: ["https://api.together.xyz/v1", "TOGETHERAI_API_KEY"],
  openrouter: ["https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"],
  fireworks_ai: ["https://api.fireworks.ai/inference/v1", "FIREWORKS_AI_API_KEY"],
  xai: ["https://api.x.ai/v1", "XAI_API_KEY"],
  ollama: ["http://localhost:11434/v1", undefined],
  ollama_chat: ["http://localhost:11434/v1", undefined],
  lm_studio: ["http://localhost:1234/v1", undefined],
};

/** One deployment of `model_list` as a target of ours. */
interface Deployment {
  readonly part: Part;
  readonly params: Part;
  readonly target: TargetInput;
  /** First choice first: what `order` says, then the weight. */
  readonly order: number;
  readonly weight: number;
}

/** Entries of `model_list` that serve chat, by the name they share: each name a model of the pool. */
export function readDeployments(entries: readonly Part[], draft: Draft): void {
  const groups = new Map<string, Deployment[]>();
  for (const part of entries) {
    const given = part.text("model_name");
    const params = part.part("litellm_params");
    if (given === undefined || !params) {
      part.note("an entry needs model_name and litellm_params");
      continue;
    }
    const target = targetOf(given, part, params, draft);
    if (!target) continue;
    const order = params.number("order") ?? Number.POSITIVE_INFINITY;
    groups.set(given, [
      ...(groups.get(given) ?? []),
      { part, params, target, order, weight: params.number("weight") ?? 0 },
    ]);
  }
  const taken = new Map<string, string>();
  for (const [given, deployments] of groups) addModel(given, deployments, taken, draft);
}

function targetOf(given: string, part: Part, params: Part, draft: Draft): TargetInput | undefined {
  const full = params.text("model");
  if (full === undefined) {
    params.note("it names no model");
    return undefined;
  }
  if (given.includes("*") || full.includes("*")) {
    part.note("a pattern stands for models that are not named; name each one that is to be routed to");
    return undefined;
  }
  const mode = part.part("model_info")?.text("mode") ?? "chat";
  if (mode !== "chat" && mode !== "responses" && mode !== "completion") {
    part.note(`only models that chat are routed to, and this one is for ${mode}`);
    return undefined;
  }
  const slash = full.indexOf("/");
  const provider = params.text("custom_llm_provider") ?? (slash < 0 ? byFamily(full) : full.slice(0, slash));
  const model = slash < 0 || params.has("custom_llm_provider") ? full : full.slice(slash + 1);
  if (model === "" || (!part.part("model_info")?.has("mode") && NO_CHAT.test(model))) {
    part.note("by its name this is no model that chats; model_info.mode: chat says that it is");
    return undefined;
  }
  const base = addressIn(params);
  if (base === null) {
    params.note("its api_base is no URL, or stands in the environment: write it into the file, and import again");
    return undefined;
  }
  const server = serverOf(provider, params, base);
  if (!server) {
    part.note(
      `no kind of upstream here speaks to ${provider ?? "whoever serves this model"}, so this deployment is left out`,
    );
    return undefined;
  }
  return {
    upstream: draft.upstream(server, "url" in server ? hostOf(server.url, provider!) : provider!),
    model: model.replace(/^responses\//u, ""),
  };
}

const NO_CHAT = /embed|dall-e|whisper|(?:^|-)tts\b|rerank|moderation/iu;

/** The base URL of a deployment, where it has one of its own; null where that cannot be read. */
function addressIn(params: Part): string | null | undefined {
  const given = params.text("api_base") ?? params.text("base_url");
  return given === undefined ? undefined : (baseUrlOf(given, "") ?? null);
}

/** Whose model a name without a provider is. */
function byFamily(model: string): string | undefined {
  if (/^(?:gpt-|chatgpt-|o\d)/u.test(model)) return "openai";
  return model.startsWith("claude-") ? "anthropic" : undefined;
}

/** Several machines of one's own are told apart by their names. */
function hostOf(url: string | undefined, provider: string): string {
  if (url === undefined || provider in COMPATIBLE) return provider;
  const { hostname } = new URL(url);
  return /^[a-z]/iu.test(hostname) ? hostname.split(".")[0]! : provider;
}

/** @param url of the deployment's own server */
function serverOf(provider: string | undefined, params: Part, url: string | undefined): UpstreamInput | undefined {
  // A provider's own key is for its own server: another one's has a name of its own.
  const keyed = (variable: string | undefined) => {
    const key =
      url === undefined ? keyOf(params, provider ?? "", variable) : keyOf(params, new URL(url).hostname, undefined);
    return key === undefined ? {} : { key };
  };
  const compatible = COMPATIBLE[provider ?? ""];
  if (compatible) {
    const [usual, variable] = compatible;
    return chatServer(url === undefined ? usual : withVersion(url), keyed(variable).key);
  }
  switch (provider) {
    case "openai":
    case "openai_like":
    case "litellm_proxy":
      return url === undefined
        ? { kind: "openai", ...keyed("OPENAI_API_KEY") }
        : chatServer(withVersion(url), keyed(undefined).key);
    case "hosted_vllm":
    case "vllm":
      return url === undefined ? undefined : { kind: "vllm", url: withVersion(url), ...keyed(undefined) };
    case "anthropic":
      return { kind: "anthropic", ...(url !== undefined && { url: withVersion(url) }), ...keyed("ANTHROPIC_API_KEY") };
    case "gemini":
      return { kind: "gemini", ...keyed("GEMINI_API_KEY") };
    case "azure": {
      const version = params.text("api_version");
      if (url === undefined) return undefined;
      return {
        kind: "azure",
        url,
        key: keyOf(params, provider, "AZURE_API_KEY") ?? secretOf("AZURE_API_KEY"),
        ...(version !== undefined && { query: { "api-version": version } }),
      };
    }
    default:
      return undefined;
  }
}

const withVersion = (url: string) => (new URL(url).pathname === "/" ? `${new URL(url).origin}/v1` : url);

/** @param usual the variable that is read where the file names no key */
function keyOf(params: Part, provider: string, usual: string | undefined): string | undefined {
  const given = (params.value as Readonly<Record<string, unknown>>)["api_key"];
  const variable = variableIn(given);
  if (variable !== undefined) {
    params.text("api_key");
    return secretOf(variable);
  }
  if (given === undefined) return usual === undefined ? undefined : secretOf(usual);
  if (given === "" || given === "none" || given === "EMPTY") {
    params.text("api_key");
    return undefined;
  }
  const named = usual ?? variableFor(provider);
  params.leave("api_key", `keys do not move from file to file: put it into the environment variable ${named}`);
  return secretOf(named);
}

/** `os.environ/NAME`, or the reference that it may be already. */
export function variableIn(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  return (
    /^os\.environ\/([A-Za-z_][A-Za-z0-9_]*)$/u.exec(text)?.[1] ?? /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/u.exec(text)?.[1]
  );
}

function addModel(given: string, deployments: readonly Deployment[], taken: Map<string, string>, draft: Draft): void {
  const sorted = deployments.toSorted((a, b) => a.order - b.order || b.weight - a.weight);
  if (deployments.length > 1)
    deployments[0]!.part.note(
      `${deployments.length} deployments share this name: targets have an order here, and the next one stands in for the one before it`,
    );
  const targets = sorted.flatMap(({ target, part }) => {
    const id = `${target.upstream}/${target.model}`;
    const owner = taken.get(id);
    if (owner !== undefined) {
      part.note(`${owner} is this model at this server already: an endpoint belongs to one model here`);
      return [];
    }
    taken.set(id, given);
    return [target];
  });
  if (targets.length === 0) return;
  const first = sorted[0]!;
  const price = priceOf(first);
  if (!price) first.part.note("no price: 0 is written, so that it looks free; put yours, per million tokens");
  draft.models.set(draft.modelName(given), {
    ...factsOf(first.part.part("model_info")),
    ...(price && { price }),
    targets,
  });
  for (const { part, params } of sorted.slice(1)) {
    priceOf({ part, params });
    factsOf(part.part("model_info"));
  }
}

/** USD per token there, per million here. */
function priceOf({ part, params }: Pick<Deployment, "part" | "params">) {
  const places = [part.part("model_info"), params].filter((place) => place !== undefined);
  const per = (key: string) => {
    const found = places.map((place) => place.number(key)).find((value) => value !== undefined);
    return found === undefined ? undefined : Number((found * 1e6).toPrecision(9));
  };
  const [input, output] = [per("input_cost_per_token"), per("output_cost_per_token")];
  const cached = per("cache_read_input_token_cost");
  if (input === undefined || output === undefined) return undefined;
  return { input, output, ...(cached !== undefined && { cached_input: cached }) };
}

function factsOf(info: Part | undefined): Omit<DraftModel, "targets"> {
  if (!info) return {};
  for (const key of ["id", "base_model", "mode", "description"]) info.text(key);
  const context = info.number("max_input_tokens") ?? info.number("max_tokens");
  const most = info.number("max_output_tokens");
  const [sees, calls] = [info.flag("supports_vision"), info.flag("supports_function_calling")];
  return {
    ...(context !== undefined && { context }),
    ...(most !== undefined && most <= (context ?? most) && { max_tokens: most }),
    ...(sees === true && { modalities: ["text", "image"] }),
    ...(calls === false && { tools: false }),
  };
}
