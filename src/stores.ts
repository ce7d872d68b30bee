import { createHmac, randomBytes } from "node:crypto";
import { createFlights, type Flights } from "./cache/flight.ts";
import { openStore, storeIdentity } from "./cache/open.ts";
import type { CacheOptions } from "./cache/options.ts";
import type { Store, StoreEvent } from "./cache/store.ts";
import type { Attempt } from "./contracts.ts";
import { type Counted, createCounted } from "./counted.ts";

/** Stores of answers that are open, and what is on its way into them. */
export type StoreShelf = Counted<StoreWish, KeptAnswers>;

export interface StoreWish {
  readonly options: CacheOptions;
  /** Of the vectors that are searched. */
  readonly dimensions: number;
}

/** Two configs with the same store share it. */
export interface KeptAnswers {
  readonly store: Store;
  readonly flights: Flights<AnswerPart>;
}

/** Of an answer on its way: how it begins, its bytes, and at last who is paid for it. */
export type AnswerPart =
  | {
      readonly kind: "head";
      readonly model: string;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** It comes in one piece. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "attempts"; readonly attempts: readonly Attempt[] };

/** Kept of one answer for those who come later, or read slowly. */
const FLIGHT_BYTES = 4 * 1024 * 1024;

/** @param tell what is to be known of a store */
export function createStoreShelf(tell: (event: StoreEvent) => void, onFault: (error: unknown) => void): StoreShelf {
  const secret = randomBytes(32);
  return createCounted({
    // A password may be in it.
    identityOf: ({ options, dimensions }) =>
      createHmac("sha256", secret).update(storeIdentity(options, dimensions)).digest("base64url"),
    make: async ({ options, dimensions }) => ({
      store: await openStore(options, { dimensions, now: Date.now, tell }),
      flights: createFlights<AnswerPart>({ bytes: FLIGHT_BYTES, sizeOf }),
    }),
    close: ({ store }) => store.close(),
    onFault,
  });
}

const sizeOf = (part: AnswerPart): number => (part.kind === "bytes" ? part.bytes.length : 0);
