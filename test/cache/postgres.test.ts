import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createPostgresStore } from "../../src/cache/postgres.ts";
import type { Store } from "../../src/cache/store.ts";
import { openPostgres } from "../../src/storage/postgres.ts";
import { storeContract } from "../contract/store.contract.ts";
import { digest, direction, entryOf, storeOptions } from "./entries.ts";
import { isWhole, numbered } from "./numbered.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "./postgres-server.ts";

let server: PostgresServer;
let databases = 0;
if (withoutPostgres === false) {
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());
}

function open(t: TestContext, url: string, deadlineMs = 5000) {
  const { options, clock, events } = storeOptions({ entries: 100_000, bytes: 1e9 });
  const store = createPostgresStore({ ...options, url, connections: 4, deadlineMs });
  t.after(() => store.close());
  return { store, clock, events };
}

const asked = { partition: digest("partition"), vector: direction(1), most: 1, least: 0.99 };

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 400) assert.fail(`never: ${what}`);
    await sleep(50);
  }
}

/** Milliseconds that a lookup took which found nothing. */
async function missMs(store: Store): Promise<number> {
  const started = performance.now();
  assert.equal(await store.lookup(digest("a")), undefined);
  assert.equal((await store.nearest(asked)).length, 0);
  return performance.now() - started;
}

test("a database that is not there is told once; nothing is found, and nobody waits", async (t) => {
  const { store, events } = open(t, "postgres://user:secret@127.0.0.1:9/cache");
  await store.ready;
  store.put(entryOf("b"));
  await store.flush();
  assert.equal(store.stats().state, "away");
  assert.ok((await missMs(store)) < 1000);
  assert.equal(await store.lookup(digest("b")), undefined, "nobody can say whether it was purged meanwhile");
  await assert.rejects(store.purge({}), { problem: "away" });
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["away"],
  );
  assert.doesNotMatch(String((events[0] as { error: unknown }).error), /secret/u);
  store.put(entryOf("c"));
  await store.close();
  assert.equal(store.stats().dropped, 1);
});

storeContract(
  "the store in PostgreSQL",
  async (_, options) => {
    const url = await server.database(`contract_${databases++}`);
    return createPostgresStore({ ...options, url, connections: 4, deadlineMs: 5000 });
  },
  withoutPostgres,
);

describe("the database that replicas share", { skip: withoutPostgres }, () => {
  test("replicas that start together make its tables once, and find what the others stored", async (t) => {
    const url = await server.database("together");
    const replicas = Array.from({ length: 4 }, () => open(t, url));
    await Promise.all(replicas.map(({ store }) => store.ready));
    replicas[0]!.store.put(entryOf("a", { vector: direction(1) }));
    await replicas[0]!.store.flush();
    for (const { store, events } of replicas) {
      assert.ok(await store.lookup(digest("a")));
      await until(async () => (await store.nearest(asked)).length === 1, "it is found by its vector");
      assert.deepEqual(events, []);
    }
    const late = open(t, url).store;
    await late.ready;
    assert.equal((await late.nearest(asked)).length, 1, "it is found by who starts later");
    assert.equal(await replicas[1]!.store.purge({ tenant: "acme" }), 1);
    for (const { store } of replicas) {
      assert.equal(await store.lookup(digest("a")), undefined);
      assert.deepEqual(await store.nearest(asked), []);
    }
  });

  test("once a purge is answered no replica gives what it took, and none writes what it had waiting", async (t) => {
    const url = await server.database("purged");
    const [purging, writing] = [open(t, url).store, open(t, url).store];
    await Promise.all([purging.ready, writing.ready]);
    const names = Array.from({ length: 400 }, (_, at) => `${at}`);
    for (let round = 0; round < 5; round++) {
      for (const name of names) writing.put(entryOf(name, { vector: direction(1) }));
      // What was purged in the round before may not be known here yet.
      if (round === 0) assert.ok(await writing.lookup(digest("399")), "what waits is found");
      writing.put(entryOf("kept", { tenant: "other", vector: direction(2) }));
      await purging.purge({ tenant: "acme" });
      const given = await Promise.all(names.map((name) => writing.lookup(digest(name))));
      assert.deepEqual(given.filter(Boolean), []);
      assert.deepEqual(await writing.nearest(asked), []);
      await writing.flush();
      for (const store of [writing, purging]) {
        assert.deepEqual((await Promise.all(names.map((name) => store.lookup(digest(name))))).filter(Boolean), []);
        assert.ok(await store.lookup(digest("kept")));
      }
    }
    assert.equal(purging.stats().dropped + writing.stats().dropped, 0);
  });

  test("replicas that write the same entries at once all succeed", async (t) => {
    const url = await server.database("crowded");
    const replicas = Array.from({ length: 3 }, () => open(t, url));
    await Promise.all(replicas.map(({ store }) => store.ready));
    for (let at = 0; at < 300; at++) for (const { store } of replicas) store.put(entryOf(`${at % 100}`));
    await Promise.all(replicas.map(({ store }) => store.flush()));
    // Those that were in each other's way try again.
    await sleep(1500);
    await Promise.all(replicas.map(({ store }) => store.flush()));
    for (const { store, events } of replicas) {
      await store.close();
      assert.deepEqual([events, store.stats().dropped], [[], 0]);
    }
    const { store } = open(t, url);
    await store.ready;
    for (let at = 0; at < 100; at++) assert.ok(await store.lookup(digest(`${at}`)), `${at}`);
    assert.equal(store.stats().entries, 100);
  });

  test("an entry that is not what was written is never served", async (t) => {
    const url = await server.database("damaged");
    const { store } = open(t, url);
    await store.ready;
    store.put(entryOf("a"));
    await store.flush();
    const database = openPostgres({ url, connections: 1, statementMs: 5000 });
    t.after(() => database.close());
    await database.query("update signalbox_cache set answer = substr(answer, 1, 5)");
    assert.equal(await store.lookup(digest("a")), undefined);
    assert.equal(store.stats().damaged, 1);
  });

  test("a database that is slow keeps nobody waiting beyond the deadline", async (t) => {
    const url = await server.database("slow");
    const { store } = open(t, url, 100);
    await store.ready;
    store.put(entryOf("a", { vector: direction(1) }));
    await store.flush();
    const database = openPostgres({ url, connections: 1, statementMs: 20_000 });
    t.after(() => database.close());
    await database.transaction(20_000, async (query) => {
      await query("lock table signalbox_cache in access exclusive mode");
      assert.ok((await missMs(store)) < 1500);
    });
    assert.equal(store.stats().late, 2);
    assert.ok(await store.lookup(digest("a")), "it is found again once the database is quick");
  });

  test("a server that is killed while it writes is told once, and used again as soon as it is back", async (t) => {
    const own = await startPostgres();
    t.after(() => own.remove());
    const { store, events } = open(t, own.url);
    await store.ready;
    let at = 0;
    for (; at < 500; at++) store.put(numbered(at));
    await sleep(100);
    await own.kill();
    await store.flush();
    await until(() => store.stats().state === "away", "the store is away");
    assert.ok((await missMs(store)) < 200, "nobody waits for a server that is away");
    for (; at < 5000; at++) store.put(numbered(at));
    assert.ok(store.stats().dropped > 0, "what waits is bounded");

    await own.start();
    await until(() => store.stats().state === "ready", "the store is back");
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["away", "back"],
    );
    await store.flush();
    let found = 0;
    for (let number = 0; number < at; number++) {
      const entry = await store.lookup(digest(`${number}`));
      if (!entry) continue;
      found += 1;
      assert.ok(isWhole(number, entry), `entry ${number} is whole`);
    }
    assert.ok(found >= 500, `${found} entries`);
    const another = open(t, own.url).store;
    await another.ready;
    another.put(entryOf("meanwhile", { vector: direction(1000) }));
    await another.flush();
    await until(async () => (await store.nearest({ ...asked, vector: direction(1000) })).length === 1, "it follows");
    assert.equal(store.stats().damaged, 0);
  });
});
