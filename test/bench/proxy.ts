import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { load, measuredLoad, serve, startUpstream } from "./processes.ts";
import type { LoadJob } from "./load.ts";

const WARM_UP_SECONDS = 5;
const SECONDS = 4;
const PER_SECOND = 250;
const PROMPT_LENGTH = 400;

export const proxy: Bench = {
  name: "proxy",
  says: `Chat completions through Signalbox and straight to the same upstream, in turns: ${PER_SECOND} requests a second in an open loop, ${PROMPT_LENGTH}-character prompts, model auto.`,
  async run({ runs }) {
    const upstream = await startUpstream();
    const served = await serve(upstream.url);
    try {
      const rows: Row[] = [];
      for (const [answer, kind] of [
        ["whole", "chat"],
        ["streamed", "stream"],
      ] as const) {
        const job = { kind, promptLength: PROMPT_LENGTH, perSecond: PER_SECOND } satisfies Partial<LoadJob>;
        const direct = { ...job, port: upstream.port };
        const through = { ...job, port: served.port };
        // As fast as it goes: at the measured rate the compiler would need a minute to see enough of the code.
        await load({ kind, promptLength: PROMPT_LENGTH, connections: 4, port: served.port, seconds: WARM_UP_SECONDS });
        await load({ ...direct, seconds: 1 });
        const rounds: Row[] = [];
        for (let run = 0; run < runs; run++) {
          const straight = await load({ ...direct, seconds: SECONDS });
          const routed = await measuredLoad(served, { ...through, seconds: SECONDS });
          const added = (pick: "firstMs" | "lastMs", share: number) =>
            quantile(routed[pick], share) - quantile(straight[pick], share);
          rounds.push({
            answer,
            "direct p50 ms": quantile(straight.lastMs, 0.5),
            "added p50 ms": added("lastMs", 0.5),
            "added p99 ms": added("lastMs", 0.99),
            "added to first byte p50 ms": added("firstMs", 0.5),
            "CPU ms/request": (routed.cpuSeconds * 1000) / routed.requests,
            "RSS MiB": routed.residentMib,
            failed: routed.failed + straight.failed,
          });
        }
        rows.push(medianRow(rounds));
      }
      return rows;
    } finally {
      await served.stop();
      await upstream.stop();
    }
  },
};
