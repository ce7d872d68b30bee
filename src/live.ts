import type { Runtime } from "./runtime.ts";

/** The runtime that new requests take. An old one is released when the last request that took it has left. */
export interface Live {
  readonly current: Runtime;
  take(): { readonly runtime: Runtime; leave(): void };
  swap(next: Runtime): void;
  close(): void;
}

export function createLive(first: Runtime): Live {
  let current = { runtime: first, guests: 0, retired: false };

  const settle = (entry: typeof current) => {
    if (entry.retired && entry.guests === 0) entry.runtime.release();
  };
  const retire = () => {
    if (current.retired) return;
    current.retired = true;
    settle(current);
  };
  return {
    get current() {
      return current.runtime;
    },
    take() {
      const entry = current;
      entry.guests += 1;
      return {
        runtime: entry.runtime,
        leave() {
          entry.guests -= 1;
          settle(entry);
        },
      };
    },
    swap(next) {
      retire();
      current = { runtime: next, guests: 0, retired: false };
    },
    close: retire,
  };
}
