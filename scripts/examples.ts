/** Runs every example; each checks itself and says so by its exit code. `npm run examples -- NAME` runs one. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename, dirname } from "node:path";

const wanted = process.argv.slice(2);
const files = globSync("examples/*/run.ts").filter(
  (file) => wanted.length === 0 || wanted.includes(basename(dirname(file))),
);
if (files.length === 0) {
  console.error(`no example is called ${wanted.join(" ")}`);
  process.exit(1);
}
const failed = files.filter((file) => {
  console.log(`--- ${file}`);
  return spawnSync(process.execPath, [file], { stdio: "inherit", timeout: 120_000 }).status !== 0;
});
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exit(1);
}
