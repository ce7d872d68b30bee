import { createClient, openLoop } from "../acceptance/load.ts";
import { pluginBefore, skip, startRig, type Rig } from "../conformance/kong-rig.ts";
import { chat } from "../conformance/kong-scene.ts";
import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { bareConfig } from "./config.ts";
import { serve, startUpstream } from "./processes.ts";

/** Long enough for figures of the slowest rate. */
const SECONDS = 5;
const RATES = [50, 200, 500];

interface Load {
  readonly times: readonly number[];
  /** Of the gateway, a request. */
  readonly cpuMs: number;
}

export const kong: Bench = {
  name: "kong",
  says: "Kong's plugin in its rig, beside the rig without it: what it adds to a request, in time and in CPU of the gateway",
  async run({ runs }) {
    if (skip) return [{ "not run": skip }];
    const upstream = await startUpstream();
    const served = await serve(upstream.url, undefined, bareConfig);
    const plugged = pluginBefore(new URL(upstream.url).origin, { url: `http://127.0.0.1:${served.port}` });
    const plain = { services: plugged.services.map((service) => ({ ...service, plugins: [] })) };
    const rigs = [await startRig(plain), await startRig(plugged)] as const;
    for (const rig of rigs) await loadOn(rig, RATES[0]!);
    const rows: Row[] = [];
    for (const rate of RATES) {
      const each: Row[] = [];
      for (let run = 0; run < runs; run += 1)
        each.push(rowOf(rate, await loadOn(rigs[0], rate), await loadOn(rigs[1], rate)));
      rows.push(medianRow(each));
    }
    for (const rig of rigs) await rig.close();
    await served.stop();
    await upstream.stop();
    return rows;
  },
};

function rowOf(rate: number, without: Load, plugged: Load): Row {
  return {
    "requests/s": rate,
    "p50 without ms": quantile(without.times, 0.5),
    "p50 with ms": quantile(plugged.times, 0.5),
    "p99 without ms": quantile(without.times, 0.99),
    "p99 with ms": quantile(plugged.times, 0.99),
    "CPU added ms/request": plugged.cpuMs - without.cpuMs,
  };
}

async function loadOn(rig: Rig, perSecond: number): Promise<Load> {
  const client = createClient(rig.url);
  const times: number[] = [];
  const before = rig.cpuSeconds();
  const sent = await openLoop({
    perSecond,
    seconds: SECONDS,
    signal: new AbortController().signal,
    async send(index) {
      const { status, ms } = await client.post("/v1/chat/completions", chat(`What is the capital of land ${index}?`));
      if (status !== 200) throw new Error(`the rig answered ${status}`);
      times.push(ms);
    },
  });
  const cpuMs = ((rig.cpuSeconds() - before) / sent) * 1000;
  client.close();
  return { times, cpuMs };
}
