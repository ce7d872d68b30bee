import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { problemWith, storageError } from "./fault.ts";

type Statement = StatementSync;
type Row = ReturnType<StatementSync["all"]>[number];

/** What stands in a file: whose it is, and the steps from nothing to its present form, never changed once released. */
export interface Schema {
  /** 31 bits that tell a file of ours from anybody else's. */
  readonly applicationId: number;
  readonly migrations: readonly string[];
}

/** One open SQLite file. Every call blocks its thread; whatever fails is a StorageError. Integers are read as BigInt. */
export interface Database {
  prepare(sql: string): Statement;
  all(statement: Statement, ...values: SQLInputValue[]): Row[];
  /** All of `work` or nothing; the lock for writing is taken at once, so that nothing read in it is stale. */
  transaction<T>(work: () => T): T;
  /** Whether another connection has written since this was last asked. */
  changed(): boolean;
  /** False once another file stands at the path, or none: what is written then is lost. */
  isCurrent(): boolean;
  close(): void;
}

export interface OpenOptions {
  /** How long to wait for another process that writes, in milliseconds. */
  readonly busyMs: number;
  /** Nothing is made or migrated: the file must be there, in its present form. */
  readonly readOnly?: boolean;
}

/** Of the file alone, whatever it is called: a device and an inode. Undefined where there is none. */
export type FileId = string | undefined;

export function fileId(path: string): FileId {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/**
 * Opens the file, makes or migrates it as needed. A crash of the process loses nothing; one of the machine at most the
 * last writes, never the rest (WAL, synchronous NORMAL).
 * @throws StorageError
 */
export function openDatabase(path: string, schema: Schema, { busyMs, readOnly = false }: OpenOptions): Database {
  let db: DatabaseSync | undefined;
  try {
    if (!readOnly) makeFile(path);
    const opened = fileId(path);
    db = new DatabaseSync(path, { timeout: busyMs, readOnly });
    const version = versionOf(db, path, schema);
    if (readOnly && version !== schema.migrations.length) throw problemWith(path, "older");
    if (!readOnly) {
      db.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma journal_size_limit = 16777216");
      if (version < schema.migrations.length) migrate(db, path, schema);
    }
    return databaseOf(db, path, opened);
  } catch (error) {
    db?.close();
    throw storageError(path, error);
  }
}

function databaseOf(db: DatabaseSync, path: string, opened: FileId): Database {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw storageError(path, error);
    }
  };
  let version = dataVersion(db);
  return {
    prepare: (sql) =>
      guarded(() => {
        const statement = db.prepare(sql);
        statement.setReadBigInts(true);
        return statement;
      }),
    all: (statement, ...values) => guarded(() => statement.all(...values)),
    transaction: (work) => guarded(() => inTransaction(db, work)),
    changed: () =>
      guarded(() => {
        const before = version;
        version = dataVersion(db);
        return version !== before;
      }),
    isCurrent: () => fileId(path) === opened,
    close: () => db.close(),
  };
}

const dataVersion = (db: DatabaseSync): unknown => db.prepare("pragma data_version").get()?.["data_version"];

function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("begin immediate");
  try {
    const result = work();
    db.exec("commit");
    return result;
  } catch (error) {
    // Some failures end the transaction by themselves.
    if (db.isTransaction) db.exec("rollback");
    throw error;
  }
}

/** Nobody but the owner reads it. SQLite gives its other files the same rights. */
function makeFile(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "a", 0o600));
}

/** 0 for a file that nothing stands in yet. */
function versionOf(db: DatabaseSync, path: string, { applicationId, migrations }: Schema): number {
  const number = (name: string) => Number(db.prepare(`pragma ${name}`).get()?.[name]);
  const version = number("user_version");
  if (number("application_id") === applicationId) {
    if (version > migrations.length) throw problemWith(path, "newer");
    return version;
  }
  if (Number(db.prepare("select count(*) as n from sqlite_schema").get()?.["n"]) > 0)
    throw problemWith(path, "foreign");
  return 0;
}

/** Of processes that start together one migrates and the others find it done. */
function migrate(db: DatabaseSync, path: string, schema: Schema): void {
  inTransaction(db, () => {
    for (const step of schema.migrations.slice(versionOf(db, path, schema))) db.exec(step);
    db.exec(`pragma application_id = ${schema.applicationId}; pragma user_version = ${schema.migrations.length}`);
  });
}

/**
 * Renames a corrupt file, with what SQLite keeps beside it, so that a new one can begin and nothing is deleted.
 * Undefined where another file stands at the path by now: another process was quicker.
 * @param corrupt the file that was found corrupt
 * @param at Unix milliseconds, for the new name
 */
export function setAside(path: string, corrupt: FileId, at: number): string | undefined {
  try {
    if (corrupt === undefined || fileId(path) !== corrupt) return undefined;
    const base = `${path}.corrupt-${new Date(at).toISOString().replaceAll(/[-:.]/gu, "")}`;
    let aside = base;
    for (let more = 1; existsSync(aside); more += 1) aside = `${base}-${more}`;
    renameSync(path, aside);
    for (const ending of ["-wal", "-shm"]) if (existsSync(path + ending)) renameSync(path + ending, aside + ending);
    return aside;
  } catch (error) {
    throw storageError(path, error);
  }
}
