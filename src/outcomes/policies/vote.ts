import { domainTable } from "./categories.ts";
import { nearestCentroid } from "./nearest.ts";
import { choosing, highest, type Policy } from "./policy.ts";
import { keywordTier, lengthTier } from "./words.ts";

const WEIGHTS = { keyword: 0.1, embedding: 0.4, domain: 0.3, complexity: 0.2 } as const;
/** What a model must have of the vote, or the best one answers. */
const ENOUGH = 0.6;

/** Each of four readers names one model. */
export const fixedVote: Policy = {
  name: "fixed_vote",
  says: "four signals name a model each, weighed 0.10, 0.40, 0.30, 0.20; below 0.6 the best model answers",
  rule: "choices",
  learn(lesson) {
    const models = lesson.pool.models.length;
    const nearest = nearestCentroid.learn(lesson)!;
    const table = domainTable.learn(lesson);
    if (table === undefined) return undefined;
    const lengths = lengthTier(lesson);
    const [centre, subject] = [new Float32Array(1), new Float32Array(models)];
    return choosing((row) => {
      nearest.write(row, centre);
      table.write(row, subject);
      const votes = new Float64Array(models);
      votes[keywordTier(lesson, row.seen)]! += WEIGHTS.keyword;
      votes[centre[0]!]! += WEIGHTS.embedding;
      votes[highest(subject)]! += WEIGHTS.domain;
      votes[lengths(row.seen)]! += WEIGHTS.complexity;
      const first = highest(votes);
      return votes[first]! >= ENOUGH - Number.EPSILON ? first : lesson.best;
    });
  },
};
