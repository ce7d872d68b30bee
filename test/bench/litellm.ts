import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { MASTER, skip, startLitellm, type Proxy } from "../conformance/litellm-rig.ts";
import { medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { bareConfig, benchConfig } from "./config.ts";
import type { LoadResult } from "./load.ts";
import { load, serve, startUpstream } from "./processes.ts";

/** LiteLLM takes some 12 ms of a core for each request, so that it holds no rates beyond. */
const RATES = [10, 40];
const SECONDS = 8;
const PROMPT_LENGTH = 200;
const TICKS_PER_SECOND = 100;
/** Beside those that drive it, so that Signalbox has the other core, in the plain case too. */
const CORE = "1";

const HOOK = "signalbox_litellm.proxy.hook";
/** Any callback makes LiteLLM do more for each request: this one does nothing itself. */
const NOTHING = `
from litellm.integrations.custom_logger import CustomLogger


class Nothing(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        return data

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        pass


hook = Nothing()
`;

/** LiteLLM as it is, or with a callback and perhaps a Signalbox behind it. */
interface Way {
  readonly name: string;
  readonly proxy: Proxy;
}

export const litellm: Bench = {
  name: "litellm",
  says: "Chat completions through LiteLLM (one process) as it is, with a callback that does nothing, and with our hook before a Signalbox without signals and with all of them, in turns at a fixed rate. Added (+): milliseconds over LiteLLM as it is. CPU: milliseconds of LiteLLM a request.",
  async run({ runs }) {
    if (skip) return [{ "not run": skip }];
    const upstream = await startUpstream();
    const boxes = [await serve(upstream.url, undefined, bareConfig), await serve(upstream.url, undefined, benchConfig)];
    const ways: readonly Way[] = [
      { name: "plain", proxy: await startWay(upstream.url) },
      { name: "a callback that does nothing", proxy: await startWay(upstream.url, "nothing.hook") },
      { name: "hook, rules only", proxy: await startWay(upstream.url, HOOK, boxes[0]!.port) },
      { name: "hook, all signals", proxy: await startWay(upstream.url, HOOK, boxes[1]!.port) },
    ];
    try {
      const rows: Row[] = [];
      for (const rate of RATES) {
        const rounds: Row[][] = [];
        for (let run = 0; run <= runs; run++) {
          const round = await roundOf(ways, rate);
          // The first one warms up.
          if (run > 0) rounds.push(round);
        }
        rows.push(...ways.map((_, at) => medianRow(rounds.map((round) => round[at]!))));
      }
      return rows;
    } finally {
      for (const { proxy } of ways) await proxy.stop();
      for (const box of boxes) await box.stop();
      await upstream.stop();
    }
  },
};

async function startWay(upstreamUrl: string, callback?: string, port?: number): Promise<Proxy> {
  const group = (name: string) =>
    `  - { model_name: ${name}, litellm_params: { model: openai/${name}-v1, api_base: "${upstreamUrl}", api_key: k } }\n`;
  const models = ["auto", "small", "medium", "large"].map(group).join("");
  const hook = callback === undefined ? "" : `litellm_settings: { callbacks: ["${callback}"] }\n`;
  const env = { SIGNALBOX_URL: `http://127.0.0.1:${port}`, SIGNALBOX_DEADLINE_MS: "2000" };
  const proxy = await startLitellm(`model_list:\n${models}${hook}`, env, { "nothing.py": NOTHING });
  spawnSync("taskset", ["-acp", CORE, String(proxy.pid)]);
  return proxy;
}

async function roundOf(ways: readonly Way[], rate: number): Promise<Row[]> {
  const rows: Row[] = [];
  let plain: LoadResult | undefined;
  for (const { name, proxy } of ways) {
    const before = cpuSeconds(proxy);
    const result = await load({
      kind: "chat",
      port: Number(new URL(proxy.url).port),
      promptLength: PROMPT_LENGTH,
      headers: { authorization: `Bearer ${MASTER}` },
      perSecond: rate,
      seconds: SECONDS,
    });
    plain ??= result;
    const added = (share: number) => quantile(result.lastMs, share) - quantile(plain!.lastMs, share);
    rows.push({
      way: name,
      "a second": String(rate),
      p50: quantile(result.lastMs, 0.5),
      "+p50": added(0.5),
      "+p99": added(0.99),
      "CPU ms": ((cpuSeconds(proxy) - before) * 1000) / result.requests,
      failed: result.failed,
    });
  }
  return rows;
}

/** NaN where there is no /proc. */
function cpuSeconds({ pid }: Proxy): number {
  if (process.platform !== "linux") return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /su, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
