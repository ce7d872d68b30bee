/** How many requests a target is given at once, learned from when it was too many. */
export interface Turnstile {
  /** Requests that may be under way now. */
  readonly limit: number;
  /**
   * A place among them, at once or in turn: whoever waits longest of the tenant whose turn it is. Undefined where too
   * many wait already, none became free within `patienceMs`, or `abort` came.
   */
  enter(tenant: string, patienceMs: number, abort: AbortSignal): Place | undefined | Promise<Place | undefined>;
}

/** Left once, with what the target said; more does no harm. `overloaded`: it had too much to do. */
export interface Place {
  leave(said: "served" | "overloaded" | "nothing"): void;
}

/** As many as nobody sends, so that nothing is held back before a target complained. */
const FIRST_LIMIT = 10_000;
const LEAST = 4;
/** What remains of the requests under way when a target is overloaded. */
const SHRINK = 0.8;
/** Requests that came before the last complaint was heeded complain for the same reason. */
const HEEDED_MS = 250;
/** It grows by one with each answer while all places are taken, when nobody complained for so long. */
const PEACE_MS = 1000;
/** What was learned is forgotten when nobody complained, and no place was missing, for so long: times have changed. */
const FORGOTTEN_MS = 5000;
const MOST_WAITING = 1024;

/** @param clock milliseconds that only go forward */
export function createTurnstile(clock: () => number): Turnstile {
  let limit = FIRST_LIMIT;
  let inside = 0;
  let waiting = 0;
  let heeded = Number.NEGATIVE_INFINITY;
  /** When the limit was last felt. */
  let felt = Number.NEGATIVE_INFINITY;
  /** By tenant, in the order of their turns. */
  const queues = new Map<string, Set<() => void>>();

  function learn(said: "served" | "overloaded" | "nothing"): void {
    const peace = clock() - heeded;
    if (said === "served" && inside >= Math.floor(limit) && peace >= PEACE_MS) limit = Math.min(FIRST_LIMIT, limit + 1);
    if (said !== "overloaded" || peace < HEEDED_MS || inside <= LEAST) return;
    heeded = clock();
    limit = Math.max(LEAST, Math.min(limit, inside) * SHRINK);
  }

  function take(): Place {
    inside += 1;
    if (inside >= Math.floor(limit)) felt = clock();
    let left = false;
    return {
      leave(said) {
        if (left) return;
        left = true;
        learn(said);
        inside -= 1;
        letIn();
      },
    };
  }

  /** The next tenant's longest waiting; the tenant goes to the end of the turns. */
  function letIn(): void {
    while (waiting > 0 && inside < Math.floor(limit)) {
      const [tenant, queue] = queues.entries().next().value!;
      const [next] = queue;
      remove(tenant, queue, next!);
      if (queues.delete(tenant)) queues.set(tenant, queue);
      next!();
    }
  }

  function remove(tenant: string, queue: Set<() => void>, guest: () => void): void {
    if (!queue.delete(guest)) return;
    waiting -= 1;
    if (queue.size === 0) queues.delete(tenant);
  }

  function wait(tenant: string, patienceMs: number, abort: AbortSignal): Promise<Place | undefined> {
    const { promise, resolve } = Promise.withResolvers<Place | undefined>();
    const queue = queues.get(tenant) ?? new Set();
    queues.set(tenant, queue);
    waiting += 1;
    const giveUp = () => {
      remove(tenant, queue, go);
      settle(undefined);
    };
    const go = () => settle(take());
    const timer = setTimeout(giveUp, patienceMs);
    abort.addEventListener("abort", giveUp);
    queue.add(go);
    function settle(place: Place | undefined): void {
      clearTimeout(timer);
      abort.removeEventListener("abort", giveUp);
      resolve(place);
    }
    return promise;
  }

  return {
    get limit() {
      return Math.floor(limit);
    },
    enter(tenant, patienceMs, abort) {
      if (abort.aborted) return undefined;
      if (waiting === 0 && clock() - Math.max(heeded, felt) >= FORGOTTEN_MS) limit = FIRST_LIMIT;
      if (waiting === 0 && inside < Math.floor(limit)) return take();
      return waiting >= MOST_WAITING ? undefined : wait(tenant, patienceMs, abort);
    },
  };
}
