interface Ports {
  readonly listen: number;
  readonly admin: number;
}

/** The config that is measured: three models behind one upstream, the four signals on, safety on. */
export const benchConfig = (upstreamUrl: string, ports: Ports): string => `${bareConfig(upstreamUrl, ports)}${SIGNALS}`;

/** The same pool, and nothing that reads prompts. */
export function bareConfig(upstreamUrl: string, ports: Ports): string {
  return `version: 1
log: warn
server: { listen: "127.0.0.1:${ports.listen}", admin: { listen: "127.0.0.1:${ports.admin}" } }
upstreams:
  house: { kind: vllm, url: "${upstreamUrl}" }
  cloud: { kind: openai, url: "${upstreamUrl}", key: bench }
tiers:
  small: { quality: 0.55 }
  medium: { quality: 0.8 }
  large: { quality: 0.95 }
models:
  small: { tier: small, price: { input: 0.05, output: 0.08 }, targets: [{ upstream: house, model: small-v1 }] }
  medium: { tier: medium, price: { input: 0.3, output: 1.2 }, targets: [{ upstream: cloud, model: medium-v1 }] }
  large: { tier: large, price: { input: 2.5, output: 10 }, targets: [{ upstream: cloud, model: large-v1 }] }
decision: { fallback: large, tolerance: 0.1 }
`;
}

const SIGNALS = `signals:
  keyword:
    rules:
      - { label: refund, any: [refund, money back, chargeback, replacement], match: word, scores: { small: 0.9, medium: 0.95, large: 0.95 } }
      - { label: legal, any: [lawsuit, contract, liability, gdpr, Vertrag], match: word, scores: { small: 0.2, medium: 0.6, large: 0.95 } }
      - { label: shipping, any: [发货, crates, "delivers to"], match: literal, scores: { small: 0.9, medium: 0.9, large: 0.9 } }
      - { label: invoice, any: [invoice, reimbursement], match: fuzzy, scores: { small: 0.7, medium: 0.9, large: 0.95 } }
      - { label: database, any: ["select .{1,80} from"], match: regex, scores: { small: 0.5, medium: 0.85, large: 0.95 } }
  complexity: {}
  jailbreak: {}
  pii: {}
safety:
  jailbreak: { action: block }
  injection: { action: annotate }
  pii: { action: internal }
`;
