import type { CacheOptions, RouteCacheOptions } from "./options.ts";

/** What is looked up and kept of requests that go one way. */
export interface CacheRule {
  readonly mode: "off" | "exact" | "semantic";
  readonly ttlMs: number;
  /** Answers to requests with a higher one are not kept. */
  readonly temperature: number;
}

export interface CacheRules {
  ruleOf(route: string): CacheRule;
}

export function compileCacheRules(
  { mode, window_ms, temperature }: CacheOptions,
  routes: Readonly<Record<string, { readonly cache?: RouteCacheOptions | undefined }>>,
): CacheRules {
  const common: CacheRule = { mode, ttlMs: window_ms, temperature };
  const own = new Map(
    Object.entries(routes).map(([name, { cache }]): [string, CacheRule] => [
      name,
      {
        mode: cache?.mode ?? common.mode,
        ttlMs: cache?.window_ms ?? common.ttlMs,
        temperature: cache?.temperature ?? common.temperature,
      },
    ]),
  );
  return { ruleOf: (route) => own.get(route) ?? common };
}
