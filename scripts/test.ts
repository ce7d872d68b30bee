/**
 * The first tier: everything fast and deterministic. `npm test -- pattern` narrows it to files whose path holds the
 * pattern; `--coverage` tells what was run of each file, and takes twice the time.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { coverage: { type: "boolean", default: false } },
});
const files = globSync("test/**/*.test.ts").filter(
  (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
);
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(" ")}`);
  process.exit(1);
}
const coverage = [
  "--experimental-test-coverage",
  "--test-coverage-include=src/**/*.ts",
  "--test-coverage-exclude=src/gen/**",
];
// Each file is a process of its own, and most of them load the same modules; many wait for timers.
const env = { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, "../node_modules/.cache/compiled") };
const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    "--test-timeout=120000",
    `--test-concurrency=${availableParallelism()}`,
    ...(values.coverage ? coverage : []),
    ...files,
  ],
  { stdio: "inherit", env },
);
process.exit(status ?? 1);
