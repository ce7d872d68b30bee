// Packs the package, installs it into an empty folder and asks the installed command for a decision.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const node = join(root, "node_modules/node/bin/node");
const folder = mkdtempSync(join(tmpdir(), "signalbox-pack-"));
const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

try {
  const [{ filename, size }] = JSON.parse(
    run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], root),
  );
  run(node, [join(root, "node_modules/publint/src/cli.js"), "run", root, "--strict"], root);
  run("npm", ["init", "-y", "--silent"], folder);
  // onnxruntime-node would fetch what it needs for GPUs.
  const install = ["install", "--silent", "--no-fund", "--no-audit", "--loglevel=error"];
  run("npm", [...install, "--onnxruntime-node-install=skip", join(folder, filename)], folder);
  const bin = join(folder, "node_modules/signalbox/bin/signalbox.mjs");
  const plan = JSON.parse(run(node, [bin, "route", "--json", "hello"], folder));
  if (!plan.model) throw new Error(`no model in ${JSON.stringify(plan)}`);
  const exported = run(
    node,
    ["-e", "import('signalbox').then((m) => console.log(Object.keys(m).join(' ')))"],
    folder,
  ).trim();
  console.log(
    `packed ${filename} (${Math.round(size / 1024)} KiB), installed it, and it routed "hello" to ${plan.model}; exports: ${exported}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
