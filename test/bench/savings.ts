import { wilson } from "../../src/statistics/proportion.ts";
import { quantile, type Bench, type Row } from "./bench.ts";
import { servedHits } from "./savings-hits.ts";
import { serveRecorded, type Recorded } from "./savings-house.ts";
import { questionOf, startBillingModel, type BillingModel } from "./savings-model.ts";
import { isSame, streamOf, type Asking } from "./savings-stream.ts";

const REPEATS = [0, 0.1, 0.3, 0.5, 0.7];
const REQUESTS = 1000;
const SEED = 8;

interface Setting {
  readonly name: string;
  /** The baseline by its name, or whichever is chosen. */
  readonly model: "large" | "auto";
  readonly cached: boolean;
}

const SETTINGS: readonly Setting[] = [
  { name: "baseline", model: "large", cached: false },
  { name: "routing", model: "auto", cached: false },
  { name: "cache", model: "large", cached: true },
  { name: "both", model: "auto", cached: true },
];

export const savings: Bench = {
  name: "savings",
  says: `What routing, the cache and both save, one after the other ${REQUESTS} questions of the generator's report families (seed ${SEED}): so many of them repeats, half to the letter and half in other words, a third of the rest near-identical to an earlier one and not the same. Every answer is 200 tokens; costs are those of the records. A hit is wrong where the answer was made for a question that is not the same by the generator's truth. Then what a hit takes, inside the server and out.`,
  async run() {
    const model = await startBillingModel();
    try {
      const rows: Row[] = [];
      for (const repeats of REPEATS) {
        const stream = streamOf(repeats, REQUESTS, SEED);
        for (const setting of SETTINGS) rows.push(await measured(model, repeats, stream, setting));
      }
      return [...rows, ...(await servedHits(model))];
    } finally {
      model.close();
    }
  },
};

async function measured(
  { url }: BillingModel,
  repeats: number,
  stream: readonly Asking[],
  { name, model, cached }: Setting,
): Promise<Row> {
  const served = await serveRecorded(url, cached);
  const hits: { readonly asked: string; readonly given: string; readonly kind: string }[] = [];
  let records: readonly Recorded[] = [];
  try {
    for (const { text } of stream) {
      const { status, found = "", body } = await served.ask({ model, text });
      if (status !== 200) throw new Error(`${status} for ${text}`);
      if (found === "exact" || found === "semantic")
        hits.push({ asked: text, given: questionOf(textOf(body)), kind: found });
    }
  } finally {
    records = await served.stop();
  }
  const wrong = hits.filter(({ asked, given }) => !isSame(asked, given)).length;
  const { low, high } = wilson(wrong, hits.length);
  const usd = (name_: "cost_usd" | "baseline_usd") => records.reduce((sum, record) => sum + (record[name_] ?? 0), 0);
  const added = records.map(({ overhead_ms: ms }) => ms);
  const share = (kind: string) => (hits.filter((hit) => hit.kind === kind).length / stream.length) * 100;
  return {
    "repeats %": repeats * 100,
    setting: name,
    "USD per 1,000": (usd("cost_usd") / records.length) * 1000,
    "% of baseline": (usd("cost_usd") / usd("baseline_usd")) * 100,
    "exact hits %": share("exact"),
    "semantic hits %": share("semantic"),
    "wrong hits": `${wrong} of ${hits.length}`,
    "their 95%": hits.length === 0 ? "" : `${(low * 100).toFixed(2)}-${(high * 100).toFixed(2)}%`,
    "added p50 ms": quantile(added, 0.5),
    "added p99 ms": quantile(added, 0.99),
  };
}

function textOf(body: string): string {
  const { choices } = JSON.parse(body) as { choices: readonly { message: { content: string } }[] };
  return choices[0]!.message.content;
}
