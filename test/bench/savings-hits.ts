import { generatePairs } from "../cache/pairs/generate.ts";
import { quantile, type Row } from "./bench.ts";
import { type Heard, type Recorded, serveRecorded } from "./savings-house.ts";
import type { BillingModel } from "./savings-model.ts";

const PAIRS = 300;
const WARM_UP = 3000;
const HITS = 2000;
const AT_ONCE = 1000;
/** The one answer is under way until all have asked for it. */
const ANSWER_MS = 2000;

/** What a hit takes, a replayed stream among them, and what it takes when a thousand ask the same at once. */
export async function servedHits(model: BillingModel): Promise<Row[]> {
  const served = await serveRecorded(model.url, true);
  const heard: Heard[] = [];
  let atOnce: readonly Heard[] = [];
  let records: readonly Recorded[] = [];
  let calls = 0;
  try {
    const ask = async (text: string, stream = false) => heard.push(await served.ask({ model: "auto", text, stream }));
    const pairs = generatePairs("report", PAIRS).filter(({ type }) => type === "paraphrase");
    const texts = pairs.map(({ text_a }) => text_a);
    // Compilers, connections and the store first.
    for (const text of texts) await ask(text);
    for (let at = 0; at < WARM_UP; at++) await ask(texts[at % texts.length]!, at % 2 === 1);
    for (let at = 0; at < HITS; at++) await ask(texts[at % texts.length]!);
    for (let at = 0; at < HITS; at++) await ask(texts[at % texts.length]!, true);
    for (const { text_b } of pairs) await ask(text_b);
    model.waits(ANSWER_MS);
    const before = model.calls;
    const same = { model: "auto", text: "How many people may ask the very same thing?" };
    atOnce = await Promise.all(Array.from({ length: AT_ONCE }, () => served.ask(same)));
    calls = model.calls - before;
  } finally {
    model.waits(0);
    records = await served.stop();
  }
  const measured = heard.map((each, at): Measured => ({ ...each, ...records[at]! }));
  const [, , whole, streamed, reworded] = cut(measured, [PAIRS, WARM_UP, HITS, HITS, PAIRS]);
  const row = (what: string, found: string, requests: readonly Measured[]) =>
    rowOf(
      what,
      requests.filter((each) => each.found === found),
    );
  return [
    row("exact hit", "exact", whole!),
    row("exact hit, a stream", "exact", streamed!),
    row("semantic hit", "semantic", reworded!),
    row("a miss", "miss", reworded!),
    {
      "the same, at once": AT_ONCE,
      "upstream calls": calls,
      "answered 200": atOnce.filter(({ status }) => status === 200).length,
      shared: atOnce.filter(({ found }) => found === "shared").length,
      "exact hits": atOnce.filter(({ found }) => found === "exact").length,
      "last ms after the model": Math.max(...atOnce.map(({ lastMs }) => lastMs)) - ANSWER_MS,
    },
  ];
}

type Measured = Heard & Recorded;

/** So many of them after the other. */
function cut<T>(list: readonly T[], counts: readonly number[]): T[][] {
  let from = 0;
  return counts.map((count) => list.slice(from, (from += count)));
}

function rowOf(what: string, requests: readonly Measured[]): Row {
  const inside = requests.map(({ overhead_ms: ms }) => ms);
  const first = requests.map(({ firstMs }) => firstMs);
  const last = requests.map(({ lastMs }) => lastMs);
  return {
    what,
    requests: requests.length,
    "inside p50 ms": quantile(inside, 0.5),
    "inside p99 ms": quantile(inside, 0.99),
    "first byte p50 ms": quantile(first, 0.5),
    "first byte p99 ms": quantile(first, 0.99),
    "whole p50 ms": quantile(last, 0.5),
    "whole p99 ms": quantile(last, 0.99),
    bytes: quantile(
      requests.map(({ bytes }) => bytes),
      0.5,
    ),
  };
}
