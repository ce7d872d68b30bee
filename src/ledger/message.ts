import type { StorageProblem } from "../storage/fault.ts";
import type { Spent } from "./book.ts";
import type { Entry } from "./entry.ts";

/** Between the thread that serves and the one that writes. One is answered before the next is sent. */
export type ToWriter =
  | { readonly kind: "write"; readonly entries: readonly Entry[]; readonly periods: readonly string[] }
  | { readonly kind: "close" };

export type FromWriter =
  /** `spent` where the file may hold more than this process wrote. */
  | { readonly kind: "written"; readonly spent?: readonly Spent[] }
  | ({ readonly kind: "failed" } & Trouble)
  /** Something that a person should know; what was asked goes on. */
  | ({ readonly kind: "told" } & Trouble);

/** A StorageError in the form that crosses threads. */
interface Trouble {
  readonly problem: StorageProblem;
  readonly message: string;
  readonly code: string;
}
