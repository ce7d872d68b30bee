import { StorageError, type StorageProblem } from "../storage/fault.ts";
import type { Entry, Filter, Stored } from "./store.ts";

/** An entry on its way into the file. */
export interface Written extends Entry {
  readonly bytes: number;
}

/** An entry of the file, as it is put into the catalogue. */
export interface Loaded extends Pick<Entry, "key" | "partition" | "tenant" | "route" | "expiresAt"> {
  /** In the order of writing. */
  readonly row: number;
  readonly bytes: number;
  readonly vector?: Float32Array;
}

export interface Writing {
  readonly entries: readonly Written[];
  /** Keys. */
  readonly removed: readonly Uint8Array[];
  /** Unix milliseconds. */
  readonly now: number;
}

/** What the thread is asked, and what it answers. */
export interface Jobs {
  /** Removes, then adds, all or nothing; then what the file has too much of. */
  readonly write: readonly [asked: Writing, answer: void];
  /** One answer for each key; undefined where nothing is, or what is there is damaged. */
  readonly read: readonly [
    asked: { readonly keys: readonly Uint8Array[] },
    answer: { readonly found: readonly (Stored | undefined)[]; readonly damaged: number },
  ];
  /** Entries behind this row; with `others`, those that other processes wrote. Empty where nobody wrote since. */
  readonly load: readonly [asked: { readonly after: number; readonly others: boolean }, answer: readonly Loaded[]];
  readonly purge: readonly [asked: { readonly filter: Filter }, answer: number];
  readonly close: readonly [asked: null, answer: void];
}

export type Kind = keyof Jobs;
export type Asked<K extends Kind> = Jobs[K][0];
export type Answer<K extends Kind> = Jobs[K][1];

export interface Job<K extends Kind = Kind> {
  readonly number: number;
  readonly kind: K;
  readonly asked: Asked<K>;
}

/** An error as it is passed between threads. */
interface Trouble {
  readonly problem: StorageProblem;
  readonly message: string;
  readonly code: string;
}

export type FromThread =
  | { readonly kind: "done"; readonly number: number; readonly answer: unknown }
  | { readonly kind: "failed"; readonly number: number; readonly trouble: Trouble }
  /** The file was set aside, and another begun. */
  | { readonly kind: "begun"; readonly trouble: Trouble };

export const troubleOf = ({ problem, message, code }: StorageError): Trouble => ({ problem, message, code });

export const errorOf = ({ problem, message, code }: Trouble): StorageError =>
  new StorageError(problem, message, { code });

/** Bounds that the thread needs to know. */
export interface ThreadOptions {
  readonly path: string;
  readonly entries: number;
  readonly bytes: number;
}
