import { boundsOf, type CacheOptions } from "./options.ts";
import type { Store, StoreOptions } from "./store.ts";

/** What a store is made with beside its options. */
export type StorePorts = Pick<StoreOptions, "dimensions" | "now" | "tell">;

/**
 * The store that the config asks for; what it needs is loaded only then. It can be used at once: what it cannot reach,
 * it tells in its events.
 */
export async function openStore(options: CacheOptions, ports: StorePorts): Promise<Store> {
  const bounds = { ...boundsOf(options), ...ports };
  if (options.kind === "memory") {
    const { createMemoryStore } = await import("./memory.ts");
    return createMemoryStore(bounds);
  }
  const deadlineMs = options.deadline_ms;
  if (options.kind === "sqlite") {
    const { createSqliteStore } = await import("./sqlite.ts");
    return createSqliteStore({ ...bounds, path: options.path, deadlineMs });
  }
  const { createPostgresStore } = await import("./postgres.ts");
  return createPostgresStore({ ...bounds, url: options.url, connections: options.connections, deadlineMs });
}

/**
 * What a store is: two configs with the same one share it. How alike questions must be, and how long answers last, is
 * not part of it. A password may be in it: keep it as a fingerprint.
 */
export function storeIdentity(options: CacheOptions, dimensions: number): string {
  const { kind, entries, body_bytes } = options;
  const where =
    options.kind === "sqlite"
      ? [options.path, options.deadline_ms]
      : options.kind === "postgres"
        ? [options.url, options.connections, options.deadline_ms]
        : [];
  return JSON.stringify([kind, entries, body_bytes, dimensions, ...where]);
}
