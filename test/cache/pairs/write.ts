import { generatePairs } from "./generate.ts";
import { questionPairs, readFamilies } from "./questions.ts";
import { templatePairs } from "./templates.ts";

/**
 * `node test/cache/pairs/write.ts learn|report|hard|blind|questions [COUNT]` writes pairs to standard output, as JSON lines:
 * COUNT of each type, or of each family of questions.
 */
const [split = "report", count = "1000"] = process.argv.slice(2);
const WRITE: Readonly<Record<string, (count: number) => readonly object[]>> = {
  learn: (each) => generatePairs("learn", each),
  report: (each) => generatePairs("report", each),
  hard: (each) => templatePairs("hard", each),
  blind: (each) => templatePairs("blind", each),
  questions: (each) => questionPairs(readFamilies(), each),
};
const write = WRITE[split];
if (write === undefined) throw new Error(`there is no split ${split}: ${Object.keys(WRITE).join(", ")}`);
for (const pair of write(Number(count))) process.stdout.write(`${JSON.stringify(pair)}\n`);
