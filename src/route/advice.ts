import type { AskedModel, Candidate } from "../contracts.ts";
import { type Case, questionOf } from "../decision/decide.ts";
import type { Circumstances } from "./case.ts";
import { consult } from "./consult.ts";
import type { Trip } from "./weigh.ts";

/** The key of its share. */
const SHARE = "router";
const TASK =
  "You choose which language model answers a request. Choose the cheapest of the options that will still answer it well; where none is likely to, the best.";

/** The case with what the router says, where its word would count; undefined where nobody has to be waited for. */
export function withAdvice(
  trip: Trip,
  circumstances: Circumstances,
  choice: Case,
): Promise<{ readonly choice: Case; readonly asked: readonly AskedModel[] }> | undefined {
  const { router } = trip.runtime.decision;
  if (!router || trip.asked.kind !== "choice") return undefined;
  if (!trip.input.preview) trip.runtime.shares.count(SHARE, router.percent / 100);
  const offered = questionOf(choice);
  return offered.length === 0 ? undefined : advise(trip, circumstances, choice, router, offered);
}

async function advise(
  trip: Trip,
  circumstances: Circumstances,
  choice: Case,
  router: NonNullable<Trip["runtime"]["decision"]["router"]>,
  offered: readonly Candidate[],
) {
  const { shares, pool } = trip.runtime;
  const counsel = await consult(trip, circumstances, {
    purpose: "router",
    model: router.model,
    deadlineMs: router.deadline_ms,
    task: TASK,
    options: offered.map((candidate) => ({ name: candidate.model, about: aboutOf(candidate, pool.tiers.length) })),
    isLeft() {
      const isLeft = shares.isLeft(SHARE);
      if (isLeft) shares.take(SHARE);
      return isLeft;
    },
  });
  const said = "name" in counsel ? { model: counsel.name } : { silence: counsel.silence };
  return {
    choice: { ...choice, advice: { router: router.model, ...said } },
    asked: counsel.asked ? [counsel.asked] : [],
  };
}

/** Never its name: what is known of it by hearsay would count for more. */
function aboutOf({ tier, tierRank, quality, costUsd }: Candidate, tiers: number): string {
  const rank = `tier ${tier}, ${tierRank + 1} of ${tiers} from the cheapest`;
  return `${rank}; predicted quality ${quality.toFixed(2)} of 1; expected cost ${costUsd.toPrecision(2)} USD`;
}
