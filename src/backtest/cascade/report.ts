import { costFor, curveOf, hullOf, qualityAt } from "../../outcomes/curve.ts";
import { bootstrap, type Interval, type Weights } from "../../statistics/sample.ts";
import { alwaysOf, budgetOf, BUDGETS, type Contest, type Tallied } from "./contest.ts";

type Bounds = readonly [low: number, high: number];

/** A difference in quality, over the same rows, and where it lies with 95% confidence. */
export interface Paired {
  readonly difference: number;
  readonly interval: Bounds | null;
}

export interface CascadeFigures {
  /** In [0,1]; and USD a request, and as a share of always the strong model. */
  readonly quality: number;
  readonly cost: number;
  readonly cost_share: number;
  readonly against_strong: Paired;
  /** Against a coin between single models that costs the same. */
  readonly against_blind: Paired;
}

/** What `eval cascade --json` prints. */
export interface CascadeReport {
  readonly rows: number;
  readonly models: readonly string[];
  readonly splits: number;
  readonly seed: number;
  readonly within: number;
  readonly policies: Readonly<Record<string, CascadeFigures>>;
  /** The best cascade that each share of the strong model's cost buys: what it spent and what it got. */
  readonly curve: readonly { readonly within: number; readonly cost_share: number; readonly quality: number }[];
  /** The share of the strong model's cost at which the curve reaches its quality; null where it never does. */
  readonly equal_at: number | null;
  readonly shapes: Readonly<Record<string, number>>;
  readonly skipped: { readonly bad_lines: number; readonly incomplete: number; readonly unheard: number };
  readonly complete: boolean;
}

export function cascadeReport(
  { policies, shapes, splits }: Contest,
  about: Pick<CascadeReport, "models" | "seed" | "within" | "skipped" | "complete">,
): CascadeReport {
  const strong = policies.get(alwaysOf(about.models.at(-1)!))!;
  const singles = about.models.map((model) => policies.get(alwaysOf(model))!);
  const budgets = new Set(BUDGETS.map(budgetOf));
  const shown = [...policies].filter(([name]) => !budgets.has(name));
  const strongCost = mean(strong.cost);
  const curve = BUDGETS.map((share) => {
    const own = policies.get(budgetOf(share))!;
    return { within: share, cost_share: mean(own.cost) / strongCost, quality: mean(own.quality) };
  });
  const equal = costFor(
    curveOf({
      cost: Float64Array.from(curve, (point) => point.cost_share),
      quality: Float64Array.from(curve, (point) => point.quality),
    }),
    mean(strong.quality),
  );
  return {
    rows: strong.quality.length,
    splits,
    ...about,
    policies: Object.fromEntries(shown.map(([name, own]) => [name, figuresOf(own, { strong, singles })])),
    curve,
    equal_at: Number.isNaN(equal) ? null : equal,
    shapes: Object.fromEntries(shapes),
  };
}

function figuresOf(
  own: Tallied,
  { strong, singles }: { readonly strong: Tallied; readonly singles: readonly Tallied[] },
): CascadeFigures {
  const blindGap = (weights?: Weights) => {
    const means = {
      quality: Float64Array.from(singles, ({ quality }) => mean(quality, weights)),
      cost: Float64Array.from(singles, ({ cost }) => mean(cost, weights)),
    };
    const blind = qualityAt(hullOf(means), mean(own.cost, weights) * (1 + EXACT));
    return mean(own.quality, weights) - blind;
  };
  const strongGap = (weights?: Weights) => mean(own.quality, weights) - mean(strong.quality, weights);
  return {
    quality: mean(own.quality),
    cost: mean(own.cost),
    cost_share: mean(own.cost) / mean(strong.cost),
    against_strong: paired(own, strongGap),
    against_blind: paired(own, blindGap),
  };
}

/** A single model costs as much as itself, whatever the last digit says. */
const EXACT = 1e-9;

function paired({ quality }: Tallied, gap: (weights?: Weights) => number): Paired {
  return { difference: gap(), interval: bounds(bootstrap(quality.length, gap)) };
}

const bounds = (interval: Interval | undefined): Bounds | null => (interval ? [interval.low, interval.high] : null);

function mean(values: Float64Array, weights?: Weights): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (weights?.[at] ?? 1) * values[at]!;
  return sum / values.length;
}
