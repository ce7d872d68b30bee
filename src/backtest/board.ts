import { createRows, type Rows } from "../outcomes/columns.ts";
import { expectedCost, type Pool } from "../outcomes/table.ts";
import type { Learned, Lesson, Policy, Shown } from "../outcomes/policies/policy.ts";
import type { Recorded } from "../outcomes/sums.ts";
import type { Decided } from "./decider.ts";

/** Numbers of all rows that are reported: what was recorded, what each policy wrote, what the router decided. */
export interface Board {
  readonly rows: number;
  push(row: ReportRow, learned: ReadonlyMap<string, Learned>, expected: Float32Array): void;
  recorded(): Recorded & { readonly isLatencyRecorded: boolean };
  /** What each policy that could be learned wrote, by its name. */
  written(): ReadonlyMap<string, { readonly policy: Policy; readonly rows: Rows }>;
  /** What each model had to be expected to cost. */
  expected(): Float32Array;
  decided(): Readonly<Record<"chosen" | "quality" | "costUsd" | "confidence", Float32Array>>;
  /** Rows by category, the largest first. */
  categories(): readonly { readonly name: string; readonly rows: Uint32Array }[];
  /** The rows that the router's choice lost most on. */
  worst(): readonly Loss[];
}

export interface ReportRow {
  readonly id: string;
  readonly shown: Shown;
  readonly decided: Decided;
}

export interface Loss {
  readonly id: string;
  readonly category?: string;
  readonly chosen: string;
  readonly better: string;
  /** Score lost, and USD that the better model would have cost more (or less). */
  readonly lost: number;
  readonly moreUsd: number;
}

const MOST_CATEGORIES = 1000;
const OTHERS = "(others)";

export function createBoard(pool: Pool, policies: readonly Policy[]): Board {
  const models = pool.models.length;
  const columns = () => createRows(models);
  const [scores, costs, tokens, latencies, expecting] = [columns(), columns(), columns(), columns(), columns()];
  const [quality, costUsd] = [columns(), columns()];
  const [chosen, confidence, category] = [createRows(1), createRows(1), createRows(1)];
  const inputTokens = createRows(1);
  const written = new Map<string, { policy: Policy; rows: Rows }>();
  const names = new Map<string, number>();
  const losses = createLosses(pool);
  let isLatencyRecorded = true;

  return {
    get rows() {
      return scores.length;
    },
    push({ id, shown, decided }, learned, expected) {
      const { outcomes } = shown;
      for (const policy of policies) {
        const own = learned.get(policy.name);
        if (own === undefined) continue;
        const kept = written.get(policy.name) ?? { policy, rows: createRows(own.width) };
        written.set(policy.name, kept);
        const row = new Float32Array(own.width);
        own.write(shown, row);
        kept.rows.push(row);
      }
      inputTokens.push([outcomes.inputTokens]);
      scores.push(outcomes.scores);
      costs.push(outcomes.costs);
      tokens.push(outcomes.tokens);
      latencies.push(outcomes.latencies);
      isLatencyRecorded &&= outcomes.isLatencyRecorded;
      expecting.push(expected);
      quality.push(decided.quality);
      costUsd.push(decided.costUsd);
      chosen.push([decided.chosen]);
      confidence.push([decided.confidence]);
      category.push([numberOf(names, shown.category)]);
      losses.offer(id, shown, decided.chosen);
    },
    recorded: () => ({
      rows: scores.length,
      models,
      inputTokens: inputTokens.all(),
      scores: scores.all(),
      costs: costs.all(),
      tokens: tokens.all(),
      latencies: latencies.all(),
      isLatencyRecorded,
    }),
    written: () => new Map([...written].filter(([, { rows }]) => rows.length === scores.length)),
    expected: () => expecting.all(),
    decided: () => ({
      chosen: chosen.all(),
      quality: quality.all(),
      costUsd: costUsd.all(),
      confidence: confidence.all(),
    }),
    categories: () => grouped(names, category.all()),
    worst: losses.worst,
  };
}

/** -1 for a row without one. */
function numberOf(names: Map<string, number>, category: string | undefined): number {
  if (category === undefined) return -1;
  const name = names.has(category) || names.size < MOST_CATEGORIES ? category : OTHERS;
  const number = names.get(name) ?? names.size;
  names.set(name, number);
  return number;
}

function grouped(names: ReadonlyMap<string, number>, numbers: Float32Array) {
  const rows = [...names.keys()].map((): number[] => []);
  numbers.forEach((number, row) => rows[number]?.push(row));
  return [...names.keys()]
    .map((name, at) => ({ name, rows: Uint32Array.from(rows[at]!) }))
    .toSorted((a, b) => b.rows.length - a.rows.length);
}

const MOST_LOSSES = 20;

/** The greatest losses so far; of equal ones those where the better model would have been cheapest. */
function createLosses({ models }: Pool) {
  let held: Loss[] = [];
  const worse = (a: Loss, b: Loss) => b.lost - a.lost || a.moreUsd - b.moreUsd || (a.id < b.id ? -1 : 1);
  return {
    offer(id: string, { outcomes: { scores, costs }, category }: Shown, chosen: number) {
      let better = chosen;
      for (let model = 0; model < scores.length; model++) {
        const gain = scores[model]! - scores[better]!;
        if (gain > 0 || (gain === 0 && better !== chosen && costs[model]! < costs[better]!)) better = model;
      }
      if (better === chosen) return;
      const loss = {
        id,
        ...(category !== undefined && { category }),
        chosen: models[chosen]!,
        better: models[better]!,
        lost: scores[better]! - scores[chosen]!,
        moreUsd: costs[better]! - costs[chosen]!,
      };
      if (held.length === MOST_LOSSES && worse(loss, held.at(-1)!) >= 0) return;
      held = [...held, loss].toSorted(worse).slice(0, MOST_LOSSES);
    },
    worst: () => held,
  };
}

/** What a policy may expect each model to cost for a prompt: its tokens at their prices, replies of the mean length. */
export function createExpectation({ pool, rows, meanCost }: Lesson): (shown: Shown) => Float32Array {
  const means = pool.models.map((_, model) => {
    const known = rows.flatMap(({ outcomes: { tokens } }) => (Number.isNaN(tokens[model]!) ? [] : [tokens[model]!]));
    return known.length === 0 ? Number.NaN : known.reduce((sum, one) => sum + one, 0) / known.length;
  });
  return ({ seen }) =>
    Float32Array.from(pool.models, (_, model) => {
      const cost = expectedCost(pool.prices[model]!, seen.inputTokens, means[model]!);
      return Number.isNaN(cost) ? meanCost[model]! : cost;
    });
}
