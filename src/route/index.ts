import { randomUUID } from "node:crypto";
import type {
  AskedModel,
  CacheHit,
  CacheTicket,
  Decision,
  DecisionInputs,
  Plan,
  PlannedCascade,
  PlannedRedaction,
  SafetyVerdict,
  SignalReport,
} from "../contracts.ts";
import { decide } from "../decision/decide.ts";
import { applyRules, type RuleVerdict } from "../decision/rules.ts";
import { RouterError } from "../errors.ts";
import { OURSELVES, type Runtime } from "../runtime.ts";
import { readAll } from "../signals/read.ts";
import { refusal } from "../pool/constraints.ts";
import { withAdvice } from "./advice.ts";
import { readAsked, type Asked } from "./asked.ts";
import { exactHit, likeHit, openLook, ticketOf } from "./cache.ts";
import { planCascade } from "./cascade.ts";
import { effortShare, requestFacts, type Circumstances } from "./case.ts";
import { type Conversation, findConversation, rememberConversation } from "./conversation.ts";
import type { RouteInput } from "./input.ts";
import { withIntent } from "./intent.ts";
import { mayBeBrought } from "./keep.ts";
import { redactRequest } from "./redact.ts";
import { changesOf } from "./rewrite.ts";
import { weighAgain } from "./second-look.ts";
import { ownDoor } from "./own-door.ts";
import { planTargets } from "./targets.ts";
import { weigh, type Trip, type Weighed } from "./weigh.ts";

/**
 * FIRST ACT. Request to plan, in the order it happens.
 * Errors: unknown_profile, forbidden, no_model_allowed; unavailable where open circuits alone stand in the way.
 */
export async function route(runtime: Runtime, input: RouteInput): Promise<Plan> {
  const started = runtime.clock();
  const asked = readAsked(runtime, input);
  const ruled = applyRules(runtime.rules, input);
  const finish = (end: Ending) => finishPlan(runtime, input, ruled, started, end);
  if (ruled.block) return finish({ blocked: ruled.block.message });

  // Where personal data is taken out, the key is that of what is left.
  const early = runtime.redaction ? undefined : openLook(runtime, input, ruled);
  const known = early && (await exactHit(early));
  if (known) return finish({ cached: known });

  const conversation = asked.kind === "choice" ? findConversation(runtime, input) : undefined;
  const trip: Trip = { runtime, input, asked, ruled, conversation };
  const signals = ruled.skipSignals ? runtime.safetySignals : runtime.signals;
  const pending = readAll(signals, input.prompt, runtime.clock);
  const glance = weigh(trip, pending instanceof Promise ? await pending : pending);
  const looking = weighAgain(trip, signals, glance);
  const read = looking ? await looking : glance;
  if (read.safety.action === "block") return finish(unsafe(read));
  const redacting = redactRequest(runtime, input, read.circumstances.route.name, read.reports);
  const redacted = redacting && (await redacting);
  if (redacted && "blocked" in redacted) {
    const { reports, safety } = read;
    return finish({ reports, safety, blocked: `Blocked: the request holds personal data (${redacted.blocked}).` });
  }
  const look = early ?? (redacted && openLook(runtime, input, ruled, redacted));
  const same = look && !early ? await exactHit(look) : undefined;
  if (same) return finish({ reports: read.reports, safety: read.safety, cached: same, redaction: redacted!.redaction });
  const shown: Trip = redacted ? { ...trip, shown: redacted.redaction.turn() } : trip;
  const reading = withIntent(shown, signals, read);
  const { weighed, asked: forIntent } = reading ? await reading : { weighed: read, asked: [] };
  const { reports, safety, circumstances } = weighed;
  if (safety.action === "block") return finish(unsafe(weighed));

  if (asked.kind === "stranger") {
    const found = redacted ? Object.keys(redacted.redaction.counts) : [];
    if (found.length > 0) return finish({ reports, safety, blocked: raw(found) });
    return finish({ reports, safety, decision: passUntouched(input, asked, circumstances) });
  }

  const keeps = look && isHarmless(safety) && isJudged(runtime, reports);
  const likeness = keeps ? await likeHit(runtime, look, weighed) : {};
  // Somebody who asked the same may have been answered while this one was read.
  const cached = likeness.hit ?? (keeps ? await exactHit(look) : undefined);
  if (cached) {
    const found = decide(weighed.choice!);
    return finish({
      reports,
      safety,
      cached,
      ...(!("refused" in found) && { decision: found }),
      ...(redacted && { redaction: redacted.redaction }),
    });
  }

  const advising = withAdvice(shown, circumstances, weighed.choice!);
  const { choice, asked: forAdvice } = advising ? await advising : { choice: weighed.choice!, asked: [] };
  const decision = decide(choice);
  if ("refused" in decision) throw noModel(runtime, input, circumstances, choice.visitor, decision.refused);
  if (!input.preview) leaveTraces(runtime, input, conversation, decision);
  const changes = await changesOf(runtime, input, circumstances.route.name, redacted?.edits ?? []);
  const targets = planTargets(runtime, input, circumstances, decision, { reasoning: choice.reasoning, changes });
  const inputs = { ...weighed.inputs!, ...(choice.advice && { advice: choice.advice }) };
  const cascade = planCascade(runtime, input, circumstances, decision, targets);
  // One that is switched off is not gone through there either: that door knows who answers then.
  const keep = keeps ? ticketOf(look, circumstances.route.name, likeness.like) : undefined;
  const elsewhere = cascade && !input.answering && ownDoor(runtime, input, cascade);
  return finish({
    reports,
    safety,
    decision,
    inputs,
    targets: elsewhere ? [elsewhere, ...targets] : targets,
    models: [...forIntent, ...forAdvice],
    ...(cascade && { cascade }),
    ...(redacted && { redaction: redacted.redaction }),
    ...(keep && { keep }),
  });
}

/** Nothing about the request is for others to judge first. */
const isHarmless = ({ action }: SafetyVerdict): boolean => action === "none" || action === "annotate";

/** An answer that is given again is not judged again: what safety could not read is judged each time. */
function isJudged({ safetySignals }: Runtime, reports: readonly SignalReport[]): boolean {
  const judging = new Set(safetySignals.map(({ name }) => name));
  return !reports.some(
    ({ signal, failure }) => judging.has(signal) && failure !== undefined && failure !== "second_look",
  );
}

/** What later decisions go by. */
function leaveTraces(
  runtime: Runtime,
  input: RouteInput,
  conversation: Conversation | undefined,
  decision: Decision,
): void {
  rememberConversation(runtime, input, conversation, decision);
  const { reasoning } = runtime.decision;
  if (!reasoning) return;
  const key = effortShare(input.caller.tenant);
  if (decision.reasoning?.effort === "high") runtime.shares.take(key);
  runtime.shares.count(key, reasoning.percent / 100);
}

/** How a trip ended: with a decision, or blocked on the way. */
interface Ending {
  readonly reports?: readonly SignalReport[];
  readonly safety?: SafetyVerdict;
  readonly decision?: Decision;
  readonly inputs?: DecisionInputs;
  readonly targets?: Plan["targets"];
  /** Those that were asked for us. */
  readonly models?: readonly AskedModel[];
  readonly cascade?: PlannedCascade;
  readonly redaction?: PlannedRedaction;
  readonly cached?: CacheHit;
  readonly keep?: CacheTicket;
  /** What the client is told. */
  readonly blocked?: string;
}

/** Nobody here changes what goes to a model that is not ours. */
const raw = (entities: readonly string[]): string =>
  `Blocked: the request holds personal data (${entities.join(", ")}), and the model that it names is none of the pool's.`;

const unsafe = ({ reports, safety }: Weighed): Ending => ({
  reports,
  safety,
  blocked: `Blocked by safety: ${safety.classes.join(", ")}.`,
});

const NOTHING_FOUND: SafetyVerdict = { action: "none", classes: [], sentence: "nothing found" };

const NOT_READ: SafetyVerdict = { ...NOTHING_FOUND, sentence: "not read: the same request was answered before" };

function finishPlan(runtime: Runtime, input: RouteInput, ruled: RuleVerdict, started: number, end: Ending): Plan {
  const decisionId = randomUUID();
  const targets = end.targets ?? [];
  if (!input.preview && targets.length > 0) {
    runtime.decisions.remember(decisionId, {
      tenant: input.caller.tenant,
      targets: targets.map(({ target, model }) => ({ id: target.id, model })),
      answering: input.answering ?? false,
    });
  }
  if (!input.answering && mayBeBrought(end)) runtime.cache!.tickets.remember(decisionId, end.keep!);
  const chosen = targets[0]?.target.upstream === OURSELVES ? targets[0].model : end.decision?.model;
  const routed = chosen !== undefined && fitsHeader(chosen) ? chosen : undefined;
  const { action, classes, sentence } = end.safety ?? (end.cached ? NOT_READ : NOTHING_FOUND);
  return {
    decisionId,
    configHash: runtime.hash,
    signals: end.reports ?? [],
    safety: { action, classes, sentence },
    rules: ruled.matched,
    targets,
    ...(end.models && end.models.length > 0 && { asked: end.models }),
    ...(end.cascade && { cascade: end.cascade }),
    ...(end.redaction && { redaction: end.redaction }),
    ...(end.cached && { cached: end.cached }),
    ...(end.keep && { keep: end.keep }),
    setHeaders: routed ? [{ name: runtime.routingHeader, value: routed }] : [],
    removeHeaders: Object.keys(input.headers).filter(
      (name) => name.startsWith("x-signalbox-") || (name === runtime.routingHeader && !routed),
    ),
    preview: input.preview,
    ...(end.decision && { decision: end.decision }),
    ...(end.inputs && { inputs: end.inputs }),
    ...(end.blocked !== undefined && { blocked: { status: 403, code: "blocked", message: end.blocked } }),
    micros: (runtime.clock() - started) * 1000,
  };
}

/** Circuits close again: where only they are in the way, the client may come back. */
function noModel(
  runtime: Runtime,
  input: RouteInput,
  circumstances: Circumstances,
  visitor: string | undefined,
  refused: string,
): RouterError {
  const { guarded } = circumstances;
  const facts = { ...requestFacts(runtime, input, circumstances, visitor), isCallable: () => true };
  const models = runtime.pool.models.filter(({ name }) => guarded === undefined || name === guarded);
  return models.some((model) => refusal(model, facts) === true)
    ? new RouterError("unavailable", `No model can answer this request now: ${refused}.`, { retryAfterMs: 1000 })
    : new RouterError("no_model_allowed", `No model may answer this request: ${refused}.`);
}

/** The name of a model outside the pool is whatever the client wrote. */
const fitsHeader = (model: string): boolean => /^[\u0021-\u007E]{1,256}$/.test(model);

/** A model that is not ours passes as it is, unless something binds the request to models that we know. */
function passUntouched(
  { constraints }: RouteInput,
  { model }: Asked & { kind: "stranger" },
  { ruled, guarded, internalOnly, route: way }: Circumstances,
): Decision {
  const { models, ...limits } = constraints;
  const bound =
    guarded !== undefined ||
    internalOnly ||
    ruled.forbid.includes(model) ||
    [ruled.only, way.models, models].some((names) => names && !names.includes(model)) ||
    way.tier !== undefined ||
    Object.keys(limits).length > 0;
  if (bound) {
    const why =
      "Safety, a rule, the route or a constraint binds this request to models of the pool, and the model it names is none.";
    throw new RouterError("no_model_allowed", why, { param: "model" });
  }
  return {
    model,
    tier: "",
    route: way.name,
    reason: "requested",
    sentence: "The client asked by name for a model outside the pool, so it passes untouched.",
    confidence: 0,
    margin: 0,
    fallbacks: [],
    candidates: [],
    votes: [],
    expectedCostUsd: 0,
    baselineCostUsd: 0,
  };
}
