/** A real LiteLLM proxy, as an operator starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiRequest } from "../fakes/apis/server.ts";

/** A Python environment that has `litellm[proxy]`. */
const litellm = process.env["SIGNALBOX_LITELLM"];
export const skip = litellm ? false : "SIGNALBOX_LITELLM names no Python environment with litellm[proxy]==1.106.2";

export const ADAPTER = join(import.meta.dirname, "../../adapters/litellm");
export const MASTER = "sk-of-the-operator-0123456789";
/** Its modules alone take seconds to load, and here it shares its cores. */
const READY_MS = 120_000;

export interface Proxy {
  readonly url: string;
  readonly pid: number;
  /** What it has written so far. */
  log(): string;
  stop(): Promise<void>;
}

/** `files` lie beside the config; `env` is what the operator sets. */
export async function startLitellm(
  config: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-litellm-"));
  for (const [name, text] of Object.entries({ "litellm.yaml": config, ...files }))
    writeFileSync(join(folder, name), text);
  const port = await freePort();
  const args = ["--config", join(folder, "litellm.yaml"), "--host", "127.0.0.1", "--port", String(port)];
  const child = spawn(join(litellm!, "bin/litellm"), args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: folder,
    env: {
      PATH: `${join(litellm!, "bin")}:${process.env["PATH"]}`,
      HOME: folder,
      PYTHONPATH: `${ADAPTER}:${folder}`,
      PYTHONDONTWRITEBYTECODE: "1",
      LITELLM_MASTER_KEY: MASTER,
      LITELLM_LOCAL_MODEL_COST_MAP: "True",
      LITELLM_TELEMETRY: "False",
      ...env,
    },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => said.push(bytes.toString()));
  const log = () => said.join("");
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true });
  };
  if (!(await isReady(url, child))) {
    await stop();
    throw new Error(`LiteLLM did not become ready:\n${log().slice(-4000)}`);
  }
  return { url, pid: child.pid!, log, stop };
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  const end = performance.now() + READY_MS;
  while (performance.now() < end && child.exitCode === null) {
    const response = await fetch(`${url}/health/liveliness`).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(100);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 5000);
  await once(child, "exit");
  clearTimeout(late);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The file of this name as the README of an adapter shows it: a block whose first line is `# NAME`. */
export function shown(readme: string, name: string): string {
  const block = readFileSync(readme, "utf8")
    .split("```yaml\n")
    .find((text) => text.startsWith(`# ${name}\n`));
  if (block === undefined) throw new Error(`${readme} shows no ${name}`);
  return block.slice(0, block.indexOf("```"));
}

/** What a request that reached a model server names. */
export const modelIn = (request: ApiRequest | undefined): string =>
  String((request?.json as { readonly model?: unknown } | null | undefined)?.model);
