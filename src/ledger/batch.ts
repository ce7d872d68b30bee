import { type Entry, joined, keyOf } from "./entry.ts";

/** Entries that wait to be written, one for each heading. */
export interface Batch {
  readonly size: number;
  /** False where there is no place for another heading. */
  add(entry: Entry): boolean;
  /** Takes out as many as `most`, those that have waited longest first. */
  take(most: number): Entry[];
}

export function createBatch(limit: number): Batch {
  const entries = new Map<string, Entry>();
  return {
    get size() {
      return entries.size;
    },
    add(entry) {
      const key = keyOf(entry);
      const known = entries.get(key);
      if (!known && entries.size >= limit) return false;
      entries.set(key, known ? joined(known, entry) : entry);
      return true;
    },
    take(most) {
      const taken: Entry[] = [];
      for (const [key, entry] of entries) {
        if (taken.length === most) break;
        taken.push(entry);
        entries.delete(key);
      }
      return taken;
    },
  };
}
