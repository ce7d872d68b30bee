import type { TestContext } from "node:test";
import { createMemoryStore } from "../../src/cache/memory.ts";
import { idOf, type Store } from "../../src/cache/store.ts";
import { createAdminDoor } from "../../src/server/admin.ts";
import { deskOf } from "../../src/server/admin-desk.ts";
import { listen } from "../../src/server/listen.ts";
import { entryOf, storeOptions } from "../cache/entries.ts";

export interface Admin {
  readonly url: string;
  /** What was told to the log. */
  readonly faults: readonly unknown[];
  readonly entries: number;
  /** Keeps an answer of a tenant on a route; its id. */
  keep(name: string, tenant: string, route: string): string;
}

export interface AdminWith {
  readonly token?: string;
  /** In place of one in memory; null for a config without a cache. */
  readonly store?: () => Store | null;
}

/** An admin port over a store of answers, until the test is done. */
export async function startAdmin(t: TestContext, { token, store: given }: AdminWith = {}): Promise<Admin> {
  const memory = createMemoryStore(storeOptions({ share: 1 }).options);
  const faults: unknown[] = [];
  const door = createAdminDoor({
    metrics: { text: async () => "metrics", contentType: "text/plain" },
    isReady: () => true,
    token: () => token,
    cache: deskOf(() => (given ? (given() ?? undefined) : memory)),
    fault: (_where, error) => faults.push(error),
  });
  const { url, close } = await listen({ host: "127.0.0.1", port: 0 }, door);
  t.after(async () => {
    await close(0);
    await memory.close();
  });
  return {
    url,
    faults,
    get entries() {
      return memory.stats().entries;
    },
    keep(name, tenant, route) {
      const entry = entryOf(name, { tenant, route });
      if (!memory.put(entry)) throw new Error(`${name} was not taken`);
      return idOf(entry.key);
    },
  };
}
