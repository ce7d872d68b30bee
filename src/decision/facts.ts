import type { Advice, Candidate, Held, Pin, Reasoning, Vote } from "../contracts.ts";
import { calibratedConfidence, confidenceOf, requiredMicro, slackOver, type Standard } from "./confidence.ts";
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
  /** The user asks for one tier more than would be chosen. */
  readonly escalates?: true;
  readonly held?: Held;
  readonly advice?: Advice;
  /** What a model that can be told is told about thinking. */
  readonly reasoning?: Reasoning;
  /** The model that savings are counted against; the dearest of the strongest tier when there is none. */
  readonly baseline?: string;
}

/** A case with what the rules look at. */
export interface Facts extends Case {
  /** Candidates that break no constraint, best predicted first. */
  readonly open: readonly [Candidate, ...Candidate[]];
  /** Those of `open` that are good enough, first choice first. */
  readonly adequate: readonly Candidate[];
  readonly margin: number;
  readonly standard: Standard;
}

/** What the rules look at, over the allowed candidates that are asked for; undefined when there is none. */
export function factsOf(input: Case, isAsked: (candidate: Candidate) => boolean = () => true): Facts | undefined {
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

/** Those good enough, first choice first. Where quality has a price, it says itself what is good enough above the floor. */
export function adequateOf(
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

/**
 * Probability that this model is adequate; 0 while no signal has voted, since then nothing is known. Constraints
 * that leave only weak models do not make them better: the best of the whole pool is the measure.
 */
export function confidenceIn(candidate: Candidate, facts: Facts): number {
  const voted = facts.votes.some(({ weight }) => weight > 0);
  if (!voted) return 0;
  const { calibration, readingConfidence } = facts;
  const slack = slackOf(candidate, facts);
  return calibration
    ? calibratedConfidence(calibration, { slack, quality: candidate.quality, readingConfidence })
    : confidenceOf(slack, readingConfidence);
}

/** How far a model is from not being adequate, in quality; negative where it is not. */
function slackOf(candidate: Candidate, { candidates, standard, usdPerPoint }: Facts): number {
  if (usdPerPoint !== undefined) return valueSlack(candidate, candidates, usdPerPoint);
  const best = Math.max(...candidates.map(({ quality }) => quality));
  return slackOver(candidate.quality, { ...standard, best });
}

/** The best predicted model of the first tier above that has one. */
export function bestOfNextTier({ tierRank }: Candidate, { open }: Facts): Candidate | undefined {
  const above = open.filter((candidate) => candidate.tierRank > tierRank);
  const next = Math.min(...above.map((candidate) => candidate.tierRank));
  return above.find((candidate) => candidate.tierRank === next);
}

const MOST_REFUSALS = 20;

/** Each model with the constraint that it breaks. */
export function refusals(candidates: readonly Candidate[]): string {
  if (candidates.length === 0) return "the pool has no models";
  const rest = candidates.length - MOST_REFUSALS;
  const each = candidates.slice(0, MOST_REFUSALS).map(({ model, allowed }) => `${model}: ${allowed}`);
  return ascii([...each, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; "));
}

export const named = (name: string | undefined, among: readonly Candidate[]) =>
  among.find(({ model }) => model === name);
export const figure = (value: number) => String(Number(value.toPrecision(3)));
export const ascii = (text: string) => text.replaceAll(/[^ -~]/gu, "?");

/** The one place where ties are broken: by cost (or latency, where that is preferred), then by quality, then by name. */
export const byName = (a: Candidate, b: Candidate) => (a.model < b.model ? -1 : 1);
const byCost = (a: Candidate, b: Candidate) => a.costUsd - b.costUsd || b.quality - a.quality || byName(a, b);
const byLatency = (a: Candidate, b: Candidate) => a.latencyMs - b.latencyMs || byCost(a, b);
const byQuality = (a: Candidate, b: Candidate) => b.quality - a.quality || byCost(a, b);
const by = (prefer: Settings["prefer"]) => (prefer === "latency" ? byLatency : byCost);
