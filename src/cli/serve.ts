import cluster from "node:cluster";
import { existsSync } from "node:fs";
import { Command } from "commander";
import { checkConfig, type Accepted, type Checked } from "../config/check.ts";
import type { Flag } from "../config/flags.ts";
import { loadConfig } from "../config/load.ts";
import { problemText } from "../config/problem.ts";
import type { Config } from "../config/schema.ts";
import { addressOf } from "../config/server.ts";
import { type Watch, watchConfig } from "../config/watch.ts";
import { startDemo } from "../demo/demo.ts";
import { createChannel } from "../events.ts";
import { startSignalbox, type Signalbox } from "../server/start.ts";
import { reportForWork, SEAT } from "../server/workers.ts";
import { createLog, logEvents, type Log } from "../telemetry/log.ts";
import { accepted, DEFAULT_CONFIG, jsonOption } from "./config.ts";
import { Failure, told } from "./failure.ts";
import { portAdvice } from "./ports.ts";
import { startCrew, workersOption } from "./workers.ts";

interface Options {
  readonly config?: string;
  readonly listen?: string;
  readonly admin?: string;
  readonly workers: number;
  readonly json?: boolean;
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("Serve the doors. Without a signalbox.yaml it serves a demo with three stand-ins for models.")
    .option("-c, --config <path>", `the config file (default: ${DEFAULT_CONFIG})`)
    .option("-l, --listen <address>", "serve on this address:port, or port of this machine, not where the config says")
    .option("--admin <address>", "the same for the admin port")
    .addOption(workersOption())
    .addOption(jsonOption("log JSON lines on a terminal too, and print errors as JSON"))
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const path = options.config ?? DEFAULT_CONFIG;
  const isDemo = options.config === undefined && !existsSync(path);
  if (cluster.isWorker) await serveSeat(options, path);
  else if (options.workers === 1) await serveAlone(options, path, isDemo);
  else if (isDemo) throw new Failure("the demo has one process: `signalbox init` writes a config for --workers");
  else await serveWithCrew(options, path);
}

async function serveAlone(options: Options, path: string, isDemo: boolean): Promise<void> {
  const demo = isDemo ? await startDemo() : undefined;
  try {
    const flags = flagsOf(options);
    const load = () => loadConfig(path, { flags });
    const read = demo ? checkConfig(demo.yaml, { env: {}, readFile: () => "", flags }) : await load();
    const first = accepted(read, demo ? "the demo config" : path, flags);
    const { signalbox, log } = await house(options, first);
    const watch = demo ? undefined : watched(signalbox, path, first, load);
    process.on("SIGHUP", () => watch?.reread());
    const stopping = stopSignal();
    // Who reads that it is ready may send signals: they are heard by now.
    greet(log, signalbox, demo ? undefined : path);
    sayStopping(log, await stopping);
    watch?.stop();
    await signalbox.stop();
    log.info({}, "stopped");
  } finally {
    await demo?.close();
  }
}

/** One of several processes. What is typed at the terminal is for the one that watches over them. */
async function serveSeat(options: Options, path: string): Promise<void> {
  try {
    const flags = flagsOf(options);
    const load = () => loadConfig(path, { flags });
    const first = accepted(await load(), path, flags);
    const { signalbox } = await house(options, first, Number(process.env[SEAT]));
    const watch = watched(signalbox, path, first, load);
    process.on("SIGHUP", () => watch.reread());
    process.on("SIGINT", () => undefined);
    const stopping = new Promise<void>((resolve) => process.on("SIGTERM", () => resolve()));
    reportForWork(signalbox);
    await stopping;
    watch.stop();
    await signalbox.stop();
  } finally {
    // The line to the one that watches would keep this process.
    cluster.worker?.disconnect();
  }
}

async function serveWithCrew(options: Options, path: string): Promise<void> {
  const flags = flagsOf(options);
  const load = () => loadConfig(path, { flags });
  const first = accepted(await load(), path, flags);
  const log = logOf(options, first);
  const crew = await opened(first, () => startCrew(options.workers, first, { path, load, log }));
  // It has said why, in its own words.
  if (!crew) throw new Failure("");
  process.on("SIGHUP", crew.reread);
  const stopping = stopSignal();
  greet(log, crew, path);
  const signal = await Promise.race([stopping, crew.givenUp]);
  if (signal) sayStopping(log, signal);
  await crew.stop();
  if (!signal) throw new Failure("workers died one after the other, each soon after its start: see what they said");
  log.info({}, "stopped");
}

const logOf = ({ json }: Options, { config }: Accepted): Log =>
  createLog({ level: config.log, pretty: process.stderr.isTTY && !json });

async function house(options: Options, first: Accepted, seat?: number): Promise<{ signalbox: Signalbox; log: Log }> {
  const channel = createChannel();
  const log = logOf(options, first);
  logEvents(channel, log);
  return { signalbox: await opened(first, () => startSignalbox(first, channel, undefined, seat)), log };
}

function watched(signalbox: Signalbox, path: string, loaded: Accepted, load: () => Promise<Checked>): Watch {
  return watchConfig(path, (checked) => apply(signalbox, path, checked), { loaded, load });
}

/** Resolves with the first signal to stop; a second one means that the person will not wait. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const first = (signal: NodeJS.Signals): void => {
      process.off("SIGTERM", first).off("SIGINT", first);
      process.once("SIGTERM", () => process.exit(1));
      process.once("SIGINT", () => process.exit(130));
      resolve(signal);
    };
    process.once("SIGTERM", first).once("SIGINT", first);
  });
}

function sayStopping(log: Log, signal: NodeJS.Signals): void {
  log.info({ signal }, "stopping: no new requests; those under way may finish");
}

/** The addresses go into the config before it is checked, on every reading: what opens a door is judged in one place. */
function flagsOf({ listen, admin }: Pick<Options, "listen" | "admin">): Flag[] {
  return [
    ...(listen === undefined ? [] : [{ name: "--listen", steps: ["server", "listen"], value: addressText(listen) }]),
    ...(admin === undefined
      ? []
      : [{ name: "--admin", steps: ["server", "admin", "listen"], value: addressText(admin) }]),
  ];
}

/** A port alone is one of this machine, which nobody else can reach. */
function addressText(given: string): string {
  return /^\d+$/u.test(given) ? `127.0.0.1:${given}` : given;
}

/** What opens ports, with its errors in words. */
async function opened<T>(first: Accepted, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw portFailure(error, first.config) ?? told(error);
  }
}

/** The error of a port that the system does not give, in words; undefined for any other error. */
function portFailure(error: unknown, { server }: Config): Failure | undefined {
  const { syscall, code, address: host, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  // One of several processes asks another to bind for it.
  if ((syscall !== "listen" && syscall !== "bind") || code === undefined) return undefined;
  const [doors, back] = [addressOf(server.listen)!, addressOf(server.admin.listen)!];
  // Both may be port 0; otherwise the port tells them apart, and a host may be another than was written.
  const isDoors = doors.port === back.port ? host === doors.host : port === doors.port;
  const [address, key] = isDoors
    ? [server.listen, "server.listen (or --listen)"]
    : [server.admin.listen, "server.admin.listen (or --admin)"];
  const advice = portAdvice(code, key) ?? `choose another ${key}`;
  return new Failure(`cannot listen on ${address} (${code}): ${advice}`, { cause: error });
}

/** A config that is not whole changes nothing: the running one serves on. */
async function apply(signalbox: Signalbox, path: string, checked: Checked): Promise<void> {
  if ("config" in checked) {
    await signalbox.apply(checked);
  } else {
    signalbox.channel.publish({
      kind: "reload",
      result: "refused",
      hash: "",
      error: checked.problems.map((problem) => problemText(path, problem)).join("; "),
    });
  }
}

function greet(log: Log, { url, adminUrl }: { url: string; adminUrl: string }, path: string | undefined): void {
  log.info(
    { url, admin: adminUrl, config: path ?? "demo" },
    `ready: RPC and OpenAI API on ${url}, metrics on ${adminUrl}/metrics`,
  );
  if (path) return;
  log.warn(
    {},
    "this is the demo: its three models are stand-ins that answer with a fixed sentence; `signalbox init` writes a real config",
  );
}
