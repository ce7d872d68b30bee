import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { StorageError, type StorageProblem } from "../../src/storage/fault.ts";
import { type Database, fileId, openDatabase, setAside, type Schema } from "../../src/storage/sqlite.ts";

const FIRST: Schema = { applicationId: 0x1234, migrations: ["create table words (word text) strict"] };
const SECOND: Schema = { ...FIRST, migrations: [...FIRST.migrations, "alter table words add column count integer"] };

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "signalbox-storage-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function open(t: TestContext, path: string, schema = FIRST, busyMs = 100): Database {
  const database = openDatabase(path, schema, { busyMs });
  t.after(() => database.close());
  return database;
}

const say = (database: Database, word: string) =>
  database.transaction(() => database.prepare("insert into words (word) values (?)").run(word));
const words = (database: Database) => database.all(database.prepare("select word from words")).map(({ word }) => word);
const problem = (kind: StorageProblem) => (error: unknown) => error instanceof StorageError && error.problem === kind;

test("what is written stands there when the file is opened again, and nobody else may read it", (t) => {
  const path = join(folder(t), "made", "on", "the", "way.db");
  const first = openDatabase(path, FIRST, { busyMs: 100 });
  say(first, "hello");
  for (const name of readdirSync(join(path, ".."))) {
    assert.equal(statSync(join(path, "..", name)).mode & 0o777, 0o600, name);
  }
  first.close();
  assert.deepEqual(words(open(t, path)), ["hello"]);
});

test("an older file is brought to the present form with what stands in it", (t) => {
  const path = join(folder(t), "a.db");
  const old = openDatabase(path, FIRST, { busyMs: 100 });
  say(old, "kept");
  old.close();
  const present = open(t, path, SECOND);
  assert.deepEqual(words(present), ["kept"]);
  present.prepare("select count from words");
});

test("a file of a newer version and one of another program are refused and left as they are", (t) => {
  const path = join(folder(t), "a.db");
  openDatabase(path, SECOND, { busyMs: 100 }).close();
  const before = readFileSync(path);
  assert.throws(() => openDatabase(path, FIRST, { busyMs: 100 }), problem("newer"));
  assert.throws(() => openDatabase(path, { ...SECOND, applicationId: 7 }, { busyMs: 100 }), problem("foreign"));
  assert.deepEqual(readFileSync(path), before);
});

test("work that throws leaves nothing behind", (t) => {
  const database = open(t, join(folder(t), "a.db"));
  assert.throws(() =>
    database.transaction(() => {
      database.prepare("insert into words (word) values ('half')").run();
      throw new Error("the other half is missing");
    }),
  );
  assert.deepEqual(words(database), []);
  say(database, "whole");
  assert.deepEqual(words(database), ["whole"]);
});

test("a lock that another holds is an error after the time to wait", (t) => {
  const path = join(folder(t), "a.db");
  const [one, other] = [open(t, path), open(t, path)];
  one.transaction(() => assert.throws(() => say(other, "late"), problem("busy")));
  say(other, "in time");
  assert.deepEqual(words(one), ["in time"]);
});

test("a connection sees that another has written, and not that it has itself", (t) => {
  const path = join(folder(t), "a.db");
  const [one, other] = [open(t, path), open(t, path)];
  say(one, "mine");
  assert.equal(one.changed(), false);
  say(other, "theirs");
  assert.equal(one.changed(), true);
  assert.equal(one.changed(), false);
});

test("a corrupt file is told apart, set aside with all it holds, and a new one begins", (t) => {
  const path = join(folder(t), "a.db");
  writeFileSync(path, "this is no database, whatever it was before".repeat(100));
  const before = readFileSync(path);
  assert.throws(() => openDatabase(path, FIRST, { busyMs: 100 }), problem("corrupt"));

  const aside = setAside(path, fileId(path), Date.UTC(2026, 0, 2, 3, 4, 5))!;
  assert.equal(aside, `${path}.corrupt-20260102T030405000Z`);
  assert.deepEqual(readFileSync(aside), before);
  say(open(t, path), "new");

  writeFileSync(`${path}2`, "another");
  assert.equal(setAside(path, fileId(`${path}2`), 0), undefined, "somebody was quicker: the new file stays");
  assert.ok(existsSync(path));
});

test("a file that was deleted or replaced is no longer the one that is open", (t) => {
  const path = join(folder(t), "a.db");
  const database = open(t, path);
  assert.equal(database.isCurrent(), true);
  rmSync(path);
  assert.equal(database.isCurrent(), false);
  open(t, path);
  assert.equal(database.isCurrent(), false);
});

test("a path that cannot be written is an error that names it", (t) => {
  const home = folder(t);
  writeFileSync(join(home, "file"), "");
  for (const path of [home, join(home, "file", "a.db")]) {
    assert.throws(
      () => openDatabase(path, FIRST, { busyMs: 100 }),
      (error: unknown) => problem("unwritable")(error) && (error as Error).message.includes(path),
    );
  }
});

test("to read only, a file must be there in its present form", (t) => {
  const path = join(folder(t), "a.db");
  const reading = (schema: Schema) => openDatabase(path, schema, { busyMs: 100, readOnly: true });
  assert.throws(() => reading(FIRST), problem("unwritable"));
  const writer = open(t, path);
  say(writer, "hello");
  assert.throws(() => reading(SECOND), problem("older"));
  const reader = reading(FIRST);
  t.after(() => reader.close());
  assert.deepEqual(words(reader), ["hello"]);
  assert.throws(() => say(reader, "no"), problem("unwritable"));
});
