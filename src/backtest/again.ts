import type { Candidate } from "../contracts.ts";
import { type Case, decide } from "../decision/decide.ts";
import { pricesOfQuality, type Points } from "../outcomes/points.ts";

/** What the router predicted for all rows, and which models might answer. */
export interface Predicted {
  readonly models: number;
  readonly quality: Float32Array;
  /** NaN for a model that might not answer. */
  readonly costUsd: Float32Array;
}

/** Deciding a million rows again takes minutes for every few settings; so many rows tell as much with fewer. */
const MANY_ROWS = 100_000;
const FEW_SETTINGS = 9;

/** The recorded cases, decided again at every price of quality that changes something. */
export function decidedAgain(predicted: Predicted): Points {
  const { models, quality: numbers, costUsd } = predicted;
  // A model that may not answer is never worth its cost.
  const expected = costUsd.map((cost) => (Number.isNaN(cost) ? Infinity : cost));
  const settings = numbers.length / models > MANY_ROWS ? FEW_SETTINGS : undefined;
  const prices = pricesOfQuality({ models, numbers, expected }, settings);
  return { count: prices.length, choose: (point, row) => chooseAt(predicted, row, prices[point]!) };
}

const names: string[] = [];
const nameOf = (model: number): string => (names[model] ??= String(model));

/** The model that the decision takes for the row where a point of quality may cost so much (USD). */
export function chooseAt({ models, quality, costUsd }: Predicted, row: number, usdPerPoint: number): number {
  const candidates = Array.from({ length: models }, (_, model): Candidate => {
    const at = row * models + model;
    const allowed = Number.isNaN(costUsd[at]!) ? "not allowed" : true;
    return {
      model: nameOf(model),
      tier: "",
      tierRank: 0,
      quality: quality[at]!,
      costUsd: allowed === true ? costUsd[at]! : 0,
      latencyMs: 0,
      allowed,
    };
  });
  const decision = decide({ ...ALIKE, candidates, usdPerPoint });
  return "refused" in decision ? 0 : Number(decision.model);
}

/** Nothing but price and quality decides: no floor, no doubt, no rollout. */
const ALIKE: Omit<Case, "candidates"> = {
  route: "default",
  tolerance: 0,
  threshold: 0,
  minQuality: 0,
  escalateBelowMargin: 0,
  prefer: "cost",
  votes: [{ signal: "recorded", weight: 1 }],
  readingConfidence: 1,
  rollout: { mode: "route", percent: 100, inRollout: true },
};
