/** Debian's nginx with ngx_lua, our plugin, and our double of Kong's plugin API: see adapters/kong/README.md. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const binary = process.env["SIGNALBOX_NGINX"];
/** For `test`: why the rig cannot run here, or false. */
export const skip = binary ? false : "SIGNALBOX_NGINX names no nginx with ngx_lua";

export const ADAPTER = join(import.meta.dirname, "../../adapters/kong");
const MODULES = process.env["SIGNALBOX_NGINX_MODULES"] ?? "/usr/lib/nginx/modules";
const READY_MS = 10_000;

/** A declarative config of Kong's. */
export interface KongConfig {
  readonly upstreams?: readonly { readonly name: string; readonly targets: readonly { readonly target: string }[] }[];
  readonly services: readonly {
    readonly name: string;
    readonly url: string;
    readonly routes: readonly { readonly paths: readonly string[]; readonly strip_path?: boolean }[];
    readonly plugins?: readonly { readonly name: string; readonly config: Readonly<Record<string, unknown>> }[];
  }[];
}

export interface Rig {
  readonly url: string;
  readonly port: number;
  /** The gateway's log so far, and the lines of it that tell of an error. */
  log(): string;
  errors(): readonly string[];
  /** User and system time that the workers have used so far, in seconds. */
  cpuSeconds(): number;
  /** Memory that Lua holds in the worker after a collection, in KiB. */
  memoryKib(): Promise<number>;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly workers?: number;
  /** Secrets for references to the environment's vault. */
  readonly env?: Readonly<Record<string, string>>;
  /** File with the certificates that connections to Signalbox are checked against. */
  readonly trust?: string;
}

/** One service with the plugin, in front of everything at this URL. A busy machine shall not make it give up. */
export function pluginBefore(url: string, config: Readonly<Record<string, unknown>>): KongConfig {
  return {
    services: [
      {
        name: "models",
        url,
        routes: [{ paths: ["/"], strip_path: false }],
        plugins: [{ name: "signalbox", config: { timeout_ms: 5000, ...config } }],
      },
    ],
  };
}

export async function startRig(config: KongConfig, { workers = 1, env = {}, trust }: RigOptions = {}): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), "signalbox-kong-"));
  const [port, inspect] = await freePorts();
  writeFileSync(join(dir, "kong.json"), JSON.stringify(config));
  const values: Readonly<Record<string, string>> = {
    adapter: ADAPTER,
    modules: MODULES,
    dir,
    workers: String(workers),
    env: Object.keys(env)
      .map((name) => `env ${name};`)
      .join("\n"),
    trust: trust === undefined ? "" : `lua_ssl_trusted_certificate ${trust};`,
    buffering: "off",
    port: String(port),
    inspect: String(inspect),
  };
  const template = readFileSync(join(ADAPTER, "rig/nginx.conf.template"), "utf8");
  const text = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
  writeFileSync(join(dir, "nginx.conf"), process.getuid?.() === 0 ? `user root;\n${text}` : text);

  const child = spawn(binary!, ["-p", dir, "-c", join(dir, "nginx.conf"), "-e", join(dir, "error.log")], {
    stdio: "ignore",
    env: { ...process.env, ...env },
  });
  const log = () => readFileSync(join(dir, "error.log"), "utf8");
  const started = performance.now();
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() - started > READY_MS) {
      throw new Error(`nginx did not start:\n${log()}`);
    }
    await sleep(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    log,
    errors: () =>
      log()
        .split("\n")
        .filter((line) => /\[(?:error|alert|crit|emerg)\]/.test(line)),
    cpuSeconds: () => cpuSecondsOf(child.pid!),
    async memoryKib() {
      return Number(await (await fetch(`http://127.0.0.1:${inspect}/memory`)).text());
    },
    async close() {
      if (child.exitCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGQUIT");
        await gone;
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Units of the times in /proc/PID/stat: the kernel fixes them at 100 a second for programs. */
const TICKS_PER_SECOND = 100;

function cpuSecondsOf(master: number): number {
  const workers = readFileSync(`/proc/${master}/task/${master}/children`, "utf8").trim().split(" ");
  const ticks = workers.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

/** Connections of this machine to a local port that are open on the side that made them. */
export function connectionsTo(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const ends = lines.map((line) => line.trim().split(/\s+/));
  return ends.filter(([, , to, state]) => to?.endsWith(remote) === true && state === ESTABLISHED).length;
}

const ESTABLISHED = "01";

/** Two ports that nobody uses. */
export async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return [ports[0]!, ports[1]!];
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => resolve(true));
  socket.on("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
