import { type Amounts, type Entry, type Heading, joined } from "./entry.ts";

export const DIMENSIONS = ["day", "tenant", "route", "model"] as const satisfies readonly (keyof Heading)[];
export type Dimension = (typeof DIMENSIONS)[number];

/** Rows of the ledger added up. */
export interface Costs {
  readonly groups: ReadonlyArray<{ readonly of: Partial<Heading>; readonly amounts: Amounts }>;
  readonly total: Amounts | undefined;
}

/** Days in their order, where they are asked for; else what cost most comes first. */
export function costsBy(rows: Iterable<Entry>, by: readonly Dimension[]): Costs {
  const groups = new Map<string, Entry>();
  let total: Entry | undefined;
  for (const row of rows) {
    const key = JSON.stringify(by.map((name) => row[name]));
    const known = groups.get(key);
    groups.set(key, known ? joined(known, row) : row);
    total = total ? joined(total, row) : row;
  }
  const sorted = [...groups.values()].toSorted(
    (a, b) => (by.includes("day") ? compare(a.day, b.day) : 0) || compare(b.cost, a.cost),
  );
  return {
    groups: sorted.map((entry) => ({ of: Object.fromEntries(by.map((name) => [name, entry[name]])), amounts: entry })),
    total,
  };
}

const compare = (a: string | bigint, b: string | bigint): number => (a < b ? -1 : a > b ? 1 : 0);
