import { type Database, openDatabase, type OpenOptions, type Schema } from "../storage/sqlite.ts";
import type { Entry } from "./entry.ts";
import { LARGEST } from "./money.ts";
import { periodsOf } from "./period.ts";

/** What a tenant has spent in a day or month, in 1e-12 USD. */
export interface Spent {
  readonly period: string;
  readonly tenant: string;
  readonly cost: bigint;
}

/** The file of the ledger, on the calling thread. Errors: StorageError. */
export interface Book {
  /** Adds to what stands there, all or nothing. */
  add(entries: readonly Entry[]): void;
  /** The tenants that have spent most in these periods. */
  spent(periods: readonly string[]): Spent[];
  /** Every row from this day on, in the order of days. */
  rows(since: string): Iterable<Entry>;
  changed: Database["changed"];
  isCurrent: Database["isCurrent"];
  close(): void;
}

const COUNTS = [
  "requests",
  "attempts",
  "input_tokens",
  "cached_tokens",
  "output_tokens",
  "reasoning_tokens",
  "estimated_tokens",
  "cost",
  "baseline",
] as const;

/** `spent` says nothing that `costs` does not: it saves each process from adding a month up every second. */
const SCHEMA: Schema = {
  applicationId: 0x53_4c_42_31,
  migrations: [
    `create table costs (
       day text not null, tenant text not null, route text not null, model text not null,
       ${COUNTS.map((name) => `${name} integer not null`).join(", ")},
       primary key (day, tenant, route, model)
     ) strict, without rowid;
     create table spent (
       period text not null, tenant text not null, cost integer not null,
       primary key (period, tenant)
     ) strict, without rowid;`,
  ],
};

/** A sum that would pass the largest integer becomes a real in SQLite, and the smaller of the two is that integer. */
const plus = (name: string) => `${name} = min(${LARGEST}, ${name} + excluded.${name})`;
const ADD_COSTS = `insert into costs values (?, ?, ?, ?, ${COUNTS.map(() => "?").join(", ")})
  on conflict do update set ${COUNTS.map(plus).join(", ")}`;
const ADD_SPENT = `insert into spent values (?, ?, ?) on conflict do update set ${plus("cost")}`;
const MOST_SPENT = 100_000;
const SPENT = `select period, tenant, cost from spent where period in (select value from json_each(?))
  order by cost desc limit ${MOST_SPENT}`;
const ROWS = "select * from costs where day >= ? order by day, tenant, route, model";

/** @throws StorageError */
export function openBook(path: string, options: OpenOptions): Book {
  const database = openDatabase(path, SCHEMA, options);
  const [addCosts, addSpent] = [database.prepare(ADD_COSTS), database.prepare(ADD_SPENT)];
  const [spent, rows] = [database.prepare(SPENT), database.prepare(ROWS)];
  return {
    add(entries) {
      database.transaction(() => {
        for (const entry of entries) {
          addCosts.run(entry.day, entry.tenant, entry.route, entry.model, ...countsOf(entry));
          if (entry.cost > 0n)
            for (const period of periodsOf(entry.day)) addSpent.run(period, entry.tenant, entry.cost);
        }
      });
    },
    spent: (periods) => database.all(spent, JSON.stringify(periods)) as unknown as Spent[],
    *rows(since) {
      for (const row of database.all(rows, since)) yield entryFrom(row);
    },
    changed: database.changed,
    isCurrent: database.isCurrent,
    close: database.close,
  };
}

const countsOf = (entry: Entry): Array<number | bigint> => [
  entry.requests,
  entry.attempts,
  entry.inputTokens,
  entry.cachedTokens,
  entry.outputTokens,
  entry.reasoningTokens,
  entry.estimatedTokens,
  entry.cost,
  entry.baseline,
];

function entryFrom(row: Readonly<Record<string, unknown>>): Entry {
  const text = (name: string) => String(row[name]);
  const count = (name: (typeof COUNTS)[number]) => Number(row[name]);
  return {
    day: text("day"),
    tenant: text("tenant"),
    route: text("route"),
    model: text("model"),
    requests: count("requests"),
    attempts: count("attempts"),
    inputTokens: count("input_tokens"),
    cachedTokens: count("cached_tokens"),
    outputTokens: count("output_tokens"),
    reasoningTokens: count("reasoning_tokens"),
    estimatedTokens: count("estimated_tokens"),
    cost: row["cost"] as bigint,
    baseline: row["baseline"] as bigint,
  };
}
