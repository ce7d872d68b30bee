import type { House } from "../../rig/house.ts";
import type { Case, CorpusApi } from "./corpus.ts";

/** What becomes of a request: the model that is chosen with what it is sent, or a refusal. */
export type Fate =
  | { readonly kind: "forward"; readonly model: string; readonly body: unknown }
  | { readonly kind: "refuse"; readonly status: number; readonly code: string };

/** Three models whose upstreams take all that the corpus needs. Nothing is learned: the corpus asks what gateways do. */
export function corpusConfig(urls: { small: string; medium: string; large: string }): string {
  const model = (tier: string, upstream: string, price: string, more: string) =>
    `{ tier: ${tier}, price: ${price}, ${more}targets: [{ upstream: ${upstream}, model: ${tier}-v1 }] }`;
  return `
upstreams:
  s: { kind: vllm, url: "${urls.small}" }
  m: { kind: openai, url: "${urls.medium}", key: key-of-m }
  l: { kind: openai, url: "${urls.large}", key: key-of-l }
tiers:
  small: { quality: 0.5 }
  medium: { quality: 0.75 }
  large: { quality: 0.95 }
models:
  small: ${model("small", "s", "{ input: 0.1, output: 0.2 }", "")}
  medium: ${model("medium", "m", "{ input: 1, output: 2 }", "")}
  large: ${model("large", "l", "{ input: 5, output: 15 }", "modalities: [text, image], ")}
signals: { complexity: { learned: false }, jailbreak: { learned: false }, pii: { learned: false } }
safety: { jailbreak: { action: block }, pii: { action: internal } }
rules: [{ name: forbidden-word, when: { text: "xyzzy" }, then: { block: "That word is not said here." } }]
profiles: { thrifty: { prefer: cost } }
decision: { fallback: large }
`;
}

const KINDS: Readonly<Record<CorpusApi, string>> = {
  "openai-chat": "API_KIND_OPENAI_CHAT",
  "openai-responses": "API_KIND_OPENAI_RESPONSES",
  "anthropic-messages": "API_KIND_ANTHROPIC_MESSAGES",
};

/** What RouteRequest says of it, asked by a gateway for the tenant `default`. */
export async function expected(house: House, { api, body, headers }: Case): Promise<Fate> {
  const raw = { api: KINDS[api], json: body };
  const response = await house.route({ raw, headers, tenant: "default", includeBody: true });
  const told = (await response.json()) as Told;
  const code = response.headers.get("x-signalbox-error");
  if (code !== null) return { kind: "refuse", status: response.status, code };
  if (told.blocked) return { kind: "refuse", status: told.blocked.status, code: told.blocked.code };
  return { kind: "forward", model: told.model!, body: JSON.parse(told.targets?.[0]?.body ?? body) };
}

interface Told {
  readonly model?: string;
  readonly blocked?: { readonly status: number; readonly code: string };
  readonly targets?: ReadonlyArray<{ readonly body: string }>;
}
