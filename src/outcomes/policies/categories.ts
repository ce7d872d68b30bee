import { highest, type Lesson, type Policy, worths } from "./policy.ts";

/** Rows' worth of the overall mean that stand in each group's mean: small groups say little. */
const PRIOR_ROWS = 10;

/** What each group's rows tell of each model, drawn towards the mean of all. */
function groupMeans<K>({ pool, rows, meanScore }: Lesson, keyOf: (at: number) => K): Map<K, Float64Array> {
  const sums = new Map<K, { rows: number; of: Float64Array }>();
  for (const [at, { outcomes }] of rows.entries()) {
    const key = keyOf(at);
    const sum = sums.get(key) ?? { rows: 0, of: new Float64Array(pool.models.length) };
    sum.rows += 1;
    for (let model = 0; model < pool.models.length; model++) sum.of[model]! += outcomes.scores[model]!;
    sums.set(key, sum);
  }
  return new Map(
    [...sums].map(([key, { rows: own, of }]) => [
      key,
      of.map((sum, model) => (sum + PRIOR_ROWS * meanScore[model]!) / (own + PRIOR_ROWS)),
    ]),
  );
}

/** The table that a perfect classifier would look up. */
export const bestPerCategory: Policy = {
  name: "best_per_category",
  says: "a table of mean scores by the row's true category, which no router knows",
  rule: "price",
  isReference: true,
  learn(lesson) {
    if (!lesson.rows.some(({ category }) => category !== undefined)) return undefined;
    const table = groupMeans(lesson, (at) => lesson.rows[at]!.category);
    return worths(lesson.pool.models.length, ({ category }, to) => to.set(table.get(category) ?? lesson.meanScore));
  },
};

/** The table by the subject that the encoder reads. */
export const domainTable: Policy = {
  name: "domain_table",
  says: "a table of mean scores by the most probable subject of the prompt (vLLM Semantic Router's way)",
  rule: "price",
  learn(lesson) {
    if (lesson.rows[0]?.seen.domain.length === 0) return undefined;
    const table = groupMeans(lesson, (at) => highest(lesson.rows[at]!.seen.domain));
    return worths(lesson.pool.models.length, ({ seen }, to) =>
      to.set(table.get(highest(seen.domain)) ?? lesson.meanScore),
    );
  },
};
