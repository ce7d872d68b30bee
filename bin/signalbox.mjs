#!/usr/bin/env node
// Starts the command line from a clone (src, TypeScript) or from the package (dist), on a Node that can run it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

const WANTED = 24;
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= WANTED) {
  enableCompileCache?.();
  await import(existsSync(at("../src/main.ts")) ? "../src/main.ts" : "../dist/main.js");
} else {
  const own = at("../node_modules/node/bin/node");
  if (!existsSync(own)) {
    console.error(
      `signalbox needs Node ${WANTED} or newer; this is ${process.version}. Install it from https://nodejs.org, or run \`npm ci\` in a clone.`,
    );
    process.exit(1);
  }
  const { status, signal } = spawnSync(own, [at("./signalbox.mjs"), ...process.argv.slice(2)], { stdio: "inherit" });
  if (signal) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}
