/** The first tier: everything fast and deterministic. `npm test -- pattern` narrows it to files whose path holds the pattern. */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";

const wanted = process.argv.slice(2);
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
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-timeout=120000", ...(wanted.length === 0 ? coverage : []), ...files],
  {
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
