import type { Spent } from "./book.ts";
import type { Entry } from "./entry.ts";
import { periodOf, periodsOf } from "./period.ts";

/** What tenants have spent in this day and month, as far as this process knows, in 1e-12 USD. */
export interface Spending {
  of(tenant: string, period: string): bigint;
  add(entry: Entry): void;
  /** These entries of ours are in the file, which holds `spent` if that was read again. */
  written(entries: readonly Entry[], spent?: readonly Spent[]): void;
  /** The periods that are kept. */
  periods(): readonly string[];
}

/** More tenants than this are not kept apart in memory; only a gateway that is trusted can name so many. */
const MOST_SUMS = 200_000;

/** @param now Unix milliseconds */
export function createSpending(now: () => number): Spending {
  let periods = periodsOf(periodOf(now(), "day"));
  /** What stands in the file. */
  let known = new Map<string, bigint>();
  /** What this process spent and has not written yet. */
  const own = new Map<string, bigint>();

  /** A period that is over is forgotten. */
  function turn(): void {
    if (periodOf(now(), "day") === periods[0]) return;
    periods = periodsOf(periodOf(now(), "day"));
    for (const sums of [known, own]) {
      for (const key of sums.keys()) if (!periods.some((period) => key.startsWith(`${period} `))) sums.delete(key);
    }
  }

  function change(sums: Map<string, bigint>, { day, tenant }: Entry, cost: bigint): void {
    for (const period of periodsOf(day)) {
      const key = keyOf(period, tenant);
      const sum = (sums.get(key) ?? 0n) + cost;
      if (sum <= 0n) sums.delete(key);
      else if (periods.includes(period) && (sums.has(key) || sums.size < MOST_SUMS)) sums.set(key, sum);
    }
  }

  return {
    of(tenant, period) {
      const key = keyOf(period, tenant);
      return (known.get(key) ?? 0n) + (own.get(key) ?? 0n);
    },
    add(entry) {
      turn();
      change(own, entry, entry.cost);
    },
    written(entries, spent) {
      for (const entry of entries) {
        change(own, entry, -entry.cost);
        if (!spent) change(known, entry, entry.cost);
      }
      if (spent) known = new Map(spent.map(({ period, tenant, cost }) => [keyOf(period, tenant), cost]));
    },
    periods() {
      turn();
      return periods;
    },
  };
}

const keyOf = (period: string, tenant: string) => `${period} ${tenant}`;
