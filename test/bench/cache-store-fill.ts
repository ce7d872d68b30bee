/** Prints the bytes that an entry takes in a process that holds many: `node --expose-gc FILE memory`, `sqlite PATH`, `postgres URL`. */
import { createMemoryStore } from "../../src/cache/memory.ts";
import { createPostgresStore } from "../../src/cache/postgres.ts";
import { createSqliteStore } from "../../src/cache/sqlite.ts";
import type { Store } from "../../src/cache/store.ts";
import { direction, entryOf, storeOptions } from "../cache/entries.ts";

const ENTRIES = 50_000;
const DIMENSIONS = 256;
const ANSWER_BYTES = 1500;

const [kind, where = ""] = process.argv.slice(2);
const { options } = storeOptions({ dimensions: DIMENSIONS, entries: 2 * ENTRIES, bytes: 4e9, share: 1 });
const store = made();
await store.ready;

function made(): Store {
  if (kind === "sqlite") return createSqliteStore({ ...options, path: where, deadlineMs: 1000 });
  if (kind === "postgres") return createPostgresStore({ ...options, url: where, connections: 4, deadlineMs: 1000 });
  return createMemoryStore(options);
}

async function fill(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at++) {
    const entry = entryOf(`${at}`, { vector: direction(at, DIMENSIONS), answer: Buffer.alloc(ANSWER_BYTES) });
    while (!store.put(entry)) await store.flush();
  }
  await store.flush();
}

async function resident(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage.rss();
}

await fill(0, ENTRIES / 10);
const before = await resident();
await fill(ENTRIES / 10, ENTRIES);
const after = await resident();
await store.close();
process.stdout.write(String(Math.round((after - before) / (ENTRIES * 0.9))));
