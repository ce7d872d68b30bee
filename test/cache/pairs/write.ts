import { generatePairs } from "./generate.ts";

/** `node test/cache/pairs/write.ts learn|report [COUNT]` writes the pairs of a split to standard output, as JSON lines. */
const [split = "report", count = "1000"] = process.argv.slice(2);
for (const pair of generatePairs(split === "learn" ? "learn" : "report", Number(count))) {
  process.stdout.write(`${JSON.stringify(pair)}\n`);
}
