import { createCatalogue, type Item } from "./catalogue.ts";
import { bytesOf, type Entry, nameOf, type Store, type Stored, storedOf, type StoreOptions } from "./store.ts";

/** An entry as it is kept: its vector stands in the index alone. */
interface Remembered extends Item {
  readonly stored: Stored;
}

const SWEEP_MS = 1000;

/** Entries in this process, as long as it lives. */
export function createMemoryStore(options: StoreOptions): Store {
  const catalogue = createCatalogue<Remembered>(options);
  const most = Math.min(options.entryBytes, options.bytes);
  let refused = 0;
  let isOpen = true;
  const sweeping = setInterval(() => catalogue.sweep(), SWEEP_MS).unref();

  return {
    kind: "memory",
    ready: Promise.resolve(),
    async lookup(key) {
      return catalogue.use(nameOf(key))?.stored;
    },
    async nearest(question) {
      const found = await catalogue.nearest(question);
      return found.map(({ thing: { stored }, similarity }) => ({
        key: stored.key,
        question: stored.question,
        storedAt: stored.storedAt,
        similarity,
      }));
    },
    put(entry) {
      if (!isOpen) return false;
      const bytes = bytesOf(entry);
      if (bytes > most) {
        refused += 1;
        return false;
      }
      catalogue.add(remembered(entry, bytes), entry.partition, entry.vector);
      return true;
    },
    purge: async (filter) => catalogue.purge(filter).length,
    stats: () => ({
      state: "ready",
      entries: catalogue.size,
      bytes: catalogue.bytes,
      evicted: catalogue.evicted,
      expired: catalogue.expired,
      refused,
      dropped: 0,
      late: 0,
      damaged: 0,
    }),
    flush: async () => undefined,
    async close() {
      isOpen = false;
      clearInterval(sweeping);
      catalogue.purge({});
    },
  };
}

/** Copied, so that nobody changes what is served later, and no large buffer lives on because a part of it does. */
function remembered(entry: Entry, bytes: number): Remembered {
  const [key, answer] = [new Uint8Array(entry.key), new Uint8Array(entry.answer)];
  const { tenant, route, expiresAt } = entry;
  return {
    name: nameOf(key),
    key,
    tenant,
    route,
    bytes,
    expiresAt,
    stored: storedOf({ ...entry, key, answer }),
  };
}
