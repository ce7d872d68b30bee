import { setImmediate as breathe } from "node:timers/promises";
import type { Catalogue, Item } from "./catalogue.ts";
import { BEGINNING, type Changes, type Moment, type Removal } from "./changes.ts";
import { type Filter, nameOf } from "./store.ts";

/** Keeps a catalogue like the tables that replicas share. */
export interface Follower {
  /** Up to when it is known what others purged; undefined before the first look. */
  readonly known: Moment | undefined;
  /** Whether everything that the tables held at the first look is in the catalogue. */
  readonly isLoaded: boolean;
  /** Forgets what was removed. Rejects with a StorageError. */
  learn(): Promise<unknown>;
  /** The same, and takes in what was written. Done when the catalogue is as the tables were when this was called. */
  follow(): Promise<void>;
}

export interface FollowerOptions {
  readonly changes: Changes;
  readonly catalogue: Catalogue<Item>;
  /** Called with what others purged: what waits to be written goes too. */
  purged(filter: Filter): void;
}

/** Entries taken into the catalogue without a pause, in a few milliseconds. */
const TOGETHER = 100;

export function createFollower({ changes, catalogue, purged }: FollowerOptions): Follower {
  let known: Moment | undefined;
  let loaded = BEGINNING;
  let following: Promise<void> | undefined;

  function forget(removal: Removal): void {
    if ("evicted" in removal) return void catalogue.remove(nameOf(removal.evicted));
    purged(removal.purged);
    catalogue.purge(removal.purged);
  }

  async function learn(): Promise<Moment> {
    const now = await changes.now(known);
    if (now.isForgotten) {
      forget({ purged: {} });
      loaded = BEGINNING;
    } else if (known && known.snapshot !== now.snapshot) {
      for (const removal of await changes.removals(known, now)) forget(removal);
    }
    known = now;
    return now;
  }

  async function round(): Promise<void> {
    const now = await learn();
    if (loaded.snapshot === now.snapshot) return;
    for await (const page of changes.entries(loaded, now)) {
      for (const [at, { partition, vector, ...entry }] of page.entries()) {
        if (at % TOGETHER === TOGETHER - 1) await breathe();
        // The database has the bounds; here an entry counts as one.
        catalogue.add({ ...entry, name: nameOf(entry.key), bytes: 1 }, partition, vector);
      }
    }
    loaded = now;
  }

  return {
    get known() {
      return known;
    },
    get isLoaded() {
      return loaded !== BEGINNING;
    },
    learn,
    async follow() {
      await following?.catch(() => undefined);
      following ??= round().finally(() => (following = undefined));
      await following;
    },
  };
}
