import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryStore } from "../../src/cache/memory.ts";
import { storeContract } from "../contract/store.contract.ts";
import { digest, entryOf, START, storeOptions } from "./entries.ts";

storeContract("the store in memory", async (_, options) => createMemoryStore(options));

test("entries that are over leave the memory by themselves", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { options, clock } = storeOptions();
  const store = createMemoryStore(options);
  store.put(entryOf("short", { expiresAt: START + 5000 }));
  store.put(entryOf("long", { expiresAt: START + 500_000 }));
  clock.at = START + 30_000;
  t.mock.timers.tick(1000);
  const { entries, expired } = store.stats();
  assert.deepEqual({ entries, expired }, { entries: 1, expired: 1 });
  assert.ok(!(await store.lookup(digest("short"))));
  await store.close();
});
