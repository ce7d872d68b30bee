import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { BINARIES, startEnvoy, WHY_SKIPPED, type Envoy } from "../rig/envoy.ts";
import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { bareConfig, benchConfig } from "./config.ts";
import { freePorts, load, pinning, serve, serveScript, startUpstream, type Served } from "./processes.ts";

const ADAPTER = join(import.meta.dirname, "../../adapters/envoy");
const MODES = ["BUFFERED", "FULL_DUPLEX_STREAMED"] as const;
const RATES = [50, 200, 500] as const;
const SECONDS = 4;
/** Until code is compiled and connections stand: thousands of requests, not seconds, make a server warm. */
const WARM_UP = { perSecond: 300, seconds: 10 } as const;
const PROMPT_LENGTH = 1000;
const TICKS_PER_SECOND = 100;

type Json = { [name: string]: unknown };

/** Envoy with, or without, a filter behind it. */
interface Way {
  readonly mode: string;
  readonly name: string;
  readonly envoy: Envoy;
  readonly filter?: Served;
}

export const envoy: Bench = {
  name: "envoy",
  says: `Chat completions with prompts of ${PROMPT_LENGTH} characters through Envoy: without a filter, with external processing that answers at once, and with ours (rules alone; all signals with the encoder's static stage; with both stages), in turns and at fixed rates, after ${WARM_UP.perSecond * WARM_UP.seconds} requests each. Added (+): milliseconds over the filter that answers at once. CPU: milliseconds a request, of Envoy and of the filter's server. Load: average of the machine's last minute.`,
  async run({ runs }) {
    if (WHY_SKIPPED) throw new Error(WHY_SKIPPED);
    const upstream = await startUpstream();
    const servers = await startFilters(upstream.url);
    const ways = await startWays(upstream.port, servers);
    try {
      const rows: Row[] = [];
      for (const way of ways) await drive(way, WARM_UP);
      for (const perSecond of RATES) {
        const rounds: Row[][] = [];
        for (let run = 0; run < runs; run++) {
          const measured: Measured[] = [];
          for (const way of ways) measured.push(await measure(way, perSecond));
          rounds.push(measured.map((one) => rowOf(one, measured, perSecond)));
        }
        rows.push(...ways.map((_, at) => medianRow(rounds.map((round) => round[at]!))));
      }
      return rows;
    } finally {
      for (const way of ways) await way.envoy.stop();
      for (const server of Object.values(servers)) await server.stop();
      await upstream.stop();
    }
  },
};

async function startFilters(upstreamUrl: string): Promise<Record<string, Served>> {
  const [port] = await freePorts();
  const script = join(import.meta.dirname, "ext-proc-at-once.ts");
  return {
    "at once": await serveScript([script, String(port)], port, "/readyz"),
    rules: await serve(upstreamUrl, undefined, (url, ports) => `${bareConfig(url, ports)}${RULES}`),
    "static stage": await serve(upstreamUrl, undefined, (url, ports) => `${benchConfig(url, ports)}${STATIC}`),
    "both stages": await serve(upstreamUrl, undefined, benchConfig),
  };
}

const RULES = `rules:
  - { name: refunds, when: { text: "refund|money back|chargeback" }, then: { models: [small, medium] } }
  - { name: long, when: { min_tokens: 100000 }, then: { tier: large } }
`;

const STATIC = "encoder: { second_stage: never }\n";

async function startWays(upstreamPort: number, servers: Readonly<Record<string, Served>>): Promise<Way[]> {
  const ways: Way[] = [
    { mode: "", name: "no filter", envoy: await startPlain(upstreamPort, 1, (filters) => filters.shift()) },
  ];
  for (const mode of MODES) {
    for (const [name, filter] of Object.entries(servers)) {
      const envoyOf = await startPlain(upstreamPort, filter.port, ([ours]) => {
        if (mode === "FULL_DUPLEX_STREAMED")
          Object.assign(ours!["typed_config"] as Json, parse(readFileSync(join(ADAPTER, "full-duplex.yaml"), "utf8")));
      });
      ways.push({ mode, name, envoy: envoyOf, filter });
    }
  }
  return ways;
}

/** The config that is shipped, with all models behind one server that has no TLS. */
async function startPlain(upstreamPort: number, filterPort: number, change: (filters: Json[]) => void): Promise<Envoy> {
  const to = { port: upstreamPort };
  const clusters = { signalbox: { port: filterPort }, vllm: to, gemini: to, openai: to };
  const started = await startEnvoy(BINARIES.at(-1)!, join(ADAPTER, "envoy.yaml"), clusters, {
    change(config) {
      const resources = config["static_resources"] as { clusters: Json[]; listeners: Json[] };
      for (const cluster of resources.clusters) delete cluster["transport_socket"];
      const [chain] = resources.listeners[0]!["filter_chains"] as Array<{ filters: Json[] }>;
      change((chain!.filters[0]!["typed_config"] as { http_filters: Json[] }).http_filters);
    },
  });
  // The filter's server has its core for itself.
  if (!pinning.startsWith("nothing")) spawnSync("taskset", ["-ap", "-c", "1", String(started.pid)]);
  return started;
}

interface Measured {
  readonly way: Way;
  readonly p50: number;
  readonly p99: number;
  readonly envoyMs: number;
  readonly filterMs: number;
  readonly failed: number;
  readonly load: number;
}

function drive({ envoy: { url } }: Way, rate: { readonly perSecond: number; readonly seconds: number }) {
  return load({ kind: "chat", promptLength: PROMPT_LENGTH, port: Number(new URL(url).port), ...rate });
}

async function measure(way: Way, perSecond: number): Promise<Measured> {
  const before = [cpuSeconds(way.envoy.pid), way.filter?.cpuSeconds() ?? 0] as const;
  const { lastMs, requests, failed } = await drive(way, { perSecond, seconds: SECONDS });
  const spent = (after: number, first: number) => ((after - first) * 1000) / requests;
  return {
    way,
    failed,
    load: loadavg()[0]!,
    p50: quantile(lastMs, 0.5),
    p99: quantile(lastMs, 0.99),
    envoyMs: spent(cpuSeconds(way.envoy.pid), before[0]),
    filterMs: spent(way.filter?.cpuSeconds() ?? 0, before[1]),
  };
}

/** Ours stands beside the filter that answers at once in the same mode; that one beside none. */
function rowOf(
  { way, p50, p99, envoyMs, filterMs, failed, load: busy }: Measured,
  all: readonly Measured[],
  perSecond: number,
): Row {
  const base = all.find(({ way: { mode, name } }) =>
    way.name === "at once" ? mode === "" : mode === way.mode && name === "at once",
  );
  return {
    mode: way.mode,
    way: way.name,
    "a second": String(perSecond),
    p50,
    p99,
    "+p50": base ? p50 - base.p50 : 0,
    "+p99": base ? p99 - base.p99 : 0,
    "CPU ms Envoy": envoyMs,
    "CPU ms filter": filterMs,
    failed,
    load: busy,
  };
}

function cpuSeconds(pid: number): number {
  if (process.platform !== "linux") return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
