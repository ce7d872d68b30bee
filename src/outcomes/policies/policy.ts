import type { Outcomes, Pool } from "../table.ts";

/** What a router may see of a prompt: never what became of it. */
export interface Seen {
  readonly text: string;
  readonly inputTokens: number;
  /** Of unit length. */
  readonly vector: Float32Array;
  /** The last hidden layer of the encoder. */
  readonly features: Float32Array;
  /** A probability for each subject; empty where the encoder has no such head. */
  readonly domain: Float32Array;
}

/** A row that a policy decides. Only references, which no router can be, look beyond `seen`. */
export interface Shown {
  readonly seen: Seen;
  readonly outcomes: Outcomes;
  readonly category?: string;
}

/** What policies learn from. */
export interface Lesson {
  readonly pool: Pool;
  readonly rows: readonly Shown[];
  /** Models by mean cost, the cheapest first. */
  readonly byCost: readonly number[];
  /** The model with the best mean score. */
  readonly best: number;
  /** Of each model, over all rows. */
  readonly meanScore: Float64Array;
  readonly meanCost: Float64Array;
  readonly seed: number;
}

/**
 * How a choice follows from what a policy writes for a row. `price`: a worth for each model, and the model is chosen
 * whose worth less its cost is highest, over all prices of quality. `tolerance`: the cheapest model that is near enough
 * to the best, over all tolerances. `choices`: the chosen models themselves, one for each setting the policy has.
 */
export type Rule = "price" | "tolerance" | "choices";

export interface Learned {
  /** Numbers that are written for a row. */
  readonly width: number;
  write(row: Shown, to: Float32Array): void;
}

export interface Policy {
  readonly name: string;
  /** What it does, in one sentence. */
  readonly says: string;
  readonly rule: Rule;
  /** It looks at what no router knows: a bound, not a rival. */
  readonly isReference?: true;
  /** Undefined where the rows lack what it needs. */
  learn(lesson: Lesson): Learned | undefined;
}

/** One setting, one model. */
export function choosing(pick: (row: Shown) => number): Learned {
  return {
    width: 1,
    write: (row, to) => {
      to[0] = pick(row);
    },
  };
}

/** A worth for each model. */
export function worths(models: number, write: Learned["write"]): Learned {
  return { width: models, write };
}

/** Position of the highest value; the first of equals. */
export function highest(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! > values[best]!) best = at;
  return best;
}
