import type { Candidate, Reason } from "../contracts.ts";
import { adequateOf, ascii, bestOfNextTier, confidenceIn, type Facts, figure, named, refusals } from "./facts.ts";
import { valueOf } from "./value.ts";

export interface Refusal {
  /** Each model with the constraint that it breaks. */
  readonly refused: string;
}

/** A model and why. */
export interface Choice {
  readonly chosen: Candidate;
  readonly reason: Reason;
  readonly because: string;
}

/** A rule's word: a choice, or that nobody may answer. Undefined when the rule has nothing to say. */
type Verdict = Choice | Refusal | undefined;
type Rule = (facts: Facts) => Verdict;

/** Who has the last word, first to last. Constraints come before all of them: they see only what is allowed. */
const PRECEDENCE: readonly Rule[] = [
  guardedModel,
  requestedModel,
  heldBackByRollout,
  pinned,
  escalatedByUser,
  held,
  fallbackWhenUnsure,
  advised,
  escalatedWhenClose,
  worthItsPrice,
  cheapestAdequate,
];

const after = (rule: Rule): readonly Rule[] => PRECEDENCE.slice(PRECEDENCE.indexOf(rule) + 1);
const AFTER_ROLLOUT = after(heldBackByRollout);
const AFTER_HELD = after(held);
const BEFORE_ADVICE = PRECEDENCE.slice(0, PRECEDENCE.indexOf(advised));

export function firstVerdict(facts: Facts): Choice | Refusal {
  return firstOf(PRECEDENCE, facts) ?? bestAvailable(facts);
}

/** What is decided where no rollout speaks. */
export function verdictWithoutRollout(facts: Facts): Choice | Refusal {
  return firstOf(AFTER_ROLLOUT, facts) ?? bestAvailable(facts);
}

const MOST_OFFERED = 4;

/**
 * The models that a router may choose among: the one that would be chosen, the one that would answer instead since it
 * is close, and the two best predicted; none where it is not close, something else decides, or only one is left.
 */
export function inQuestion(facts: Facts): readonly Candidate[] {
  const [first] = facts.adequate;
  if (!first || !isClose(facts) || firstOf(BEFORE_ADVICE, facts)) return [];
  const all = [first, bestOfNextTier(first, facts), ...facts.open].filter((candidate) => candidate !== undefined);
  const offered = [...new Set(all)].slice(0, MOST_OFFERED);
  return offered.length > 1 ? offered : [];
}

function firstOf(rules: readonly Rule[], facts: Facts): NonNullable<Verdict> | undefined {
  for (const rule of rules) {
    const verdict = rule(facts);
    if (verdict) return verdict;
  }
  return undefined;
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

/** Counted from what would be chosen anew: from what is held it would climb a tier with every turn. */
function escalatedByUser(facts: Facts): Verdict {
  if (!facts.escalates) return undefined;
  const usual = anew(facts);
  const chosen = bestOfNextTier(usual, facts);
  return (
    chosen && {
      chosen,
      reason: "escalated",
      because: `the user asks for more, so ${chosen.model} of the next tier up, ${chosen.tier}, answers instead of ${usual.model}`,
    }
  );
}

/** A conversation stays where its prefix is cached, unless that is not good enough any more or another is cheaper. */
function held(facts: Facts): Verdict {
  const { held: before, open, adequate } = facts;
  const chosen = named(before?.model, open);
  if (!before || !chosen) return undefined;
  const { model } = chosen;
  if (before.inToolLoop)
    return { chosen, reason: "held", because: `${model} called the tool whose result comes now, so it goes on` };
  const other = anew(facts);
  if (other === chosen || !adequate.includes(chosen) || !isNoWorse(before.costUsd, chosen, other, facts))
    return undefined;
  const because = `${model} answered this conversation before, is still adequate, and with its prefix cached is no worse a bargain than ${other.model}`;
  return { chosen, reason: "held", because };
}

/** Whether to stay costs no more than to change; where quality has a price, whether it is worth no less. */
function isNoWorse(costUsd: number, chosen: Candidate, other: Candidate, { usdPerPoint }: Facts): boolean {
  if (usdPerPoint === undefined) return costUsd <= other.costUsd;
  return valueOf({ ...chosen, costUsd }, usdPerPoint) >= valueOf(other, usdPerPoint);
}

/** What is chosen where nobody knows the conversation. */
function anew(facts: Facts): Candidate {
  const verdict = firstOf(AFTER_HELD, facts) ?? bestAvailable(facts);
  return "chosen" in verdict ? verdict.chosen : facts.open[0];
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

const isClose = ({ margin, escalateBelowMargin }: Facts): boolean => margin < escalateBelowMargin;
const closeness = ({ margin, escalateBelowMargin }: Facts): string =>
  `margin ${figure(margin)} < ${figure(escalateBelowMargin)}`;

function advised(facts: Facts): Verdict {
  const { advice, open } = facts;
  if (!advice || !("model" in advice)) return undefined;
  const chosen = named(advice.model, open);
  const because = `${closeness(facts)}, so ${advice.router} was asked and chose ${advice.model}`;
  return chosen && { chosen, reason: "llm_router", because };
}

function escalatedWhenClose(facts: Facts): Verdict {
  const [first] = facts.adequate;
  if (!first || !isClose(facts)) return undefined;
  const chosen = bestOfNextTier(first, facts);
  return (
    chosen && {
      chosen,
      reason: "low_margin",
      because: `${closeness(facts)}, so ${chosen.model} of the next tier up, ${chosen.tier}, answers instead of ${first.model}`,
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

function bestAvailable(facts: Facts): Choice {
  const [chosen] = facts.open;
  const because = `no model reaches quality ${figure(facts.minQuality)}, and ${chosen.model} comes nearest with ${figure(chosen.quality)}`;
  return { chosen, reason: "best_available", because };
}
