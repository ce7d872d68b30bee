import { z } from "zod";
import type { Features } from "./features.ts";
import { type Chance, chanceForm, chanceOf } from "./linear.ts";

/**
 * What makes asking the last model worth its price: that the answer at hand may be wrong; that it may be wrong and the
 * last model right; or that the models disagree, and among those that it may be wrong.
 */
export const WORTHS = ["wrong", "mendable", "disputed"] as const;
export type Worth = (typeof WORTHS)[number];

const MOST_CHEAP = 2;

/**
 * A cascade over cheap models and one strong one. `asks`: which cheap ones are asked, in order, as positions in
 * `models`; `keeps`: after each of them, whose answer is at hand. After the k-th the answer is given out where the
 * worth of going on is at most `most[k]`.
 */
export const cascadeForm = z
  .strictObject({
    format: z.literal(1),
    models: z
      .array(z.string().min(1).max(256))
      .min(2)
      .max(MOST_CHEAP + 1),
    asks: z
      .array(
        z
          .number()
          .int()
          .min(0)
          .max(MOST_CHEAP - 1),
      )
      .max(MOST_CHEAP),
    keeps: z
      .array(
        z
          .number()
          .int()
          .min(0)
          .max(MOST_CHEAP - 1),
      )
      .max(MOST_CHEAP),
    worth: z.enum(WORTHS),
    most: z.array(z.number()).max(MOST_CHEAP),
    /** By step: that the answer at hand is right, and that the strong model's would be. */
    gates: z.array(z.strictObject({ right: chanceForm, strong: chanceForm })).max(MOST_CHEAP),
  })
  .refine(
    ({ asks, keeps, most, gates }) => [keeps, most, gates].every(({ length }) => length === asks.length),
    "keeps, most and gates have one entry for each of asks",
  )
  .refine(
    ({ models, asks }) => asks.every((at) => at < models.length - 1),
    "asks names cheap models, which stand before the last",
  )
  .refine(
    ({ asks, keeps }) => keeps.every((kept, at) => asks.slice(0, at + 1).includes(kept)),
    "keeps names models that were asked",
  );

export type Cascade = z.output<typeof cascadeForm>;

/** What is known of an answer that is at hand. */
export interface Judged {
  readonly right: number;
  readonly strong: number;
  readonly agree: boolean;
}

/** How much going on is worth, in [0,1]. */
export function worthOf(worth: Worth, { right, strong, agree }: Judged): number {
  if (worth === "wrong") return 1 - right;
  if (worth === "mendable") return (1 - right) * strong;
  return (1 - right + (agree ? 0 : 1)) / 2;
}

/** Whether the answer is given out after step `step`, and how sure that is. Before the last step only being right counts. */
export function accepts(
  { asks, worth, most, gates }: Pick<Cascade, "asks" | "worth" | "most" | "gates">,
  step: number,
  features: Features,
): { readonly accepted: boolean; readonly right: number } {
  const judged = judgedBy(gates[step]!, features);
  const own = step < asks.length - 1 || asks.length === 1 ? worthBefore(worth) : worth;
  return { accepted: worthOf(own, judged) <= most[step]!, right: judged.right };
}

/** Where only one model was asked there is nobody to agree with. */
export const worthBefore = (worth: Worth): Worth => (worth === "mendable" ? "mendable" : "wrong");

function judgedBy({ right, strong }: { readonly right: Chance; readonly strong: Chance }, features: Features): Judged {
  return { right: chanceOf(right, features), strong: chanceOf(strong, features), agree: features["pair.agree"] === 1 };
}
