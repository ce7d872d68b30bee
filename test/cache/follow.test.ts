import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { createCatalogue, type Item } from "../../src/cache/catalogue.ts";
import { BEGINNING, createChanges } from "../../src/cache/changes.ts";
import { createFollower } from "../../src/cache/follow.ts";
import { type Entry, type Filter, idOf, nameOf } from "../../src/cache/store.ts";
import { createTable } from "../../src/cache/table.ts";
import { openPostgres } from "../../src/storage/postgres.ts";
import { digest, DIMENSIONS, direction, entryOf, START, storeOptions } from "./entries.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "./postgres-server.ts";

const COPIED = "partition, vector, tenant, route, question, api, answer, stored_at, expires_at, sum, writer";

describe("a catalogue that follows the tables of others", { skip: withoutPostgres }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  /** Tables that one writes, and a catalogue that another keeps of them. */
  async function made(t: TestContext, name: string) {
    const database = openPostgres({ url: await server.database(name), connections: 4, statementMs: 5000 });
    t.after(() => database.close());
    const table = createTable(database, 1);
    await table.prepare();
    const catalogue = createCatalogue<Item>({ ...storeOptions({ entries: 10_000 }).options, share: 1 });
    const purged: Filter[] = [];
    const changes = createChanges(database, 2, DIMENSIONS);
    const follower = createFollower({ changes, catalogue, purged: (filter) => purged.push(filter) });
    await follower.follow();
    const write = (...entries: Entry[]) =>
      table.write(
        entries.map((entry) => ({ entry, usedAt: entry.storedAt })),
        [],
        BEGINNING,
      );
    const holds = (...names: string[]) => names.filter((each) => catalogue.use(nameOf(digest(each))));
    return { database, table, catalogue, changes, follower, purged, write, holds };
  }

  const searched = (name: string, overrides: Partial<Entry> = {}) =>
    entryOf(name, { vector: direction(1), ...overrides });

  test("holds what can be found by its vector, in as many pages as there are", async (t) => {
    const { follower, catalogue, write, holds } = await made(t, "pages");
    await write(searched("a"), entryOf("without a vector"), searched("of another", { vector: direction(1, 32) }));
    await follower.follow();
    assert.deepEqual([holds("a"), catalogue.size], [["a"], 1]);
    await write(...Array.from({ length: 2500 }, (_, at) => searched(`${at}`)));
    await follower.follow();
    assert.equal(catalogue.size, 2501);
  });

  test("misses none where the numbers of transactions become longer by a digit", async (t) => {
    const { database, follower, catalogue, write } = await made(t, "digits");
    const number = async () =>
      Number((await database.query("select pg_current_xact_id()")).rows[0]!["pg_current_xact_id"]);
    const longer = 10 ** String(await number()).length;
    while ((await number()) < longer - 5);
    for (let at = 0; at < 3000; at += 300)
      await write(...Array.from({ length: 300 }, (_, next) => searched(`${at + next}`)));
    await follower.follow();
    assert.equal(catalogue.size, 3000);
  });

  test("sees an entry of a transaction that ends after later ones", async (t) => {
    const { database, follower, write, holds } = await made(t, "late");
    await write(searched("first"));
    await database.transaction(5000, async (query) => {
      await query(`insert into signalbox_cache (key, ${COPIED}) select $1, ${COPIED} from signalbox_cache`, [
        Buffer.from(digest("slow")),
      ]);
      await write(searched("quick"));
      await follower.follow();
      assert.deepEqual(holds("slow", "quick"), ["quick"]);
    });
    await follower.follow();
    assert.deepEqual(holds("slow", "quick"), ["slow", "quick"]);
  });

  test("lets go of what was replaced, evicted and purged, and says what was purged", async (t) => {
    const { table, catalogue, follower, purged, write, holds } = await made(t, "gone");
    const { options } = storeOptions({ entries: 3, share: 1 });
    await write(
      ...["a", "b", "c", "d"].map((name, at) => searched(name, { storedAt: START + at, route: `route ${name}` })),
    );
    await follower.follow();
    await table.trim(options, START);
    await write(searched("b", { vector: direction(2) }));
    await follower.follow();
    assert.deepEqual(holds("a", "b", "c", "d"), ["b", "c", "d"]);
    const near = { partition: digest("partition"), vector: direction(2), most: 5, least: 0.99 };
    assert.equal((await catalogue.nearest(near)).length, 1);
    assert.deepEqual(purged, [], "nobody purged anything");

    await table.purge({ id: idOf(digest("c")) });
    await table.purge({ tenant: "acme", route: "route d" });
    await write(searched("c"));
    await follower.follow();
    assert.deepEqual(holds("a", "b", "c", "d"), ["b", "c"], "and what was written since then is there");
    assert.deepEqual(purged, [{ id: idOf(digest("c")) }, { tenant: "acme", route: "route d" }]);
  });

  test("begins again where it cannot be known any more what was removed", async (t) => {
    const { database, changes, catalogue, follower, purged, write, holds } = await made(t, "forgotten");
    await write(searched("a"), searched("b"));
    await follower.follow();
    assert.equal((await changes.now(follower.known)).isForgotten, false);
    await database.query("delete from signalbox_cache where key = $1", [Buffer.from(digest("a"))]);
    const long = createFollower({
      changes: {
        ...changes,
        now: async (since) => ({ ...(await changes.now(since)), isForgotten: since !== undefined }),
      },
      catalogue,
      purged: (filter) => purged.push(filter),
    });
    await long.follow();
    await long.follow();
    assert.deepEqual([holds("a", "b"), purged], [["b"], [{}]]);
    const { at } = follower.known!;
    assert.equal((await changes.now({ ...follower.known!, at: at!.replace(/^\d+/u, "2020") })).isForgotten, true);
  });

  test("nothing is written that another purged since it was known what was", async (t) => {
    const { database, table, changes } = await made(t, "waiting");
    const known = await changes.now();
    const fresh = ["a", "b"].map((name) => ({ entry: searched(name, { route: name }), usedAt: START }));
    await table.purge({ route: "a" });
    const other = createTable(database, 2);
    const { entries, added } = await other.write(fresh, [], known);
    assert.deepEqual([entries.map(({ route }) => route), added], [["b"], 1]);
    assert.equal(await table.lookup(digest("a"), START), undefined);
    assert.deepEqual(await changes.purges(known), [{ route: "a" }]);
    assert.equal((await other.write(fresh, [], await changes.now())).added, 1, "what is put after it is written");
  });
});
