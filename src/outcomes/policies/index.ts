import { bestPerCategory, domainTable } from "./categories.ts";
import { matrixFactors } from "./factors.ts";
import { costPenalty, encoderScore, learnedRanker, priceOfQuality } from "./fitted.ts";
import { nearestCentroid, nearestNeighbours } from "./nearest.ts";
import type { Policy } from "./policy.ts";
import { alwaysBest, alwaysCheapest, oracle, promptLength, random } from "./simple.ts";
import { fixedVote } from "./vote.ts";
import { keywordTiers } from "./words.ts";

/** What a router is compared with. Adding one: its file, a line here, its test. */
export const POLICIES: readonly Policy[] = [
  alwaysBest,
  alwaysCheapest,
  bestPerCategory,
  oracle,
  random,
  promptLength,
  fixedVote,
  keywordTiers,
  nearestCentroid,
  domainTable,
  nearestNeighbours,
  matrixFactors,
  encoderScore,
  learnedRanker,
  priceOfQuality,
  costPenalty,
];

/** Known in the field, and not among them: why not. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  llm_router: "an LLM as router needs a model to ask; recorded answers do not hold its word",
};
