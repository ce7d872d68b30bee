// Installs what is missing before `npm start` and `npm test`. Plain JavaScript: it runs on the machine's own Node.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";

const time = (path) => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs;
const installed = time("../node_modules/.package-lock.json");
const wanted = time("../package-lock.json");

if (installed === undefined || installed < wanted) {
  console.error("signalbox: installing dependencies (once) ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const cwd = new URL("..", import.meta.url);
  const { status } = spawnSync(npm, ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) {
    console.error(
      "signalbox: `npm ci` failed; its message is above. A network path to the npm registry is needed once.",
    );
    process.exit(status ?? 1);
  }
}
