import { config } from "../rig/house.ts";
import type { FakeModel } from "../fakes/model.ts";
import type { Accepted } from "../../src/config/check.ts";

/** Upstreams that two configs are built over: one of its own for each, one that both share, one that is broken. */
export interface Sites {
  readonly own: Readonly<Record<SideName, FakeModel>>;
  readonly shared: FakeModel;
  readonly broken: FakeModel;
}

export type SideName = "amber" | "birch";

/** One of two whole configs. Every name in it begins with the name of the side, so that a mixture shows. */
export interface Side {
  readonly name: SideName;
  readonly yaml: string;
  readonly accepted: Accepted;
  /** Model of the pool -> what its upstream must be asked for. */
  readonly upstreamModels: Readonly<Record<string, string>>;
  /** USD per million tokens, of every model of the side, in and out. */
  readonly price: number;
  readonly key: string;
}

const PRICES = { amber: 1, birch: 64 } as const;

export function sideOf(name: SideName, sites: Sites, server: string): Side {
  const key = `key-of-${name}`;
  const price = `{ input: ${PRICES[name]}, output: ${PRICES[name]} }`;
  const yaml = `${server}
upstreams:
  ${name}-own: { kind: openai, url: "${sites.own[name].url}", key: ${key} }
  ${name}-shared: { kind: vllm, url: "${sites.shared.url}", key: ${key} }
  ${name}-broken: { kind: vllm, url: "${sites.broken.url}", key: key-of-both }
breaker: { minimum_requests: 3, window_ms: 60000, reset_ms: 600000 }
tiers:
  ${name}-small: { quality: 0.6 }
  ${name}-large: { quality: 0.95 }
models:
  ${name}-quick: { tier: ${name}-small, price: ${price}, targets: [{ upstream: ${name}-shared, model: shared-v1 }] }
  ${name}-strong: { tier: ${name}-large, price: ${price}, targets: [{ upstream: ${name}-own, model: ${name}-strong-v1 }] }
  ${name}-broken: { tier: ${name}-small, price: ${price}, targets: [{ upstream: ${name}-broken, model: broken-v1 }] }
signals: { complexity: { learned: false } }
decision: { fallback: ${name}-strong }
`;
  return {
    name,
    yaml,
    accepted: config(yaml),
    upstreamModels: {
      [`${name}-quick`]: "shared-v1",
      [`${name}-strong`]: `${name}-strong-v1`,
      [`${name}-broken`]: "broken-v1",
    },
    price: PRICES[name],
    key,
  };
}

/** Two targets of its own and one that is broken: what the state holds of one side, and of no more. */
export const HELD_BY_ONE = { targets: 3, sockets: 3 } as const;
