import { Pool, type QueryResult } from "pg";
import { StorageError } from "./fault.ts";

type Row = Readonly<Record<string, unknown>>;
export type Query = (text: string, values?: readonly unknown[]) => Promise<Result>;

export interface Result {
  readonly rows: readonly Row[];
  /** That were changed, or read. */
  readonly count: number;
}

/**
 * A PostgreSQL database, over a few connections that are made when they are needed and again when they were lost.
 * Whatever fails is a StorageError: `away` where the server cannot be reached, or used by us, or did not answer in
 * time. Never with values of a statement in it.
 */
export interface Postgres {
  /** Queries that wait for a connection. */
  readonly waiting: number;
  /** A statement with a name is prepared once on each connection. */
  query(text: string, values?: readonly unknown[], name?: string): Promise<Result>;
  /** All of `work` or nothing; each of its statements may take `statementMs`. */
  transaction<T>(statementMs: number, work: (query: Query) => Promise<T>): Promise<T>;
  /** Ends connections that are idle, and those in use when they are given back. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** postgres://USER:PASSWORD@HOST:PORT/DATABASE */
  readonly url: string;
  readonly connections: number;
  /** How long one statement may take, and making a connection, in milliseconds. */
  readonly statementMs: number;
}

const IDLE_MS = 60_000;
/** By then the server should have ended a statement itself: the network is at fault. */
const GRACE_MS = 500;

export function openPostgres({ url, connections, statementMs }: PostgresOptions): Postgres {
  const where = whereOf(url);
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: statementMs,
    statement_timeout: statementMs,
    query_timeout: statementMs + GRACE_MS,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: "signalbox",
    // What a server says when it goes down is told by the statement that waits; else it concerns nobody.
    onConnect: (client) => void client.on("error", unheard),
  });
  // A connection that breaks while nobody uses it is taken out of the pool, and the next query makes another.
  pool.on("error", unheard);
  let isOpen = true;

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isOpen) throw new StorageError("away", `${where} is not used any more.`);
    try {
      return await work();
    } catch (error) {
      throw postgresError(where, error);
    }
  };

  return {
    get waiting() {
      return pool.waitingCount;
    },
    query: (text, values = [], name) =>
      guarded(async () => resultOf(await pool.query({ text, values: [...values], ...(name && { name }) }))),
    transaction: (ms, work) =>
      guarded(async () => {
        const client = await pool.connect();
        let hasFailed = true;
        try {
          await client.query(`begin; set local statement_timeout = ${Math.ceil(ms)}`);
          const result = await work(async (text, values = []) =>
            resultOf(await client.query(patient({ text, values: [...values] }, ms + GRACE_MS))),
          );
          await client.query("commit");
          hasFailed = false;
          return result;
        } finally {
          // A connection that failed may be anywhere in its transaction: it is ended, and with it the transaction.
          client.release(hasFailed);
        }
      }),
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await pool.end();
    },
  };
}

const unheard = (): void => undefined;

/** The library takes the time of one query with the query; its types do not know. */
const patient = <T extends object>(query: T, ms: number): T => ({ ...query, query_timeout: ms });

const resultOf = ({ rows, rowCount }: QueryResult<Row>): Result => ({ rows, count: rowCount ?? 0 });

/** Of a URL what may be shown. */
function whereOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `The database ${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}

/** Classes of SQLSTATE that say something of a statement or its values, and not of the server. */
const OF_STATEMENTS = /^(?:0A|21|22|23|42)/u;
/** Two transactions were in each other's way, and one of them was ended. */
const IN_THE_WAY = /^40/u;
/** The server's sentences may hold values of ours, so only its code is told. */
function postgresError(where: string, caught: unknown): StorageError {
  if (caught instanceof StorageError) return caught;
  const { code: given } = caught as { code?: unknown };
  const code = typeof given === "string" ? given : "UNKNOWN";
  if (OF_STATEMENTS.test(code)) return new StorageError("failed", `${where} refused a statement (${code}).`, { code });
  if (IN_THE_WAY.test(code)) return new StorageError("busy", `${where} was busy (${code}).`, { code });
  return new StorageError("away", `${where} cannot be reached, or did not answer in time (${code}).`, { code });
}

export interface PostgresSchema {
  /** Names the steps in the table of migrations. */
  readonly name: string;
  /** From nothing to the present form, never changed once released. */
  readonly migrations: readonly string[];
}

/** Any number that others are not likely to lock. */
const LOCK = 0x53_42_4d_49;
const MIGRATION_MS = 600_000;

/**
 * Of processes that start together one migrates, and the others wait and find it done.
 * @param also statements that are run each time, and do nothing where they are not needed
 * @throws StorageError
 */
export async function migratePostgres(
  database: Postgres,
  { name, migrations }: PostgresSchema,
  also: readonly string[] = [],
): Promise<void> {
  await database.transaction(MIGRATION_MS, async (query) => {
    await query("select pg_advisory_xact_lock($1)", [LOCK]);
    await query("create table if not exists signalbox_migrations (name text primary key, version integer not null)");
    const { rows } = await query("select version from signalbox_migrations where name = $1", [name]);
    const version = Number(rows[0]?.["version"] ?? 0);
    if (version > migrations.length)
      throw new StorageError("newer", `The tables of ${name} were made by a newer version.`);
    for (const step of [...migrations.slice(version), ...also]) await query(step);
    await query(
      "insert into signalbox_migrations values ($1, $2) on conflict (name) do update set version = excluded.version",
      [name, migrations.length],
    );
  });
}
