import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { StorageError } from "../storage/fault.ts";
import { openPostgres } from "../storage/postgres.ts";
import { createCatalogue, type Item } from "./catalogue.ts";
import { BEGINNING, createChanges } from "./changes.ts";
import { createFollower } from "./follow.ts";
import { createPresence, isBusy, within } from "./presence.ts";
import { createQueue } from "./queue.ts";
import {
  bytesOf,
  type Entry,
  fits,
  idOf,
  nameOf,
  type Near,
  type Question,
  type Store,
  type Stored,
  storedOf,
  type StoreOptions,
} from "./store.ts";
import { createTable, type Use } from "./table.ts";

export interface PostgresStoreOptions extends StoreOptions {
  /** postgres://USER:PASSWORD@HOST:PORT/DATABASE */
  readonly url: string;
  readonly connections: number;
  /** How long a lookup may take, in milliseconds. */
  readonly deadlineMs: number;
}

/** What the server ends by itself, long after nobody waits for it. */
const STATEMENT_MS = 2000;
/** More queries than this would wait for a connection longer than anybody waits for them. */
const MOST_WAITING = 1000;
/** What is looked up is told to be in use now and then; of more than so many, no more is told. */
const MOST_USED = 10_000;
const USED_MS = 5000;
/** After so many entries it is counted what there is, since others write too. */
const TRIM_EVERY = 1000;
const TRIM_MS = 60_000;
const SLACK = 0.01;
/** Entries that others let go of in the time until that is seen. */
const SEEN_LATE = 10_000;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 10_000;

/** How often it is seen what other replicas wrote and removed. */
const FOLLOW_MS = 1000;
const MOST_WRITERS = 2 ** 47;

/**
 * Entries in a database that replicas share. Vectors are in memory too, where the nearest are found; each is read from
 * the database before it is told or served, so that nobody is given what another replica removed. While the database
 * cannot be used nothing is found; it is tried again by itself.
 */
export function createPostgresStore(options: PostgresStoreOptions): Store {
  const { now, tell, deadlineMs } = options;
  const database = openPostgres({ ...options, statementMs: STATEMENT_MS });
  const writer = randomInt(MOST_WRITERS);
  const table = createTable(database, writer);
  const changes = createChanges(database, writer, options.dimensions);
  const catalogue = createCatalogue<Item>(boundsHere(options));
  const presence = createPresence("postgres", tell);
  const queue = createQueue({ write, failed: lost });
  const follower = createFollower({ changes, catalogue, purged: (filter) => void queue.purge(filter) });
  const most = Math.min(options.entryBytes, options.bytes);
  /** When what was used since this was last told. */
  const used = new Map<string, Use>();
  const ending = new AbortController();
  const counts = { entries: 0, bytes: 0, evicted: 0, expired: 0, refused: 0, dropped: 0, late: 0, damaged: 0 };
  let isPrepared = false;
  let isOpen = true;
  let untrimmed = 0;
  let recovering: Promise<void> | undefined;
  const telling = setInterval(() => void tellUsed(), USED_MS).unref();
  const trimming = setInterval(() => void (isUsable() ? trim().catch(lost) : undefined), TRIM_MS).unref();
  const following = setInterval(() => {
    catalogue.sweep();
    void follow();
  }, FOLLOW_MS).unref();

  const isUsable = () => isOpen && isPrepared && !presence.isAway;

  async function prepare(): Promise<void> {
    if (!isPrepared) await table.prepare();
    await trim();
    await follower.learn();
    isPrepared = true;
    presence.worked();
  }

  async function follow(): Promise<void> {
    if (isUsable()) await follower.follow().catch(lost);
  }

  async function trim(): Promise<void> {
    untrimmed = 0;
    const { entries, bytes, evicted, expired } = await table.trim(options, now());
    Object.assign(counts, { entries, bytes });
    counts.evicted += evicted;
    counts.expired += expired;
  }

  /** The database may have a little more than it should, so that room is not made at every write. */
  const isOver = () =>
    counts.entries > options.entries + Math.floor(options.entries * SLACK) ||
    counts.bytes > options.bytes * (1 + SLACK) ||
    untrimmed >= TRIM_EVERY;

  async function write(entries: readonly Entry[]): Promise<void> {
    const { known } = follower;
    if (!known || !isUsable()) throw new StorageError("busy", "The database of the cache is away.");
    try {
      const fresh = entries.map((entry) => ({ entry, usedAt: useOf(entry) }));
      const written = await table.write(fresh, takeUsed(), known);
      for (const entry of written.entries) remember(entry);
      counts.entries += written.added;
      counts.bytes += written.entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
      untrimmed += entries.length;
      if (isOver()) await trim();
    } catch (error) {
      if (!(error instanceof StorageError) || error.problem !== "failed") throw error;
      // What the server refuses it will refuse again.
      counts.dropped += entries.length;
      tell({ kind: "fault", store: "postgres", error });
    }
  }

  function remember({ key, partition, vector, tenant, route, expiresAt }: Entry): void {
    if (vector?.length === options.dimensions)
      catalogue.add({ name: nameOf(key), key, tenant, route, expiresAt, bytes: 1 }, partition, vector);
  }

  function useOf({ key }: Entry): number {
    const name = nameOf(key);
    const at = used.get(name)?.at ?? now();
    used.delete(name);
    return at;
  }

  function takeUsed(): Use[] {
    const all = [...used.values()];
    used.clear();
    return all;
  }

  function note(name: string, key: Uint8Array): void {
    if (used.size < MOST_USED || used.has(name)) used.set(name, { key: new Uint8Array(key), at: now() });
  }

  async function tellUsed(): Promise<void> {
    if (used.size > 0 && isUsable()) await table.write([], takeUsed(), BEGINNING).catch(lost);
  }

  function lost(error: unknown): void {
    if (!isOpen || isBusy(error)) return;
    presence.failed(error);
    recovering ??= recover().finally(() => (recovering = undefined));
  }

  async function recover(): Promise<void> {
    for (let ms = RETRY_FIRST_MS; !ending.signal.aborted; ms = Math.min(2 * ms, RETRY_MOST_MS)) {
      await sleep(ms, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      if (ending.signal.aborted || (await prepare().then(yes, no))) return follow();
    }
  }

  async function ask<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (!isUsable()) return undefined;
    const late = (error?: unknown) => {
      counts.late += 1;
      if (error !== undefined) lost(error);
    };
    if (database.waiting < MOST_WAITING) return within(work(), deadlineMs, late);
    late();
    return undefined;
  }

  /** What waits to be written is found, unless another replica purged it meanwhile. */
  async function find(key: Uint8Array): Promise<Stored | "damaged" | undefined> {
    const waiting = queue.get(nameOf(key));
    if (!waiting) return table.lookup(key, now());
    const purged = await changes.purges(follower.known!);
    return purged.some((filter) => fits(filter, waiting)) ? undefined : storedOf(waiting);
  }

  async function findNear(question: Question): Promise<Near[]> {
    const near = await catalogue.nearest(question);
    if (near.length === 0) return [];
    const keys = near.map(({ thing }) => thing.key);
    const rows = await table.read(question.partition, keys, now());
    const found = new Map(rows.map((row) => [nameOf(row.key), row]));
    return near.flatMap(({ thing: { name }, similarity }) => {
      const row = found.get(name);
      if (!row) catalogue.remove(name);
      return row ? [{ ...row, similarity }] : [];
    });
  }

  return {
    kind: "postgres",
    ready: prepare().then(follow, lost),
    async lookup(key) {
      const found = await ask(() => find(key));
      if (found === "damaged") {
        counts.damaged += 1;
        void table.purge({ id: idOf(key) }).catch(lost);
        return undefined;
      }
      if (!found || found.expiresAt <= now()) return undefined;
      note(nameOf(key), key);
      return found;
    },
    async nearest(question) {
      return (await ask(() => findNear(question))) ?? [];
    },
    put(entry) {
      if (bytesOf(entry) > most || isUnwritable(entry)) {
        counts.refused += 1;
        return false;
      }
      if (!queue.add(entry)) return false;
      note(nameOf(entry.key), entry.key);
      return true;
    },
    async purge(filter) {
      const waiting = await queue.purge(filter);
      if (!isPrepared) await prepare();
      const gone = await table.purge(filter);
      catalogue.purge(filter);
      await trim();
      return waiting + gone;
    },
    stats: () => ({
      ...counts,
      state: presence.isAway ? "away" : isPrepared && follower.isLoaded ? "ready" : "loading",
      dropped: counts.dropped + queue.dropped,
    }),
    flush: () => queue.flush(),
    async close() {
      if (!isOpen) return;
      clearInterval(following);
      clearInterval(telling);
      clearInterval(trimming);
      await queue.close();
      isOpen = false;
      ending.abort();
      await recovering;
      await database.close();
    },
  };
}

/** The database has the bounds of bytes, and may have a little more than it should: an entry counts as one here. */
function boundsHere(options: PostgresStoreOptions): StoreOptions {
  const most = Math.ceil(options.entries * (1 + SLACK)) + SEEN_LATE;
  return { ...options, entries: most, bytes: most, share: 1 };
}

/** A text in PostgreSQL cannot hold the character 0. */
const isUnwritable = ({ tenant, route }: Entry): boolean => tenant.includes("\0") || route.includes("\0");

const yes = () => true;
const no = () => false;
