import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore, storeIdentity } from "../../src/cache/open.ts";
import { boundsOf, cacheOptions } from "../../src/cache/options.ts";
import { digest, direction, entryOf, START } from "./entries.ts";

test("a cache is in memory, a file or a database, with bounds that are all given", () => {
  const memory = cacheOptions.parse({ kind: "memory" });
  assert.deepEqual(memory, {
    kind: "memory",
    mode: "semantic",
    entries: 10_000,
    window_ms: 3_600_000,
    temperature: 1,
    body_bytes: 1_048_576,
    thresholds: {},
  });
  assert.deepEqual(boundsOf(memory), { entries: 10_000, bytes: 81_920_000, entryBytes: 1_048_576, share: 0.5 });
  assert.equal(boundsOf({ ...memory, entries: 1 }).bytes, 1_048_576, "room for one entry, however large");
  const { path, deadline_ms } = cacheOptions.parse({ kind: "sqlite" }) as { path: string; deadline_ms: number };
  assert.deepEqual([path, deadline_ms], [".signalbox/cache.db", 50]);
  const url = "postgres://user:word@db.example:5432/cache";
  assert.equal(cacheOptions.safeParse({ kind: "postgres", url }).success, true);
  for (const wrong of ["http://db.example", "postgres://", "db.example"])
    assert.equal(cacheOptions.safeParse({ kind: "postgres", url: wrong }).success, false, wrong);
});

test("configs that only differ in how long answers last and how alike questions are share a store", () => {
  const identity = (options: object, dimensions = 256) =>
    storeIdentity(cacheOptions.parse({ kind: "sqlite", ...options }), dimensions);
  assert.equal(identity({}), identity({ window_ms: 5000, threshold: 0.9, mode: "exact", thresholds: { law: 0.99 } }));
  const others = [
    identity({}),
    identity({}, 384),
    identity({ entries: 5 }),
    identity({ path: "other.db" }),
    identity({ body_bytes: 2048 }),
    storeIdentity(cacheOptions.parse({ kind: "memory" }), 256),
  ];
  assert.equal(new Set(others).size, others.length);
});

test("the store that the options ask for keeps to their bounds", async () => {
  const options = cacheOptions.parse({ kind: "memory", entries: 2, body_bytes: 2048 });
  const store = await openStore(options, { dimensions: 64, now: () => START, tell: () => assert.fail() });
  assert.equal(store.put(entryOf("large", { answer: Buffer.alloc(2048) })), false);
  for (const name of ["a", "b", "c"]) assert.equal(store.put(entryOf(name, { vector: direction(1) })), true);
  assert.equal(store.stats().entries, 2);
  assert.ok(await store.lookup(digest("c")));
  await store.close();
});
