import { randomInt } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import type { StorageError } from "../storage/fault.ts";
import { createCatalogue, type Item } from "./catalogue.ts";
import type { Loaded } from "./file-message.ts";
import { createPresence, within } from "./presence.ts";
import { createQueue } from "./queue.ts";
import { bytesOf, type Entry, nameOf, type Store, type Stored, storedOf, type StoreOptions } from "./store.ts";
import { createFileThread } from "./thread.ts";

export interface SqliteOptions extends StoreOptions {
  /** Of the file. Several processes may share it. */
  readonly path: string;
  /** How long a lookup may take, in milliseconds. */
  readonly deadlineMs: number;
}

/** How often it is seen what other processes wrote, and what is over is let go of. */
const LOOK_MS = 1000;
/** Entries taken into the catalogue without a pause, in a few milliseconds. */
const TOGETHER = 100;
const MOST_WRITERS = 2 ** 47;

/**
 * Entries in a file, which the next process finds again. Keys and vectors are in memory too; an answer is read when it
 * is looked up, by a thread, and is served only as it was written. An entry that another process removed is not found.
 */
export function createSqliteStore(options: SqliteOptions): Store {
  const { now, tell, deadlineMs } = options;
  const most = Math.min(options.entryBytes, options.bytes);
  const catalogue = createCatalogue<Item>(options);
  const presence = createPresence("sqlite", tell);
  const id = randomInt(MOST_WRITERS);
  const bounds = { path: options.path, entries: options.entries, bytes: options.bytes };
  const [reader, writer] = [createFileThread(bounds, id, begun), createFileThread(bounds, id, begun)];
  const queue = createQueue({ write, failed: (error) => presence.failed(error) });
  /** Keys of entries that there was no room for, to be taken out of the file. */
  let removed: Uint8Array[] = [];
  let [refused, late, damaged, last] = [0, 0, 0, 0];
  let isLoaded = false;
  let isOpen = true;
  let loading: Promise<void> | undefined;
  const looking = setInterval(() => {
    catalogue.sweep();
    void load();
  }, LOOK_MS).unref();

  async function write(entries: readonly Entry[]): Promise<void> {
    const gone = removed;
    removed = [];
    try {
      const written = entries.map((entry) => ({ ...entry, bytes: bytesOf(entry) }));
      await writer.call("write", { entries: written, removed: gone, now: now() });
      presence.worked();
    } catch (error) {
      removed.unshift(...gone);
      throw error;
    }
  }

  function begun(error: StorageError): void {
    tell({ kind: "fault", store: "sqlite", error });
    catalogue.purge({});
    isLoaded = false;
    last = 0;
  }

  /** Everything that the file holds, then what others write. */
  function load(): Promise<void> {
    loading ??= loadRows()
      .catch((error: unknown) => presence.failed(error))
      .finally(() => (loading = undefined));
    return loading;
  }

  async function loadRows(): Promise<void> {
    // That a file can be read does not say that it can be written; what waits to be written will.
    if (presence.isAway && queue.size === 0) await write([]);
    for (;;) {
      const others = isLoaded;
      const rows = await reader.call("load", { after: last, others });
      if (!isOpen) return;
      await take(rows);
      if (rows.length > 0) continue;
      isLoaded = true;
      if (others) return;
    }
  }

  async function take(rows: readonly Loaded[]): Promise<void> {
    for (const [at, { row, partition, vector, ...known }] of rows.entries()) {
      if (at % TOGETHER === TOGETHER - 1) await breathe();
      last = Math.max(last, row);
      const name = nameOf(known.key);
      if (known.expiresAt > now() && !queue.get(name)) catalogue.add({ ...known, name }, partition, vector);
    }
  }

  async function read(keys: readonly Uint8Array[]): Promise<readonly (Stored | undefined)[]> {
    const answer = await within(reader.call("read", { keys }), deadlineMs, (error) => {
      late += 1;
      if (error !== undefined) presence.failed(error);
    });
    damaged += answer?.damaged ?? 0;
    for (const [at, key] of keys.entries()) if (answer && !answer.found[at]) catalogue.remove(nameOf(key));
    return answer?.found ?? [];
  }

  /** What waits to be written is found already. */
  async function find(keys: readonly Uint8Array[]): Promise<readonly (Stored | undefined)[]> {
    const waiting = keys.map((key) => queue.get(nameOf(key)));
    const missing = keys.filter((_, at) => !waiting[at]);
    const found = missing.length > 0 ? await read(missing) : [];
    let at = 0;
    return waiting.map((entry) => (entry ? storedOf(entry) : found[at++]));
  }

  return {
    kind: "sqlite",
    ready: load(),
    async lookup(key) {
      if (!isOpen || (!catalogue.use(nameOf(key)) && isLoaded)) return undefined;
      const [found] = await find([key]);
      return found && found.expiresAt > now() ? found : undefined;
    },
    async nearest(question) {
      if (!isOpen) return [];
      const near = await catalogue.nearest(question);
      const found = near.length > 0 ? await find(near.map(({ thing }) => thing.key)) : [];
      return near.flatMap(({ similarity }, at) => {
        const stored = found[at];
        if (!stored) return [];
        const { key, question: text, storedAt } = stored;
        return [{ key, question: text, storedAt, similarity }];
      });
    },
    put(entry) {
      const bytes = bytesOf(entry);
      if (bytes > most) refused += 1;
      if (bytes > most || !queue.add(entry)) return false;
      const { tenant, route, expiresAt, partition, vector } = entry;
      const key = new Uint8Array(entry.key);
      const item = { name: nameOf(key), key, tenant, route, expiresAt, bytes };
      for (const { name, key: gone } of catalogue.add(item, partition, vector)) {
        queue.remove(name);
        removed.push(gone);
      }
      return true;
    },
    async purge(filter) {
      catalogue.purge(filter);
      const waiting = await queue.purge(filter);
      catalogue.purge(filter);
      return waiting + (await writer.call("purge", { filter }));
    },
    stats: () => ({
      state: presence.isAway ? "away" : isLoaded ? "ready" : "loading",
      entries: catalogue.size,
      bytes: catalogue.bytes,
      evicted: catalogue.evicted,
      expired: catalogue.expired,
      refused,
      dropped: queue.dropped,
      late,
      damaged,
    }),
    flush: () => queue.flush(),
    async close() {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(looking);
      await queue.close();
      await loading;
      await Promise.all([reader.close(), writer.close()]);
    },
  };
}
