import { fileURLToPath } from "node:url";
import { collectRows } from "../../src/backtest/cascade/collect.ts";
import { contest } from "../../src/backtest/cascade/contest.ts";
import { readReplies } from "../../src/backtest/cascade/replies.ts";
import { type CascadeReport, cascadeReport, type Paired } from "../../src/backtest/cascade/report.ts";
import { readCases } from "../../src/cli/cases.ts";
import { openFile } from "../../src/cli/routing/files.ts";
import { choosePool } from "../../src/cli/routing/pool.ts";
import type { Bench, Row } from "./bench.ts";
import type { HeldFigures } from "../../src/backtest/cascade/pool.ts";
import { measuredPool } from "./cascade-pool.ts";
import { simulatedGates } from "./cascade-simulation.ts";

/** The recorded sets, and the share of the strong model's cost at which its accuracy is sought. */
const SETS = [
  { name: "zeroeval_gsm", within: 0.2 },
  { name: "zeroeval_math_l5", within: 0.82 },
  { name: "zeroeval_crux", within: 0.62 },
] as const;
const MODELS = ["Meta-Llama-3.1-8B-Instruct", "gpt-4o-mini-2024-07-18", "claude-3-5-sonnet-20241022"];
const REPEATS = 10;
const SEED = 1;

export const cascade: Bench = {
  name: "cascade",
  says: "cheap models first, recorded replies judged, the strong model where they are not good enough; 10 times five-fold, every figure from rows that were not learned from. mmlu_pro: a pool of four, routing and agreement of recorded letters together, learned on fold learn, chosen by cross-fitting inside of it for at most half of the strong model's cost, reported on fold report. made up: a simulation (seed 1, 20,000 questions, at most 0.5 points lost, the cheap model at 5% of the strong one's cost) of gates that nothing was recorded for.",
  async run() {
    const rows: Row[] = [];
    for (const { name, within } of SETS) rows.push(...(await measured(name, within)));
    const { report, held } = await measuredPool();
    return [...rows, ...rowsOf("mmlu_pro", report), heldRow(held), ...simulatedGates()];
  },
};

const at = (name: string) => fileURLToPath(new URL(`../../models/data/routing/${name}.dev.jsonl.gz`, import.meta.url));
const points = (value: number) => Number((value * 100).toFixed(2));
const range = ({ interval }: Paired) => (interval ? interval.map(points).join(" to ") : "");

/** The rows that were learned from, each judged by what others taught: which is what could be expected of the report. */
const heldRow = ({ rows, quality, strongQuality, costShare }: HeldFigures): Row => ({
  set: "its learn rows, cross-fitted",
  rows,
  policy: "cascade_within",
  "accuracy %": points(quality),
  "cost %": points(costShare),
  "to strong": points(quality - strongQuality),
  "its 95%": "",
  "to blind mix": "",
  "and its 95%": "",
  "equal at %": "",
});

async function measured(name: string, within: number): Promise<Row[]> {
  const file = await openFile(at(name));
  const { pool } = choosePool(file, MODELS, { prices: {} });
  const replies = await readReplies(readCases(at("zeroeval_cheap_replies")), MODELS.slice(0, -1), {
    bad: (line, problem) => {
      throw new Error(`line ${line} of the replies ${problem}`);
    },
  });
  const { rows } = await collectRows({ file, pool, isWanted: () => true }, replies);
  const result = await contest(MODELS, rows, {
    repeats: REPEATS,
    seed: SEED,
    within,
    mostLoss: 0,
    progress: () => undefined,
  });
  const skipped = { bad_lines: 0, incomplete: 0, unheard: 0 };
  const report = cascadeReport(result, { models: MODELS, seed: SEED, within, skipped, complete: true });
  return rowsOf(name, report);
}

function rowsOf(set: string, report: CascadeReport): Row[] {
  return Object.entries(report.policies).map(([policy, own]) => ({
    set,
    rows: report.rows,
    policy,
    "accuracy %": points(own.quality),
    "cost %": points(own.cost_share),
    "to strong": points(own.against_strong.difference),
    "its 95%": range(own.against_strong),
    "to blind mix": points(own.against_blind.difference),
    "and its 95%": range(own.against_blind),
    "equal at %": report.equal_at === null ? "never" : points(report.equal_at),
  }));
}
