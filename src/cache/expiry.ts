/** When entries are over, so that those whose time has come are found without looking at all of them. */
export interface Expiry {
  add(name: string, at: number): void;
  remove(name: string, at: number): void;
  /** As many as `most` of those whose time is over; the same ones again until they are removed. */
  due(now: number, most: number): string[];
}

/** Entries that end within so many milliseconds of each other are kept together. */
const TOGETHER_MS = 10_000;

export function createExpiry(): Expiry {
  const groups = new Map<number, Set<string>>();
  const groupOf = (at: number) => Math.ceil(at / TOGETHER_MS);
  return {
    add(name, at) {
      const group = groups.get(groupOf(at));
      if (group) group.add(name);
      else groups.set(groupOf(at), new Set([name]));
    },
    remove(name, at) {
      const group = groups.get(groupOf(at));
      group?.delete(name);
      if (group?.size === 0) groups.delete(groupOf(at));
    },
    due(now, most) {
      const found: string[] = [];
      for (const [number, names] of groups) {
        if (number * TOGETHER_MS > now) continue;
        for (const name of names) {
          if (found.length === most) return found;
          found.push(name);
        }
      }
      return found;
    },
  };
}
