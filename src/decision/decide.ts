import type { Candidate, Decision, Pin, Reason, Vote } from "../contracts.ts";
import { confidenceOf, requiredMicro, slackOver, type Standard } from "./confidence.ts";
import { micro } from "./micro.ts";
import type { Settings } from "./profile.ts";
import type { Rollout } from "./rollout.ts";
import { byValue, valueSlack } from "./value.ts";

/**
 * Everything a choice depends on, as plain data: a record of it, written as JSON and read again, replays to the same
 * choice. Constraints are applied already (`allowed` of each candidate), and so is the pin of a route.
 */
export interface Case extends Settings {
  readonly route: string;
  /** Every model of the pool; `quality` is what the vote predicts. */
  readonly candidates: readonly Candidate[];
  readonly votes: readonly Vote[];
  /** Mean confidence of the readings, weighted by share of the vote. */
  readonly readingConfidence: number;
  /** The guarded model, when safety sends the request there. */
  readonly guarded?: string;
  /** The model that the client named itself, when it asked for no routing. */
  readonly requested?: string;
  readonly pin?: Pin;
  readonly rollout: Rollout & { readonly inRollout: boolean };
  /** The rollout's default model, where it may answer only as such: the route would not have it. */
  readonly visitor?: string;
  /** The model that savings are counted against; the dearest of the strongest tier when there is none. */
  readonly baseline?: string;
}

export interface Refusal {
  /** Each model with the constraint that it breaks. */
  readonly refused: string;
}

/** A rule's word: a model and why, or that nobody may answer. Undefined when the rule has nothing to say. */
type Verdict = { readonly chosen: Candidate; readonly reason: Reason; readonly because: string } | Refusal | undefined;
type Rule = (facts: Facts) => Verdict;

interface Facts extends Case {
  /** Candidates that break no constraint, best predicted first. */
  readonly open: readonly [Candidate, ...Candidate[]];
  /** Those of `open` that are good enough, first choice first. */
  readonly adequate: readonly Candidate[];
  readonly margin: number;
  readonly standard: Standard;
}

/** Who has the last word, first to last. Constraints come before all of them: they see only what is allowed. */
const PRECEDENCE: readonly Rule[] = [
  guardedModel,
  requestedModel,
  heldBackByRollout,
  pinned,
  fallbackWhenUnsure,
  escalatedWhenClose,
  worthItsPrice,
  cheapestAdequate,
  bestAvailable,
];

/** What would have been decided, had the rollout not spoken. */
const AFTER_ROLLOUT = PRECEDENCE.slice(PRECEDENCE.indexOf(heldBackByRollout) + 1);
const HELD_BACK: ReadonlySet<Reason> = new Set(["kill_switch", "observed", "not_in_rollout"]);

const MOST_REFUSALS = 20;

/** The model that answers and why, or why none may. Pure and total: it never throws. */
export function decide(input: Case): Decision | Refusal {
  const facts = factsOf(input, () => true);
  if (!facts) return { refused: refusals(input.candidates) };
  const verdict = firstVerdict(PRECEDENCE, facts);
  return "refused" in verdict ? verdict : explained(verdict, facts);
}

/** What the rules look at, over the allowed candidates that are asked for; undefined when there is none. */
function factsOf(input: Case, isAsked: (candidate: Candidate) => boolean): Facts | undefined {
  const ranked = input.candidates
    .filter((candidate) => candidate.allowed === true && isAsked(candidate))
    .toSorted(byQuality);
  const [best, second] = ranked;
  if (!best) return undefined;
  const standard = { best: best.quality, tolerance: input.tolerance, minQuality: input.minQuality };
  return {
    ...input,
    open: [best, ...ranked.slice(1)],
    adequate: adequateOf(ranked, standard, input),
    margin: best.quality - (second?.quality ?? 0),
    standard,
  };
}

/** What would have been chosen, had the rollout not spoken: then its default would be bound by the route like all others. */
function insteadOf(input: Case): Decision["instead"] {
  const facts = factsOf(input, ({ model }) => model !== input.visitor);
  const verdict = facts && firstVerdict(AFTER_ROLLOUT, facts);
  return verdict && "chosen" in verdict ? { model: verdict.chosen.model, reason: verdict.reason } : undefined;
}

/** Safety must hold: a guarded request is answered by the guarded model or not at all. */
function guardedModel({ guarded, open, candidates }: Facts): Verdict {
  if (guarded === undefined) return undefined;
  const chosen = named(guarded, open);
  if (!chosen) {
    const missing = named(guarded, candidates);
    return { refused: missing ? refusals([missing]) : ascii(`${guarded} is not in the pool`) };
  }
  return { chosen, reason: "guarded", because: `safety sends this request to the guarded model ${guarded}` };
}

function requestedModel({ requested, open }: Facts): Verdict {
  const chosen = named(requested, open);
  return chosen && { chosen, reason: "requested", because: `the client asked for ${chosen.model} by name` };
}

function heldBackByRollout({ rollout, open }: Facts): Verdict {
  const chosen = named(rollout.default, open);
  if (!chosen) return undefined;
  const { model } = chosen;
  if (rollout.mode === "kill") {
    return { chosen, reason: "kill_switch", because: `the kill switch is on, so the default ${model} answers` };
  }
  if (rollout.mode === "observe") {
    return { chosen, reason: "observed", because: `decisions are only observed, so the default ${model} answers` };
  }
  if (rollout.inRollout) return undefined;
  const because = `outside the ${figure(rollout.percent)}% that are routed, so the default ${model} answers`;
  return { chosen, reason: "not_in_rollout", because };
}

/** Within a pinned tier the cheapest adequate answers, measured against the tier's own best. */
function pinned(facts: Facts): Verdict {
  const { pin, open } = facts;
  if (!pin || "route" in pin) return undefined;
  if ("model" in pin) {
    const chosen = named(pin.model, open);
    return chosen && { chosen, reason: "pinned", because: `${chosen.model} is pinned` };
  }
  const within = open.filter(({ tier }) => tier === pin.tier);
  const [best] = within;
  if (!best) return undefined;
  const [chosen = best] = adequateOf(within, { ...facts.standard, best: best.quality }, facts);
  const because = `tier ${pin.tier} is pinned, and ${chosen.model} is its choice among ${within.length} allowed`;
  return { chosen, reason: "pinned", because };
}

/** With no fallback named, the best predicted model is the safe choice; that none is adequate is for the last rule to say. */
function fallbackWhenUnsure(facts: Facts): Verdict {
  const { fallback, open, adequate, threshold } = facts;
  const [first] = adequate;
  const confidence = first && confidenceIn(first, facts);
  if (confidence !== undefined && confidence >= threshold) return undefined;
  const chosen = fallback === undefined ? first && open[0] : named(fallback, open);
  if (!chosen) return undefined;
  const doubt =
    first && confidence !== undefined
      ? `confidence ${figure(confidence)} in ${first.model} < ${figure(threshold)}`
      : `no model reaches quality ${figure(facts.minQuality)}`;
  const role = fallback === undefined ? "best predicted model" : "fallback";
  return { chosen, reason: "low_confidence", because: `${doubt}, so the ${role} ${chosen.model} answers` };
}

function escalatedWhenClose(facts: Facts): Verdict {
  const { adequate, margin, escalateBelowMargin } = facts;
  const [first] = adequate;
  if (!first || margin >= escalateBelowMargin) return undefined;
  const chosen = bestOfNextTier(first, facts);
  return (
    chosen && {
      chosen,
      reason: "low_margin",
      because: `margin ${figure(margin)} < ${figure(escalateBelowMargin)}, so ${chosen.model} of the next tier up, ${chosen.tier}, answers instead of ${first.model}`,
    }
  );
}

function worthItsPrice(facts: Facts): Verdict {
  const { adequate, open, usdPerPoint } = facts;
  const [chosen] = adequate;
  if (!chosen || usdPerPoint === undefined) return undefined;
  const qualities = `predicted quality ${figure(chosen.quality)}, best ${figure(open[0].quality)}`;
  const because = `${chosen.model} is worth most${among(facts)} at ${figure(usdPerPoint)} USD per point of quality: ${qualities}`;
  return { chosen, reason: "best_value", because };
}

function cheapestAdequate(facts: Facts): Verdict {
  const [chosen] = facts.adequate;
  if (!chosen) return undefined;
  const { adequate, open, prefer } = facts;
  const virtue = prefer === "latency" ? "fastest" : "cheapest";
  const rank =
    adequate.length === 1 ? "the only adequate model" : `the ${virtue} of ${adequate.length} adequate models`;
  const qualities = `predicted quality ${figure(chosen.quality)}, best ${figure(open[0].quality)}, tolerance ${figure(facts.tolerance)}`;
  return { chosen, reason: "cheapest_adequate", because: `${chosen.model} is ${rank}${among(facts)}: ${qualities}` };
}

/** That constraints left less than the whole pool must be seen in the sentence. */
const among = ({ open, candidates }: Facts): string =>
  open.length === candidates.length ? "" : ` of the ${open.length} that may answer (of ${candidates.length})`;

function bestAvailable(facts: Facts) {
  const [chosen] = facts.open;
  const because = `no model reaches quality ${figure(facts.minQuality)}, and ${chosen.model} comes nearest with ${figure(chosen.quality)}`;
  return { chosen, reason: "best_available", because } as const;
}

function firstVerdict(rules: readonly Rule[], facts: Facts): NonNullable<Verdict> {
  for (const rule of rules) {
    const verdict = rule(facts);
    if (verdict) return verdict;
  }
  return bestAvailable(facts);
}

function explained(verdict: Exclude<NonNullable<Verdict>, Refusal>, facts: Facts): Decision {
  const { chosen, reason, because } = verdict;
  const confidence = confidenceIn(chosen, facts);
  const runnerUp = facts.open[1];
  const instead = HELD_BACK.has(reason) ? insteadOf(facts) : undefined;
  return {
    model: chosen.model,
    tier: chosen.tier,
    route: facts.route,
    reason,
    sentence: ascii(`${because} (expected cost ${figure(chosen.costUsd)} USD, confidence ${figure(confidence)}).`),
    confidence,
    margin: facts.margin,
    ...(runnerUp && { runnerUp: runnerUp.model }),
    fallbacks: fallbacksOf(chosen, reason, facts),
    candidates: facts.candidates,
    votes: facts.votes,
    ...(instead && { instead }),
    expectedCostUsd: chosen.costUsd,
    baselineCostUsd: baselineOf(facts).costUsd,
  };
}

/**
 * Probability that this model is adequate; 0 while no signal has voted, since then nothing is known. Constraints
 * that leave only weak models do not make them better: the best of the whole pool is the measure.
 */
function confidenceIn(candidate: Candidate, facts: Facts): number {
  const voted = facts.votes.some(({ weight }) => weight > 0);
  return voted ? confidenceOf(slackOf(candidate, facts), facts.readingConfidence) : 0;
}

/** How far a model is from not being adequate, in quality; negative where it is not. */
function slackOf(candidate: Candidate, { candidates, standard, usdPerPoint }: Facts): number {
  if (usdPerPoint !== undefined) return valueSlack(candidate, candidates, usdPerPoint);
  const best = Math.max(...candidates.map(({ quality }) => quality));
  return slackOver(candidate.quality, { ...standard, best });
}

/** Those good enough, first choice first. Where quality has a price, it says itself what is good enough above the floor. */
function adequateOf(
  open: readonly Candidate[],
  standard: Standard,
  { prefer, usdPerPoint }: Pick<Settings, "prefer" | "usdPerPoint">,
): readonly Candidate[] {
  if (usdPerPoint !== undefined) {
    const floor = micro(standard.minQuality);
    return open.filter(({ quality }) => micro(quality) >= floor).toSorted(byValue(usdPerPoint, byCost));
  }
  const required = requiredMicro(standard);
  return open.filter(({ quality }) => micro(quality) >= required).toSorted(by(prefer));
}

function bestOfNextTier({ tierRank }: Candidate, { open }: Facts): Candidate | undefined {
  const above = open.filter((candidate) => candidate.tierRank > tierRank);
  const next = Math.min(...above.map((candidate) => candidate.tierRank));
  return above.find((candidate) => candidate.tierRank === next);
}

/** Where the cheap models are distrusted, failing over to one of them would undo the decision. */
const DOUBTS: ReadonlySet<Reason> = new Set(["low_confidence", "low_margin", "best_available"]);

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

function refusals(candidates: readonly Candidate[]): string {
  if (candidates.length === 0) return "the pool has no models";
  const rest = candidates.length - MOST_REFUSALS;
  const each = candidates.slice(0, MOST_REFUSALS).map(({ model, allowed }) => `${model}: ${allowed}`);
  return ascii([...each, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; "));
}

const named = (name: string | undefined, among: readonly Candidate[]) => among.find(({ model }) => model === name);
const figure = (value: number) => String(Number(value.toPrecision(3)));
const ascii = (text: string) => text.replaceAll(/[^ -~]/gu, "?");

/** The one place where ties are broken: by cost (or latency, where that is preferred), then by name. */
const byName = (a: Candidate, b: Candidate) => (a.model < b.model ? -1 : 1);
const byCost = (a: Candidate, b: Candidate) => a.costUsd - b.costUsd || byName(a, b);
const byLatency = (a: Candidate, b: Candidate) => a.latencyMs - b.latencyMs || byCost(a, b);
const byQuality = (a: Candidate, b: Candidate) => b.quality - a.quality || byCost(a, b);
const by = (prefer: Settings["prefer"]) => (prefer === "latency" ? byLatency : byCost);
