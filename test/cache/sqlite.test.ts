import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createSqliteStore } from "../../src/cache/sqlite.ts";
import type { StoreEvent, StoreOptions } from "../../src/cache/store.ts";
import { StorageError } from "../../src/storage/fault.ts";
import { storeContract } from "../contract/store.contract.ts";
import { digest, direction, entryOf, storeOptions } from "./entries.ts";
import { isWhole, roomy } from "./numbered.ts";

function pathIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-cache-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "cache.db");
}

function open(t: TestContext, path: string, overrides: Partial<StoreOptions> = {}) {
  const { options, clock, events } = storeOptions(overrides);
  const store = createSqliteStore({ ...options, path, deadlineMs: 5000 });
  t.after(() => store.close());
  return { store, clock, events };
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 400) assert.fail(`never: ${what}`);
    await sleep(50);
  }
}

const asked = { partition: digest("partition"), vector: direction(1), most: 1, least: 0.99 };

storeContract("the store in a file", async (t, options) =>
  createSqliteStore({ ...options, path: pathIn(t), deadlineMs: 5000 }),
);

test("what was stored is found by key and by vector after a restart", async (t) => {
  const path = pathIn(t);
  const { store: first } = open(t, path, { entries: 5000 });
  for (let at = 0; at < 2500; at++) {
    first.put(entryOf(`${at}`, at === 1 ? { vector: direction(1) } : {}));
    if (at % 500 === 0) await first.flush();
  }
  await first.close();
  const { store: second, events } = open(t, path, { entries: 5000 });
  assert.ok(await second.lookup(digest("2499")), "found while the rest is still loaded");
  await second.ready;
  assert.deepEqual([second.stats().state, second.stats().entries], ["ready", 2500]);
  const [near] = await second.nearest(asked);
  assert.equal(near!.question, "What is 1?");
  assert.deepEqual(events, []);
});

test("a file with more than there is room for gives up what was stored first", async (t) => {
  const path = pathIn(t);
  const { store: first } = open(t, path);
  for (let at = 0; at < 50; at++) first.put(entryOf(`${at}`));
  await first.close();
  const { store: second } = open(t, path, { entries: 10 });
  await second.ready;
  second.put(entryOf("new"));
  await second.close();
  const file = new DatabaseSync(path, { readOnly: true });
  t.after(() => file.close());
  assert.equal(file.prepare("select count(*) as n from entries").get()!["n"], 10);
  assert.ok(file.prepare("select 1 from entries where key = ?").get(digest("new")));
});

test("entries that are over are not found after a restart, and leave the file", async (t) => {
  const path = pathIn(t);
  const { store: first, clock } = open(t, path);
  first.put(entryOf("a", { expiresAt: clock.at + 1000 }));
  first.put(entryOf("b", { expiresAt: clock.at + 100_000, vector: direction(1) }));
  await first.close();
  const { options } = storeOptions();
  const second = createSqliteStore({ ...options, now: () => clock.at + 5000, path, deadlineMs: 5000 });
  t.after(() => second.close());
  await second.ready;
  assert.equal(second.stats().entries, 1);
  assert.equal((await second.nearest(asked)).length, 1);
  second.put(entryOf("c", { expiresAt: clock.at + 100_000 }));
  await second.close();
  const file = new DatabaseSync(path, { readOnly: true });
  assert.equal(file.prepare("select count(*) as n from entries").get()!["n"], 2);
  file.close();
});

test("a process finds what another stored in the same file, and nothing that it purged", async (t) => {
  const path = pathIn(t);
  const [one, other] = [open(t, path).store, open(t, path).store];
  await Promise.all([one.ready, other.ready]);
  one.put(entryOf("a", { vector: direction(1) }));
  await one.flush();
  await until(async () => (await other.lookup(digest("a"))) !== undefined, "the entry is seen");
  assert.equal((await other.nearest(asked)).length, 1);
  assert.equal(await one.purge({ tenant: "acme" }), 1);
  assert.equal((await other.nearest(asked)).length, 0);
  assert.equal(await other.lookup(digest("a")), undefined);
});

test("a corrupt file is set aside and told, and a new one begun", async (t) => {
  const path = pathIn(t);
  writeFileSync(path, "this is no database, whatever it was before".repeat(100));
  const { store, events } = open(t, path);
  await store.ready;
  assert.equal(events[0]!.kind, "fault");
  const { error } = events[0] as Extract<StoreEvent, { kind: "fault" }>;
  assert.ok(error instanceof StorageError && error.problem === "corrupt");
  assert.match(error.message, /it is kept as .*corrupt-.*a new cache is begun/u);
  assert.equal(readdirSync(dirname(path)).filter((name) => name.includes(".corrupt-")).length, 1);
  store.put(entryOf("a"));
  await store.flush();
  assert.ok(await store.lookup(digest("a")));
});

test("an entry that is not what was written is never served", async (t) => {
  const path = pathIn(t);
  const { store } = open(t, path);
  await store.ready;
  store.put(entryOf("a", { vector: direction(1) }));
  store.put(entryOf("b", { vector: direction(1), partition: digest("other") }));
  await store.flush();
  const file = new DatabaseSync(path);
  file.exec("update entries set answer = substr(answer, 1, 5)");
  file.close();
  assert.equal(await store.lookup(digest("a")), undefined);
  assert.equal((await store.nearest({ ...asked, partition: digest("other") })).length, 0);
  assert.equal(store.stats().damaged, 2);
  assert.equal(store.stats().entries, 0);
});

test("a file that cannot be written is told once, and written as soon as it can be", async (t) => {
  const path = pathIn(t);
  const blocked = dirname(path);
  rmSync(blocked, { recursive: true });
  writeFileSync(blocked, "a file where the folder should be");
  const { store, events } = open(t, path);
  await store.ready;
  store.put(entryOf("a"));
  await store.flush();
  await store.flush();
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["away"],
  );
  assert.equal(store.stats().state, "away");
  await assert.rejects(store.purge({ tenant: "acme" }), StorageError);
  store.put(entryOf("b"));
  rmSync(blocked);
  await until(() => store.stats().state === "ready", "the store is back");
  await store.flush();
  assert.ok(await store.lookup(digest("b")));
  assert.equal(events.at(-1)!.kind, "back");
});

test("a process that is killed while it writes leaves whole entries behind, and a sound file", async (t) => {
  const path = pathIn(t);
  let served = 0;
  for (let round = 0; round < 3; round++) {
    const child = writing(t, path);
    // A line for each 250 that are stored.
    await once(child.stdout!, "data");
    await sleep(round * 7);
    child.kill("SIGKILL");
    await once(child, "exit");

    const { store, events } = open(t, path, roomy);
    await store.ready;
    const { entries } = store.stats();
    assert.ok(entries >= 250, `${entries} entries`);
    for (let at = 0; at < entries; at++) {
      const found = await store.lookup(digest(`${at}`));
      if (!found) continue;
      served += 1;
      assert.ok(isWhole(at, found), `entry ${at} is whole`);
    }
    assert.deepEqual([events, store.stats().damaged], [[], 0]);
    await store.close();
  }
  assert.ok(served >= 750, `${served} entries were looked at`);
});

function writing(t: TestContext, path: string): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, "numbered.ts"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}
