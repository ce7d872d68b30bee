import type { Api } from "../contracts.ts";
import { type Database, openDatabase, type OpenOptions, type Schema } from "../storage/sqlite.ts";
import { bytesOfVector, checksumOf, vectorOfBytes } from "./checksum.ts";
import type { Answer, Asked, Loaded, ThreadOptions } from "./file-message.ts";
import type { Stored } from "./store.ts";

/** The file of a cache, on the calling thread. Errors: StorageError. */
export interface File {
  write(asked: Asked<"write">): void;
  read(keys: readonly Uint8Array[]): Answer<"read">;
  load(asked: Asked<"load">): Answer<"load">;
  purge(asked: Asked<"purge">): number;
  readonly isCurrent: Database["isCurrent"];
  close(): void;
}

const SCHEMA: Schema = {
  applicationId: 0x53_43_41_31,
  migrations: [
    `create table entries (
       row integer primary key autoincrement, key blob not null unique, partition blob not null,
       tenant text not null, route text not null, question blob not null, api text not null, answer blob not null,
       vector blob, stored_at integer not null, expires_at integer not null,
       bytes integer not null, writer integer not null, sum integer not null
     ) strict;
     create index entries_by_end on entries (expires_at);
     create index entries_by_size on entries (row, bytes);`,
  ],
};

const INSERT = `insert into entries
  (key, partition, tenant, route, question, api, answer, vector, stored_at, expires_at, bytes, writer, sum)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const READ = `select key, tenant, route, question, api, answer, stored_at, expires_at, sum
  from entries where key = ?`;
const LOAD = `select row, key, partition, tenant, route, expires_at, bytes, vector
  from entries where row > ? and writer <> ? order by row limit ?`;
const PURGE = `delete from entries where (?1 is null or tenant = ?1) and (?2 is null or route = ?2)
  and (?3 is null or substr(key, 1, length(?3)) = ?3)`;
const SIZE = "select count(*) as entries, coalesce(sum(bytes), 0) as bytes from entries indexed by entries_by_size";
const OLDEST = "select row, bytes from entries indexed by entries_by_size order by row limit ?";

/** Rows in one message: a thread that reads them is never long away from others who ask. */
const LOADED = 1000;
/** How many are taken out at once where a file has too many, and where time is over. */
const TAKEN = 1000;
/** Others write too, so the size is counted now and then: so many writes apart. */
const COUNT_EVERY = 16;

/**
 * @param writer tells this process from others that share the file
 * @throws StorageError
 */
export function openFile(options: ThreadOptions, writer: number, open: OpenOptions): File {
  const database = openDatabase(options.path, SCHEMA, open);
  const [insert, read, load] = [INSERT, READ, LOAD].map((sql) => database.prepare(sql)) as [Sql, Sql, Sql];
  const [purge, size, oldest] = [PURGE, SIZE, OLDEST].map((sql) => database.prepare(sql)) as [Sql, Sql, Sql];
  const byKey = database.prepare("delete from entries where key = ?");
  const byRow = database.prepare("delete from entries where row <= ?");
  const over = database.prepare(`delete from entries where row in
    (select row from entries where expires_at <= ? limit ${TAKEN})`);
  let writes = 0;

  /** Entries that nobody's catalogue lets go of, such as those of a process that ended. */
  function trim(now: number): void {
    over.run(now);
    const [counted] = database.all(size);
    let [entries, bytes] = [Number(counted!["entries"]), Number(counted!["bytes"])];
    let last: number | undefined;
    for (const row of database.all(oldest, TAKEN)) {
      if (entries <= options.entries && bytes <= options.bytes) break;
      entries -= 1;
      bytes -= Number(row["bytes"]);
      last = Number(row["row"]);
    }
    if (last !== undefined) byRow.run(last);
  }

  return {
    write({ entries, removed, now }) {
      database.transaction(() => {
        for (const key of removed) byKey.run(key);
        for (const entry of entries) {
          byKey.run(entry.key);
          const { key, partition, tenant, route, api, answer, vector, storedAt, expiresAt, bytes } = entry;
          const numbers = vector ? bytesOfVector(vector) : null;
          const question = Buffer.from(entry.question);
          const texts = [key, partition, tenant, route, question, api, answer] as const;
          insert.run(...texts, numbers, storedAt, expiresAt, bytes, writer, checksumOf(entry));
        }
        if (writes++ % COUNT_EVERY === 0) trim(now);
      });
    },
    read(keys) {
      let damaged = 0;
      const found = keys.map((key) => {
        const [row] = database.all(read, key);
        if (!row) return undefined;
        const entry = readFrom(row);
        if (entry) return entry;
        damaged += 1;
        return undefined;
      });
      return { found, damaged };
    },
    load({ after, others }) {
      if (others && !database.changed()) return [];
      return database.all(load, after, others ? writer : -1, LOADED).map(loadedFrom);
    },
    purge: ({ filter }) =>
      database.transaction(() => {
        const id = filter.id === undefined ? null : Buffer.from(filter.id, "base64url");
        return Number(purge.run(filter.tenant ?? null, filter.route ?? null, id).changes);
      }),
    isCurrent: database.isCurrent,
    close: database.close,
  };
}

type Sql = ReturnType<Database["prepare"]>;
type Row = Readonly<Record<string, unknown>>;

/** Undefined for a row that is not what was written. */
function readFrom(row: Row): Stored | undefined {
  const stored = {
    key: row["key"] as Uint8Array,
    tenant: String(row["tenant"]),
    route: String(row["route"]),
    question: Buffer.from(row["question"] as Uint8Array).toString(),
    api: row["api"] as Api,
    answer: row["answer"] as Uint8Array,
    storedAt: Number(row["stored_at"]),
    expiresAt: Number(row["expires_at"]),
  };
  return checksumOf(stored) === Number(row["sum"]) ? stored : undefined;
}

function loadedFrom(row: Row): Loaded {
  return {
    row: Number(row["row"]),
    key: row["key"] as Uint8Array,
    partition: row["partition"] as Uint8Array,
    tenant: String(row["tenant"]),
    route: String(row["route"]),
    expiresAt: Number(row["expires_at"]),
    bytes: Number(row["bytes"]),
    ...(row["vector"] !== null && { vector: vectorOfBytes(row["vector"] as Uint8Array) }),
  };
}
