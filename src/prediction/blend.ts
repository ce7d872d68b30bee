import { gapsOf, kindOf, predictInto, type SmallLinear } from "./stack.ts";
import { levelAt, type Layout } from "./tasks.ts";

/**
 * How much each model's score follows what was predicted of the text, by model:
 * offset + level * (how easy) + kind * (what its kind of text says) + gap * (what the text itself says of the model).
 */
export interface Blend {
  readonly offset: Float64Array;
  readonly level: Float64Array;
  readonly kind: Float64Array;
  readonly gap: Float64Array;
}

/** From the first step's columns to a score for each model. */
export interface Scorer {
  readonly layout: Layout;
  readonly middle: number;
  readonly kinds: SmallLinear;
  readonly directions: readonly Float64Array[];
  readonly blend: Blend;
}

/** What rows that were held out show: by row and model. */
export interface HeldOut {
  readonly rows: number;
  readonly models: number;
  /** NaN where a model was not run. */
  readonly scores: Float64Array;
  readonly levels: Float64Array;
  readonly residue: Float64Array;
  readonly kinds: Float64Array;
  readonly gaps: Float64Array;
}

/** Weights that are believed before any row was seen, and for as many rows. */
const PRIOR = [1, 0.5] as const;
const PRIOR_ROWS = 300;
const MOST_WEIGHT = 1.5;
const SLOPES = [0.3, 1.5] as const;

/** Expected score in [0,1] by model, of the predicted columns at `at`; `ofKind` is the kinds' answer for them. */
export function scored(
  { blend, layout }: Pick<Scorer, "blend" | "layout">,
  level: number,
  ofKind: Float64Array,
  gaps: Float64Array,
) {
  const { offset, level: easy, kind, gap } = blend;
  const has = layout.gaps > 0;
  return offset.map((own, model) => {
    const value = own + easy[model]! * level + kind[model]! * ofKind[model]! + gap[model]! * (has ? gaps[model]! : 0);
    return Math.max(0, Math.min(1, value));
  });
}

export function score(scorer: Scorer, predicted: Float64Array, at = 0): Float64Array {
  const { layout, middle, kinds, directions } = scorer;
  const ofKind = new Float64Array(kinds.columns);
  predictInto(kinds, kindOf(predicted, at, layout, middle), 0, ofKind, 0);
  return scored(scorer, predicted[at + levelAt(layout)]!, ofKind, gapsOf(predicted, at, layout, directions));
}

/** Least squares on rows that were held out, few of them pulled towards what holds for all models, then the prior. */
export function fitBlend(held: HeldOut): Blend {
  const { models } = held;
  const each = Array.from({ length: models }, (_, model) => sumsOf(held, model));
  const all = each.reduce((a, b) => ({
    rows: a.rows + b.rows,
    gram: a.gram.map((own, at) => own + b.gram[at]!),
    cross: a.cross.map((own, at) => own + b.cross[at]!),
  }));
  const common = weightsOf(all, PRIOR, PRIOR_ROWS * models);
  const blend: Blend = {
    offset: new Float64Array(models),
    level: new Float64Array(models),
    kind: new Float64Array(models),
    gap: new Float64Array(models),
  };
  for (let model = 0; model < models; model++) {
    const [ofKind, rest] = weightsOf(each[model]!, common, 2 * PRIOR_ROWS);
    // What the text says of a model counts by how far it goes beyond what the kind of text says.
    calibrate(held, model, [1, ofKind - rest, rest], blend);
  }
  return blend;
}

interface Sums {
  readonly rows: number;
  readonly gram: readonly number[];
  readonly cross: readonly number[];
}

function sumsOf(held: HeldOut, model: number): Sums {
  const { models, scores, residue, kinds, gaps } = held;
  const known: (readonly [number, number, number])[] = [];
  for (let at = model; at < scores.length; at += models) {
    if (!Number.isNaN(scores[at]!)) known.push([kinds[at]!, gaps[at]! - kinds[at]!, residue[at]!]);
  }
  const mean = [0, 1, 2].map((part) => known.reduce((sum, own) => sum + own[part]!, 0) / Math.max(1, known.length));
  const product = (one: number, two: number) =>
    known.reduce((sum, own) => sum + (own[one]! - mean[one]!) * (own[two]! - mean[two]!), 0);
  const both = product(0, 1);
  return {
    rows: known.length,
    gram: [product(0, 0), both, both, product(1, 1)],
    cross: [product(0, 2), product(1, 2)],
  };
}

function weightsOf({ rows, gram, cross }: Sums, prior: readonly [number, number], strength: number): [number, number] {
  const share = strength / Math.max(1, rows);
  const [a, b, d] = [gram[0]! * (1 + share), gram[1]!, gram[3]! * (1 + share)];
  const [p, q] = [cross[0]! + gram[0]! * share * prior[0], cross[1]! + gram[3]! * share * prior[1]];
  const bound = (value: number) => Math.max(0, Math.min(MOST_WEIGHT, value));
  const whole = a * d - b * b;
  if (!(whole > 1e-12 * a * d)) return [bound(a > 0 ? p / a : prior[0]), 0];
  return [bound((p * d - b * q) / whole), bound((a * q - b * p) / whole)];
}

/** The line through what was predicted and what came of it; the model's part of the blend is written. */
function calibrate(
  { models, scores, levels, kinds, gaps }: HeldOut,
  model: number,
  [easy, kind, gap]: readonly [number, number, number],
  to: Blend,
): void {
  const [said, came]: [number[], number[]] = [[], []];
  for (const [row, level] of levels.entries()) {
    const at = row * models + model;
    if (Number.isNaN(scores[at]!)) continue;
    said.push(easy * level + kind * kinds[at]! + gap * gaps[at]!);
    came.push(scores[at]!);
  }
  const mean = (of: readonly number[]) => of.reduce((sum, own) => sum + own, 0) / Math.max(1, of.length);
  const [meanSaid, meanCame] = [mean(said), mean(came)];
  const spread = said.reduce((sum, own) => sum + (own - meanSaid) ** 2, 0);
  const together = said.reduce((sum, own, at) => sum + (own - meanSaid) * (came[at]! - meanCame), 0);
  const share = PRIOR_ROWS / Math.max(1, said.length);
  const slope = spread > 0 ? (together / spread + share) / (1 + share) : 1;
  const bounded = Math.max(SLOPES[0], Math.min(SLOPES[1], slope));
  to.offset[model] = meanCame - bounded * meanSaid;
  to.level[model] = bounded * easy;
  to.kind[model] = bounded * kind;
  to.gap[model] = bounded * gap;
}
