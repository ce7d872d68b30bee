import { createExpiry } from "./expiry.ts";
import { createVectorIndex, type Found } from "./index/vectors.ts";
import { createShelf, type Kept } from "./shelf.ts";
import { type Filter, fits, nameOf, type Question, type StoreOptions } from "./store.ts";

/** What is known of an entry in this process; `name` is its key. */
export interface Item extends Kept {
  readonly key: Uint8Array;
  readonly route: string;
  readonly expiresAt: number;
}

/** The entries of a store in memory: by key, by vector, bounded, each until its time is over. */
export interface Catalogue<T extends Item> {
  readonly size: number;
  readonly bytes: number;
  readonly evicted: number;
  readonly expired: number;
  /** And it counts as used now. */
  use(name: string): T | undefined;
  nearest(question: Question): Promise<readonly Found<T>[]>;
  /** Answers what had to go for room. An entry of the same key is replaced. */
  add(item: T, partition: Uint8Array, vector?: Float32Array): readonly T[];
  remove(name: string): T | undefined;
  purge(filter: Filter): readonly T[];
  /** Removes some of those whose time is over; call it now and then. */
  sweep(): readonly T[];
}

/** Removed in one sweep, in a millisecond or two. */
const SWEPT = 500;

export function createCatalogue<T extends Item>(options: StoreOptions): Catalogue<T> {
  const { dimensions, now } = options;
  const shelf = createShelf<T>(options);
  const index = createVectorIndex<T>(dimensions);
  const slots = new Map<string, number>();
  const expiry = createExpiry();
  let [evicted, expired] = [0, 0];

  /** What is found nowhere any more, once it is off the shelf. */
  function forget({ name, expiresAt }: T): void {
    const slot = slots.get(name);
    if (slot !== undefined) index.remove(slot);
    slots.delete(name);
    expiry.remove(name, expiresAt);
  }

  function remove(name: string): T | undefined {
    const item = shelf.remove(name);
    if (item) forget(item);
    return item;
  }

  return {
    get size() {
      return shelf.size;
    },
    get bytes() {
      return shelf.bytes;
    },
    get evicted() {
      return evicted;
    },
    get expired() {
      return expired;
    },
    use(name) {
      const item = shelf.use(name);
      return item && item.expiresAt > now() ? item : undefined;
    },
    async nearest({ partition, vector, most, least }) {
      if (vector.length !== dimensions) return [];
      const found = await index.nearest(nameOf(partition), vector, most);
      const at = now();
      return found.filter(({ thing, similarity }) => similarity >= least && thing.expiresAt > at);
    },
    add(item, partition, vector) {
      const gone = shelf.add(item);
      if (gone.replaced) forget(gone.replaced);
      for (const each of gone.evicted) forget(each);
      evicted += gone.evicted.length;
      expiry.add(item.name, item.expiresAt);
      const slot = vector?.length === dimensions ? index.add(nameOf(partition), vector, item) : undefined;
      if (slot !== undefined) slots.set(item.name, slot);
      return gone.evicted;
    },
    remove,
    purge(filter) {
      const gone = [...shelf.values()].filter((item) => fits(filter, item));
      for (const { name } of gone) remove(name);
      return gone;
    },
    sweep() {
      const names = expiry.due(now(), SWEPT);
      expired += names.length;
      return names.map((name) => remove(name)!);
    },
  };
}
