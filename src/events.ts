import type { Api, AskedModel, Attempt, CacheHit, CascadeRun, Outcome, Plan, Usage } from "./contracts.ts";

/** What one request left behind, told once, when it ended. `text` only where the config asks for it. */
export interface RequestRecord {
  readonly kind: "request";
  /** Unix milliseconds. */
  readonly at: number;
  readonly door: "rpc" | "openai" | "anthropic" | "passthrough" | "ext_proc" | "hook";
  readonly api: Api;
  readonly tenant: string;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly plan?: Plan;
  readonly attempts: readonly Attempt[];
  /** Models that were asked for us, to decide and to judge answers; absent where none was. */
  readonly asked?: readonly AskedModel[];
  readonly cascade?: CascadeRun & { readonly books: CascadeBooks };
  /** What became of looking the answer up; absent where it was not looked up. */
  readonly cache?: CacheResult;
  readonly status: number;
  readonly error?: string;
  /** As the client was told it: of an answer that went on from another target, the sum. */
  readonly usage?: Usage;
  /** What models were asked for us included. */
  readonly costUsd?: number;
  readonly baselineUsd?: number;
  /** Time that was ours: the whole minus the waiting for upstreams. */
  readonly overheadMs: number;
  readonly totalMs: number;
  readonly text?: string;
}

/** `shared`: somebody asked the same at the same time, and paid. */
export interface CacheResult {
  readonly result: CacheHit["kind"] | "shared" | "miss";
  /** Whose answer it was, and by which route it was asked, where it was no miss. */
  readonly model?: string;
  readonly route?: string;
  /** Of a hit. */
  readonly ageMs?: number;
  readonly similarity?: number;
}

/** What a route's cascade has cost of late, with this request. */
export interface CascadeBooks {
  /** Share of requests for which the last model had to be asked, and the one at which it costs as much as that alone. */
  readonly rate: number;
  readonly breakEvenRate: number;
  /** Less than that alone; negative where it costs more. */
  readonly savedUsd: number;
  readonly verdict: "pays" | "loses" | "not_known_yet";
}

export type RouterEvent =
  | RequestRecord
  | { readonly kind: "outcome"; readonly outcome: Outcome; readonly model: string; readonly target: string }
  /** A route's cascade was found to cost more than its last model alone, or not to any more. */
  | ({ readonly kind: "cascade"; readonly route: string } & CascadeBooks)
  | { readonly kind: "probe"; readonly upstream: string; readonly state: "down" | "up" }
  | { readonly kind: "breaker"; readonly target: string; readonly state: "open" | "half_open" | "closed" }
  | {
      readonly kind: "reload";
      readonly result: "applied" | "unchanged" | "refused";
      readonly hash: string;
      readonly error?: string;
      /** Parts of the new config that wait for a restart of the process. */
      readonly waiting?: readonly string[];
    }
  /** A thread of the encoder ended without being asked to, or another took its place. */
  | { readonly kind: "encoder"; readonly worker: "died" | "replaced" }
  /** A tenant's spending has reached the soft limit of its budget, or the whole; told once in a period such as 2026-01. */
  | {
      readonly kind: "budget";
      readonly tenant: string;
      readonly state: "soft" | "hard";
      readonly period: string;
      readonly spentUsd: number;
      readonly limitUsd: number;
    }
  /** A store of answers cannot be reached, or can again. */
  | { readonly kind: "cache"; readonly store: string; readonly state: "away" | "back"; readonly error?: unknown }
  | { readonly kind: "fault"; readonly where: string; readonly error: unknown };

/** The one channel that everything observable goes out on. A listener that throws hurts nobody. */
export interface Channel {
  publish(event: RouterEvent): void;
  subscribe(listener: (event: RouterEvent) => void): () => void;
}

export function createChannel(): Channel {
  const listeners = new Set<(event: RouterEvent) => void>();
  const publish = (event: RouterEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        // A broken watcher must not break the request it watches, nor tell its trouble to itself.
        if (event.kind !== "fault") publish({ kind: "fault", where: "channel listener", error });
      }
    }
  };
  return {
    publish,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
