import { join } from "node:path";
import { backtest, BLIND, OURS } from "../../src/backtest/backtest.ts";
import { openWorkshop, type Workshop } from "../../src/backtest/decider.ts";
import { fitPredicted } from "../../src/backtest/fit.ts";
import { type PolicyFigures, reportOf, type RoutingReport } from "../../src/backtest/report.ts";
import { byIds, crossed } from "../../src/backtest/split.ts";
import { openFile, readFolds } from "../../src/cli/routing/files.ts";
import { choosePool } from "../../src/cli/routing/pool.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import type { Bench, Row } from "./bench.ts";

const DATA = join(import.meta.dirname, "../../models/data/routing");
const SEED = 1;

interface Set {
  readonly name: string;
  readonly file: string;
  /** Every model of the file where none is named. */
  readonly pool?: readonly string[];
  /** What tells two ways of one kind of model apart: only ours and the baselines are shown. */
  readonly brief?: true;
  /** Fold learn holds none of its rows, so each half of fold report is decided by what the other half taught. */
  readonly isCrossed?: true;
}

const ZEROEVAL = [
  "Meta-Llama-3.1-8B-Instruct",
  "gpt-4o-mini-2024-07-18",
  "Meta-Llama-3.1-70B-Instruct",
  "gpt-4o-2024-08-06",
];
/** No file has one model with its reasoning on and off; the nearest thing is two models of one house. */
const REASONING = ["gpt-4o-mini-2024-07-18", "o1-mini-2024-09-12"];

const SETS: readonly Set[] = [
  {
    name: "mmlu-pro, four",
    file: "mmlu_pro",
    pool: ["Meta-Llama-3.1-8B-Instruct", "gemini-1.5-flash-002", "Meta-Llama-3.1-70B-Instruct", "gemini-1.5-pro-002"],
  },
  { name: "routellm mmlu", file: "routellm_mmlu" },
  { name: "routellm gsm8k", file: "routellm_gsm8k" },
  { name: "zeroeval gsm", file: "zeroeval_gsm", pool: ZEROEVAL },
  { name: "zeroeval math", file: "zeroeval_math_l5", pool: ZEROEVAL },
  { name: "zeroeval crux", file: "zeroeval_crux", pool: ZEROEVAL, isCrossed: true },
  { name: "nine models", file: "llmrouter_nim9" },
  { name: "reasoning gsm", file: "zeroeval_gsm", pool: REASONING, brief: true },
  { name: "reasoning math", file: "zeroeval_math_l5", pool: REASONING, brief: true },
  { name: "reasoning crux", file: "zeroeval_crux", pool: REASONING, brief: true, isCrossed: true },
];

const BASELINES: readonly string[] = [OURS, "always_best", "always_cheapest", BLIND, "prompt_length", "oracle"];

export const routing: Bench = {
  name: "routing",
  says: "recorded outcomes, learned on fold learn, reported on fold report (crux: cross-fitted in two halves, since fold learn has none of it), seed 1: quality in points with its 95% interval, cost, what always-best's quality costs (share of its cost), points above it at 84% and 50% of its cost, APGR with its interval, and ours less each at equal cost (knobs, *) or as each stands. reasoning: o1-mini beside gpt-4o-mini, two models and not one with its reasoning on and off, and only the visible reply was recorded: what o1-mini thought is in neither its tokens nor its cost.",
  async run() {
    const workshop = await openWorkshop(encoderOptions.parse({}));
    try {
      const rows: Row[] = [];
      for (const set of SETS) rows.push(...rowsOf(set, await reportOn(set, workshop)));
      return rows;
    } finally {
      await workshop.close();
    }
  },
};

async function reportOn({ file: name, pool: wanted, isCrossed }: Set, workshop: Workshop): Promise<RoutingReport> {
  const file = await openFile(join(DATA, `${name}.dev.jsonl.gz`));
  const { pool, sources } = choosePool(file, wanted, { prices: {} });
  const { learn, report } = readFolds();
  const folds = isCrossed ? crossed({ file, pool }, SEED, report) : byIds({ file, pool }, learn, report);
  const result = await backtest(folds, { seed: SEED, workshop, fit: fitPredicted, progress: () => undefined });
  return reportOf(result!, { sources, seed: SEED, notes: [] });
}

function rowsOf({ name: set, brief }: Set, { policies, rows }: RoutingReport): Row[] {
  return Object.entries(policies)
    .filter(([name]) => !brief || BASELINES.includes(name))
    .map(([name, own]) => ({
      set,
      rows: String(rows),
      policy: own.stands === "knob" ? `${name} *` : name,
      quality: `${points(own.quality)} ${range(own.interval)}`,
      "USD/1k": (own.cost * 1000).toPrecision(3),
      tokens: own.tokens === null ? "-" : own.tokens.toFixed(0),
      ...sharesOf(own),
      APGR: own.apgr === null ? "-" : `${own.apgr.toFixed(3)} ${unit(own.intervals["apgr"])}`,
      "ours less this": `${points(own.ours_less_this.quality, true)} ${range(own.ours_less_this.interval)}`,
      "APGR less this":
        own.ours_less_this.apgr === null
          ? "-"
          : `${signed(own.ours_less_this.apgr)} ${unit(own.ours_less_this.apgr_interval ?? undefined)}`,
    }));
}

type Bounds = readonly [low: number, high: number];

function sharesOf({ cost_share_at_equal_quality: equal, gain_at_cost_share: gains, intervals }: PolicyFigures): Row {
  const gain = (share: "0.84" | "0.5") =>
    `${points(gains[share]!, true)} ${range(intervals[`gain_at_cost_share.${share}`] ?? null)}`.trim();
  return {
    "equal at":
      equal === null ? "-" : `${(equal * 100).toFixed(0)}% ${percents(intervals["cost_share_at_equal_quality"])}`,
    "at 84%": gain("0.84"),
    "at 50%": gain("0.5"),
  };
}

const points = (value: number | null, sign = false) =>
  value === null ? "-" : `${sign && value >= 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
const range = (own: Bounds | null) => (own ? `[${points(own[0])}, ${points(own[1])}]` : "");
const unit = (own: Bounds | undefined) => (own ? `[${own[0].toFixed(3)}, ${own[1].toFixed(3)}]` : "");
const percents = (own: Bounds | undefined) =>
  own ? `[${(own[0] * 100).toFixed(0)}, ${(own[1] * 100).toFixed(0)}]` : "";
const signed = (value: number) => `${value >= 0 ? "+" : ""}${value.toFixed(3)}`;
