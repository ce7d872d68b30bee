import CircuitBreaker from "opossum";
import type { BreakerOptions } from "./options.ts";

export type BreakerState = "open" | "half_open" | "closed";

/** Keeps requests from a target that fails. Closed lets all pass, open none, half-open one at a time as a probe. */
export interface Breaker {
  readonly state: BreakerState;
  /** Whether `admit` would say no now. */
  refuses(): boolean;
  /** Resolves when the probe under way has shown something, or the state changes. */
  probed(): Promise<void>;
  /** Leave to send one request, or undefined. */
  admit(): Pass | undefined;
  /** Clears its timers. Requests of an old configuration may still pass; nothing is counted any more. */
  shutdown(): void;
}

/**
 * Leave to send one request; its outcome is told once, at the end of its answer, and later calls do nothing.
 * Every pass must be settled: a half-open circuit waits for its probe and lets nothing else through.
 */
export interface Pass {
  /** The answer has begun, and may go on for long: the next request may probe too. The outcome is yet to be told. */
  begin(): void;
  succeed(): void;
  fail(): void;
  /** The client went away: counts neither way, and the next request may probe instead. */
  drop(): void;
}

/**
 * Only finished requests are counted, in the window in which they finished, so long streams under way neither
 * hide an outage nor make one. Outcomes of requests that were let through before the last change of state are
 * stale and count for nothing: in half-open the probe alone decides.
 */
export function createBreaker(options: BreakerOptions, onState: (state: BreakerState) => void): Breaker {
  let state: BreakerState = "closed";
  let era = 0;
  /** The pass of the probe that has shown nothing yet. */
  let probe: Pass | undefined;
  let shown = Promise.withResolvers<void>();
  let shut = false;

  // The circuit hears of each request only at its end: a failure throws, so that it opens at once.
  const circuit = new CircuitBreaker(
    (failed: boolean) => {
      if (failed) throw new Error("the request failed");
      return Promise.resolve();
    },
    {
      // It opens above its percentage; ours opens at it, or 100 would never open.
      errorThresholdPercentage: options.percent - 1e-6,
      volumeThreshold: options.minimum_requests,
      rollingCountTimeout: options.window_ms,
      resetTimeout: options.reset_ms,
      timeout: false,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    },
  );

  function show(): void {
    probe = undefined;
    shown.resolve();
    shown = Promise.withResolvers();
  }

  function enter(next: BreakerState): void {
    state = next;
    era += 1;
    show();
    onState(next);
  }
  circuit.on("open", () => enter("open"));
  circuit.on("halfOpen", () => enter("half_open"));
  circuit.on("close", () => enter("closed"));

  function settle(admitted: number, outcome: "succeeded" | "failed"): void {
    if (shut || admitted !== era) return;
    // Its promise repeats what we told it.
    circuit.fire(outcome === "failed").catch(() => undefined);
  }

  function passIn(admitted: number): Pass {
    let settled = false;
    const shows = () => {
      if (probe === pass) show();
    };
    const tell = (outcome?: "succeeded" | "failed") => () => {
      if (settled) return;
      settled = true;
      // An outcome changes the state of a circuit that is being probed, and that shows.
      if (outcome) settle(admitted, outcome);
      else shows();
    };
    const pass: Pass = { begin: shows, succeed: tell("succeeded"), fail: tell("failed"), drop: tell() };
    return pass;
  }

  const refuses = () => !shut && (state === "open" || probe !== undefined);

  return {
    get state() {
      return state;
    },
    refuses,
    probed: () => shown.promise,
    admit() {
      if (refuses()) return undefined;
      const pass = passIn(era);
      if (state === "half_open") probe = pass;
      return pass;
    },
    shutdown() {
      shut = true;
      circuit.shutdown();
      show();
    },
  };
}
