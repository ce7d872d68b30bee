import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCases } from "../../src/cli/cases.ts";
import { median, medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { runAlone } from "./processes.ts";
import type { Judged, ReadingJob, ReadingResult } from "./reading.ts";

const root = join(import.meta.dirname, "../..");

/** UTF-16 units of prompts of about so many tokens of the encoder, which counts them itself. */
const LENGTHS = [
  { units: 280, times: 2000 },
  { units: 2200, times: 500 },
  { units: 34_000, times: 60 },
] as const;
const [SHORT, , LONG] = LENGTHS;
const LOAD_SECONDS = 5;
const TOGETHER = 16;

/** Rows with `text` and a `label` of the domain head: another file, such as a dev set, may be named instead. */
const CASES = process.env["SIGNALBOX_BENCH_CASES"] ?? join(import.meta.dirname, "cases.jsonl");
const MOST_CASES = 2000;
/** Shares of the texts that the second stage reads too, those first of which the static one is least sure. */
const SHARES = [0, 0.05, 0.1, 0.2, 0.4, 1];

export const signals: Bench = {
  name: "signals",
  says:
    "What the learned signals of a request share (the turn encoded, everything scanned for safety and entities) in a process of its own on one core; " +
    "beside it the second stage never, for those it is least sure of, and always. Ready from the start of the process, RSS at its highest.",
  async run({ runs }) {
    const rows: Row[] = [];
    for (const length of LENGTHS) {
      for (const second of [false, true]) rows.push(await repeated(runs, () => latency(length, second)));
    }
    rows.push(...(await quality()));
    for (const workers of [1, 2]) rows.push(await repeated(runs, () => throughput(workers)));
    rows.push(await repeated(runs, () => fullLoad()));
    return [...rows, ...files()];
  },
};

async function repeated(runs: number, measure: () => Promise<Row>): Promise<Row> {
  const rows: Row[] = [];
  for (let run = 0; run < runs; run++) rows.push(await measure());
  return medianRow(rows);
}

interface Told {
  readonly what: string;
  readonly ms?: readonly number[] | undefined;
  readonly accuracy?: number;
  readonly result?: ReadingResult;
  readonly mib?: number;
}

/** One table for all: what was not measured is a dash. */
function row({ what, ms, accuracy, result, mib }: Told): Row {
  const rounded = (value: number | undefined) => (value === undefined ? "-" : value);
  return {
    what,
    "p50 ms": rounded(ms && median(ms)),
    "p99 ms": rounded(ms && quantile(ms, 0.99)),
    "a second": rounded(result?.perSecond),
    accuracy: rounded(accuracy),
    "loop p99 ms": rounded(result?.loopDelayMs),
    tokens: rounded(result?.tokens && Math.round(result.tokens)),
    unread: rounded(result?.unreadUnits),
    late: rounded(result?.late),
    "ready ms": rounded(result?.readyMs),
    "RSS MiB": rounded(result?.residentMib),
    "files MiB": rounded(mib),
  };
}

const reading = (job: ReadingJob, everyCore = false) => runAlone<ReadingResult>("reading.ts", job, { everyCore });

async function latency({ units, times }: (typeof LENGTHS)[number], second: boolean): Promise<Row> {
  const result = await reading({ kind: "latency", units, times, second });
  return row({ what: `${units} characters, second stage ${second ? "always" : "never"}`, ms: result.ms, result });
}

async function quality(): Promise<Row[]> {
  const cases = await readSample();
  const { judged = [] } = await reading({ kind: "quality", head: "domain", texts: cases.map(({ text }) => text) });
  const byDoubt = [...judged.keys()].sort((a, b) => judged[a]!.margin - judged[b]!.margin);
  return SHARES.map((share) => {
    const asked = new Set(byDoubt.slice(0, Math.round(share * judged.length)));
    const answer = (own: Judged, at: number) => (asked.has(at) ? own.slow : own.fast);
    const right = judged.filter((own, at) => answer(own, at) === cases[at]!.label).length;
    const ms = judged.map((own, at) => own.fastMs + (asked.has(at) ? own.slowMs : 0));
    return row({
      what: `domain of ${judged.length} texts, second stage for ${share * 100}%`,
      ms,
      accuracy: right / judged.length,
    });
  });
}

interface Case {
  readonly text: string;
  readonly label: string;
}

async function readSample(): Promise<Case[]> {
  const cases: Case[] = [];
  for await (const { bytes } of readCases(CASES)) {
    cases.push(JSON.parse(Buffer.from(bytes).toString()) as Case);
    if (cases.length === MOST_CASES) break;
  }
  return cases;
}

async function throughput(workers: number): Promise<Row> {
  const job = { kind: "load", workers, seconds: LOAD_SECONDS, together: TOGETHER, units: SHORT.units } as const;
  const result = await reading(job, true);
  return row({
    what: `${TOGETHER} under way, second stage always, ${workers} worker(s), every core`,
    ms: result.ms,
    result,
  });
}

async function fullLoad(): Promise<Row> {
  const units = { units: SHORT.units, longUnits: LONG.units };
  const result = await reading({ kind: "load", workers: 1, seconds: LOAD_SECONDS, together: TOGETHER, ...units });
  return row({ what: `the same, one core, one in 16 of ${LONG.units} characters`, ms: result.ms, result });
}

function files(): Row[] {
  const { files: own } = JSON.parse(readFileSync(join(root, "models/manifest.json"), "utf8")) as {
    files: Readonly<Record<string, { readonly bytes: number }>>;
  };
  const mib = (bytes: number) => bytes / 1024 / 1024;
  const all = Object.values(own).reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...Object.entries(own).map(([name, { bytes }]) => row({ what: name, mib: mib(bytes) })),
    row({ what: "model files together", mib: mib(all) }),
  ];
}
