import type { Candidate, DecisionInputs, Model, Reasoning, SignalReport } from "../contracts.ts";
import type { Case } from "../decision/decide.ts";
import { settingsOf } from "../decision/profile.ts";
import { reasoningOf, thinkingTokens } from "../decision/reasoning.ts";
import { inRollout, rolloutOf } from "../decision/rollout.ts";
import type { RuleVerdict } from "../decision/rules.ts";
import { vote } from "../decision/vote.ts";
import { canBeTold } from "../dialect/effort.ts";
import { refusal, type RequestFacts } from "../pool/constraints.ts";
import { expectedCostUsd, expectedLatencyMs, expectedOutputTokens } from "../pool/cost.ts";
import { expectedSpeed } from "../pool/order.ts";
import type { Runtime } from "../runtime.ts";
import type { Asked } from "./asked.ts";
import { beginningOf, type Conversation } from "./conversation.ts";
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
  readonly conversation: Conversation | undefined;
}

/** Of a tenant's requests, those that are thought about with high effort. */
export const effortShare = (tenant: string): string => `effort ${tenant}`;

/** What the decision depends on beside the config and the reports, as plain data. */
export function inputsOf(runtime: Runtime, input: RouteInput, circumstances: Circumstances): DecisionInputs {
  const { route, pin, asked, guarded, reports, conversation } = circumstances;
  const rollout = rolloutOf(runtime.decision.rollout, route.rollout);
  const isIn = rollout.percent >= 100 || inRollout(beginningOf(input), rollout.percent);
  const standIn = rollout.mode !== "route" || !isIn ? rollout.default : undefined;
  // What was asked for by name, or is not routed, is not changed; and what nobody can be told is not decided.
  const canBeSaid = input.effortEdit !== undefined || !input.answering;
  const isOurs =
    asked.kind === "choice" && standIn === undefined && canBeSaid && input.prompt.saysReasoning === undefined;
  const reasoning = isOurs ? thoughtOf(runtime, input, circumstances) : undefined;
  return {
    route: route.name,
    inRollout: isIn,
    models: modelsOf(runtime, input, circumstances, standIn, reasoning),
    ...(asked.kind === "choice" && asked.profile !== undefined && { profile: asked.profile }),
    ...(standIn !== undefined && isVisitor(runtime, input, circumstances, standIn) && { visitor: standIn }),
    ...(guarded !== undefined && { guarded }),
    ...(asked.kind === "model" && { requested: asked.model }),
    ...(pin && { pin }),
    ...(reports.some(({ readings }) => readings.some(({ escalates }) => escalates)) && { escalates: true }),
    ...heldBy(runtime, { input, reports, reasoning }, conversation?.held),
    ...(reasoning && { reasoning }),
  };
}

/** Everything that the decision depends on: the config, what the signals read, and the rest. */
export function caseOf(runtime: Runtime, reports: readonly SignalReport[], inputs: DecisionInputs): Case {
  const { pool, decision } = runtime;
  const { profile, inRollout: isIn, models, ...rest } = inputs;
  const route = runtime.routes.get(inputs.route)!;
  const voters = runtime.voting.map(({ signal, weight, scores = {}, byModel }) => ({
    signal,
    weight,
    scores,
    ...(byModel && { byModel }),
    readings: reports.find((report) => report.signal === signal)?.readings ?? [],
  }));
  const standings = pool.models.map(({ name, tier, quality }) => ({ name, tier: tier.name, quality }));
  const ballot = vote(voters, standings, runtime.defaultScores);
  return {
    ...settingsOf(decision, route, profile === undefined ? undefined : runtime.profiles.get(profile)),
    ...rest,
    candidates: models.map((own): Candidate => {
      const { tier, reasoning, parameters } = pool.byName.get(own.model)!;
      const quality = ballot.qualities.get(own.model)!;
      return {
        ...own,
        tier: tier.name,
        tierRank: tier.rank,
        quality,
        ...(reasoning && canBeTold(reasoning, parameters) && { reasons: true }),
      };
    }),
    votes: ballot.votes,
    readingConfidence: ballot.readingConfidence,
    baseline: runtime.baseline,
    rollout: { ...rolloutOf(decision.rollout, route.rollout), inRollout: isIn },
  };
}

function thoughtOf(
  { decision, shares }: Runtime,
  { caller }: RouteInput,
  { ruled, route, reports }: Circumstances,
): Reasoning | undefined {
  const { percent } = decision.reasoning ?? { percent: 100 };
  return reasoningOf(decision.reasoning, {
    reports,
    isLeft: percent > 0 && (percent === 100 || shares.isLeft(effortShare(caller.tenant))),
    ...(ruled.reasoning !== undefined && { ruled: ruled.reasoning }),
    ...(route.reasoning !== undefined && { routed: route.reasoning }),
  });
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
    constraints: runtime.rewriting.addsTools(route.name) ? { ...constraints, tools: true } : constraints,
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

function modelsOf(
  runtime: Runtime,
  input: RouteInput,
  circumstances: Circumstances,
  standIn: string | undefined,
  reasoning: Reasoning | undefined,
): DecisionInputs["models"] {
  const facts = requestFacts(runtime, input, circumstances, standIn);
  return runtime.pool.models.map((model) => {
    const outputTokens = outputTokensOf(runtime, model, { input, reports: circumstances.reports, reasoning });
    return {
      model: model.name,
      costUsd: expectedCostUsd(model.price, input.prompt.inputTokens, outputTokens),
      latencyMs: expectedLatencyMs(expectedSpeed(model, facts), outputTokens),
      allowed: refusal(model, facts),
    };
  });
}

/** A model that has left the pool holds nothing. */
function heldBy(runtime: Runtime, expected: Expected, held: Conversation["held"]): Pick<DecisionInputs, "held"> {
  const model = held && runtime.pool.byName.get(held.model);
  if (!model) return {};
  const { inToolLoop, cachedTokens } = held;
  const outputTokens = outputTokensOf(runtime, model, expected);
  const costUsd = expectedCostUsd(model.price, expected.input.prompt.inputTokens, outputTokens, cachedTokens);
  return { held: { model: model.name, costUsd, inToolLoop } };
}

/** What the length of a reply is told by. */
interface Expected {
  readonly input: RouteInput;
  readonly reports: readonly SignalReport[];
  readonly reasoning: Reasoning | undefined;
}

/** What is said and what is thought. */
function outputTokensOf(runtime: Runtime, model: Model, { input: { prompt }, reports, reasoning }: Expected): number {
  const learned = learnedTokens(runtime, model, reports);
  const said =
    learned === undefined ? expectedOutputTokens(prompt) : Math.min(learned, prompt.maxOutputTokens ?? Infinity);
  return said + (model.reasoning && reasoning ? thinkingTokens(reasoning) : 0);
}

/** What a signal whose labels are models expects of this one's reply. */
function learnedTokens({ voting }: Runtime, { name }: Model, reports: readonly SignalReport[]): number | undefined {
  const knowing = voting.filter(({ byModel }) => byModel).map(({ signal }) => signal);
  const own = reports.filter(({ signal }) => knowing.includes(signal)).flatMap(({ readings }) => readings);
  return own.find(({ label, outputTokens }) => label === name && outputTokens !== undefined)?.outputTokens;
}
