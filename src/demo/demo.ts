import { startStandIn, type StandIn } from "./stand-in.ts";

export interface Demo {
  /** A whole config, as the text of a signalbox.yaml. */
  readonly yaml: string;
  readonly standIns: readonly StandIn[];
  close(): Promise<void>;
}

/** Three stand-ins and the config that routes between them: what `serve` runs where there is no signalbox.yaml. */
export async function startDemo(): Promise<Demo> {
  const standIns = await Promise.all([startStandIn("small", 5), startStandIn("medium", 10), startStandIn("large", 20)]);
  const [small, medium, large] = standIns.map(({ url }) => url) as [string, string, string];
  return {
    standIns,
    yaml: demoConfig({ small, medium, large }),
    close: async () => void (await Promise.all(standIns.map((standIn) => standIn.close()))),
  };
}

/** `medium` and `large` play models that somebody else runs, so that keeping a request in the house can be seen. */
export function demoConfig(urls: { small: string; medium: string; large: string }): string {
  return `version: 1
upstreams:
  house: { kind: vllm, url: "${urls.small}", location: internal }
  cloud-a: { kind: openai, url: "${urls.medium}" }
  cloud-b: { kind: openai, url: "${urls.large}" }
tiers:
  small: { quality: 0.5 }
  medium: { quality: 0.82 }
  large: { quality: 0.95 }
models:
  small: { tier: small, price: { input: 0.05, output: 0.08 }, targets: [{ upstream: house, model: small }] }
  medium: { tier: medium, price: { input: 0.3, output: 1.2 }, targets: [{ upstream: cloud-a, model: medium }] }
  large: { tier: large, price: { input: 2.5, output: 10 }, modalities: [text, image], targets: [{ upstream: cloud-b, model: large }] }
signals:
  keyword:
    rules:
      - { label: legal, any: [lawsuit, contract, liability, gdpr], match: word, scores: { small: 0.2, medium: 0.6, large: 0.95 } }
      - { label: smalltalk, any: [hello, thanks, good morning], match: word, scores: { small: 0.95, medium: 0.95, large: 0.95 } }
  domain: { weight: 0.1 }
  complexity: {}
  jailbreak: {}
  pii: {}
safety:
  jailbreak: { action: block }
  injection: { action: annotate }
  pii: { action: internal }
decision: { fallback: large, tolerance: 0.1 }
`;
}
