import type { Clock } from "../contracts.ts";
import { RouterError } from "../errors.ts";

/** What may be asked with one key. Absent is without limit. */
export interface KeyLimits {
  readonly requests_per_minute?: number | undefined;
  readonly tokens_per_minute?: number | undefined;
  readonly concurrent?: number | undefined;
}

/** What each key has left of its limits. It outlives reloads: a key goes on where it was, under its new limits. */
export interface Allowances {
  /**
   * Lets one request in.
   * @param key what the key is known by, not the key
   * Errors: rate_limited, with when to come back.
   */
  enter(key: string, limits: KeyLimits): Stay;
}

/** One request of a key that has limits, from when it is let in. */
export interface Stay {
  /** Tokens are known when they are used up. What is owed is waited for by the next request. */
  charge(tokens: number): void;
  leave(): void;
}

/** Filled evenly, up to the amount of a minute; below zero is debt. */
interface Bucket {
  level: number;
  at: number;
}

const MINUTE_MS = 60_000;
/** When to ask again while others of the same key are under way: how long they take nobody knows. */
const CROWDED_MS = 1000;
/** Twice what a config may name, so that only keys of configs long gone are forgotten. */
const MOST_KEYS = 20_000;

export function createAllowances(clock: Clock): Allowances {
  const known = new Map<string, { requests: Bucket; tokens: Bucket; underWay: number }>();

  const recall = (key: string) => {
    const last = known.get(key);
    if (last) return last;
    const fresh = { requests: fullBucket(), tokens: fullBucket(), underWay: 0 };
    known.set(key, fresh);
    if (known.size > MOST_KEYS) known.delete(known.keys().next().value!);
    return fresh;
  };

  return {
    enter(key, limits) {
      const entry = recall(key);
      const now = clock();
      const { requests_per_minute: requests, tokens_per_minute: tokens, concurrent } = limits;
      if (concurrent !== undefined && entry.underWay >= concurrent)
        throw limited(`more than ${concurrent} requests under way (concurrent)`, CROWDED_MS);
      if (tokens !== undefined) {
        fill(entry.tokens, tokens, now);
        // The first token that is not owed lets a request in.
        const owed = 1 - entry.tokens.level;
        if (owed > 0) throw limited(`more than ${tokens} tokens a minute (tokens_per_minute)`, timeFor(owed, tokens));
      }
      if (requests !== undefined) {
        fill(entry.requests, requests, now);
        const missing = 1 - entry.requests.level;
        if (missing > 0)
          throw limited(`more than ${requests} requests a minute (requests_per_minute)`, timeFor(missing, requests));
        entry.requests.level -= 1;
      }
      entry.underWay += 1;
      let left = false;
      return {
        charge(used) {
          if (tokens === undefined) return;
          fill(entry.tokens, tokens, clock());
          entry.tokens.level -= used;
        },
        leave() {
          if (left) return;
          left = true;
          entry.underWay -= 1;
        },
      };
    },
  };
}

const fullBucket = (): Bucket => ({ level: Infinity, at: 0 });

function fill(bucket: Bucket, perMinute: number, now: number): void {
  bucket.level = Math.min(perMinute, bucket.level + ((now - bucket.at) * perMinute) / MINUTE_MS);
  bucket.at = now;
}

const timeFor = (amount: number, perMinute: number): number => Math.ceil((amount * MINUTE_MS) / perMinute);

const limited = (what: string, retryAfterMs: number): RouterError =>
  new RouterError("rate_limited", `The limits of this client key do not allow ${what}.`, { retryAfterMs });
