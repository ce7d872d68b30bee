import { StorageError } from "../storage/fault.ts";
import type { Store, StoreEvent } from "./store.ts";

/** Whether what a store stands on can be used; told when that changes, not each time. */
export interface Presence {
  readonly isAway: boolean;
  failed(error: unknown): void;
  worked(): void;
}

export function createPresence(store: Store["kind"], tell: (event: StoreEvent) => void): Presence {
  let isAway = false;
  return {
    get isAway() {
      return isAway;
    },
    failed(error) {
      // Whoever is busy is there.
      if (isAway || isBusy(error)) return;
      isAway = true;
      tell({ kind: "away", store, error });
    },
    worked() {
      if (!isAway) return;
      isAway = false;
      tell({ kind: "back", store });
    },
  };
}

export const isBusy = (error: unknown): boolean => error instanceof StorageError && error.problem === "busy";

/** Waits for the work so long and no longer; then, or where it fails, the answer is undefined and `late` is called. */
export async function within<T>(work: Promise<T>, ms: number, late: (error?: unknown) => void): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    late();
    resolve(undefined);
  }, ms);
  const done = work.catch((error: unknown) => {
    late(error);
    return undefined;
  });
  try {
    return await Promise.race([done, over]);
  } finally {
    clearTimeout(timer);
  }
}
