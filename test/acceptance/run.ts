/** The long runs: `npm run acceptance -- [NAME] [--seconds N] [--inputs N] [--seed N] [--at INDEX] [--json]`. */
import { parseArgs } from "node:util";
import { bound } from "./bound.ts";
import { cacheCrash } from "./cache-crash.ts";
import { chaos } from "./chaos.ts";
import { encoder } from "./encoder.ts";
import { extProc } from "./ext-proc.ts";
import { fuzz } from "./fuzz.ts";
import { isolation } from "./isolation.ts";
import { outage } from "./outage.ts";
import { poolSwap } from "./pool-swap.ts";
import { poolSwapProcess } from "./pool-swap-process.ts";
import { redaction } from "./redaction.ts";
import { resets } from "./resets.ts";
import { sse } from "./sse.ts";
import type { Figures, Story } from "./story.ts";

const STORIES: readonly Story[] = [
  poolSwap,
  poolSwapProcess,
  outage,
  chaos,
  fuzz,
  sse,
  resets,
  encoder,
  bound,
  extProc,
  redaction,
  isolation,
  cacheCrash,
];
const INPUTS = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    inputs: { type: "string" },
    seed: { type: "string" },
    at: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const wanted = STORIES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const unknown = positionals.filter((name) => STORIES.every((story) => story.name !== name));
const numbers = { seconds: values.seconds, inputs: values.inputs, seed: values.seed, at: values.at };
const wrong = Object.entries(numbers).filter(([, text]) => text !== undefined && !(Number(text) >= 0));
if (unknown.length > 0 || wrong.length > 0) {
  for (const name of unknown) console.error(`no such story: ${name}`);
  for (const [name] of wrong) console.error(`--${name} takes a number`);
  for (const { name, says } of STORIES) console.error(`  ${name.padEnd(20)}${says}`);
  process.exit(2);
}

const stop = new AbortController();
process.once("SIGINT", () => {
  process.once("SIGINT", () => process.exit(130));
  stop.abort();
});

let failed = false;
for (const story of wanted) {
  if (stop.signal.aborted) break;
  const figures = await runStory(story);
  const passed = figures.failures.length === 0;
  failed ||= !passed;
  if (values.json) console.log(JSON.stringify({ name: story.name, passed, ...figures }));
  else print(story, figures);
}
// A socket that some story forgot must not hold the terminal.
process.exit(stop.signal.aborted ? 130 : failed ? 1 : 0);

async function runStory(story: Story): Promise<Figures> {
  if (!values.json) console.log(`\n${story.name}: ${story.says}`);
  try {
    return await story.run({
      seconds: Number(values.seconds ?? story.seconds ?? 0),
      inputs: Number(values.inputs ?? INPUTS),
      seed: Number(values.seed ?? 1),
      ...(values.at !== undefined && { at: Number(values.at) }),
      signal: stop.signal,
      progress: showProgress,
    });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { rows: {}, failures: [text] };
  } finally {
    if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  }
}

function showProgress(part: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K  ${String(Math.round(part * 100)).padStart(3)}% ${what}`);
}

function print({ name }: Story, { rows, failures }: Figures): void {
  const width = Math.max(0, ...Object.keys(rows).map((label) => label.length));
  for (const [label, value] of Object.entries(rows)) console.log(`  ${label.padEnd(width)}  ${value}`);
  for (const failure of failures) console.log(`  FAILED  ${failure}`);
  const stopped = stop.signal.aborted ? " (stopped early)" : "";
  console.log(`${name}: ${failures.length === 0 ? "passed" : "failed"}${stopped}`);
}
