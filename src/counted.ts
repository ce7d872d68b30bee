/** Things that are made once for all who want the same. What nobody holds any more is closed. */
export interface Counted<Wish, Thing> {
  readonly size: number;
  /** Rejects where the thing cannot be made; the next to ask tries again. */
  hold(wish: Wish): Promise<Held<Thing>>;
  /** Closes all, held or not; done when what was let go before is closed too. */
  shutdown(): Promise<void>;
}

export interface Held<Thing> {
  readonly thing: Thing;
  /** Once, when the last request that uses it is done. */
  release(): void;
}

export interface Making<Wish, Thing> {
  /** Equal for wishes that one thing serves. */
  readonly identityOf: (wish: Wish) => string | Promise<string>;
  readonly make: (wish: Wish) => Promise<Thing>;
  readonly close: (thing: Thing) => void | Promise<void>;
  readonly onFault: (error: unknown) => void;
}

interface Entry<Thing> {
  readonly making: Promise<Thing>;
  holders: number;
}

export function createCounted<Wish, Thing>(options: Making<Wish, Thing>): Counted<Wish, Thing> {
  const { identityOf, make, close, onFault } = options;
  const entries = new Map<string, Entry<Thing>>();
  /** What was let go and is not closed yet: it may still have something to write. */
  const closing = new Set<Promise<void>>();
  const leave = (key: string, entry: Entry<Thing>): void => {
    entry.holders -= 1;
    if (entry.holders > 0 || entries.get(key) !== entry) return;
    entries.delete(key);
    const closed = entry.making.then(close).catch(onFault);
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  return {
    get size() {
      return entries.size;
    },
    async hold(wish) {
      const key = await identityOf(wish);
      const entry = entries.get(key) ?? { making: make(wish), holders: 0 };
      entries.set(key, entry);
      entry.holders += 1;
      try {
        const thing = await entry.making;
        return { thing, release: () => leave(key, entry) };
      } catch (error) {
        if (entries.get(key) === entry) entries.delete(key);
        throw error;
      }
    },
    async shutdown() {
      const all = [...entries.values()];
      entries.clear();
      const closed = all.map(async ({ making }) => {
        const made = await making.then((thing) => ({ thing })).catch(() => undefined);
        if (made) await close(made.thing);
      });
      await Promise.all([...closed, ...closing]);
    },
  };
}
