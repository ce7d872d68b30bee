import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openPostgres } from "../../src/storage/postgres.ts";

/** The folder of PostgreSQL's programs. */
const programs = process.env["SIGNALBOX_POSTGRES"];
export const withoutPostgres: string | false = programs
  ? false
  : "SIGNALBOX_POSTGRES names no folder with the programs of a PostgreSQL";

/** The server refuses to run as root. */
const NOBODY = 65_534;
const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const START_MS = 20_000;

/** A real PostgreSQL server with an empty database, for one test file. */
export interface PostgresServer {
  readonly url: string;
  /** The url of an empty database of its own. */
  database(name: string): Promise<string>;
  /** Ends it with all its processes, at once. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and deletes what it holds. */
  remove(): Promise<void>;
}

/** What was written outlives a kill without waiting for the disk, which others may keep busy. */
const NOT_WAITING = { fsync: "off" };

export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-postgres-"));
  chmodSync(folder, 0o700);
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const quiet = { ...owner, stdio: "ignore" as const, cwd: folder };
  execFileSync(join(programs!, "initdb"), ["-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"], quiet);
  const port = await freePort();
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(port),
    ...NOT_WAITING,
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(join(programs!, "postgres"), ["-D", data, ...flags], quiet);
    const end = Date.now() + START_MS;
    while (!(await answers(url))) {
      if (Date.now() > end) throw new Error("PostgreSQL did not start");
      await sleep(50);
    }
  }

  async function kill(): Promise<void> {
    const dying = child;
    child = undefined;
    if (!dying?.pid || dying.exitCode !== null) return;
    const gone = once(dying, "exit");
    // Its processes for connections lead groups of their own; those that are missed here end when they see it gone.
    const children = readFileSync(`/proc/${dying.pid}/task/${dying.pid}/children`, "utf8").split(" ").map(Number);
    for (const pid of [dying.pid, ...children.filter(Boolean)]) endAtOnce(pid);
    await gone;
  }

  await start();
  return {
    url,
    async database(name) {
      const database = openPostgres({ url, connections: 1, statementMs: START_MS });
      await database.query(`create database ${name}`);
      await database.close();
      return url.replace(/postgres$/u, name);
    },
    kill,
    start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function endAtOnce(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function answers(url: string): Promise<boolean> {
  const database = openPostgres({ url, connections: 1, statementMs: 1000 });
  try {
    await database.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await database.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
