/** Entries that tell by themselves whether they are whole; as a program, it stores them where it is told until killed. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createPostgresStore } from "../../src/cache/postgres.ts";
import { createSqliteStore } from "../../src/cache/sqlite.ts";
import type { Entry, Store, Stored, StoreOptions } from "../../src/cache/store.ts";
import { direction, digest, entryOf, storeOptions } from "./entries.ts";

const LONGEST = 20_000;
const VECTORS = 64;
const PATIENT_MS = 5000;

/** Bytes that follow from the number, of a length that does too. */
function answerOf(at: number): Buffer {
  const seed = createHash("sha256").update(`answer ${at}`).digest();
  return Buffer.concat(Array.from({ length: 1 + (seed.readUInt16LE() % (LONGEST / 32)) }, () => seed));
}

export const numbered = (at: number): Entry =>
  entryOf(`${at}`, { answer: answerOf(at), vector: direction(at % VECTORS) });

export function isWhole(at: number, { question, answer, key }: Stored): boolean {
  return (
    question === numbered(at).question &&
    Buffer.compare(key, digest(`${at}`)) === 0 &&
    Buffer.compare(answer, answerOf(at)) === 0
  );
}

/** The store in a file, or in PostgreSQL where a URL is given. */
export function storeAt(where: string, options: StoreOptions): Store {
  return where.startsWith("postgres:")
    ? createPostgresStore({ ...options, url: where, connections: 4, deadlineMs: PATIENT_MS })
    : createSqliteStore({ ...options, path: where, deadlineMs: PATIENT_MS });
}

export const roomy = { entries: 1_000_000, bytes: 1e10, share: 1 } as const;

if (import.meta.main) {
  const store = storeAt(process.argv[2]!, storeOptions(roomy).options);
  await store.ready;
  for (let at = 0; ; at++) {
    store.put(numbered(at));
    if (at % 50 === 0) await store.flush();
    if (at > 0 && at % 250 === 0) process.stdout.write(`${at}\n`);
    // A store that is away takes nothing, and nobody waits for it.
    if (store.stats().state === "away") await sleep(10);
  }
}
