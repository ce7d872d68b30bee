import type { Filter, Stats, Store } from "../cache/store.ts";
import { RouterError } from "../errors.ts";
import { StorageError } from "../storage/fault.ts";

export interface CacheStats extends Stats {
  readonly kind: Store["kind"];
}

/** Where the admin port asks of the cache: of one process, or of several that serve as one. */
export interface CacheDesk {
  /** Undefined where the config has no cache. */
  stats(): Promise<CacheStats | undefined>;
  /**
   * How many entries were removed; undefined where the config has no cache.
   * Errors: unavailable, where it cannot be known that they are gone.
   */
  purge(filter: Filter): Promise<number | undefined>;
}

/** @param store asked for each time, since a reload may bring another */
export function deskOf(store: () => Store | undefined): CacheDesk {
  return {
    async stats() {
      const now = store();
      return now && { kind: now.kind, ...now.stats() };
    },
    async purge(filter) {
      try {
        return await store()?.purge(filter);
      } catch (error) {
        if (error instanceof StorageError) throw notKnown(error.message, error);
        throw error;
      }
    },
  };
}

/** What one of several processes said: null where it has no cache, undefined where it said nothing. */
export type Said<T> = T | null | undefined;

/** How processes that serve behind one port are asked, all at once. */
export interface CrewQuestions {
  stats(): Promise<readonly Said<CacheStats>[]>;
  /** One that has ended said null: what it held went with it. */
  purge(filter: Filter): Promise<readonly Said<Purged>[]>;
}

/** A purge as one process tells it to another; `problem` is a sentence. */
export type Purged = { readonly removed: number } | { readonly problem: string };

/** The caches of several processes as one. A purge is done when every one of them has said so. */
export function crewDesk(crew: CrewQuestions): CacheDesk {
  return {
    async stats() {
      const said = await crew.stats();
      const told = said.filter((stats) => stats !== undefined);
      if (told.length === 0) throw new RouterError("unavailable", "No worker says what its cache holds: ask again.");
      return sum(told.filter((stats) => stats !== null));
    },
    async purge(filter) {
      const said = await crew.purge(filter);
      if (said.length === 0) throw new RouterError("unavailable", "No worker serves at present: purge again.");
      const silent = said.filter((purged) => purged === undefined).length;
      if (silent > 0) throw notKnown(`${silent} of ${said.length} workers did not answer.`);
      const told = said.filter((purged) => purged !== undefined && purged !== null);
      for (const purged of told) if ("problem" in purged) throw new RouterError("unavailable", purged.problem);
      if (told.length === 0) return undefined;
      return told.reduce((removed, purged) => removed + ("removed" in purged ? purged.removed : 0), 0);
    },
  };
}

/** What a purge came to, for another process. */
export async function toldPurge(
  desk: CacheDesk,
  filter: Filter,
  fault: (error: unknown) => void,
): Promise<Purged | null> {
  try {
    const removed = await desk.purge(filter);
    return removed === undefined ? null : { removed };
  } catch (caught) {
    const error = RouterError.from(caught);
    if (error.code === "internal") fault(caught);
    return { problem: error.message };
  }
}

function notKnown(why: string, cause?: unknown): RouterError {
  return new RouterError("unavailable", `It is not known that the entries are gone: ${why} Purge again.`, {
    retryAfterMs: 1000,
    ...(cause !== undefined && { cause }),
  });
}

const STATES: readonly Stats["state"][] = ["ready", "loading", "away"];

/** Each process has a memory of its own; a file or a database is the same for all, and each sees most of it. */
function sum(all: readonly CacheStats[]): CacheStats | undefined {
  const [first] = all;
  if (!first) return undefined;
  const of = (field: Exclude<keyof Stats, "state">) => all.map((stats) => stats[field]);
  const total = (field: Exclude<keyof Stats, "state">) => of(field).reduce((whole, part) => whole + part, 0);
  const held = (field: "entries" | "bytes") => (first.kind === "memory" ? total(field) : Math.max(...of(field)));
  return {
    kind: first.kind,
    state: STATES[Math.max(...all.map(({ state }) => STATES.indexOf(state)))]!,
    entries: held("entries"),
    bytes: held("bytes"),
    evicted: total("evicted"),
    expired: total("expired"),
    refused: total("refused"),
    dropped: total("dropped"),
    late: total("late"),
    damaged: total("damaged"),
  };
}
