import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import type { StorageError } from "../../src/storage/fault.ts";
import { migratePostgres, openPostgres, type Postgres } from "../../src/storage/postgres.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "../cache/postgres-server.ts";

test("a server that is not there is away, and neither user nor password is told", async (t) => {
  const database = openPostgres({ url: "postgres://mary:secret@127.0.0.1:9/db", connections: 1, statementMs: 1000 });
  t.after(() => database.close());
  await assert.rejects(database.query("select 1"), (error: StorageError) => {
    assert.deepEqual([error.problem, error.code], ["away", "ECONNREFUSED"]);
    assert.match(error.message, /^The database 127\.0\.0\.1:9\/db cannot be reached/u);
    assert.doesNotMatch(`${error.stack}`, /mary|secret/u);
    return true;
  });
});

describe("a real server", { skip: withoutPostgres }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());

  const open = (t: TestContext, statementMs = 5000): Postgres => {
    const database = openPostgres({ url: server.url, connections: 2, statementMs });
    t.after(() => database.close());
    return database;
  };

  test("a transaction that fails leaves nothing behind, and its connection is good for the next", async (t) => {
    const database = open(t);
    await database.query("create table words (word text unique)");
    const say = (...words: string[]) =>
      database.transaction(1000, async (query) => {
        for (const word of words) await query("insert into words values ($1)", [word]);
      });
    await say("a");
    await assert.rejects(say("b", "a"), { problem: "failed", code: "23505" });
    await say("c");
    const { rows } = await database.query("select word from words order by word");
    assert.deepEqual(
      rows.map(({ word }) => word),
      ["a", "c"],
    );
  });

  test("a statement that is refused tells none of its values", async (t) => {
    const database = open(t);
    await assert.rejects(database.query("select $1::integer", ["my card is 4111"]), (error: StorageError) => {
      assert.equal(error.problem, "failed");
      assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), /4111/u);
      return true;
    });
  });

  test("a statement that takes too long is ended", async (t) => {
    const database = open(t, 100);
    await assert.rejects(database.query("select pg_sleep(5)"), { problem: "away", code: "57014" });
    await assert.rejects(
      database.transaction(200, (query) => query("select pg_sleep(5)")),
      { code: "57014" },
    );
    assert.equal((await database.query("select 1")).count, 1);
  });

  test("of processes that start together one migrates, and tables of a newer version are left alone", async (t) => {
    const schema = {
      name: "things",
      migrations: ["create table things (a integer)", "alter table things add b integer"],
    };
    const all = Array.from({ length: 4 }, () => open(t));
    await Promise.all(all.map((database) => migratePostgres(database, schema)));
    await all[0]!.query("select a, b from things");
    const older = { name: "things", migrations: schema.migrations.slice(0, 1) };
    await assert.rejects(migratePostgres(all[0]!, older), { problem: "newer" });
  });
});
