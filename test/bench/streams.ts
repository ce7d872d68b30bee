import { setTimeout as sleep } from "node:timers/promises";
import { quantile, type Bench, type Row } from "./bench.ts";
import { serve, startStreams, type Served } from "./processes.ts";
import type { StreamJob, StreamResult } from "./stream-driver.ts";
import { poolAt, WAYS } from "./stream-speech.ts";

const MANY = 1000;
const STALLED = 200;
const STALL_SECONDS = 6;
/** What follows is measured when the memory of what came before can be given back. */
const REST_MS = 1000;

export const streams: Bench = {
  name: "streams",
  says: `Streams straight from a model server and through Signalbox, with the default signals: how late first tokens arrive; ${MANY} streams at once; readers that stop; how soon a server hears that a client left. One clock at both ends.`,
  async run({ runs }) {
    const ends = await startStreams();
    const served = await serve(`http://127.0.0.1:${ends.port}`, undefined, streamConfig);
    const play = (job: Omit<StreamJob, "port">) => ends.play({ ...job, port: served.port });
    try {
      const chat = { door: "chat", model: "chat" } as const;
      const calm = { kind: "pace", streams: 60 * runs, perSecond: 30, tokens: 10, everyMs: 20 } as const;
      // Compilers and connections first.
      for (const [door, model] of WAYS) await play({ ...calm, door, model, streams: 30, perSecond: 100 });
      const rows: Row[] = [];
      const straight = await ends.play({ ...calm, ...chat, port: ends.port });
      rows.push(rowOf("first token, straight", straight.firstMs, calm.streams, straight, served));
      for (const [door, model] of WAYS) {
        const result = await play({ ...calm, door, model });
        rows.push(rowOf(`first token, ${door} to ${model}`, result.firstMs, calm.streams, result, served));
      }
      const many = { ...calm, ...chat, streams: MANY, perSecond: 400, tokens: 30, everyMs: 250 };
      const before = served.cpuSeconds();
      const started = performance.now();
      const [crowd, resident] = await watched(served, play(many));
      const cores = (served.cpuSeconds() - before) / ((performance.now() - started) / 1000);
      const name = `${MANY} streams at once, ${(cores * 100).toFixed(0)}% of a core`;
      rows.push({ ...rowOf(name, crowd.tokenMs, MANY, crowd, served), "RSS MiB": resident });
      await sleep(REST_MS);
      const stall = { ...chat, kind: "stall", streams: STALLED, perSecond: 400, seconds: STALL_SECONDS } as const;
      const [stalled, held] = await watched(served, play(stall));
      const label = `${STALLED} readers that stop: the server got rid of ${stalled.sentMib.toFixed(0)} MiB, then left`;
      rows.push({ ...rowOf(label, stalled.firstMs, STALLED, stalled, served), "RSS MiB": held });
      for (const [door, model] of WAYS) {
        const result = await play({ kind: "abort", door, model, streams: 20 * runs, perSecond: 50 });
        rows.push(rowOf(`a client leaves, ${door} to ${model}`, result.firstMs, 20 * runs, result, served));
      }
      return rows;
    } finally {
      await served.stop();
      await ends.stop();
    }
  },
};

function rowOf(what: string, ms: readonly number[], wanted: number, { good }: StreamResult, served: Served): Row {
  return {
    what,
    "p50 ms": quantile(ms, 0.5),
    "p99 ms": quantile(ms, 0.99),
    "most ms": Math.max(...ms),
    streams: wanted,
    failed: wanted - good,
    "RSS MiB": served.residentMib(),
  };
}

/** A result, and the most memory seen until it came. */
async function watched<T>(served: Served, pending: Promise<T>): Promise<[T, number]> {
  let most = served.residentMib();
  const watch = setInterval(() => (most = Math.max(most, served.residentMib())), 100);
  const result = await pending;
  clearInterval(watch);
  return [result, most];
}

function streamConfig(origin: string, ports: { listen: number; admin: number }): string {
  return `version: 1
log: warn
server: { listen: "127.0.0.1:${ports.listen}", admin: { listen: "127.0.0.1:${ports.admin}" } }
signals: { complexity: {}, jailbreak: {}, pii: {} }
${poolAt(origin)}`;
}
