import { z } from "zod";

/** From here on two texts count as one question. */
const SAME_FROM = 0.9;

/**
 * A pair of texts and whether the answer to one answers the other: `label` where there is one (true, 1, "same"), else a
 * `score` of at least 0.9. Texts of two languages (`lang` such as en-de) are never one question: the answer would come
 * in the wrong one.
 */
export const pairRow = z
  .object({
    text_a: z.string().min(1, "is empty"),
    text_b: z.string().min(1, "is empty"),
    score: z.number().min(0, "must be from 0 to 1").max(1, "must be from 0 to 1").nullish(),
    label: z
      .union(
        [
          z.boolean(),
          z.literal([0, 1]).transform((value) => value === 1),
          z.literal(["same", "different"]).transform((value) => value === "same"),
        ],
        { error: 'must be true, false, 0, 1, "same" or "different"' },
      )
      .nullish(),
    type: z.string().nullish(),
    lang: z.string().nullish(),
    source: z.string().nullish(),
    split: z.string().nullish(),
  })
  .refine(({ score, label }) => score != null || label != null, {
    path: ["score"],
    message: 'is missing, and there is no "label" either',
  })
  .transform(({ text_a: a, text_b: b, score, label, type, lang, split }) => ({
    a,
    b,
    type: type ?? "(none)",
    split: split ?? undefined,
    isSame: (label ?? score! >= SAME_FROM) && !isOfTwoLanguages(lang, type),
  }));

export type Pair = z.output<typeof pairRow>;

export const PAIR_COLUMNS = "text_a, text_b, and score or label";

/** `en-de` and the like; a script or a region behind a hyphen (`zh-Hant`, `pt-BR`) is no second language. */
const isOfTwoLanguages = (lang: string | null | undefined, type: string | null | undefined): boolean =>
  type === "translation" || /^[a-z]{2,3}-[a-z]{2,3}$/u.test(lang ?? "");
