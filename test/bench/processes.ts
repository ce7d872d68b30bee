import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";
import { benchConfig } from "./config.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import type { StreamJob, StreamResult } from "./stream-driver.ts";

/** Processes that are measured, and those that measure, each held to a core of its own where the system can. */

const hasTaskset = spawnSync("taskset", ["-V"]).status === 0 && availableParallelism() > 1;
/** Core of the process under test, and of everything that drives it. */
const SERVER_CORE = 0;
const DRIVER_CORE = 1;
/** Units of the times in /proc/PID/stat: the kernel fixes them at 100 a second for programs. */
const TICKS_PER_SECOND = 100;
const READY_MS = 20_000;
const root = join(import.meta.dirname, "../..");

/** What `npm start` gives to Node: measured is what people run. */
export const startFlags: readonly string[] = (
  JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } }
).scripts.start
  .split(" ")
  .filter((word) => word.startsWith("--"));

export const pinning = hasTaskset ? `server on core ${SERVER_CORE}, the rest on core ${DRIVER_CORE}` : "nothing pinned";

/** `core` undefined leaves the process to the system. */
function start(core: number | undefined, args: readonly string[], stdout: "pipe" | "ignore"): ChildProcess {
  const command = [process.execPath, ...args];
  const [program, ...rest] = hasTaskset && core !== undefined ? ["taskset", "-c", String(core), ...command] : command;
  return spawn(program!, rest, { stdio: ["pipe", stdout, "inherit"], cwd: tmpdir() });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

interface Helper {
  readonly port: number;
  stop(): Promise<void>;
}

/** The cheapest model server there is, in a process of its own. */
export async function startUpstream(): Promise<Helper & { readonly url: string }> {
  const helper = await startHelper(DRIVER_CORE, ["upstream.ts"]);
  return { ...helper, url: `http://127.0.0.1:${helper.port}/v1` };
}

/** A hop to the upstream that does nothing, where Signalbox runs. */
export const startRelay = (upstreamPort: number): Promise<Helper> =>
  startHelper(SERVER_CORE, ["relay.ts", String(upstreamPort)]);

/** A script of this folder that prints its port. */
async function startHelper(core: number, [script, ...args]: readonly [string, ...string[]]): Promise<Helper> {
  const child = start(core, [join(import.meta.dirname, script), ...args], "pipe");
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  return { port: Number(line.toString()), stop: () => end(child) };
}

/** Both ends of streams, in a process of their own. */
export async function startStreams(): Promise<Helper & { play(job: StreamJob): Promise<StreamResult> }> {
  const child = start(DRIVER_CORE, [join(import.meta.dirname, "stream-driver.ts")], "pipe");
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const next = async () => ((await lines.next()) as { value: string }).value;
  return {
    port: Number(await next()),
    stop: () => end(child),
    async play(job) {
      child.stdin!.write(`${JSON.stringify(job)}\n`);
      return JSON.parse(await next()) as StreamResult;
    },
  };
}

export interface Served {
  readonly port: number;
  /** Milliseconds from the start of the process to its first good answer. */
  readonly readyMs: number;
  /** User and system time used so far, in seconds. NaN where there is no /proc. */
  cpuSeconds(): number;
  /** Resident memory now, in MiB. NaN where there is no /proc. */
  residentMib(): number;
  stop(): Promise<void>;
}

/** `signalbox serve` as a user starts it. `entry` is the bin file of a clone or of an unpacked package. */
export async function serve(
  upstreamUrl: string,
  entry = join(root, "bin/signalbox.mjs"),
  configOf = benchConfig,
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
  const config = join(folder, "signalbox.yaml");
  const [listen, admin] = await freePorts();
  writeFileSync(config, configOf(upstreamUrl, { listen, admin }));
  const served = await serveScript([...startFlags, entry, "serve", "--config", config], listen, "/readyz");
  return {
    ...served,
    async stop() {
      await served.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A server of Node's as the process under test, ready when `path` answers well. */
export async function serveScript(args: readonly string[], port: number, path: string): Promise<Served> {
  const started = performance.now();
  const child = start(SERVER_CORE, args, "ignore");
  while (!(await isReady(port, path))) {
    if (child.exitCode !== null || performance.now() - started > READY_MS)
      throw new Error(`${args.join(" ")} did not become ready`);
    await sleep(4);
  }
  const readyMs = performance.now() - started;
  return {
    port,
    readyMs,
    cpuSeconds: () => {
      // The name of the program, in brackets, may hold spaces; user and system time are fields 14 and 15.
      const fields = proc(child, "stat")
        .replace(/^.*\) /s, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    residentMib: () => Number(/VmRSS:\s+(\d+)/.exec(proc(child, "status"))?.[1]) / 1024,
    stop: () => end(child),
  };
}

function proc(child: ChildProcess, file: string): string {
  return process.platform === "linux" ? readFileSync(`/proc/${child.pid}/${file}`, "utf8") : "";
}

async function isReady(port: number, path: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

export async function freePorts(): Promise<[number, number]> {
  const { createServer } = await import("node:net");
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as { port: number }).port;
    }),
  );
  for (const server of servers) server.close();
  return ports as [number, number];
}

/** Runs one load from a process of its own and answers what it measured. */
export async function load(job: LoadJob): Promise<LoadResult> {
  const child = start(DRIVER_CORE, [join(import.meta.dirname, "load.ts")], "pipe");
  child.stdin!.end(JSON.stringify(job));
  const result = await text(child.stdout!);
  if (result === "") throw new Error(`the load generator failed (${job.kind})`);
  return JSON.parse(result) as LoadResult;
}

/** Runs a script of this folder on the core of the process under test, or on every core: a job in, a result out, both JSON. */
export async function runAlone<R>(script: string, job: object, { everyCore = false } = {}): Promise<R> {
  const child = start(everyCore ? undefined : SERVER_CORE, [join(import.meta.dirname, script)], "pipe");
  child.stdin!.end(JSON.stringify(job));
  const result = await text(child.stdout!);
  if (result === "") throw new Error(`${script} failed`);
  return JSON.parse(result) as R;
}

/** One load, and what it cost the server: CPU time a request, and the most memory seen meanwhile. */
export async function measuredLoad(
  served: Served,
  job: LoadJob,
): Promise<LoadResult & { cpuSeconds: number; residentMib: number }> {
  const before = served.cpuSeconds();
  let residentMib = served.residentMib();
  const watch = setInterval(() => (residentMib = Math.max(residentMib, served.residentMib())), 200);
  const result = await load(job);
  clearInterval(watch);
  return { ...result, cpuSeconds: served.cpuSeconds() - before, residentMib };
}
