import type { Clock } from "../contracts.ts";
import { wilson } from "../statistics/proportion.ts";
import type { Interval } from "../statistics/sample.ts";

/** One request that a cascade answered. */
export interface CascadeBill {
  /** The strong model had to be asked. */
  readonly escalated: boolean;
  /** USD of everything that was asked before it, gates included. */
  readonly cheapUsd: number;
  /** USD of the strong model: what it cost where it was asked, what it was expected to cost elsewhere. */
  readonly strongUsd: number;
}

export type BreakEvenVerdict = "pays" | "loses" | "not_known_yet";

/** Whether a route's cascade costs less than always asking its strong model. */
export interface BreakEven {
  readonly requests: number;
  /** Share of requests that were escalated; its 95% interval. */
  readonly rate: number;
  readonly interval: Interval;
  /** The rate at which the cascade costs as much as the strong model alone; below 0 where it cannot pay. NaN before the first request. */
  readonly breakEvenRate: number;
  /** USD that the window's requests cost less than the strong model would have; negative where they cost more. */
  readonly savedUsd: number;
  readonly verdict: BreakEvenVerdict;
}

export interface BreakEvens {
  record(route: string, bill: CascadeBill): void;
  /** Undefined for a route that no request took. */
  of(route: string): BreakEven | undefined;
}

/** Requests of a route that are looked back on, and for how long. */
const WINDOW = 1000;
const WINDOW_MS = 3_600_000;
/** Before so many requests nothing is said. */
const FEWEST = 50;
/**
 * A verdict holds where the break-even rate lies outside of an interval of so many standard deviations. It is looked
 * at after each request, for ever: at 1.96 a cascade that pays would be called a losing one within the day.
 */
const Z_OF_VERDICT = 5;
const MOST_ROUTES = 10_000;

/** What a route's cascade is known by: with other models it is another one. */
export const breakEvenKey = (route: string, models: readonly string[]): string => JSON.stringify([route, models]);

/** Keeps the last requests of each route. Routes beyond the ten thousandth are not kept. */
export function createBreakEvens(clock: Clock): BreakEvens {
  const windows = new Map<string, ReturnType<typeof createWindow>>();
  return {
    record(route, bill) {
      const known = windows.get(route);
      if (known === undefined && windows.size >= MOST_ROUTES) return;
      const window = known ?? createWindow(clock);
      windows.set(route, window);
      window.push(bill);
    },
    of: (route) => windows.get(route)?.state(),
  };
}

function createWindow(clock: Clock) {
  const times = new Float64Array(WINDOW);
  const bills: CascadeBill[] = [];
  let next = 0;
  let first = 0;
  const sums = { escalated: 0, cheap: 0, strong: 0, spent: 0 };
  const add = ({ escalated, cheapUsd, strongUsd }: CascadeBill, sign: 1 | -1) => {
    sums.escalated += sign * Number(escalated);
    sums.cheap += sign * cheapUsd;
    sums.strong += sign * strongUsd;
    sums.spent += sign * (cheapUsd + (escalated ? strongUsd : 0));
  };
  const forget = (until: number) => {
    while (first < next && times[first % WINDOW]! < until) add(bills[first++ % WINDOW]!, -1);
  };
  return {
    push(bill: CascadeBill) {
      forget(clock() - WINDOW_MS);
      if (next - first === WINDOW) add(bills[first++ % WINDOW]!, -1);
      times[next % WINDOW] = clock();
      bills[next++ % WINDOW] = bill;
      add(bill, 1);
    },
    state(): BreakEven {
      forget(clock() - WINDOW_MS);
      return breakEven({ requests: next - first, ...sums });
    },
  };
}

interface Sums {
  readonly requests: number;
  readonly escalated: number;
  /** USD. */
  readonly cheap: number;
  readonly strong: number;
  readonly spent: number;
}

function breakEven({ requests, escalated, cheap, strong, spent }: Sums): BreakEven {
  const rate = requests === 0 ? Number.NaN : escalated / requests;
  const breakEvenRate = requests === 0 ? Number.NaN : breakEvenRateOf(cheap, strong);
  const { low, high } = wilson(escalated, requests, Z_OF_VERDICT);
  const isKnown = requests >= FEWEST;
  const verdict = isKnown && low > breakEvenRate ? "loses" : isKnown && high < breakEvenRate ? "pays" : "not_known_yet";
  return {
    requests,
    rate,
    interval: wilson(escalated, requests),
    breakEvenRate,
    savedUsd: strong - spent,
    verdict,
  };
}

/** Of each request: cheap + rate * strong = strong. */
export const breakEvenRateOf = (cheapUsd: number, strongUsd: number): number =>
  strongUsd > 0 ? 1 - cheapUsd / strongUsd : -Infinity;
