import { openBody } from "../../src/rewrite/body.ts";
import { createToolRanker, type ToolRanker } from "../../src/rewrite/tool-rank.ts";
import { toolsEdits } from "../../src/rewrite/tools.ts";
import { applyEdits } from "../../src/dialect/json.ts";
import { estimateTokens } from "../../src/text/tokens.ts";
import { median, type Bench, type Row } from "./bench.ts";
import { openEmbed, pooledRows, type Pooled } from "./tools-rows.ts";

const OFFERED = [50, 200];
const KEPT = [5, 10];
const SEEDS = [1, 2, 3];
const LIMITS = { bytes: 1 << 20, depth: 64, items: 100_000 };
const HELD = 4096;

export const tools: Bench = {
  name: "tools",
  says:
    "dev rows of models/data/text/tools.jsonl.gz, each turn among tools of other rows (three mixtures), as bodies of chat completions from which all functions but those that fit best are taken: share of the fitting ones that stay, estimated tokens of the definitions (name and description alone: schemas are not in the data) taken out, milliseconds of a request whose tools are new and of one whose tools are known. " +
    "by words: the same without vectors.",
  async run() {
    const { embed, close } = await openEmbed();
    try {
      const rows: Row[] = [];
      for (const offered of OFFERED) {
        const pooled = SEEDS.flatMap((seed) => pooledRows("dev", offered, seed));
        const ways = { all: embed, "by words": (texts: readonly string[]) => texts.map(() => new Float32Array()) };
        for (const [how, read] of Object.entries(ways)) {
          for (const keep of KEPT)
            rows.push(measure(pooled, { offered, keep, how }, () => createToolRanker(read, HELD)));
        }
      }
      return rows;
    } finally {
      await close();
    }
  },
};

function measure(
  pooled: readonly Pooled[],
  { offered, keep, how }: { offered: number; keep: number; how: string },
  fresh: () => ToolRanker,
): Row {
  const ranker = fresh();
  const trips = pooled.map((row) => {
    const body = openBody("openai-chat", bodyOf(row), LIMITS);
    const ask = { keep, catalogue: [], question: { turn: row.text, firstTurn: row.text } };
    const cold = timed(() => toolsEdits(body, fresh(), ask));
    toolsEdits(body, ranker, ask);
    const { ms, result } = timed(() => toolsEdits(body, ranker, ask));
    const sent = applyEdits(body.bytes, result.edits);
    const left = (JSON.parse(Buffer.from(sent).toString("utf8")) as Chat).tools.map((tool) => tool.function.name);
    return {
      coldMs: cold.ms,
      warmMs: ms,
      kept: left.filter((name) => row.fitting.has(name)).length,
      wanted: Math.min(keep, row.fitting.size),
      tokens: sum((body.value as unknown as Chat).tools.map((tool) => estimateTokens(JSON.stringify(tool)))),
      saved: result.savedTokens,
    };
  });
  const total = (name: keyof (typeof trips)[number]) => sum(trips.map((trip) => trip[name]));
  return {
    offered,
    keep,
    how,
    rows: pooled.length / SEEDS.length,
    recall: total("kept") / total("wanted"),
    "tokens offered": total("tokens") / trips.length,
    "tokens saved": total("saved") / trips.length,
    "new p50 ms": median(trips.map(({ coldMs }) => coldMs)),
    "known p50 ms": median(trips.map(({ warmMs }) => warmMs)),
  };
}

interface Chat {
  readonly tools: readonly { readonly function: { readonly name: string } }[];
}

function bodyOf({ text, tools: offered }: Pooled): Uint8Array {
  const definitions = offered.map((tool) => ({ type: "function", function: tool }));
  return Buffer.from(JSON.stringify({ messages: [{ role: "user", content: text }], tools: definitions }));
}

function timed<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const started = performance.now();
  const result = work();
  return { ms: performance.now() - started, result };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
