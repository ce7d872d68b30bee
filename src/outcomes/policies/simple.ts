import { seeded } from "../../statistics/sample.ts";
import { choosing, type Lesson, type Policy, worths } from "./policy.ts";

/** The best model of the learn rows, for everything. */
export const alwaysBest: Policy = {
  name: "always_best",
  says: "the model with the best mean score of the learn rows, for every prompt",
  rule: "choices",
  learn: ({ best }) => choosing(() => best),
};

export const alwaysCheapest: Policy = {
  name: "always_cheapest",
  says: "the model with the lowest mean cost of the learn rows, for every prompt",
  rule: "choices",
  learn: ({ byCost }) => choosing(() => byCost[0]!),
};

/** The cheapest of the models that did best: what nobody can know before. */
export const oracle: Policy = {
  name: "oracle",
  says: "the cheapest model of those that answered best, known only afterwards",
  rule: "choices",
  isReference: true,
  learn: ({ byCost }) =>
    choosing(({ outcomes: { scores, costs } }) => {
      let best = byCost[0]!;
      for (const model of byCost) {
        const better = scores[model]! - scores[best]!;
        if (better > 0 || (better === 0 && costs[model]! < costs[best]!)) best = model;
      }
      return best;
    }),
};

/** A coin decides how much more the dearer models are worth. */
export const random: Policy = {
  name: "random",
  says: "a coin toss for each prompt, at any share of dear calls",
  rule: "price",
  learn(lesson) {
    const coin = seeded(lesson.seed);
    return ladder(lesson, () => coin());
  },
};

/** The longer the prompt, the dearer the model. */
export const promptLength: Policy = {
  name: "prompt_length",
  says: "prompts sorted by length alone, the longest to the best model",
  rule: "price",
  learn: (lesson) => ladder(lesson, ({ seen }) => Math.log1p(seen.text.length)),
};

/** The best model gains on the cheapest by as much as the measure says; others are never worth it. */
function ladder(
  { pool, byCost, best }: Lesson,
  measure: (row: Parameters<ReturnType<typeof worths>["write"]>[0]) => number,
) {
  const strong = best === byCost[0] ? byCost.at(-1)! : best;
  return worths(pool.models.length, (row, to) => {
    to.fill(-1);
    to[byCost[0]!] = 0;
    to[strong] = measure(row);
  });
}
