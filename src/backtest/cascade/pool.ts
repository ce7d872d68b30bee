import { alwaysOf, budgetOf, BUDGETS, type Contest, SAVING, type Tallied, WITHIN } from "./contest.ts";
import { type Course, learnCourses, type Plan, type PoolRow, type Stand } from "./course.ts";

/** Policies of a pool, beside those of a cascade of two or three models. */
const SERVED = "begin as routed, then a gate";
const ROUTING = "routing_alone";
const AGREEMENT = "plain_agreement";
const PERFECT = "perfect_gate";

/** Shares of the strong model's mean cost that a right answer may cost. */
const PRICES = Array.from({ length: 48 }, (_, at) => 0.015 * 1.08 ** at);

export interface PoolOptions {
  /** The two cheap models that are compared, the one that keeps its answer last; the strong one is the pool's last. */
  readonly pair: readonly [number, number];
  /** Share of the strong model's cost that may be spent. */
  readonly within: number;
  readonly progress: (says: string) => void;
}

/** What was chosen, on the rows that it was chosen by: each decided by what the other parts of them taught. */
export interface HeldFigures {
  readonly rows: number;
  readonly quality: number;
  readonly strongQuality: number;
  readonly costShare: number;
}

/**
 * Every row of the report through every policy, learned from other rows; what is spent is chosen on rows of these too,
 * each decided by what the others taught.
 * @param learn in an order that has nothing to do with their outcomes
 */
export function poolContest(
  models: readonly string[],
  { learn, report }: { readonly learn: readonly PoolRow[]; readonly report: readonly PoolRow[] },
  { pair, within, progress }: PoolOptions,
): Contest & { readonly held: HeldFigures } {
  const strong = models.length - 1;
  const usd = learn.reduce((sum, { costs }) => sum + costs[strong]!, 0) / learn.length;
  const plans = (name: string, stands: readonly Stand[]) => {
    progress(name);
    const at = learnCourses(learn, stands, usd);
    return PRICES.map(at);
  };
  const whole = plans("the whole pool", standsOf(models.length, pair));
  const best = learn.reduce((sum, { right }) => sum + right[strong]!, 0) / learn.length;
  const bought = (some: readonly Plan[], share: number) => bestWithin(some, share * usd);
  const chosen = bought(whole, within);
  const ran = (plan: Plan) => (row: PoolRow) => plan.run(row);
  const policies: (readonly [name: string, run: (row: PoolRow) => Course])[] = [
    [SAVING, ran(cheapestWith(whole, best) ?? whole[0]!)],
    [WITHIN, ran(chosen)],
    [SERVED, ran(bought(plans(SERVED, servedStands(pair, strong)), within))],
    [ROUTING, ran(bought(plans(ROUTING, singles(models.length)), within))],
    [AGREEMENT, (row) => agreed(row, pair, strong)],
    [PERFECT, (row) => perfect(row, [...pair, strong])],
    ...models.map(
      (name, model) => [alwaysOf(name), (row: PoolRow) => ({ answered: model, cost: row.costs[model]! })] as const,
    ),
    ...BUDGETS.map((share) => [budgetOf(share), ran(bought(whole, share))] as const),
  ];
  return {
    policies: new Map(policies.map(([name, run]) => [name, tallied(report, run)])),
    shapes: new Map(),
    splits: 1,
    held: {
      rows: learn.length,
      quality: chosen.held.quality,
      strongQuality: best,
      costShare: chosen.held.cost / usd,
    },
  };
}

const stand = (...asked: readonly number[]): Stand => ({ asked, gives: asked });

/** The cheap model that keeps its answer, the pair, and whoever else, alone and together with the strong one. */
function standsOf(models: number, [other, kept]: PoolOptions["pair"]): Stand[] {
  const strong = models - 1;
  const thirds = Array.from({ length: strong }, (_, model) => model).filter(
    (model) => model !== other && model !== kept,
  );
  return [
    stand(),
    stand(kept),
    stand(strong),
    stand(kept, strong),
    stand(other, kept),
    stand(other, kept, strong),
    ...thirds.flatMap((third) => [stand(other, kept, third), stand(other, kept, third, strong)]),
  ];
}

/** What a config can say: the decision begins with the pair or with the strong model; of the pair one answer is judged. */
const servedStands = ([other, kept]: PoolOptions["pair"], strong: number): Stand[] => [
  stand(),
  { asked: [other, kept], gives: [kept] },
  stand(strong),
  { asked: [other, kept, strong], gives: [strong] },
];

const singles = (models: number): Stand[] => [stand(), ...Array.from({ length: models }, (_, model) => stand(model))];

/** The best that costs at most this in the mean; the cheapest where none costs so little. */
function bestWithin(plans: readonly Plan[], usd: number): Plan {
  const affordable = plans.filter(({ held }) => held.cost <= usd);
  return (
    affordable.toSorted((a, b) => b.held.quality - a.held.quality)[0] ??
    plans.toSorted((a, b) => a.held.cost - b.held.cost)[0]!
  );
}

const cheapestWith = (plans: readonly Plan[], quality: number): Plan | undefined =>
  plans.filter(({ held }) => held.quality >= quality).toSorted((a, b) => a.held.cost - b.held.cost)[0];

/** Both are asked; where they come to different things, the strong one. */
function agreed({ said, costs }: PoolRow, [other, kept]: PoolOptions["pair"], strong: number): Course {
  const cost = costs[other]! + costs[kept]!;
  const isSame = said[kept]!.final !== "" && said[kept]!.final === said[other]!.final;
  return isSame ? { answered: kept, cost } : { answered: strong, cost: cost + costs[strong]! };
}

/** In order, until one is right; all that were asked are paid for. */
function perfect({ right, costs }: PoolRow, asks: readonly number[]): Course {
  let cost = 0;
  for (const model of asks) {
    cost += costs[model]!;
    if (right[model] === 1) return { answered: model, cost };
  }
  return { answered: asks.at(-1)!, cost };
}

function tallied(rows: readonly PoolRow[], run: (row: PoolRow) => Course): Tallied {
  const courses = rows.map(run);
  return {
    quality: Float64Array.from(rows, ({ right }, at) => right[courses[at]!.answered]!),
    cost: Float64Array.from(courses, ({ cost }) => cost),
  };
}
