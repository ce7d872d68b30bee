import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePorts, type Served, serveScript } from "./processes.ts";

/** Portkey's gateway from npm, for a comparison on the same machine: kept in a cache, and no part of the package. */

const VERSION = "1.15.2";
/** Its streams need this version: with a newer one each of them ends in a 500. */
const OVERRIDES = { "@hono/node-server": "1.13.7" };
const INSTALL_MS = 180_000;
const cache = join(import.meta.dirname, "../../node_modules/.cache", `portkey-${VERSION}`);

export interface Portkey extends Served {
  /** What every request must carry. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Undefined, and a sentence on standard error, where it cannot be had. */
export async function startPortkey(upstreamUrl: string): Promise<Portkey | undefined> {
  if (!existsSync(cache) && !install()) {
    console.error(
      `@portkey-ai/gateway ${VERSION} cannot be installed here (npm answers no): what follows is ours alone.`,
    );
    return undefined;
  }
  const [port] = await freePorts();
  const entry = join(cache, "node_modules/@portkey-ai/gateway/build/start-server.js");
  const served = await serveScript([entry, `--port=${port}`, "--headless"], port, "/");
  const config = { provider: "openai", api_key: "bench", custom_host: upstreamUrl };
  return { ...served, headers: { "x-portkey-config": JSON.stringify(config) } };
}

/** Whole or not at all: what an interrupted run leaves is no cache. */
function install(): boolean {
  const folder = `${cache}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  const dependencies = { "@portkey-ai/gateway": VERSION };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies, overrides: OVERRIDES }));
  const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "ignore", timeout: INSTALL_MS });
  if (status === 0) {
    mkdirSync(dirname(cache), { recursive: true });
    renameSync(folder, cache);
  } else rmSync(folder, { recursive: true });
  return status === 0;
}
