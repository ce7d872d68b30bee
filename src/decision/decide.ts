import type { Candidate, Decision, Reason } from "../contracts.ts";
import { ascii, byName, type Case, confidenceIn, type Facts, factsOf, figure, named, refusals } from "./facts.ts";
import { type Choice, firstVerdict, inQuestion, type Refusal, verdictWithoutRollout } from "./precedence.ts";

export type { Case } from "./facts.ts";
export type { Refusal } from "./precedence.ts";

const HELD_BACK: ReadonlySet<Reason> = new Set(["kill_switch", "observed", "not_in_rollout"]);

/** The model that answers and why, or why none may. Pure and total: it never throws. */
export function decide(input: Case): Decision | Refusal {
  const facts = factsOf(input);
  if (!facts) return { refused: refusals(input.candidates) };
  const verdict = firstVerdict(facts);
  return "refused" in verdict ? verdict : explained(verdict, facts);
}

/** The models that a router could be asked to choose among; none where its word would have no say. */
export function questionOf(input: Case): readonly Candidate[] {
  const facts = factsOf(input);
  return facts ? inQuestion(facts) : [];
}

/** What would have been chosen, had the rollout not spoken: then its default would be bound by the route like all others. */
function insteadOf(input: Case): Decision["instead"] {
  const facts = factsOf(input, ({ model }) => model !== input.visitor);
  const verdict = facts && verdictWithoutRollout(facts);
  return verdict && "chosen" in verdict ? { model: verdict.chosen.model, reason: verdict.reason } : undefined;
}

function explained({ chosen, reason, because }: Choice, facts: Facts): Decision {
  const confidence = confidenceIn(chosen, facts);
  const runnerUp = facts.open[1];
  const instead = HELD_BACK.has(reason) ? insteadOf(facts) : undefined;
  const reasoning = chosen.reasons && facts.reasoning;
  const costUsd = facts.held?.model === chosen.model ? facts.held.costUsd : chosen.costUsd;
  const silence =
    facts.advice && "silence" in facts.advice ? `; ${facts.advice.router} was no help: ${facts.advice.silence}` : "";
  const thinking = reasoning ? `, reasoning ${reasoning.effort}` : "";
  return {
    model: chosen.model,
    tier: chosen.tier,
    route: facts.route,
    reason,
    sentence: ascii(
      `${because}${silence} (expected cost ${figure(costUsd)} USD, confidence ${figure(confidence)}${thinking}).`,
    ),
    confidence,
    margin: facts.margin,
    ...(runnerUp && { runnerUp: runnerUp.model }),
    fallbacks: fallbacksOf(chosen, reason, facts),
    candidates: facts.candidates,
    votes: facts.votes,
    ...(instead && { instead }),
    ...(reasoning && { reasoning }),
    expectedCostUsd: costUsd,
    baselineCostUsd: baselineOf(facts).costUsd,
  };
}

/** Where the cheap models are distrusted, failing over to one of them would undo the decision. */
const DOUBTS: ReadonlySet<Reason> = new Set([
  "escalated",
  "low_confidence",
  "llm_router",
  "low_margin",
  "best_available",
]);

/**
 * Adequate models as they would have been chosen, then the others from the best down; in doubt from the best down
 * at once. What is guarded, or asked for by name, has no other model to fail over to.
 */
function fallbacksOf(chosen: Candidate, reason: Reason, { adequate, open }: Facts): readonly string[] {
  if (reason === "guarded" || reason === "requested") return [];
  const order = DOUBTS.has(reason) ? open : [...adequate, ...open];
  return [...new Set(order.map(({ model }) => model))].filter((model) => model !== chosen.model);
}

/** Savings are counted against it even where it may not answer this request itself. */
function baselineOf({ baseline, candidates, open }: Facts): Candidate {
  const dearest = () =>
    candidates.toSorted((a, b) => b.tierRank - a.tierRank || b.costUsd - a.costUsd || byName(a, b))[0];
  return named(baseline, candidates) ?? dearest() ?? open[0];
}
