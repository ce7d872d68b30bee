import type { Candidate, SignalReport } from "../contracts.ts";
import type { Case } from "../decision/decide.ts";
import { settingsOf } from "../decision/profile.ts";
import { inRollout, rolloutOf } from "../decision/rollout.ts";
import type { RuleVerdict } from "../decision/rules.ts";
import { vote } from "../decision/vote.ts";
import { refusal, type RequestFacts } from "../pool/constraints.ts";
import { expectedCostUsd, expectedLatencyMs, expectedOutputTokens } from "../pool/cost.ts";
import { expectedSpeed } from "../pool/order.ts";
import type { Runtime } from "../runtime.ts";
import type { Asked } from "./asked.ts";
import type { RouteInput } from "./input.ts";
import type { Way } from "./way.ts";

/** What is known of a request once rules, signals and safety have spoken. */
export interface Circumstances extends Way {
  readonly asked: Asked;
  readonly ruled: RuleVerdict;
  readonly reports: readonly SignalReport[];
  readonly internalOnly: boolean;
  /** The guarded model, when safety sends the request there. */
  readonly guarded?: string;
}

/** Long prompts are told apart by their beginnings and lengths. */
const KEY_CHARACTERS = 2048;

/** Everything that the decision depends on, as plain data. */
export function caseOf(runtime: Runtime, input: RouteInput, circumstances: Circumstances): Case {
  const { route, pin, asked, guarded, reports } = circumstances;
  const { pool, decision } = runtime;
  const voters = runtime.voting.map(({ signal, weight, scores = {} }) => ({
    signal,
    weight,
    scores,
    readings: reports.find((report) => report.signal === signal)?.readings ?? [],
  }));
  const standings = pool.models.map(({ name, tier, quality }) => ({ name, tier: tier.name, quality }));
  const ballot = vote(voters, standings, runtime.defaultScores);
  const rollout = rolloutOf(decision.rollout, route.rollout);
  const routed = rollout.percent >= 100 || inRollout(conversationKey(input), rollout.percent);
  const standIn = rollout.mode !== "route" || !routed ? rollout.default : undefined;
  const profile =
    asked.kind === "choice" && asked.profile !== undefined ? runtime.profiles.get(asked.profile) : undefined;

  return {
    ...settingsOf(decision, route, profile),
    route: route.name,
    candidates: candidatesOf(runtime, input, circumstances, ballot.qualities, standIn),
    votes: ballot.votes,
    readingConfidence: ballot.readingConfidence,
    baseline: runtime.baseline,
    rollout: { ...rollout, inRollout: routed },
    ...(standIn !== undefined && isVisitor(runtime, input, circumstances, standIn) && { visitor: standIn }),
    ...(guarded !== undefined && { guarded }),
    ...(asked.kind === "model" && { requested: asked.model }),
    ...(pin && { pin }),
  };
}

/**
 * What the pool must know of a request to rule models out and to order targets. `standIn` is the model that a
 * rollout sends what it does not route; like the guarded model it answers outside the bounds of the route.
 */
export function requestFacts(
  runtime: Runtime,
  { prompt, caller, constraints }: RouteInput,
  { asked, route, ruled, internalOnly, guarded }: Circumstances,
  standIn?: string,
): RequestFacts {
  return {
    prompt,
    constraints,
    internalOnly,
    forbid: ruled.forbid,
    isCallable: runtime.isCallable,
    speedOf: (id) => runtime.targetState(id)?.speed(),
    route: {
      name: route.name,
      ...(route.models && { models: route.models }),
      ...(route.tier !== undefined && { tier: route.tier }),
      exempt: [guarded, standIn].filter((name) => name !== undefined),
    },
    ...(asked.kind === "model" && { named: asked.model }),
    ...(caller.models && { callerModels: caller.models }),
    ...(ruled.only && { only: ruled.only }),
  };
}

/** Whether only the rollout lets this model answer. */
function isVisitor(runtime: Runtime, input: RouteInput, circumstances: Circumstances, standIn: string): boolean {
  return refusal(runtime.pool.byName.get(standIn)!, requestFacts(runtime, input, circumstances)) !== true;
}

function candidatesOf(
  runtime: Runtime,
  input: RouteInput,
  circumstances: Circumstances,
  qualities: ReadonlyMap<string, number>,
  standIn: string | undefined,
): Candidate[] {
  const facts = requestFacts(runtime, input, circumstances, standIn);
  const { prompt } = input;
  const outputTokens = expectedOutputTokens(prompt);
  return runtime.pool.models.map((model) => ({
    model: model.name,
    tier: model.tier.name,
    tierRank: model.tier.rank,
    quality: qualities.get(model.name)!,
    costUsd: expectedCostUsd(model.price, prompt.inputTokens, outputTokens),
    latencyMs: expectedLatencyMs(expectedSpeed(model, facts), outputTokens),
    allowed: refusal(model, facts),
  }));
}

/** The same conversation of the same tenant is always on the same side of a rollout. */
function conversationKey({ caller, prompt }: RouteInput): string {
  const { system, firstTurn } = prompt;
  const short = (text: string) => `${text.length} ${text.slice(0, KEY_CHARACTERS)}`;
  return `${caller.tenant}\n${short(system)}\n${short(firstTurn)}`;
}
