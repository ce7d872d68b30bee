import { type Candidate, cascadeOf, cheapest, NEVER, type Run, runOf, type Study } from "./fit.ts";
import { runCascade } from "./leaks.ts";
import { type Cascade, worthBefore } from "./plan.ts";
import { type CascadeRow, PLAIN, type PlainKind } from "./rows.ts";

/** One setting of a way of judging: what it does with a row, and what a config needs for it. */
export interface Setting {
  readonly run: (row: CascadeRow) => Run;
  /** Of a plain gate. */
  readonly threshold?: number;
  /** Of gates that were learned. */
  readonly cascade?: Cascade;
}

/** A way of judging the answer of a cheap model, with its settings from the most careful one on. */
export interface Way {
  readonly gate: PlainKind | "learned";
  /** Positions of the models that are asked before the strong one, and of the one whose answer is at hand then. */
  readonly asks: readonly number[];
  readonly kept: number;
  readonly settings: readonly Setting[];
}

/** Thresholds between letting nothing pass and letting everything pass. */
const STEPS = 40;
/** Of a first answer alone half as many are let pass as of one that stands beside another. */
const FIRST = 0.5;
const DIGITS = 4;

/** The learned gates, in the shape that is cheapest where so much may be lost; none where no shape costs less than the strong model. */
export function learnedWay(study: Study, mostLoss: number): Way | undefined {
  const shape = cheapest(study, mostLoss) ?? cheapest(study, 1);
  if (shape === undefined) return undefined;
  const settings = Array.from({ length: STEPS }, (_, at): Setting => {
    const cascade = cascadeOf(study, { ...shape, most: mostAt(shape, (at + 1) / STEPS) });
    return { cascade, run: (row) => runCascade(row, cascade) };
  });
  return { gate: "learned", asks: shape.asks, kept: shape.steps.at(-1)!.kept, settings };
}

function mostAt({ steps, worth, most }: Candidate, share: number): number[] {
  return steps.map((step, at) => {
    const isLast = at === steps.length - 1;
    if (!isLast && most[at] === NEVER) return NEVER;
    const sorted = step.worths(isLast && steps.length > 1 ? worth : worthBefore(worth)).toSorted((a, b) => a - b);
    const passing = Math.floor(share * (isLast ? 1 : FIRST) * sorted.length);
    return passing === 0 ? NEVER : sorted[passing - 1]!;
  });
}

/** Every plain gate that has something to tell of a cheap model's answers. The values that it gave these rows are its thresholds. */
export function plainWays(rows: readonly CascadeRow[]): Way[] {
  const cheap = [...rows[0]!.verdicts.keys()];
  return cheap.flatMap((kept) =>
    PLAIN.flatMap((gate): Way[] => {
      const values = rows.map(({ verdicts }) => verdicts[kept]![gate]).filter((good) => !Number.isNaN(good));
      if (values.length === 0) return [];
      const asks = gate === "agreement" ? [kept, ...cheap.filter((other) => other !== kept)] : [kept];
      const settings = thresholds(values).map((threshold): Setting => {
        return { threshold, run: (row) => runPlain(row, asks, row.verdicts[kept]![gate] >= threshold) };
      });
      return [{ gate, asks, kept, settings }];
    }),
  );
}

/** From the highest value on, each as a config would have it. */
function thresholds(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => b - a);
  const least = Array.from({ length: STEPS }, (_, at) => sorted[Math.ceil(((at + 1) / STEPS) * sorted.length) - 1]!);
  return [...new Set([sorted[0]!, ...least].map(roundedDown))];
}

const roundedDown = (value: number) => Math.floor(value * 10 ** DIGITS) / 10 ** DIGITS;

/** All of them are asked before anything is judged. */
function runPlain(row: CascadeRow, asks: readonly number[], passes: boolean): Run {
  const steps = asks.map(() => ({ kept: asks[0]! }));
  return runOf(row, { asks, steps }, (step) => step === asks.length - 1 && passes);
}
