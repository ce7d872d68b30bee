/**
 * `npm run bench [-- NAME...] [--json] [--runs N]`: measures and prints. It never says whether a figure is good,
 * for that depends on the machine; what is promised stands in the README.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Bench, Row } from "./bench.ts";
import { cache } from "./cache-store.ts";
import { cascade } from "./cascade.ts";
import { cascadeStreams } from "./cascade-streams.ts";
import { decision } from "./decision.ts";
import { envoy } from "./envoy.ts";
import { litellm } from "./litellm.ts";
import { pinning, startFlags } from "./processes.ts";
import { proxy } from "./proxy.ts";
import { routing } from "./routing.ts";
import { rpc } from "./rpc.ts";
import { savings } from "./savings.ts";
import { signals } from "./signals.ts";
import { start } from "./start.ts";
import { streams } from "./streams.ts";
import { tools } from "./tools.ts";

const BENCHES: readonly Bench[] = [
  decision,
  signals,
  rpc,
  proxy,
  streams,
  start,
  routing,
  cascade,
  cascadeStreams,
  tools,
  cache,
  savings,
  litellm,
  envoy,
];
const RUNS = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, runs: { type: "string", default: String(RUNS) } },
});
const runs = Number(values.runs);
const strange = positionals.find((name) => !BENCHES.some((bench) => bench.name === name));
if (strange !== undefined || !Number.isInteger(runs) || runs < 1) {
  console.error(`usage: npm run bench [-- ${BENCHES.map(({ name }) => name).join("|")}] [--json] [--runs N]`);
  process.exit(2);
}

const chosen = BENCHES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const say = values.json ? () => undefined : console.log;
const circumstances = {
  node: process.version,
  flags: [...startFlags, process.env["NODE_OPTIONS"] ?? ""].join(" ").trim() || "none",
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? "unknown",
  pinning,
  loadBefore: loadavg()[0]!,
  runs,
};
say(
  `Node ${circumstances.node}, flags: ${circumstances.flags}; ${circumstances.cores} cores (${circumstances.processor}), ${pinning}; ` +
    `load average ${circumstances.loadBefore.toFixed(2)}; medians of ${runs} run(s) after a warm-up.`,
);

const benches: Record<string, { says: string; rows: readonly Row[] }> = {};
for (const { name, says, run } of chosen) {
  say(`\n${name}: ${says}`);
  const rows = await run({ runs });
  benches[name] = { says, rows };
  for (const alike of groups(rows)) say(table(alike));
}
if (values.json) console.log(JSON.stringify({ ...circumstances, loadAfter: loadavg()[0], benches }, null, 2));

/** Rows with the same figures stand in one table. */
function groups(rows: readonly Row[]): Row[][] {
  const key = (row: Row) => Object.keys(row).join();
  return [...Map.groupBy(rows, key).values()];
}

/** Figures in columns, as many digits as say something. */
function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]!);
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name]!)))];
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((text, column) => text.padStart(widths[column]!)).join("  ")).join("\n");
}

function cell(value: string | number): string {
  if (typeof value === "string") return value;
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 3 : Math.abs(value) < 100 ? 1 : 0);
}
