import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Authority, createAuthority } from "../rig/certificates.ts";
import type { BreakerState, FromHouse, ToHouse } from "./chaos-house.ts";
import type { Trouble } from "./chaos-trouble.ts";
import type { Ailment, Setup } from "./chaos-upstream.ts";

// Processes that are killed here leave half a coverage file, which the report of all tests could not read.
delete process.env["NODE_V8_COVERAGE"];

/** The processes of `chaos`: model servers that fall ill, and the house. */

export const NAMES = ["plain", "secure", "claude", "named", "gem", "open"] as const;
export type Name = (typeof NAMES)[number];

export interface ModelServer {
  readonly name: Name;
  readonly bill: string;
  /** As the config must write it now. */
  readonly origin: string;
  ail(trouble: Trouble | undefined): Promise<void>;
  /** After `killed`: on its port again. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export interface Cast {
  readonly servers: readonly ModelServer[];
  readonly ca: string;
  stop(): Promise<void>;
}

const NOWHERE = "nowhere.invalid";

export async function startCast(folder: string): Promise<Cast> {
  const authority = createAuthority();
  const servers = await Promise.all(NAMES.map((name) => startServer(name, folder, authority)));
  return {
    servers,
    ca: authority.cert,
    stop: async () => void (await Promise.all(servers.map((each) => each.stop()))),
  };
}

async function startServer(name: Name, folder: string, authority: Authority): Promise<ModelServer> {
  const bill = join(folder, `${name}.bill`);
  const isSecure = name === "secure";
  const tls = isSecure && { good: authority.issue("localhost"), expired: authority.issue("localhost", -1) };
  let trouble: Trouble | undefined;
  let child: ChildProcess | undefined;
  let port = 0;

  async function start(): Promise<void> {
    const setup: Setup = { name, port, bill, ...(tls && { tls }) };
    child = fork(join(import.meta.dirname, "chaos-upstream.ts"), [JSON.stringify(setup)]);
    [{ port }] = (await once(child, "message")) as [{ port: number }];
  }

  async function end(): Promise<void> {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, "exit");
    ending.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    name,
    bill,
    get origin() {
      return `${isSecure ? "https" : "http"}://${trouble === "unresolvable" ? NOWHERE : "127.0.0.1"}:${port}`;
    },
    async ail(next) {
      trouble = next;
      if (next === "killed") return end();
      const ailment: Ailment = next === undefined || next === "unresolvable" ? {} : { trouble: next };
      if (!child) await start();
      child!.send(ailment);
    },
    async revive() {
      if (!child) await start();
    },
    stop: end,
  };
}

export interface HouseProcess {
  readonly url: string;
  readonly breakers: ReadonlyArray<{ readonly target: string; readonly state: BreakerState; readonly at: number }>;
  /** By decision. */
  readonly attempts: ReadonlyMap<string, Extract<FromHouse, { kind: "request" }>["attempts"]>;
  readonly faults: readonly string[];
  readonly reloads: number;
  apply(yaml: string): void;
  residentMib(): number;
  handles(): number;
  /** MiB in use once all garbage is collected. */
  weigh(): Promise<number>;
  stop(): Promise<void>;
}

export async function startHouseProcess(yaml: string): Promise<HouseProcess> {
  const child = fork(join(import.meta.dirname, "chaos-house.ts"), [], { execArgv: ["--expose-gc"] });
  const breakers: Array<{ target: string; state: BreakerState; at: number }> = [];
  const attempts = new Map<string, Extract<FromHouse, { kind: "request" }>["attempts"]>();
  const faults: string[] = [];
  let reloads = 0;
  let weighed = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<string>();
  const gone = once(child, "exit");
  gone.then(() => ready.reject(new Error("the house did not start")), ready.reject);
  child.on("message", (message: FromHouse) => {
    if (message.kind === "ready") ready.resolve(message.url);
    else if (message.kind === "applied") reloads += message.changed ? 1 : 0;
    else if (message.kind === "weight") weighed.resolve(message.mib);
    else if (message.kind === "breaker") breakers.push(message);
    else if (message.kind === "request") attempts.set(message.id, message.attempts);
    else faults.push(`${message.where}: ${message.error}`);
  });
  const tell = (message: ToHouse) => void child.send(message);
  tell({ kind: "config", yaml });
  const url = await ready.promise;
  return {
    url,
    breakers,
    attempts,
    faults,
    get reloads() {
      return reloads;
    },
    apply: (next) => tell({ kind: "config", yaml: next }),
    residentMib: () => Number(/VmRSS:\s+(\d+)/u.exec(proc(child, "status"))?.[1]) / 1024,
    handles: () => (process.platform === "linux" ? readdirSync(`/proc/${child.pid}/fd`).length : Number.NaN),
    weigh() {
      weighed = Promise.withResolvers();
      tell({ kind: "weigh" });
      return weighed.promise;
    },
    async stop() {
      tell({ kind: "stop" });
      await gone;
    },
  };
}

function proc(child: ChildProcess, file: string): string {
  return process.platform === "linux" ? readFileSync(`/proc/${child.pid}/${file}`, "utf8") : "";
}
