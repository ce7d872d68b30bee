import { bareConfig } from "./config.ts";
import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { startPortkey } from "./portkey.ts";
import { load, measuredLoad, serve, type Served, startRelay, startUpstream } from "./processes.ts";

const FULL_SECONDS = 4;
const ANSWERS = [
  ["whole", "chat"],
  ["streamed", "stream"],
] as const;
/** Characters of the newest prompt; requests come at their own times, as many a second as one core can read. */
const LOADS = [
  { promptLength: 200, perSecond: 250, seconds: 4 },
  { promptLength: 15_000, perSecond: 20, seconds: 10 },
  { promptLength: 200_000, perSecond: 3, seconds: 15 },
] as const;

/** What stands between client and upstream. */
interface Way {
  readonly name: string;
  readonly served: Pick<Served, "port"> & Partial<Served>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const proxy: Bench = {
  name: "proxy",
  says: "Chat completions through a relay that does nothing, through Signalbox (model auto, default signals; bare: without signals) and through Portkey, in turns. Added (+): milliseconds over straight to the upstream, at a fixed rate. CPU: milliseconds a request, at that rate (what an idle server uses is in it) and at full load, four requests at a time.",
  async run({ runs }) {
    const upstream = await startUpstream();
    const relay = await startRelay(upstream.port);
    const served = await serve(upstream.url);
    const unread = await serve(upstream.url, undefined, bareConfig);
    const portkey = await startPortkey(upstream.url);
    const ways: readonly Way[] = [
      { name: "relay", served: relay },
      { name: "bare", served: unread },
      { name: "Signalbox", served },
      ...(portkey ? [{ name: "Portkey", served: portkey, headers: portkey.headers }] : []),
    ];
    try {
      const rows: Row[] = [];
      for (const [answer, kind] of ANSWERS) {
        for (const given of LOADS) {
          const rounds: Row[][] = [];
          for (let run = 0; run <= runs; run++) {
            const straight = await load({ ...given, kind, port: upstream.port });
            const round: Row[] = [];
            for (const way of ways) round.push({ answer, ...(await measured(way, kind, given, straight)) });
            // The first one warms up.
            if (run > 0) rounds.push(round);
          }
          rows.push(...ways.map((_, at) => medianRow(rounds.map((round) => round[at]!))));
        }
      }
      return rows;
    } finally {
      await portkey?.stop();
      await unread.stop();
      await served.stop();
      await relay.stop();
      await upstream.stop();
    }
  },
};

async function measured(
  { name, served, headers = {} }: Way,
  kind: LoadJob["kind"],
  { promptLength, perSecond, seconds }: (typeof LOADS)[number],
  straight: LoadResult,
): Promise<Row> {
  const job = { kind, promptLength, port: served.port, headers };
  const full = await costed(served, { ...job, connections: 4, seconds: FULL_SECONDS });
  const paced = await costed(served, { ...job, perSecond, seconds });
  const added = (share: number) => quantile(paced.lastMs, share) - quantile(straight.lastMs, share);
  return {
    KB: String(promptLength / 1000),
    way: name,
    "a second": String(perSecond),
    "+p50": added(0.5),
    "+p99": added(0.99),
    "CPU ms": paced.cpuMs,
    "CPU ms, full": full.cpuMs,
    "a CPU second, full": 1000 / full.cpuMs,
    "RSS MiB": Math.max(paced.residentMib, full.residentMib),
    failed: paced.failed + full.failed,
  };
}

/** NaN for a server whose times cannot be read. */
async function costed(served: Way["served"], job: LoadJob) {
  if (!served.cpuSeconds) return { ...(await load(job)), cpuMs: Number.NaN, residentMib: Number.NaN };
  const result = await measuredLoad(served as Served, job);
  return { ...result, cpuMs: (result.cpuSeconds * 1000) / result.requests };
}
