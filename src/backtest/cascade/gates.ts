import { isDeepStrictEqual } from "node:util";
import type { Share } from "../../cascade/leaks.ts";
import { cascadeOptions, type CascadeOptions } from "../../cascade/options.ts";
import { type Promised, promise, type Tested, type Wish } from "../../cascade/promise.ts";
import type { CascadeRow } from "../../cascade/rows.ts";
import type { Change } from "../../config/patch.ts";
import { dealt } from "./contest.ts";

export interface GatesOptions extends Wish {
  readonly seed: number;
}

/** Where the gates would be served. */
export interface Place {
  readonly route: string;
  /** What the route has now. */
  readonly before?: CascadeOptions | undefined;
  /** Where the file of learned gates will lie, as the config will name it. */
  readonly path: string;
}

type Shared = readonly [share: number, low: number, high: number];

/** One way of judging on rows that taught it nothing. Shares come with the 95% interval that they lie in. */
export interface GateFigures {
  readonly gate: Tested["gate"];
  /** Models that are asked before the strong one, in order, and the one whose answer is judged last. */
  readonly asks: readonly string[];
  readonly model: string;
  readonly promised: boolean;
  /** Of plain gates. */
  readonly threshold?: number;
  /** Of wrong answers at hand, and of right ones. */
  readonly wrong_let_through?: Shared;
  readonly right_rejected?: Shared;
  readonly escalated?: Shared;
  readonly loss?: Shared;
  readonly quality?: number;
  readonly strong_quality?: number;
  /** USD a request; as a share of always the strong model; and the escalation rate at which nothing is saved. */
  readonly cost?: number;
  readonly cost_share?: number;
  readonly break_even_rate?: number;
}

/** What `calibrate gates --json` prints, with `skipped`, `changes` and `written`. */
export interface GatesReport {
  readonly models: readonly string[];
  readonly rows: { readonly learned: number; readonly tested: number };
  readonly seed: number;
  readonly max_loss: number;
  /** That all promises hold; and each of them. */
  readonly confidence: number;
  readonly confidence_each: number;
  readonly gates: readonly GateFigures[];
  /** The cheapest that is promised; null where none is. */
  readonly best: GateFigures | null;
  /** The least loss of which anything could be promised, where nothing is promised of the wish. */
  readonly offer: number | null;
}

/** Errors: UnfitRows. */
export function promiseGates(
  models: readonly string[],
  rows: readonly CascadeRow[],
  { seed, ...wish }: GatesOptions,
): { readonly promised: Promised; readonly report: GatesReport } {
  const promised = promise(models, dealt(rows, seed), wish);
  const { best, ways, offer, learned, rows: tested, confidence } = promised;
  const report = {
    models,
    rows: { learned, tested },
    seed,
    max_loss: wish.mostLoss,
    confidence: 1 - wish.delta,
    confidence_each: confidence,
    gates: ways.map((way) => figuresOf(way, models)),
    best: best ? figuresOf(best, models) : null,
    offer: offer ?? null,
  };
  return { promised, report };
}

function figuresOf({ gate, asks, kept, promised }: Tested, models: readonly string[]): GateFigures {
  const names = { gate, asks: asks.map((at) => models[at]!), model: models[kept]!, promised: promised !== undefined };
  if (promised === undefined) return names;
  const { threshold, leaks } = promised;
  return {
    ...names,
    ...(threshold !== undefined && { threshold }),
    wrong_let_through: shared(leaks.wrongLetThrough),
    right_rejected: shared(leaks.rightRejected),
    escalated: shared(leaks.escalated),
    loss: shared(leaks.loss),
    quality: leaks.quality,
    strong_quality: leaks.strongQuality,
    cost: leaks.cost,
    cost_share: leaks.cost / leaks.strongCost,
    break_even_rate: leaks.breakEvenRate,
  };
}

const shared = ({ share, low, high }: Share): Shared => [share, low, high];

/** What the config must say for the best way to be served: the route's cascade, with whatever else it had. */
export function changesOf({ best }: Promised, models: readonly string[], { route, before, path }: Place): Change[] {
  if (best === undefined) return [];
  const { gate, asks, kept, promised } = best;
  const judged =
    gate === "learned"
      ? { models: [...models], path }
      : {
          models: [models[kept]!, models.at(-1)!],
          gates: [
            {
              kind: gate,
              ...(gate === "agreement" && { model: models[asks[1]!]! }),
              threshold: promised.threshold!,
            },
          ],
        };
  return [{ path: ["routes", route, "cascade"], value: { ...judged, ...othersOf(before) } }];
}

/** What says how a cascade judges, and for which models; a beginning alone was not judged here. */
const JUDGING: readonly string[] = ["models", "gates", "path", "mode", "max_tokens"];

/** What the route's cascade says of anything else, where that is not what goes without saying. */
function othersOf(before: CascadeOptions | undefined): Partial<CascadeOptions> {
  if (before === undefined) return {};
  const usual: Readonly<Record<string, unknown>> = cascadeOptions.parse({ models: before.models, path: "-" });
  return Object.fromEntries(
    Object.entries(before).filter(
      ([key, value]) => !JUDGING.includes(key) && value !== undefined && !isDeepStrictEqual(value, usual[key]),
    ),
  );
}
