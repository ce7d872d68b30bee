import { percentile } from "../statistics/sample.ts";
import { costFor, type Curve, curveOf, type Gap, hullOf, qualityAt, recoveryOf } from "./curve.ts";
import { type Draw, meansOf, redraws, type Sums, wholeDraw } from "./sums.ts";

/** Shares of always-best's cost at which the gain in quality is told. */
export const COST_SHARES = ["0.84", "0.5"] as const;

/** One policy as it is measured. */
export interface Contender {
  readonly name: string;
  readonly isReference: boolean;
  /** All settings of its knob; undefined for the blind mix, whose curve is the hull of the single models. */
  readonly sums?: Sums;
  /** The setting that it really decided with, apart from the curve. */
  readonly decided?: Sums;
  /** Where there are two models: its settings by share of calls to the strong one. */
  readonly byCalls?: Sums;
}

/** What all are measured against. */
export interface Field {
  readonly rows: number;
  /** One setting for each model of the pool. */
  readonly singles: Sums;
  readonly best: Sums;
  /** The cheaper and the dearer of two models. */
  readonly pair?: { readonly weak: number; readonly strong: number };
  readonly ours: Contender;
  readonly others: readonly Contender[];
  readonly seed: number;
}

/** Figures of one policy under one draw; NaN for what it does not have. */
export interface Figures {
  readonly quality: number;
  readonly cost: number;
  readonly apgr: number;
  readonly cpt50: number;
  readonly cpt80: number;
  readonly costShare: number;
  /** In the order of COST_SHARES. */
  readonly gains: readonly number[];
}

export type Bounds = readonly [low: number, high: number];

export interface Measured {
  readonly name: string;
  readonly figures: Figures;
  readonly intervals: { readonly [K in keyof Omit<Figures, "gains">]?: Bounds } & {
    readonly gains: readonly (Bounds | undefined)[];
  };
  /** Ours less this one's: quality at our cost where it has a curve, at its own where not; and APGR. */
  readonly difference: {
    readonly quality: number;
    readonly qualityInterval?: Bounds;
    readonly apgr: number;
    readonly apgrInterval?: Bounds;
  };
  readonly curve: Curve;
}

/** Told between draws, so that the caller can breathe, or throw to stop. */
export type OnDraw = () => Promise<void>;

/** Everything about every policy, with intervals over the same draws for all. */
export async function measure(field: Field, onDraw: OnDraw): Promise<readonly Measured[]> {
  const contenders = [field.ours, ...field.others];
  const whole = figuresOf(field, contenders, wholeDraw(field.rows));
  const draws: Figures[][] = [];
  for (const draw of redraws(field.rows, field.seed)) {
    draws.push(figuresOf(field, contenders, draw));
    await onDraw();
  }
  const over = (value: (figures: readonly Figures[]) => number) => boundsOf(draws.map(value));
  const singles = meansOf(field.singles, wholeDraw(field.rows));
  return contenders.map((contender, at) => {
    const own = whole[at]!;
    const ours = whole[0]!;
    return {
      name: contender.name,
      figures: own,
      intervals: intervalsOf(own, (value) => over((figures) => value(figures[at]!))),
      difference: {
        quality: ours.quality - own.quality,
        apgr: ours.apgr - own.apgr,
        ...ranged(
          "qualityInterval",
          over((figures) => figures[0]!.quality - figures[at]!.quality),
        ),
        ...ranged(
          "apgrInterval",
          over((figures) => figures[0]!.apgr - figures[at]!.apgr),
        ),
      },
      curve: curveFor(contender, singles, wholeDraw(field.rows)),
    };
  });
}

function figuresOf(field: Field, contenders: readonly Contender[], draw: Draw): Figures[] {
  const singles = meansOf(field.singles, draw);
  const best = meansOf(field.best, draw);
  const [top, most] = [best.quality[0]!, best.cost[0]!];
  const own = meansOf(field.ours.decided!, draw);
  const gap = gapOf(field, singles, { quality: top, price: most });
  return contenders.map((contender) => {
    const curve = curveFor(contender, singles, draw);
    const place = placeOf(contender, curve, draw, own.cost[0]!);
    // One setting orders nothing.
    const recovery =
      curve.cost.length > 1 && gap ? recoveryOf(priced(contender, field, curve, draw, gap), gap) : NOTHING;
    return {
      ...place,
      ...recovery,
      costShare: costFor(curve, top) / most,
      gains: COST_SHARES.map((share) => qualityAt(curve, Number(share) * most) - top),
    };
  });
}

const NOTHING = { apgr: Number.NaN, cpt50: Number.NaN, cpt80: Number.NaN };

function curveFor({ sums }: Contender, singles: ReturnType<typeof meansOf>, draw: Draw): Curve {
  return sums === undefined ? hullOf(singles) : curveOf(meansOf(sums, draw));
}

/** A policy with a knob stands where ours stands: at our cost, or at the end of its curve. */
function placeOf({ decided, sums }: Contender, curve: Curve, draw: Draw, ourCost: number) {
  const fixed = decided ?? (sums?.points === 1 ? sums : undefined);
  if (fixed) {
    const { quality, cost } = meansOf(fixed, draw);
    return { quality: quality[0]!, cost: cost[0]! };
  }
  return { quality: qualityAt(curve, ourCost), cost: Math.min(ourCost, curve.cost.at(-1)!) };
}

/** What lies between weak and strong: calls where there are two models, cost where there are more. */
function gapOf(
  { pair, singles: { points } }: Field,
  singles: ReturnType<typeof meansOf>,
  best: Gap["strong"],
): Gap | undefined {
  if (pair) {
    return {
      weak: { price: 0, quality: singles.quality[pair.weak]! },
      strong: { price: 1, quality: singles.quality[pair.strong]! },
    };
  }
  if (points < 2) return undefined;
  const cheapest = singles.cost.indexOf(Math.min(...singles.cost));
  return { weak: { price: singles.cost[cheapest]!, quality: singles.quality[cheapest]! }, strong: best };
}

/** The curve by the price that the gap is counted in. */
function priced({ byCalls, sums }: Contender, { pair }: Field, curve: Curve, draw: Draw, { weak, strong }: Gap): Curve {
  if (byCalls) return curveOf(meansOf(byCalls, draw));
  // The blind mix of two models is the straight line between them.
  if (pair && sums === undefined) {
    return { cost: Float64Array.of(0, 1), quality: Float64Array.of(weak.quality, strong.quality) };
  }
  return curve;
}

function intervalsOf(
  whole: Figures,
  over: (value: (figures: Figures) => number) => Bounds | undefined,
): Measured["intervals"] {
  const names = ["quality", "cost", "apgr", "cpt50", "cpt80", "costShare"] as const;
  const told = names.flatMap((name) => {
    const bounds = Number.isNaN(whole[name]) ? undefined : over((figures) => figures[name]);
    return bounds ? [[name, bounds] as const] : [];
  });
  return {
    ...Object.fromEntries(told),
    gains: COST_SHARES.map((_, at) =>
      Number.isNaN(whole.gains[at]!) ? undefined : over((figures) => figures.gains[at]!),
    ),
  };
}

const ranged = <K extends string>(name: K, bounds: Bounds | undefined) =>
  (bounds ? { [name]: bounds } : {}) as { readonly [N in K]?: Bounds };

/** Draws in which something does not exist (a quality that is never reached) must be few, or there is no interval. */
const MOST_MISSING = 0.05;

function boundsOf(values: readonly number[]): Bounds | undefined {
  const found = Float64Array.from(values.filter(Number.isFinite));
  if (found.length < values.length * (1 - MOST_MISSING) || found.length === 0) return undefined;
  return [percentile(found, 0.025), percentile(found, 0.975)];
}
