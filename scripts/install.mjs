// Installs what is missing before `npm start` and `npm test`. Plain JavaScript: it runs on the machine's own Node.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const at = (path) => new URL(`../${path}`, import.meta.url);
/** Which lockfile the installed packages came from: times would mislead after a checkout. */
const STAMP = at("node_modules/.signalbox-lock");

const wanted = createHash("sha256")
  .update(readFileSync(at("package-lock.json")))
  .digest("hex");
const installed = (() => {
  try {
    return readFileSync(STAMP, "utf8");
  } catch {
    return undefined;
  }
})();

if (installed !== wanted) {
  console.error("signalbox: installing dependencies (once) ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const options = { cwd: at(""), stdio: ["ignore", 2, 2], shell: process.platform === "win32" };
  const { status } = spawnSync(npm, ["ci", "--no-fund", "--no-audit", "--loglevel=error"], options);
  if (status !== 0) {
    console.error(
      "signalbox: `npm ci` failed; its message is above. A network path to the npm registry is needed once.",
    );
    process.exit(status ?? 1);
  }
  writeFileSync(STAMP, wanted);
}
