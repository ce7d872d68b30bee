/** A house in front of a strict fake of every kind of upstream, and models for every cell. */
import { type House, startHouse } from "../rig/house.ts";
import type { Door } from "../fakes/apis/asks.ts";
import type { Script } from "../fakes/apis/script.ts";
import { type ApiKind, type ApiRequest, type FakeApi, startFakeApi } from "../fakes/apis/server.ts";

export type Api = Door | "gemini";

/** A kind of upstream as it is configured, and the APIs that it takes. */
export interface Kind {
  readonly name: string;
  readonly fake: ApiKind;
  readonly model: string;
  readonly config: string;
  /** The one that doors of other APIs are translated to. */
  readonly api: Api;
  readonly speaks: readonly Api[];
}

const kind = (name: string, fake: ApiKind, model: string, config: string, ...speaks: [Api, ...Api[]]): Kind => ({
  name,
  fake,
  model,
  config,
  api: speaks[0],
  speaks,
});

export const KINDS: readonly Kind[] = [
  kind("openai", "openai", "gpt-5", "kind: openai", "openai-chat", "openai-responses"),
  kind("openai-chat", "vllm", "qwen3", "kind: openai, apis: [openai-chat]", "openai-chat"),
  kind("vllm", "vllm", "qwen3", "kind: vllm", "openai-chat"),
  kind("azure", "azure", "gpt-deployed", "kind: azure, query: { api-version: 2024-10-21 }", "openai-chat"),
  kind("azure-v1", "azure", "gpt-deployed", "kind: azure", "openai-chat"),
  kind("claude-budgets", "anthropic", "claude-sonnet-4-5", "kind: anthropic", "anthropic-messages"),
  kind("claude-efforts", "anthropic", "claude-opus-4-8", "kind: anthropic", "anthropic-messages"),
  kind("gemini-2", "gemini", "gemini-2.5-flash", "kind: gemini", "gemini"),
  kind("gemini-3", "gemini", "gemini-3-pro", "kind: gemini", "gemini"),
];

/** Two that serve one model, `pair`. */
export const PAIR = KINDS.filter(({ name }) => name === "gemini-3" || name === "vllm");

/** The fake has no responses below Azure's newest path. */
export const meets = (door: Door, { name }: Kind) => !(name === "azure-v1" && door === "openai-responses");

/** What a fake says, or how it finds that from a request. */
type Says = Script | ((request: ApiRequest) => Script);

export interface World {
  readonly house: House;
  readonly fakes: ReadonlyMap<string, FakeApi>;
  /** What the fake of a kind says next. */
  script(kind: Kind, script: Says): void;
  close(): Promise<void>;
}

/** @param more names of further models of each kind, each behind an upstream with a key of its own */
export async function startWorld(more: readonly string[] = []): Promise<World> {
  const scripts = new Map<string, Says>();
  const fakes = new Map<string, FakeApi>();
  for (const { name, fake } of KINDS) {
    const script = (request: ApiRequest) => {
      const says = scripts.get(name)!;
      return typeof says === "function" ? says(request) : says;
    };
    // The signature of the asks is one that each server takes for its own.
    fakes.set(name, await startFakeApi(fake, { script, signatures: [SIGNATURE] }));
  }
  const names = KINDS.flatMap((each) => ["", ...more].map((tag) => [each, modelOf(each, tag)] as const));
  const upstreams = names.map(
    ([each, name]) => `  ${name}: { ${each.config}, url: "${fakes.get(each.name)!.url}", key: key-of-${name} }`,
  );
  const models = names.map(
    ([each, name]) =>
      `  ${name}: { tier: all, price: { input: 1, output: 2 }, modalities: [text, image, audio, file], targets: [{ upstream: ${name}, model: ${each.model} }] }`,
  );
  const house = await startHouse(`
upstreams:
${upstreams.join("\n")}
breaker: { minimum_requests: 100000 }
failover: { retries: 0 }
tiers: { all: { quality: 0.9 } }
models:
${models.join("\n")}
  pair: { tier: all, price: { input: 1, output: 2 }, targets: [${PAIR.map((each) => `{ upstream: ${modelOf(each)}, model: ${each.model}-shared }`).join(", ")}] }
signals: { complexity: { learned: false }, jailbreak: { learned: false }, pii: { learned: false } }
safety: { jailbreak: { action: annotate }, pii: { action: annotate } }
decision: { fallback: ${names[0]![1]} }
`);
  return {
    house,
    fakes,
    script: ({ name }, script) => void scripts.set(name, script),
    async close() {
      await house.stop();
      await Promise.all([...fakes.values()].map((fake) => fake.close()));
    },
  };
}

const SIGNATURE = "c2VhbGVkIHRob3VnaHQ=";

/** What clients call the model of a kind. */
export const modelOf = ({ name }: Kind, tag = "") => (tag === "" ? `model-${name}` : `model-${name}-${tag}`);
