import type { Clock } from "../contracts.ts";

/** Leaves what keeps failing alone for a while, and then lets one try before all may. */
export interface Pause {
  /** Leave to ask once, or undefined. Its outcome is told once. */
  admit(): { succeed(): void; fail(): void } | undefined;
}

/** Failures, one after the other. */
const MOST_FAILED = 5;
const PAUSE_MS = 10_000;

export function createPause(clock: Clock): Pause {
  let failed = 0;
  let until = 0;
  let isProbing = false;
  return {
    admit() {
      const isOut = failed >= MOST_FAILED;
      if (isOut && (isProbing || clock() < until)) return undefined;
      isProbing = isOut;
      return {
        succeed() {
          failed = 0;
          isProbing = false;
        },
        fail() {
          failed += 1;
          isProbing = false;
          if (failed >= MOST_FAILED) until = clock() + PAUSE_MS;
        },
      };
    },
  };
}
