import { LRUCache } from "lru-cache";
import type { Api } from "../contracts.ts";
import { migratePostgres, type Postgres, type PostgresSchema } from "../storage/postgres.ts";
import { cutsFor } from "./cuts.ts";
import { bytesOfVector, checksumOf, vectorOfBytes } from "./checksum.ts";
import {
  type Bounds,
  bytesOf,
  type Entry,
  type Filter,
  nameOf,
  type Near,
  type Question,
  type Stored,
} from "./store.ts";

/** The tables of a cache in PostgreSQL. Errors: StorageError. */
export interface Table {
  /** Makes and migrates what is missing; several replicas may do so at once. */
  prepare(): Promise<void>;
  /** `damaged` for an entry that is not what was written. */
  lookup(key: Uint8Array, now: number): Promise<Stored | "damaged" | undefined>;
  nearest(question: Question, now: number): Promise<Near[]>;
  /** All or nothing: entries, and when others were used. Answers how many of the entries are new. */
  write(entries: readonly Fresh[], used: readonly Use[]): Promise<number>;
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

export interface Trimmed {
  readonly entries: number;
  readonly bytes: number;
  readonly evicted: number;
  readonly expired: number;
}

/**
 * What is used, and how much, stands in a narrow table of its own: an entry that is never changed needs no second place
 * in the index of vectors.
 */
const SCHEMA: PostgresSchema = {
  name: "cache",
  migrations: [
    `create extension if not exists vector;
     create table signalbox_cache (
       key bytea primary key, partition bytea not null, dimensions smallint not null, vector vector, full_vector bytea,
       tenant text not null, route text not null, question bytea not null, api text not null, answer bytea not null,
       stored_at bigint not null, expires_at bigint not null, sum bigint not null
     );
     create index signalbox_cache_by_partition on signalbox_cache (partition);
     create table signalbox_cache_use (
       key bytea primary key references signalbox_cache on delete cascade,
       tenant text not null, bytes integer not null, used_at bigint not null, expires_at bigint not null
     );
     create index signalbox_cache_by_use on signalbox_cache_use (used_at);
     create index signalbox_cache_by_end on signalbox_cache_use (expires_at);`,
  ],
};

const LOOKUP = `select key, tenant, route, question, api, answer, full_vector, stored_at, expires_at, sum
  from signalbox_cache where key = $1 and expires_at > $2`;
const INSERT = `insert into signalbox_cache
    (key, partition, dimensions, vector, full_vector, tenant, route, question, api, answer, stored_at, expires_at, sum)
  select k, p, d, v::vector, f, t, r, q, a, b, s, e, c
  from unnest($1::bytea[], $2::bytea[], $3::smallint[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::bytea[],
    $9::text[], $10::bytea[], $11::bigint[], $12::bigint[], $13::bigint[]) as n(k, p, d, v, f, t, r, q, a, b, s, e, c)
  order by k
  on conflict (key) do update set (partition, dimensions, vector, full_vector, tenant, route, question, api, answer,
    stored_at, expires_at, sum) = (excluded.partition, excluded.dimensions, excluded.vector, excluded.full_vector,
    excluded.tenant, excluded.route, excluded.question, excluded.api, excluded.answer, excluded.stored_at,
    excluded.expires_at, excluded.sum)
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
const EVICT = `delete from signalbox_cache where key in (
  select key from (
    select key, bytes, row_number() over byuse as place, sum(bytes) over byuse as upto
    from (select key, bytes, used_at from signalbox_cache_use where $1::text is null or tenant = $1
      order by used_at, key limit $4) as oldest
    window byuse as (order by used_at, key)
  ) as placed where place <= $2 or upto - bytes < $3)`;
const PURGE = `delete from signalbox_cache where ($1::text is null or tenant = $1)
  and ($2::text is null or route = $2) and ($3::bytea is null or substr(key, 1, length($3)) = $3)`;

/** Rows that one statement takes out. */
const TAKEN = 5000;
const WRITE_MS = 30_000;

/**
 * @param dimensions of vectors that can be searched
 * @param exactMost size up to which a partition is searched exactly
 */
export function createTable(database: Postgres, dimensions: number, exactMost = EXACT_MOST): Table {
  return {
    prepare: () => prepare(database, dimensions),
    async lookup(key, now) {
      const { rows } = await database.query(LOOKUP, [Buffer.from(key), now], "signalbox_lookup");
      return rows[0] && storedFrom(rows[0]);
    },
    nearest: createSearch(database, dimensions, exactMost),
    write: (fresh, used) =>
      database.transaction(WRITE_MS, async (query) => {
        if (used.length > 0) await query(USE, [used.map(({ key }) => Buffer.from(key)), used.map(({ at }) => at)]);
        if (fresh.length === 0) return 0;
        const entries = fresh.map(({ entry }) => entry);
        const { rows } = await query(INSERT, columnsOf(entries, dimensions));
        await query(INSERT_USE, useOf(fresh));
        return rows.filter((row) => row["is_new"] === true).length;
      }),
    trim: (bounds, now) =>
      database.transaction(WRITE_MS, async (query) => {
        const { count: expired } = await query(EXPIRE, [now, TAKEN]);
        const tenants = (await query(TOTALS)).rows.map((row) => ({
          tenant: String(row["tenant"]),
          entries: Number(row["entries"]),
          bytes: Number(row["bytes"]),
        }));
        let evicted = 0;
        for (const { tenant, entries, bytes } of cutsFor(tenants, bounds))
          evicted += (await query(EVICT, [tenant ?? null, entries, bytes, TAKEN])).count;
        const left = evicted > 0 ? (await query(TOTALS)).rows : tenants;
        return {
          expired,
          evicted,
          entries: left.reduce((sum, row) => sum + Number(row.entries), 0),
          bytes: left.reduce((sum, row) => sum + Number(row.bytes), 0),
        };
      }),
    purge: ({ tenant = null, route = null, id }) =>
      database.transaction(WRITE_MS, async (query) => {
        const start = id === undefined ? null : Buffer.from(id, "base64url");
        return (await query(PURGE, [tenant, route, start])).count;
      }),
  };
}

async function prepare(database: Postgres, dimensions: number): Promise<void> {
  const index = `create index if not exists signalbox_cache_near_${dimensions} on signalbox_cache
    using hnsw ((vector::vector(${dimensions})) vector_ip_ops) with (m = 24, ef_construction = 160)
    where dimensions = ${dimensions}`;
  await migratePostgres(database, SCHEMA, [index]);
}

/**
 * Partitions up to this size are searched exactly. An index of all vectors gives the nearest of all partitions, and
 * would have to be read for long until enough of a small partition came by.
 */
const EXACT_MOST = 10_000;
const LARGE_KNOWN = 1000;
const LARGE_MS = 60_000;

/** Exactly, unless the partition is larger than that: then `size` says so and what else is answered is worthless. */
const exactOf = (dimensions: number, most: number) => `
  with compared as materialized (
    select key, vector::vector(${dimensions}) <#> $2::vector(${dimensions}) as distance
    from signalbox_cache where partition = $1 and dimensions = ${dimensions} and expires_at > $3 limit ${most + 1}
  ), nearest as (select key, distance from compared order by distance limit $4)
  select key, question, full_vector, stored_at, -distance as similarity, (select count(*) from compared) as size
  from nearest join signalbox_cache using (key) order by distance`;

/** By the index of vectors, which is read on until enough of this partition are found. */
const indexedOf = (dimensions: number) => `
  select key, question, full_vector, stored_at, -(vector::vector(${dimensions}) <#> $2::vector(${dimensions})) as similarity
  from signalbox_cache where partition = $1 and dimensions = ${dimensions} and expires_at > $3
  order by vector::vector(${dimensions}) <#> $2::vector(${dimensions}) limit $4`;

function createSearch(database: Postgres, dimensions: number, exactMost: number): Table["nearest"] {
  const [exact, indexed] = [exactOf(dimensions, exactMost), indexedOf(dimensions)];
  const large = new LRUCache<string, true>({ max: LARGE_KNOWN, ttl: LARGE_MS });
  return async ({ partition, vector, most, least }, now) => {
    const values = [Buffer.from(partition), textOf(vector), now, most];
    const name = nameOf(partition);
    let rows = large.has(name)
      ? []
      : (await database.query(exact, values, `signalbox_exact_${dimensions}_${exactMost}`)).rows;
    if (Number(rows[0]?.["size"] ?? 0) > exactMost) large.set(name, true);
    if (large.has(name)) rows = (await database.query(indexed, values, `signalbox_indexed_${dimensions}`)).rows;
    return rows.map(nearFrom).filter(({ similarity }) => similarity >= least);
  };
}

const textOf = (vector: Float32Array): string => `[${vector.join(",")}]`;

function columnsOf(entries: readonly Entry[], dimensions: number): unknown[][] {
  const searched = (vector?: Float32Array) => (vector?.length === dimensions ? vector : undefined);
  return [
    entries.map(({ key }) => Buffer.from(key)),
    entries.map(({ partition }) => Buffer.from(partition)),
    entries.map(({ vector }) => searched(vector)?.length ?? 0),
    entries.map(({ vector }) => (searched(vector) ? textOf(vector!) : null)),
    entries.map(({ full }) => (full ? Buffer.from(bytesOfVector(full)) : null)),
    entries.map(({ tenant }) => tenant),
    entries.map(({ route }) => route),
    entries.map(({ question }) => Buffer.from(question)),
    entries.map(({ api }) => api),
    entries.map(({ answer }) => Buffer.from(answer)),
    entries.map(({ storedAt }) => storedAt),
    entries.map(({ expiresAt }) => expiresAt),
    entries.map((entry) => checksumOf(entry)),
  ];
}

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
  const full = fullFrom(row);
  return checksumOf({ ...stored, ...full }) === Number(row["sum"]) ? stored : "damaged";
}

const nearFrom = (row: Row): Near => ({
  key: row["key"] as Uint8Array,
  question: String(row["question"]),
  storedAt: Number(row["stored_at"]),
  similarity: Number(row["similarity"]),
  ...fullFrom(row),
});

const fullFrom = (row: Row): { full?: Float32Array } =>
  row["full_vector"] === null ? {} : { full: vectorOfBytes(row["full_vector"] as Uint8Array) };
