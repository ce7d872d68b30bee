import type { Api } from "../contracts.ts";
import { migratePostgres, type Postgres, type PostgresSchema, type Query } from "../storage/postgres.ts";
import { FORGET, filterOf, type Moment, PURGES } from "./changes.ts";
import { cutsFor } from "./cuts.ts";
import { bytesOfVector, checksumOf } from "./checksum.ts";
import { type Bounds, bytesOf, type Entry, type Filter, fits, type Near, type Stored } from "./store.ts";

/** The tables of a cache in PostgreSQL. Errors: StorageError. */
export interface Table {
  /** Makes and migrates what is missing; several replicas may do so at once. */
  prepare(): Promise<void>;
  /** `damaged` for an entry that is not what was written. */
  lookup(key: Uint8Array, now: number): Promise<Stored | "damaged" | undefined>;
  /** Those of the keys that are in the partition, in no order. */
  read(partition: Uint8Array, keys: readonly Uint8Array[], now: number): Promise<Omit<Near, "similarity">[]>;
  /** All or nothing: entries, but for those that others purged since that moment, and when others were used. */
  write(entries: readonly Fresh[], used: readonly Use[], since: Moment): Promise<Written>;
  /** Removes what is over, and what there is no room for. */
  trim(bounds: Bounds, now: number): Promise<Trimmed>;
  purge(filter: Filter): Promise<number>;
}

export interface Fresh {
  readonly entry: Entry;
  readonly usedAt: number;
}

export interface Use {
  readonly key: Uint8Array;
  readonly at: number;
}

export interface Written {
  readonly entries: readonly Entry[];
  /** Of those, how many replaced none. */
  readonly added: number;
}

export interface Trimmed {
  readonly entries: number;
  readonly bytes: number;
  readonly evicted: number;
  readonly expired: number;
}

/**
 * What is used, and how much, stands in a narrow table of its own, since it changes all the time. `tx` is the
 * transaction that wrote a row, by which others see what is new to them.
 */
const SCHEMA: PostgresSchema = {
  name: "cache",
  migrations: [
    `create table signalbox_cache (
       key bytea primary key, partition bytea not null, vector bytea, tenant text not null,
       route text not null, question bytea not null, api text not null, answer bytea not null,
       stored_at bigint not null, expires_at bigint not null, sum bigint not null, writer bigint not null,
       tx xid8 not null default pg_current_xact_id()
     );
     create index signalbox_cache_by_change on signalbox_cache (tx, key);
     create table signalbox_cache_use (
       key bytea primary key references signalbox_cache on delete cascade,
       tenant text not null, bytes integer not null, used_at bigint not null, expires_at bigint not null
     );
     create index signalbox_cache_by_use on signalbox_cache_use (used_at);
     create index signalbox_cache_by_end on signalbox_cache_use (expires_at);
     create table signalbox_cache_gone (
       tenant text, route text, start bytea, is_purge boolean not null, writer bigint not null,
       at timestamptz not null default now(), tx xid8 not null default pg_current_xact_id()
     );
     create index signalbox_cache_gone_by_change on signalbox_cache_gone (tx);
     create index signalbox_cache_gone_by_age on signalbox_cache_gone (at);`,
  ],
};

/** Rows that one statement takes out. */
const TAKEN = 5000;
const WRITE_MS = 30_000;

const LOOKUP = `select key, tenant, route, question, api, answer, stored_at, expires_at, sum
  from signalbox_cache where key = $1 and expires_at > $2`;
const READ = `select key, question, stored_at from signalbox_cache
  where key = any($1) and partition = $2 and expires_at > $3`;
const INSERT = `insert into signalbox_cache
    (key, partition, vector, tenant, route, question, api, answer, stored_at, expires_at, sum, writer)
  select *, $12::bigint from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[], $5::text[],
    $6::bytea[], $7::text[], $8::bytea[], $9::bigint[], $10::bigint[], $11::bigint[]) as n(key)
  order by key
  on conflict (key) do update set (partition, vector, tenant, route, question, api, answer, stored_at,
    expires_at, sum, writer, tx) = (excluded.partition, excluded.vector, excluded.tenant, excluded.route,
    excluded.question, excluded.api, excluded.answer, excluded.stored_at, excluded.expires_at,
    excluded.sum, excluded.writer, excluded.tx)
  returning xmax = 0 as is_new`;
const INSERT_USE = `insert into signalbox_cache_use
  select k, t, b, u, e from unnest($1::bytea[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[]) as n(k, t, b, u, e)
  order by k
  on conflict (key) do update set (tenant, bytes, used_at, expires_at)
    = (excluded.tenant, excluded.bytes, excluded.used_at, excluded.expires_at)`;
/** In the order of keys, so that two replicas never wait for each other in a ring. */
const USE = `with found as (
    select key, at from signalbox_cache_use join unnest($1::bytea[], $2::bigint[]) as n(key, at) using (key)
    order by key for update of signalbox_cache_use
  )
  update signalbox_cache_use as old set used_at = greatest(old.used_at, found.at) from found where old.key = found.key`;
const EXPIRE = `delete from signalbox_cache where key in
  (select key from signalbox_cache_use where expires_at <= $1 limit $2)`;
const TOTALS = `select tenant, count(*) as entries, sum(bytes) as bytes from signalbox_cache_use group by tenant`;
/** What was used least, of one tenant or of all, until so many entries and so many bytes are out. */
const EVICT = `with gone as (delete from signalbox_cache where key in (
    select key from (
      select key, bytes, row_number() over byuse as place, sum(bytes) over byuse as upto
      from (select key, bytes, used_at from signalbox_cache_use where $1::text is null or tenant = $1
        order by used_at, key limit $4) as oldest
      window byuse as (order by used_at, key)
    ) as placed where place <= $2 or upto - bytes < $3)
    returning key)
  insert into signalbox_cache_gone (start, is_purge, writer) select key, false, $5 from gone`;
const PURGE = `delete from signalbox_cache where ($1::text is null or tenant = $1)
  and ($2::text is null or route = $2) and ($3::bytea is null or substr(key, 1, length($3)) = $3)`;
const TELL_PURGE = `insert into signalbox_cache_gone (tenant, route, start, is_purge, writer) values ($1, $2, $3, true, $4)`;
/** Who purges waits for all who write, and they wait for it: they see what is purged, or it sees what they wrote. Whoever hangs loses the lock. */
const LOCK = 0x53_42_43_50;
const UNLESS_IT_HANGS = `set_config('idle_in_transaction_session_timeout', '${WRITE_MS}', true)`;
const WRITING = `select pg_advisory_xact_lock_shared(${LOCK}), ${UNLESS_IT_HANGS}`;
const PURGING = `select pg_advisory_xact_lock(${LOCK}), ${UNLESS_IT_HANGS}`;

/** @param writer tells what this process writes from what others do; 0 or more */
export function createTable(database: Postgres, writer: number): Table {
  return {
    prepare: () => migratePostgres(database, SCHEMA),
    async lookup(key, now) {
      const { rows } = await database.query(LOOKUP, [Buffer.from(key), now], "signalbox_lookup");
      return rows[0] && storedFrom(rows[0]);
    },
    async read(partition, keys, now) {
      const asked = [keys.map((key) => Buffer.from(key)), Buffer.from(partition), now];
      // Without a name it is planned anew: what is best for a table that is nearly empty would not be for a full one.
      return (await database.query(READ, asked)).rows.map(nearFrom);
    },
    write: (fresh, used, since) =>
      database.transaction(WRITE_MS, async (query) => {
        await query(WRITING);
        if (used.length > 0) await query(USE, [used.map(({ key }) => Buffer.from(key)), used.map(({ at }) => at)]);
        return fresh.length === 0 ? { entries: [], added: 0 } : insert(query, fresh, since);
      }),
    trim: (bounds, now) => database.transaction(WRITE_MS, (query) => trim(query, bounds, now)),
    purge: ({ tenant = null, route = null, id }) =>
      database.transaction(WRITE_MS, async (query) => {
        const start = id === undefined ? null : Buffer.from(id, "base64url");
        await query(PURGING);
        await query(TELL_PURGE, [tenant, route, start, writer]);
        return (await query(PURGE, [tenant, route, start])).count;
      }),
  };

  async function insert(query: Query, fresh: readonly Fresh[], since: Moment): Promise<Written> {
    const purged = (await query(PURGES, [since.snapshot, writer])).rows.map(filterOf);
    const left = fresh.filter(({ entry }) => !purged.some((filter) => fits(filter, entry)));
    const entries = left.map(({ entry }) => entry);
    if (entries.length === 0) return { entries, added: 0 };
    const { rows } = await query(INSERT, [...columnsOf(entries), writer]);
    await query(INSERT_USE, useOf(left));
    return { entries, added: rows.filter((row) => row["is_new"] === true).length };
  }

  async function trim(query: Query, bounds: Bounds, now: number): Promise<Trimmed> {
    await query(WRITING);
    await query(FORGET);
    const { count: expired } = await query(EXPIRE, [now, TAKEN]);
    const tenants = (await query(TOTALS)).rows.map((row) => ({
      tenant: String(row["tenant"]),
      entries: Number(row["entries"]),
      bytes: Number(row["bytes"]),
    }));
    let evicted = 0;
    for (const { tenant, entries, bytes } of cutsFor(tenants, bounds))
      evicted += (await query(EVICT, [tenant ?? null, entries, bytes, TAKEN, writer])).count;
    const left = evicted > 0 ? (await query(TOTALS)).rows : tenants;
    return {
      expired,
      evicted,
      entries: left.reduce((sum, row) => sum + Number(row.entries), 0),
      bytes: left.reduce((sum, row) => sum + Number(row.bytes), 0),
    };
  }
}

const columnsOf = (entries: readonly Entry[]): unknown[][] => [
  entries.map(({ key }) => Buffer.from(key)),
  entries.map(({ partition }) => Buffer.from(partition)),
  entries.map(({ vector }) => numbersOf(vector)),
  entries.map(({ tenant }) => tenant),
  entries.map(({ route }) => route),
  entries.map(({ question }) => Buffer.from(question)),
  entries.map(({ api }) => api),
  entries.map(({ answer }) => Buffer.from(answer)),
  entries.map(({ storedAt }) => storedAt),
  entries.map(({ expiresAt }) => expiresAt),
  entries.map((entry) => checksumOf(entry)),
];

const numbersOf = (vector: Float32Array | undefined) => (vector ? Buffer.from(bytesOfVector(vector)) : null);

const useOf = (fresh: readonly Fresh[]): unknown[][] => [
  fresh.map(({ entry }) => Buffer.from(entry.key)),
  fresh.map(({ entry }) => entry.tenant),
  fresh.map(({ entry }) => bytesOf(entry)),
  fresh.map(({ usedAt }) => usedAt),
  fresh.map(({ entry }) => entry.expiresAt),
];

type Row = Readonly<Record<string, unknown>>;

function storedFrom(row: Row): Stored | "damaged" {
  const stored = {
    key: row["key"] as Uint8Array,
    tenant: String(row["tenant"]),
    route: String(row["route"]),
    question: String(row["question"]),
    api: row["api"] as Api,
    answer: row["answer"] as Uint8Array,
    storedAt: Number(row["stored_at"]),
    expiresAt: Number(row["expires_at"]),
  };
  return checksumOf(stored) === Number(row["sum"]) ? stored : "damaged";
}

const nearFrom = (row: Row): Omit<Near, "similarity"> => ({
  key: row["key"] as Uint8Array,
  question: String(row["question"]),
  storedAt: Number(row["stored_at"]),
});
