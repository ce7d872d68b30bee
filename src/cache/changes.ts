import type { Postgres } from "../storage/postgres.ts";
import { vectorOfBytes } from "./checksum.ts";
import type { Entry, Filter } from "./store.ts";

/** What replicas see of each other's work in the tables of a cache. Errors: StorageError. */
export interface Changes {
  /** What can be seen at present. `isForgotten`: not everything that was removed since then is known any more. */
  now(since?: Moment): Promise<Moment & { readonly isForgotten: boolean }>;
  /** What was purged by others, and what anybody let go of for room, between two moments. */
  removals(from: Moment, to: Moment): Promise<readonly Removal[]>;
  /** What others purged since then. */
  purges(since: Moment): Promise<readonly Filter[]>;
  /** Entries of the right dimensions that others wrote between two moments, in pages; from the beginning on, all. */
  entries(from: Moment, to: Moment): AsyncGenerator<readonly Changed[]>;
}

/** Which transactions can be seen: entries are written side by side, and no number says which of them is there yet. */
export interface Moment {
  readonly snapshot: string;
  /** By the database's clock, as it writes it. */
  readonly at: string | null;
}

/** Nothing can be seen yet. */
export const BEGINNING: Moment = { snapshot: "1:1:", at: null };

export type Removal = { readonly purged: Filter } | { readonly evicted: Uint8Array };

type Changed = Pick<Entry, "key" | "partition" | "tenant" | "route" | "expiresAt"> & {
  readonly vector: Float32Array;
};

/** Rows in one page. */
const PAGE = 1000;
/** Removals are kept for twice as long, so that whoever follows within this time misses none. */
const KNOWN = "5 minutes";
const KEPT = "10 minutes";

const NOW = `select pg_current_snapshot()::text as snapshot, now()::text as at,
  coalesce(now() - $1::timestamptz > interval '${KNOWN}', false) as is_forgotten`;
/** The first condition is for the index. */
const since = (at: string) => `tx >= pg_snapshot_xmin(${at}::pg_snapshot)
  and not pg_visible_in_snapshot(tx, ${at}::pg_snapshot)`;
/** Of a transaction that began behind all who are asked here. */
export const PURGES = `select tenant, route, start from signalbox_cache_gone
  where ${since("$1")} and is_purge and writer <> $2`;
const REMOVALS = `select tenant, route, start, is_purge from signalbox_cache_gone
  where ${since("$1")} and pg_visible_in_snapshot(tx, $3::pg_snapshot) and (writer <> $2 or not is_purge)`;
/** Only the index says which rows are read: of a condition more, the planner might think that few rows meet it. */
const ENTRIES = `select tx::text as written, key, partition, tenant, route, expires_at,
    case when not pg_visible_in_snapshot(tx, $3::pg_snapshot) and pg_visible_in_snapshot(tx, $4::pg_snapshot)
      and writer <> $5 and octet_length(vector) = $6 then vector end as vector
  from signalbox_cache where (tx, key) > ($1::xid8, $2::bytea) order by tx, key limit ${PAGE}`;
/** Of what was removed, that which nobody asks for any more. */
export const FORGET = `delete from signalbox_cache_gone where at < now() - interval '${KEPT}'`;
/** Writers of rows are 0 or more. */
const NOBODY = -1;

/**
 * @param writer tells what this process wrote from what others did
 * @param dimensions of vectors that are told
 */
export function createChanges(database: Postgres, writer: number, dimensions: number): Changes {
  return {
    async now(last) {
      const { rows } = await database.query(NOW, [last?.at ?? null]);
      const [row] = rows;
      return {
        snapshot: String(row!["snapshot"]),
        at: String(row!["at"]),
        isForgotten: row!["is_forgotten"] === true,
      };
    },
    async removals(from, to) {
      const { rows } = await database.query(REMOVALS, [from.snapshot, writer, to.snapshot]);
      return rows.map((row) =>
        row["is_purge"] === true ? { purged: filterOf(row) } : { evicted: row["start"] as Uint8Array },
      );
    },
    async purges(from) {
      const { rows } = await database.query(PURGES, [from.snapshot, writer]);
      return rows.map(filterOf);
    },
    async *entries(from, to) {
      const bounds = [from.snapshot, to.snapshot, from === BEGINNING ? NOBODY : writer, 4 * dimensions];
      let [tx, key] = [xminOf(from), Buffer.alloc(0)];
      for (;;) {
        const { rows } = await database.query(ENTRIES, [tx, key, ...bounds]);
        if (rows.length === 0) return;
        yield rows.filter((row) => row["vector"] !== null).map(changedFrom);
        const last = rows.at(-1)!;
        [tx, key] = [String(last["written"]), last["key"] as Buffer<ArrayBuffer>];
        if (rows.length < PAGE) return;
      }
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

/** A snapshot is XMIN:XMAX:those under way. What has this number may be new. */
const xminOf = ({ snapshot }: Moment): string => snapshot.slice(0, snapshot.indexOf(":"));

export function filterOf(row: Row): Filter {
  const [tenant, route, start] = [row["tenant"], row["route"], row["start"]];
  return {
    ...(typeof tenant === "string" && { tenant }),
    ...(typeof route === "string" && { route }),
    ...(start instanceof Uint8Array && { id: Buffer.from(start).toString("base64url") }),
  };
}

const changedFrom = (row: Row): Changed => ({
  key: row["key"] as Uint8Array,
  partition: row["partition"] as Uint8Array,
  tenant: String(row["tenant"]),
  route: String(row["route"]),
  expiresAt: Number(row["expires_at"]),
  vector: vectorOfBytes(row["vector"] as Uint8Array),
});
