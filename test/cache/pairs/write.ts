import { generateFinal } from "./final/generate.ts";
import { generatePairs } from "./generate.ts";

/** `node test/cache/pairs/write.ts learn|report|final [COUNT]` writes the pairs of a split to standard output, as JSON lines. */
const [split = "report", count = "1000"] = process.argv.slice(2);
const pairs =
  split === "final"
    ? generateFinal(Number(count))
    : generatePairs(split === "learn" ? "learn" : "report", Number(count));
for (const pair of pairs) {
  process.stdout.write(`${JSON.stringify(pair)}\n`);
}
