import { existsSync } from "node:fs";
import { Command } from "commander";
import { checkConfig, type Accepted, type Checked } from "../config/check.ts";
import { loadConfig } from "../config/load.ts";
import { problemText } from "../config/problem.ts";
import { watchConfig } from "../config/watch.ts";
import { startDemo } from "../demo/demo.ts";
import { createChannel } from "../events.ts";
import { startSignalbox, type Signalbox } from "../server/start.ts";
import { createLog, logEvents, type Log } from "../telemetry/log.ts";
import { accepted, DEFAULT_CONFIG } from "./config.ts";
import { Failure } from "./failure.ts";

interface Options {
  readonly config?: string;
  readonly listen?: string;
  readonly admin?: string;
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("Serve the doors. Without a signalbox.yaml it serves a demo with three stand-ins for models.")
    .option("-c, --config <path>", `the config file (default: ${DEFAULT_CONFIG})`)
    .option("-l, --listen <address:port>", "serve here instead of where the config says")
    .option("--admin <address:port>", "admin port here instead of where the config says")
    .action(serve);
}

async function serve(options: Options): Promise<void> {
  const path = options.config ?? DEFAULT_CONFIG;
  const demo = options.config === undefined && !existsSync(path) ? await startDemo() : undefined;
  const read = demo ? checkConfig(demo.yaml, { env: {}, readFile: () => "" }) : await loadConfig(path);
  const first = withAddresses(accepted(read, path), options);

  const channel = createChannel();
  const log = createLog({ level: first.config.log.level, pretty: process.stderr.isTTY });
  logEvents(channel, log);
  const signalbox = await start(first, channel);
  greet(log, signalbox, demo ? undefined : path);

  const reload = (checked: Checked) => apply(signalbox, path, checked, options);
  const watch = demo ? undefined : watchConfig(path, reload, { loaded: first });
  process.on("SIGHUP", () => watch?.reread());

  const signal = await new Promise<string>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  // A second signal means that the person will not wait.
  process.once("SIGTERM", () => process.exit(1));
  process.once("SIGINT", () => process.exit(130));
  log.info({ signal }, "stopping: no new requests; those under way may finish");
  watch?.stop();
  await signalbox.stop();
  await demo?.close();
  log.info({}, "stopped");
}

async function start(first: Accepted, channel: ReturnType<typeof createChannel>): Promise<Signalbox> {
  try {
    return await startSignalbox(first, channel);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      const { listen, admin } = first.config.server;
      throw new Failure(
        `a port is taken (${listen} or ${admin.listen}): stop what holds it, or use --listen and --admin`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** A config that is not whole changes nothing: the running one serves on. */
function apply(signalbox: Signalbox, path: string, checked: Checked, options: Options): void {
  if ("config" in checked) {
    signalbox.apply(withAddresses(checked, options));
  } else {
    signalbox.channel.publish({
      kind: "reload",
      result: "refused",
      hash: "",
      error: checked.problems.map((problem) => problemText(path, problem)).join("; "),
    });
  }
}

function withAddresses(checked: Accepted, { listen, admin }: Options): Accepted {
  const { server } = checked.config;
  const moved = {
    ...server,
    listen: listen ?? server.listen,
    admin: { ...server.admin, listen: admin ?? server.admin.listen },
  };
  return { ...checked, config: { ...checked.config, server: moved } };
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
