import { bareConfig } from "./config.ts";
import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { type Portkey, startPortkey } from "./portkey.ts";
import { load, measuredLoad, serve, type Served, startRelay, startUpstream } from "./processes.ts";

const WARM_UP_SECONDS = 5;
const ANSWERS = [
  ["whole", "chat"],
  ["streamed", "stream"],
] as const;
/** Characters of the newest prompt; requests come at their own times, as many a second as one core can read. */
const LOADS = [
  { promptLength: 200, perSecond: 100, seconds: 5 },
  { promptLength: 15_000, perSecond: 20, seconds: 10 },
  { promptLength: 200_000, perSecond: 3, seconds: 15 },
] as const;

export const proxy: Bench = {
  name: "proxy",
  says: "Chat completions straight to an upstream, through a relay that does nothing, through Signalbox (model auto, default signals; bare: without signals) and through Portkey, in turns and at fixed rates. Added (+) is what lies over straight.",
  async run({ runs }) {
    const upstream = await startUpstream();
    const relay = await startRelay(upstream.port);
    const served = await serve(upstream.url);
    const unread = await serve(upstream.url, undefined, bareConfig);
    const portkey = await startPortkey(upstream.url);
    try {
      const rows: Row[] = [];
      for (const [answer, kind] of ANSWERS) {
        for (const { promptLength, perSecond, seconds } of LOADS) {
          const job = { kind, promptLength };
          for (const { port } of [served, unread, relay, upstream]) await warmUp({ ...job, port });
          if (portkey) await warmUp({ ...job, port: portkey.port, headers: portkey.headers });
          const rounds: Row[] = [];
          for (let run = 0; run < runs; run++) {
            const timed = { ...job, perSecond, seconds };
            const straight = await load({ ...timed, port: upstream.port });
            const relayed = await load({ ...timed, port: relay.port });
            const ours = await measured(served, timed);
            const bare = await measured(unread, timed);
            const theirs = portkey && (await measured(portkey, { ...timed, headers: portkey.headers }));
            rounds.push({
              answer,
              KB: String(promptLength / 1000),
              "a second": String(perSecond),
              "straight p50 ms": quantile(straight.lastMs, 0.5),
              "relay +p50": added(relayed, straight, 0.5),
              "bare +p50": added(bare, straight, 0.5),
              "ours +p50": added(ours, straight, 0.5),
              ...(theirs && { "Portkey +p50": added(theirs, straight, 0.5) }),
              "bare +p99": added(bare, straight, 0.99),
              "ours +p99": added(ours, straight, 0.99),
              ...(theirs && { "Portkey +p99": added(theirs, straight, 0.99) }),
              "bare requests/CPU s": bare.perCpuSecond,
              "ours requests/CPU s": ours.perCpuSecond,
              ...(theirs && {
                "Portkey requests/CPU s": theirs.perCpuSecond,
                "CPU bare/Portkey": theirs.perCpuSecond / bare.perCpuSecond,
                "CPU ours/Portkey": theirs.perCpuSecond / ours.perCpuSecond,
              }),
              "ours RSS MiB": ours.residentMib,
              ...(theirs && { "Portkey RSS MiB": theirs.residentMib }),
              failed: ours.failed + bare.failed + relayed.failed + straight.failed + (theirs?.failed ?? 0),
            });
          }
          rows.push(medianRow(rounds));
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

async function measured(served: Served | Portkey, job: Omit<LoadJob, "port">) {
  const result = await measuredLoad(served, { ...job, port: served.port });
  return { ...result, perCpuSecond: result.requests / result.cpuSeconds };
}

/** As fast as it goes: at the measured rate the compiler would need a minute to see enough of the code. */
async function warmUp(job: Pick<LoadJob, "kind" | "promptLength" | "port" | "headers">): Promise<void> {
  await load({ ...job, connections: 4, seconds: WARM_UP_SECONDS });
}

const added = (through: LoadResult, straight: LoadResult, share: number): number =>
  quantile(through.lastMs, share) - quantile(straight.lastMs, share);
