import { COST_SHARES, type Measured } from "../outcomes/measures.ts";
import { LISTED_AT, type PriceSource } from "../outcomes/prices.ts";
import { LEFT_OUT, POLICIES } from "../outcomes/policies/index.ts";
import { meansOf, type Sums, wholeDraw } from "../outcomes/sums.ts";
import type { Backtest } from "./backtest.ts";
import { BLIND, OURS } from "./backtest.ts";
import { type ConfidenceFigures, confidenceFigures } from "./confidence.ts";
import { type CategoryFigures, categoryFigures } from "./categories.ts";
import type { FoldResult } from "./fold.ts";

export type Bounds = readonly [low: number, high: number];

/** One policy in numbers. Qualities, shares and gains in [0,1] (0.01 is one point), money in USD a request. */
export interface PolicyFigures {
  readonly quality: number | null;
  readonly cost: number;
  /** 95%, of the quality. */
  readonly interval: Bounds | null;
  readonly apgr: number | null;
  readonly cpt50: number | null;
  readonly cpt80: number | null;
  readonly cost_share_at_equal_quality: number | null;
  readonly gain_at_cost_share: Readonly<Record<string, number | null>>;
  /** 95%, of the other figures, where they have one. */
  readonly intervals: Readonly<Record<string, Bounds>>;
  /** Ours less this one's, over the same draws: quality at our cost where it has a knob, at its own cost where not. */
  readonly ours_less_this: {
    readonly quality: number | null;
    readonly interval: Bounds | null;
    readonly apgr: number | null;
    readonly apgr_interval: Bounds | null;
  };
  /** `knob`: it stands at the cost of ours; `fixed`: where it stands. */
  readonly stands: "knob" | "fixed";
  /** It looks at what no router knows. */
  readonly reference: boolean;
  readonly says: string;
  readonly tokens: number | null;
  readonly latency_ms: number | null;
  readonly shares: Readonly<Record<string, number>>;
  /** Cost and quality of each setting of its knob. */
  readonly curve: readonly (readonly [cost: number, quality: number])[];
}

export interface RoutingReport {
  readonly rows: number;
  readonly models: readonly string[];
  readonly policies: Readonly<Record<string, PolicyFigures>>;
  /** Of our decisions: how often they were adequate, and what was said of that beforehand. */
  readonly confidence: ConfidenceFigures;
  readonly per_category: Readonly<Record<string, CategoryFigures>>;
  /** Decisions that lost most against the best answer there was; rows by their ids. */
  readonly lost_most: ReturnType<Backtest["board"]["worst"]>;
  readonly folds: readonly { readonly name: string; readonly learned_rows: number }[];
  readonly seed: number;
  readonly complete: boolean;
  readonly latency: "recorded" | "modelled";
  readonly prices: Readonly<
    Record<string, { readonly input: number; readonly output: number; readonly from: PriceSource }>
  >;
  readonly skipped: {
    readonly bad_lines: number;
    readonly first_bad_lines: readonly { readonly line: number; readonly problem: string }[];
    /** Of the file that was learned from, which may be the same. */
    readonly learn_bad_lines: number;
    readonly left_out: number;
    readonly incomplete: number;
    readonly refused: number;
  };
  readonly units: string;
  readonly notes: readonly string[];
}

export interface Said {
  readonly sources: readonly PriceSource[];
  readonly seed: number;
  /** What the caller knows of where the rows came from. */
  readonly notes: readonly string[];
}

export function reportOf(test: Backtest, { sources, seed, notes }: Said): RoutingReport {
  const { pool, rows, folds, board } = test;
  // Folds of one file pass over the same lines.
  const [{ tally, learnTally }] = folds as [FoldResult, ...FoldResult[]];
  return {
    rows,
    models: pool.models,
    policies: Object.fromEntries(test.measured.map((own) => [own.name, figuresOf(test, own)])),
    confidence: confidenceOf(test),
    per_category: categoryFigures(test),
    lost_most: board.worst(),
    folds: folds.map(({ name, learned }) => ({ name, learned_rows: learned })),
    seed,
    complete: test.complete,
    latency: test.isLatencyRecorded ? "recorded" : "modelled",
    prices: Object.fromEntries(
      pool.models.map((model, at) => [model, { ...pool.prices[at]!, from: sources[at]! }] as const),
    ),
    skipped: {
      bad_lines: tally.bad,
      first_bad_lines: tally.firstBad,
      learn_bad_lines: learnTally.bad,
      left_out: tally.leftOut,
      incomplete: folds.reduce((sum, { tally }) => sum + tally.incomplete, 0),
      refused: folds.reduce((sum, { refused }) => sum + refused, 0),
    },
    units:
      "quality, shares and gains in [0,1], where 0.01 is a point; cost in USD a request; prices in USD per million tokens",
    notes: [...notes, ...notesOf(test, sources)],
  };
}

function confidenceOf({ board }: Backtest): ConfidenceFigures {
  const { confidence, chosen } = board.decided();
  const { rows, ...shares } = confidenceFigures(confidence, board.recorded(), chosen);
  return { rows, adequate: short(shares.adequate), confidence: short(shares.confidence), ece: short(shares.ece) };
}

function figuresOf(test: Backtest, { name, figures, intervals, difference, curve }: Measured): PolicyFigures {
  const { field, pool } = test;
  const contender = [field.ours, ...field.others].find((one) => one.name === name)!;
  const fixed = contender.decided ?? (contender.sums?.points === 1 ? contender.sums : undefined);
  const { gains, ...others } = intervals;
  return {
    quality: told(figures.quality),
    cost: short(figures.cost),
    interval: bounds(intervals.quality),
    apgr: told(figures.apgr),
    cpt50: told(figures.cpt50),
    cpt80: told(figures.cpt80),
    cost_share_at_equal_quality: told(figures.costShare),
    gain_at_cost_share: Object.fromEntries(COST_SHARES.map((share, at) => [share, told(figures.gains[at]!)])),
    intervals: Object.fromEntries([
      ...Object.entries({ ...others, quality: undefined }).flatMap(([key, own]) =>
        own === undefined ? [] : [[SPOKEN[key] ?? key, bounds(own)!] as const],
      ),
      ...COST_SHARES.flatMap((share, at) => (gains[at] ? [[`gain_at_cost_share.${share}`, bounds(gains[at])!]] : [])),
    ]),
    ours_less_this: {
      quality: told(difference.quality),
      interval: bounds(difference.qualityInterval),
      apgr: told(difference.apgr),
      apgr_interval: bounds(difference.apgrInterval),
    },
    stands: fixed ? "fixed" : "knob",
    reference: contender.isReference,
    says: saysOf(name),
    ...settingFigures(fixed ?? contender.sums, figures.cost, test, pool.models),
    curve: Array.from(curve.cost, (cost, at) => [short(cost), short(curve.quality[at]!)] as const),
  };
}

const SPOKEN: Readonly<Record<string, string>> = { costShare: "cost_share_at_equal_quality" };

function saysOf(name: string): string {
  if (name === OURS) return "the router itself: its decisions as it would make them, and its knob price_of_quality";
  if (name === BLIND) return "a coin between the single models on the upper hull of cost and quality";
  return POLICIES.find((policy) => policy.name === name)!.says;
}

/** Of the setting whose cost is nearest to what is told. */
function settingFigures(sums: Sums | undefined, cost: number, { rows }: Backtest, models: readonly string[]) {
  if (sums === undefined) return { tokens: null, latency_ms: null, shares: {} };
  const { cost: costs } = meansOf(sums, wholeDraw(rows));
  const gaps = costs.map((own) => Math.abs(own - cost));
  const point = gaps.indexOf(Math.min(...gaps));
  return {
    tokens: told(sums.tokens[point]! / rows),
    latency_ms: told(sums.latency[point]! / rows),
    shares: Object.fromEntries(
      models.map((model, at) => [model, short(sums.chosen[point * models.length + at]! / rows)]),
    ),
  };
}

function notesOf({ pool, folds, isLatencyRecorded }: Backtest, sources: readonly PriceSource[]): string[] {
  const assumed = pool.models.filter((_, at) => sources[at] === "assumed");
  const unlearned = [...new Set(folds.flatMap(({ unlearned }) => unlearned))];
  return [
    ...(assumed.length > 0 ? [`Prices are list prices of the ${LISTED_AT}, assumed: ${assumed.join(", ")}.`] : []),
    ...(pool.lengths === "assumed"
      ? ["No reply lengths were recorded: all models are taken to say equally much."]
      : []),
    ...(pool.lengths === "calls"
      ? ["A call counts the same whatever is in it, so cost is the share of calls by price."]
      : []),
    ...(isLatencyRecorded ? [] : ["Latency is modelled from speeds, not recorded."]),
    ...(pool.models.length > 2
      ? ["With more than two models APGR and CPT run over cost: 0 is always the cheapest model, 1 always the best one."]
      : ["APGR and CPT run over the share of calls to the dearer model, taken at tenths of the rows."]),
    ...new Set(folds.flatMap(({ notes }) => notes)),
    ...(unlearned.length > 0 ? [`Left out for want of a subject or a category in rows: ${unlearned.join(", ")}.`] : []),
    ...Object.entries(LEFT_OUT).map(([name, why]) => `${name} is left out: ${why}.`),
  ];
}

const DIGITS = 6;
const short = (value: number): number => Number(value.toPrecision(DIGITS));
const told = (value: number): number | null => (Number.isFinite(value) ? short(value) : null);
const bounds = (own: Bounds | undefined): Bounds | null => (own ? [short(own[0]), short(own[1])] : null);
