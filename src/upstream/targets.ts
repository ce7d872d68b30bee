import type { Clock } from "../contracts.ts";
import { type Breaker, type BreakerState, createBreaker } from "./breaker.ts";
import type { BreakerOptions } from "./options.ts";
import { createSpeedMeter, type SpeedMeter } from "./speed.ts";
import { createTurnstile, type Turnstile } from "./turnstile.ts";

/** What we learned of one target from its answers. */
export interface TargetState extends SpeedMeter {
  readonly breaker: Breaker;
  readonly turnstile: Turnstile;
  /** True while nothing is let through. Where a probe is under way others may have to wait for what it shows. */
  isOpen(): boolean;
  /** True for a while after the server said that it does not know the adapter that the target is. */
  lacksAdapter(): boolean;
  noteLackOfAdapter(): void;
}

/** Adapters are loaded while a server runs: for so long its word holds that it has none of this name. */
const LACK_MS = 60_000;

/**
 * Targets by identity, whatever configuration names them. Each configuration acquires its targets when it is built
 * and releases them when its last request is done; what nobody holds any more is shut down. A target that the
 * next configuration names too keeps its breaker, open or not, its speed and the breaker options it was made with.
 */
export interface TargetBook {
  /** @param options for targets that are new; those that the book was made with, unless given */
  acquire(keys: Iterable<string>, options?: BreakerOptions): void;
  /** Once for each `acquire`, with the same keys. */
  release(keys: Iterable<string>): void;
  /** Undefined when nobody holds it. */
  get(key: string): TargetState | undefined;
  readonly size: number;
  /** Shuts everything down, held or not. */
  shutdown(): void;
}

interface Entry {
  readonly state: TargetState;
  holders: number;
}

/** @param onState told each time a circuit opens, half-opens or closes */
export function createTargetBook(
  initial: BreakerOptions,
  onState: (targetKey: string, state: BreakerState) => void,
  clock: Clock,
): TargetBook {
  const entries = new Map<string, Entry>();

  function open(key: string, options: BreakerOptions): Entry {
    const breaker = createBreaker(options, (state) => onState(key, state));
    let lackUntil = -Infinity;
    const state: TargetState = {
      breaker,
      turnstile: createTurnstile(clock),
      isOpen: () => breaker.state === "open",
      lacksAdapter: () => clock() < lackUntil,
      noteLackOfAdapter: () => void (lackUntil = clock() + LACK_MS),
      ...createSpeedMeter(clock),
    };
    const entry = { state, holders: 0 };
    entries.set(key, entry);
    return entry;
  }

  return {
    acquire(keys, options = initial) {
      for (const key of keys) (entries.get(key) ?? open(key, options)).holders += 1;
    },
    release(keys) {
      for (const key of keys) {
        const entry = entries.get(key);
        if (entry === undefined) continue;
        entry.holders -= 1;
        if (entry.holders > 0) continue;
        // Nobody would ever hear that it closed.
        if (entry.state.breaker.state !== "closed") onState(key, "closed");
        entry.state.breaker.shutdown();
        entries.delete(key);
      }
    },
    get: (key) => entries.get(key)?.state,
    get size() {
      return entries.size;
    },
    shutdown() {
      for (const { state } of entries.values()) state.breaker.shutdown();
      entries.clear();
    },
  };
}
