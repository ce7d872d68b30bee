import { randomUUID } from "node:crypto";
import type { Edit, Model, Plan, PlannedRedaction, SafetyVerdict, SignalReport } from "../contracts.ts";
import { applyRules, type RuleVerdict } from "../decision/rules.ts";
import { judgeSafety, type Judgement } from "../decision/safety.ts";
import { RouterError } from "../errors.ts";
import { isInternalOnly, refusal, type RequestFacts } from "../pool/constraints.ts";
import { orderTargets } from "../pool/order.ts";
import { composeEdits } from "../rewrite/compose.ts";
import type { Runtime } from "../runtime.ts";
import { readAll } from "../signals/read.ts";
import type { RouteInput } from "./input.ts";
import { plannedTarget } from "./planned.ts";
import { redactRequest } from "./redact.ts";
import { chooseWay, type Way } from "./way.ts";

export interface PassthroughInput extends RouteInput {
  /** Part of the body is no text, such as token ids: no signal has read it. */
  readonly unread: boolean;
}

/**
 * The plan of a request that names its model and is not ours to decide, such as embeddings: that model's targets.
 * Rules and safety bind it as they bind every request, and personal data is taken out of it; of a pinned route only
 * that holds.
 * Errors: unknown_model, forbidden, no_model_allowed. No target is planned where open circuits stand in the way.
 */
export async function planPassthrough(runtime: Runtime, input: PassthroughInput): Promise<Plan> {
  const started = runtime.clock();
  const model = namedModel(runtime, input);
  const ruled = applyRules(runtime.rules, input);
  const finish = (end: Ending): Plan => ({
    decisionId: randomUUID(),
    configHash: runtime.hash,
    signals: end.reports ?? [],
    safety: end.safety ?? { action: "none", classes: [], sentence: "nothing found" },
    rules: ruled.matched,
    targets: end.targets ?? [],
    setHeaders: [],
    removeHeaders: [],
    preview: input.preview,
    ...(end.redaction && { redaction: end.redaction }),
    ...(end.blocked !== undefined && { blocked: { status: 403, code: "blocked", message: end.blocked } }),
    micros: (runtime.clock() - started) * 1000,
  });
  if (ruled.block) return finish({ blocked: ruled.block.message });

  const reports = await read(runtime, input, ruled);
  const way = chooseWay(runtime, ruled, reports);
  const { internalOnly, ...safety } = judge(runtime, way, reports);
  const classes = safety.classes.join(", ");
  if (safety.action === "block") return finish({ reports, safety, blocked: `Blocked by safety: ${classes}.` });
  if (safety.action === "guarded") {
    const blocked = `Blocked by safety: ${classes}. The guarded model does not serve this path.`;
    return finish({ reports, safety, blocked });
  }
  const { name: route } = way.route;
  if (input.unread && hides(runtime, input, route)) {
    const blocked = "Blocked: part of the request is no text, so personal data cannot be taken out of it.";
    return finish({ reports, safety, blocked });
  }
  const redacted = await redactRequest(runtime, input, route, reports);
  if (redacted && "blocked" in redacted) {
    return finish({ reports, safety, blocked: `Blocked: the request holds personal data (${redacted.blocked}).` });
  }
  const sent = redacted ? withEdits(input, redacted.edits) : input;
  const targets = planNamed(runtime, sent, model, { ruled, internalOnly: internalOnly || ruled.internal });
  return finish({ reports, safety, targets, ...(redacted && { redaction: redacted.redaction }) });
}

/** How a trip ended: with targets, or blocked on the way. */
interface Ending {
  readonly reports?: readonly SignalReport[];
  readonly safety?: SafetyVerdict;
  readonly targets?: Plan["targets"];
  readonly redaction?: PlannedRedaction;
  /** What the client is told. */
  readonly blocked?: string;
}

function namedModel(runtime: Runtime, { prompt, caller }: PassthroughInput): Model {
  const model = runtime.pool.byName.get(prompt.model);
  if (!model) {
    throw new RouterError(
      "unknown_model",
      "The pool has no such model, and this path routes nothing: name one of GET /v1/models.",
      { param: "model" },
    );
  }
  if (caller.models && !caller.models.includes(model.name)) {
    throw new RouterError("forbidden", "This client key may not use the model that it asks for.", { param: "model" });
  }
  return model;
}

/**
 * Signals that vote are read too, since their pins may choose a route whose safety is stricter. What is no text was
 * read by nobody, and counts as a long text that was not read to its end.
 */
async function read(
  runtime: Runtime,
  { prompt, unread }: PassthroughInput,
  { skipSignals }: RuleVerdict,
): Promise<readonly SignalReport[]> {
  const signals = skipSignals ? runtime.safetySignals : runtime.signals;
  const reports = await readAll(signals, prompt, runtime.clock);
  return unread ? reports.map((report) => ({ ...report, failure: "unread" })) : reports;
}

function hides({ redaction }: Runtime, { caller }: PassthroughInput, route: string): boolean {
  return redaction?.acts({ route, tenant: caller.tenant, domains: [] }) ?? false;
}

function withEdits(input: PassthroughInput, edits: readonly Edit[]): PassthroughInput {
  const { edit } = input;
  return edit ? { ...input, edit: (model) => composeEdits(edits, edit(model)) } : input;
}

function judge(runtime: Runtime, { route, pinnedBy }: Way, reports: readonly SignalReport[]): Judgement {
  const configured = runtime.signals.map(({ name }) => name);
  return judgeSafety(runtime.safetyOf(route, pinnedBy), reports, configured);
}

/** A batch may be longer than any context, and is no conversation: of what a model can do nothing is asked. */
const NOTHING_ASKED: RequestFacts["prompt"] = {
  inputTokens: 0,
  maxOutputTokens: 0,
  needs: { modalities: [], tools: [], parameters: [] },
};

function planNamed(
  runtime: Runtime,
  input: PassthroughInput,
  model: Model,
  { ruled, internalOnly }: { ruled: RuleVerdict; internalOnly: boolean },
): Plan["targets"] {
  const facts: RequestFacts = {
    prompt: NOTHING_ASKED,
    constraints: input.constraints,
    internalOnly,
    forbid: ruled.forbid,
    isCallable: () => true,
    ...(ruled.only && { only: ruled.only }),
  };
  const refused = refusal(model, facts);
  if (refused !== true)
    throw new RouterError("no_model_allowed", `The model ${model.name} may not answer this request: ${refused}.`);
  const targets = orderTargets(model, { internalOnly: isInternalOnly(facts), isCallable: runtime.isCallable });
  return targets.map((target) => plannedTarget(runtime, input, model.name, target, model.tier.timeouts));
}
