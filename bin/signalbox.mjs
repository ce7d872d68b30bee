#!/usr/bin/env node
// Starts the command line from a clone (src, TypeScript) or from the package (dist), on a Node that can run it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { fileURLToPath } from "node:url";

const WANTED = 24;
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= WANTED) {
  nodeModule.enableCompileCache();
  await import(existsSync(at("../src/main.ts")) ? "../src/main.ts" : "../dist/main.js");
} else {
  runOnOwnNode();
}

/** A clone has a newer Node among its dev dependencies. This process then only hands signals and the exit code on. */
function runOnOwnNode() {
  const own = at("../node_modules/node/bin/node");
  if (!existsSync(own)) {
    console.error(
      `signalbox needs Node ${WANTED} or newer; this is ${process.version}. Install it from https://nodejs.org, or run \`npm ci\` in a clone.`,
    );
    process.exit(1);
  }
  const child = spawn(own, [at("./signalbox.mjs"), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.once("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
