import type { Api } from "../contracts.ts";

/**
 * Answers that were given before, found by exactly the same question or by the vector of one that is like it. What may
 * be stored, and whether a likeness is good enough, is for others to say.
 *
 * A store never fails and never waits: one that is away, or slower than its deadline, has nothing, and tells so in its
 * events and counts. Everything in it has bounds; what is used least goes first.
 */
export interface Store {
  readonly kind: "memory" | "sqlite" | "postgres";
  /** Done when what an earlier process left can be found, or it is known that it cannot; never rejects. */
  readonly ready: Promise<void>;
  /** The entry with exactly this key. */
  lookup(key: Uint8Array): Promise<Stored | undefined>;
  /** Entries of the partition that are most like this vector, the most similar first. Their answers: `lookup(key)`. */
  nearest(question: Question): Promise<readonly Near[]>;
  /** Takes it to be stored soon, in place of one with the same key. False where it is too large, or too much waits. */
  put(entry: Entry): boolean;
  /**
   * Removes what fits all that is given; without anything, all. Answers how many. What was put before is gone too.
   * @throws StorageError where it cannot be known that they are gone
   */
  purge(filter: Filter): Promise<number>;
  stats(): Stats;
  /** Done when what was put is stored, or is lost and counted. */
  flush(): Promise<void>;
  /** Stores what waits, then lets go of files and connections. */
  close(): Promise<void>;
}

export interface Entry {
  /** 32 bytes: a digest of everything that shapes the answer, the tenant included. */
  readonly key: Uint8Array;
  /** 32 bytes: a digest of all of that but the words of the question. Only entries of one partition are compared. */
  readonly partition: Uint8Array;
  readonly tenant: string;
  readonly route: string;
  /** What the answer is the answer to, for whoever looks twice. The store does not read it. */
  readonly question: string;
  /** Of the question, by the encoder's static stage, unit length. Without it the entry is found by its key alone. */
  readonly vector?: Float32Array;
  /** The API that the answer was given in, and the answer in whatever form its writer can read. */
  readonly api: Api;
  readonly answer: Uint8Array;
  /** Unix milliseconds. From `expiresAt` on the entry is not found. */
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** An entry as it is served. */
export type Stored = Omit<Entry, "partition" | "vector">;

export function storedOf({ key, tenant, route, question, api, answer, storedAt, expiresAt }: Entry): Stored {
  return { key, tenant, route, question, api, answer, storedAt, expiresAt };
}

export interface Question {
  readonly partition: Uint8Array;
  /** By the same stage of the same encoder as the entries' vectors, unit length. */
  readonly vector: Float32Array;
  readonly most: number;
  /** Cosine: entries that are less similar are not told. */
  readonly least: number;
}

/** An entry that is like a question, without its answer. */
export interface Near extends Pick<Entry, "key" | "question" | "storedAt"> {
  /** Cosine of the static vectors. */
  readonly similarity: number;
}

export interface Filter {
  readonly tenant?: string;
  readonly route?: string;
  /** See `idOf`. */
  readonly id?: string;
}

export interface Stats {
  /** loading: what was stored before is not all found yet. away: nothing is found or stored at present. */
  readonly state: "ready" | "loading" | "away";
  readonly entries: number;
  /** With everything that belongs to an entry. */
  readonly bytes: number;
  /** Since the start: entries that went because there was no room, or because their time was over. */
  readonly evicted: number;
  readonly expired: number;
  /** Entries that were not stored: larger than one may be, or put while too much waited. */
  readonly refused: number;
  readonly dropped: number;
  /** Lookups that were not answered in time, or failed. */
  readonly late: number;
  /** Entries that were found damaged, and thrown away. */
  readonly damaged: number;
}

/** What a person should know of a store; for the channel. */
export type StoreEvent =
  | { readonly kind: "away"; readonly store: Store["kind"]; readonly error: unknown }
  | { readonly kind: "back"; readonly store: Store["kind"] }
  /** Something that the store goes on after, such as a corrupt file that was set aside. */
  | { readonly kind: "fault"; readonly store: Store["kind"]; readonly error: unknown };

/** Bounds of everything that a store keeps. */
export interface Bounds {
  readonly entries: number;
  /** Of all entries together. */
  readonly bytes: number;
  /** Of one entry. */
  readonly entryBytes: number;
  /** The part, in (0,1], of entries and bytes from which a tenant makes room for others before they make any for it. */
  readonly share: number;
}

/** What every store is made with. */
export interface StoreOptions extends Bounds {
  /** Of vectors that can be searched. */
  readonly dimensions: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly tell: (event: StoreEvent) => void;
}

/** The name of an entry, for headers and for purging: 22 characters that say nothing of what is in it. */
export const idOf = (key: Uint8Array): string => Buffer.from(key.subarray(0, ID_BYTES)).toString("base64url");
const ID_BYTES = 16;

/** Where in memory an entry is found by. */
export const nameOf = (digest: Uint8Array): string => Buffer.from(digest).toString("latin1");

/** What an entry needs beside its contents, in memory or in a table with its indexes. */
const OVERHEAD_BYTES = 1024;

/** What counts against the bounds. */
export function bytesOf({ tenant, route, question, answer, vector }: Entry): number {
  const text = 2 * (tenant.length + route.length + question.length);
  return OVERHEAD_BYTES + text + answer.byteLength + 4 * (vector?.length ?? 0);
}

export function fits(filter: Filter, { key, tenant, route }: Pick<Entry, "key" | "tenant" | "route">): boolean {
  return (
    (filter.tenant === undefined || filter.tenant === tenant) &&
    (filter.route === undefined || filter.route === route) &&
    (filter.id === undefined || filter.id === idOf(key))
  );
}
