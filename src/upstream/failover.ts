import { z } from "zod";
import type { Clock } from "../contracts.ts";

/** What is done, and how often, when a target does not answer at once. */
export const failoverOptions = z
  .strictObject({
    retries: z
      .int()
      .min(0)
      .max(5)
      .default(2)
      .meta({ description: "Most repeats of a request whose every target failed for the moment." }),
    hedge: z.number().min(0).max(1000).optional().meta({
      description:
        "Where a stream's first token is later than 95% of its target's, ask the next target too if it costs this many times the first at most, and take the first answer. Off when absent.",
    }),
  })
  .prefault({})
  .meta({ description: "Repeats, waits and hedges. Failing over to the next target is always allowed, once each." });

export type FailoverOptions = z.output<typeof failoverOptions>;

/** Repeats and hedges as a share of requests, so that an outage is not made worse. */
const RETRY_SHARE = 0.1;
/** A target that wants more is not asked again. */
export const LONGEST_WAIT_MS = 3000;
/** Milliseconds without a first token before a second target is asked, whatever the first one's habit is. */
export const LEAST_PATIENCE_MS = 200;

/** Repeats that may be made, earned by requests. */
export interface RetryBudget {
  /** One request came, which earns its share of a repeat. */
  earn(): void;
  /** True when a repeat may be made; it is paid for then. */
  spend(): boolean;
}

/** A burst after quiet times may repeat this often, and a router with little traffic once in this time. */
const MOST_SAVED = 20;
const ONE_EACH_MS = 5000;

/** Starts with a full purse. */
export function createRetryBudget(clock: Clock): RetryBudget {
  let saved = MOST_SAVED;
  let last = clock();
  const save = (amount: number) => (saved = Math.min(MOST_SAVED, saved + amount));
  return {
    earn: () => void save(RETRY_SHARE),
    spend() {
      const now = clock();
      save((now - last) / ONE_EACH_MS);
      last = now;
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}

const FIRST_BACKOFF_MS = 100;

/**
 * How long to wait before repeat number `round` (from 0): what the target asked for, or twice as long each time, and
 * between half and all of it by chance, so that those who failed together do not come back together.
 * @param chance in [0,1)
 */
export function backoffMs(round: number, retryAfterMs: number | undefined, chance: number): number {
  const full = FIRST_BACKOFF_MS * 2 ** round;
  return (retryAfterMs ?? 0) + full * (0.5 + chance / 2);
}
