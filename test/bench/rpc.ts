import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { load, measuredLoad, serve, startUpstream, type Served } from "./processes.ts";
import type { LoadJob } from "./load.ts";

const WARM_UP_SECONDS = 3;
const SECONDS = 4;
const CONNECTIONS = 16;
const PROMPT_LENGTH = 400;

export const rpc: Bench = {
  name: "rpc",
  says: `RouteRequest against a real process: ${CONNECTIONS} connections, each with one request under way; ${PROMPT_LENGTH}-character prompts, four signals on.`,
  async run({ runs }) {
    const upstream = await startUpstream();
    const served = await serve(upstream.url);
    try {
      return [
        await measure(served, "Connect JSON, HTTP/1.1", "json", runs),
        await measure(served, "gRPC, HTTP/2", "grpc", runs),
      ];
    } finally {
      await served.stop();
      await upstream.stop();
    }
  },
};

async function measure(served: Served, wire: string, kind: LoadJob["kind"], runs: number): Promise<Row> {
  const job = { kind, port: served.port, promptLength: PROMPT_LENGTH, connections: CONNECTIONS };
  await load({ ...job, seconds: WARM_UP_SECONDS });
  const rows: Row[] = [];
  for (let run = 0; run < runs; run++) {
    const { requests, failed, seconds, lastMs, cpuSeconds, residentMib } = await measuredLoad(served, {
      ...job,
      seconds: SECONDS,
    });
    rows.push({
      wire,
      "requests/s": requests / seconds,
      "p50 ms": quantile(lastMs, 0.5),
      "p99 ms": quantile(lastMs, 0.99),
      "requests/CPU s": requests / cpuSeconds,
      "RSS MiB": residentMib,
      failed,
    });
  }
  return medianRow(rows);
}
