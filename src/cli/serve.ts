import { existsSync } from "node:fs";
import { Command } from "commander";
import { checkConfig, type Accepted, type Checked } from "../config/check.ts";
import type { Flag } from "../config/flags.ts";
import { loadConfig } from "../config/load.ts";
import { problemText } from "../config/problem.ts";
import type { Config } from "../config/schema.ts";
import { addressOf } from "../config/server.ts";
import { watchConfig } from "../config/watch.ts";
import { startDemo } from "../demo/demo.ts";
import { createChannel } from "../events.ts";
import { startSignalbox, type Signalbox } from "../server/start.ts";
import { createLog, logEvents, type Log } from "../telemetry/log.ts";
import { accepted, DEFAULT_CONFIG, jsonOption } from "./config.ts";
import { Failure, told } from "./failure.ts";
import { portAdvice } from "./ports.ts";

interface Options {
  readonly config?: string;
  readonly listen?: string;
  readonly admin?: string;
  readonly json?: boolean;
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("Serve the doors. Without a signalbox.yaml it serves a demo with three stand-ins for models.")
    .option("-c, --config <path>", `the config file (default: ${DEFAULT_CONFIG})`)
    .option("-l, --listen <address>", "serve on this address:port, or port of this machine, not where the config says")
    .option("--admin <address>", "the same for the admin port")
    .addOption(jsonOption("log JSON lines on a terminal too, and print errors as JSON"))
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const path = options.config ?? DEFAULT_CONFIG;
  const demo = options.config === undefined && !existsSync(path) ? await startDemo() : undefined;
  try {
    const flags = flagsOf(options);
    const load = () => loadConfig(path, { flags });
    const read = demo ? checkConfig(demo.yaml, { env: {}, readFile: () => "", flags }) : await load();
    const first = accepted(read, demo ? "the demo config" : path, flags);

    const channel = createChannel();
    const log = createLog({ level: first.config.log.level, pretty: process.stderr.isTTY && !options.json });
    logEvents(channel, log);
    const signalbox = await start(first, channel);
    const reload = (checked: Checked) => apply(signalbox, path, checked);
    const watch = demo ? undefined : watchConfig(path, reload, { loaded: first, load });
    process.on("SIGHUP", () => watch?.reread());

    const stopping = new Promise<string>((resolve) => {
      process.once("SIGTERM", resolve);
      process.once("SIGINT", resolve);
    });
    // Who reads that it is ready may send signals: they are heard by now.
    greet(log, signalbox, demo ? undefined : path);
    const signal = await stopping;
    // A second signal means that the person will not wait.
    process.once("SIGTERM", () => process.exit(1));
    process.once("SIGINT", () => process.exit(130));
    log.info({ signal }, "stopping: no new requests; those under way may finish");
    watch?.stop();
    await signalbox.stop();
    log.info({}, "stopped");
  } finally {
    await demo?.close();
  }
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

async function start(first: Accepted, channel: ReturnType<typeof createChannel>): Promise<Signalbox> {
  try {
    return await startSignalbox(first, channel);
  } catch (error) {
    throw portFailure(error, first.config) ?? told(error);
  }
}

/** The error of a port that the system does not give, in words; undefined for any other error. */
function portFailure(error: unknown, { server }: Config): Failure | undefined {
  const { syscall, code, address: host, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (syscall !== "listen" || code === undefined) return undefined;
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

function greet(log: Log, { url, adminUrl }: Signalbox, path: string | undefined): void {
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
