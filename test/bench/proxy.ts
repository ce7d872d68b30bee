import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import type { LoadJob, LoadResult } from "./load.ts";
import { load, measuredLoad, serve, startRelay, startUpstream } from "./processes.ts";

const WARM_UP_SECONDS = 5;
const SECONDS = 4;
const PROMPT_LENGTH = 400;
const ANSWERS = [
  ["whole", "chat"],
  ["streamed", "stream"],
] as const;
/** Requests come at their own times, and the server sleeps between them; or one after the other, and it does not. */
const LOADS = [
  ["250 a second", { perSecond: 250 }],
  ["back to back", { connections: 1 }],
] as const;

export const proxy: Bench = {
  name: "proxy",
  says: `Chat completions straight to an upstream, through a relay that does nothing and through Signalbox, in turns; ${PROMPT_LENGTH}-character prompts, model auto. Added is what lies over straight.`,
  async run({ runs }) {
    const upstream = await startUpstream();
    const relay = await startRelay(upstream.port);
    const served = await serve(upstream.url);
    try {
      const rows: Row[] = [];
      for (const [answer, kind] of ANSWERS) {
        const job = { kind, promptLength: PROMPT_LENGTH };
        for (const { port } of [served, relay, upstream]) await warmUp({ ...job, port });
        for (const [rate, loop] of LOADS) {
          const rounds: Row[] = [];
          for (let run = 0; run < runs; run++) {
            const timed = { ...job, ...loop, seconds: SECONDS };
            const straight = await load({ ...timed, port: upstream.port });
            const relayed = await load({ ...timed, port: relay.port });
            const routed = await measuredLoad(served, { ...timed, port: served.port });
            rounds.push({
              answer,
              rate,
              "straight p50 ms": quantile(straight.lastMs, 0.5),
              "relay added p50": added(relayed, straight, 0.5),
              "added p50": added(routed, straight, 0.5),
              "relay added p99": added(relayed, straight, 0.99),
              "added p99": added(routed, straight, 0.99),
              "CPU ms/request": (routed.cpuSeconds * 1000) / routed.requests,
              "RSS MiB": routed.residentMib,
              failed: routed.failed + relayed.failed + straight.failed,
            });
          }
          rows.push(medianRow(rounds));
        }
      }
      return rows;
    } finally {
      await served.stop();
      await relay.stop();
      await upstream.stop();
    }
  },
};

/** As fast as it goes: at the measured rate the compiler would need a minute to see enough of the code. */
async function warmUp(job: Pick<LoadJob, "kind" | "promptLength" | "port">): Promise<void> {
  await load({ ...job, connections: 4, seconds: WARM_UP_SECONDS });
}

const added = (through: LoadResult, straight: LoadResult, share: number): number =>
  quantile(through.lastMs, share) - quantile(straight.lastMs, share);
