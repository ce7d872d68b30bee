import { Buffer } from "node:buffer";
import type {
  Api,
  CacheHit,
  Constraints,
  Modality,
  Plan,
  PlannedCascade,
  PlannedTarget,
  SignalReport,
  Usage,
} from "../contracts.ts";
import { applyEdits } from "../dialect/json.ts";
import { RouterError } from "../errors.ts";
import { usdOf } from "./record.ts";
import { ApiKind, Location, Modality as WireModality } from "../gen/signalbox/v1/router_pb.ts";
import type { Constraints as WireConstraints, ReportOutcomeRequest } from "../gen/signalbox/v1/router_pb.ts";

/** The wire's messages as our nouns, and back. Connect fills in what a plain object leaves out. */

const APIS: Readonly<Record<ApiKind, Exclude<Api, "messages"> | undefined>> = {
  [ApiKind.UNSPECIFIED]: undefined,
  [ApiKind.OPENAI_CHAT]: "openai-chat",
  [ApiKind.OPENAI_RESPONSES]: "openai-responses",
  [ApiKind.ANTHROPIC_MESSAGES]: "anthropic-messages",
  [ApiKind.GEMINI]: "gemini",
};

const MODALITIES: Readonly<Record<WireModality, Modality | undefined>> = {
  [WireModality.UNSPECIFIED]: undefined,
  [WireModality.TEXT]: "text",
  [WireModality.IMAGE]: "image",
  [WireModality.AUDIO]: "audio",
  [WireModality.VIDEO]: "video",
  [WireModality.FILE]: "file",
};

export function readApi(kind: ApiKind): Exclude<Api, "messages"> {
  const api = APIS[kind];
  if (!api)
    throw new RouterError("invalid_request", "raw.api must name the API of the body, such as API_KIND_OPENAI_CHAT.", {
      param: "raw.api",
    });
  return api;
}

export function readConstraints(wire: WireConstraints | undefined): Constraints {
  if (!wire) return {};
  const modalities = wire.modalities.map((kind) => MODALITIES[kind]).filter((kind) => kind !== undefined);
  const limit = (field: string, value: number | undefined) => {
    if (value !== undefined && !(value >= 0)) {
      throw new RouterError("invalid_request", `constraints.${field} must be a number of at least 0.`, {
        param: `constraints.${field}`,
      });
    }
    return value;
  };
  return dropUndefined({
    models: wire.allowedModels.length > 0 ? wire.allowedModels : undefined,
    maxCostUsd: limit("max_cost_usd", wire.maxCostUsd),
    maxTtftMs: limit("max_ttft_ms", wire.maxTtftMs),
    maxLatencyMs: limit("max_latency_ms", wire.maxLatencyMs),
    minContext: limit("min_context_tokens", wire.minContextTokens),
    tools: wire.tools ? true : undefined,
    modalities: modalities.length > 0 ? modalities : undefined,
    location: wire.internalOnly ? ("internal" as const) : undefined,
  });
}

export function readUsage(wire: ReportOutcomeRequest["usage"]): Usage | undefined {
  return (
    wire && {
      inputTokens: wire.inputTokens,
      outputTokens: wire.outputTokens,
      cachedInputTokens: wire.cachedInputTokens,
      estimated: false,
    }
  );
}

/** What the plan says of each place that a target names by key. */
export type DescribeTarget = (target: PlannedTarget) => { kind: string; baseUrl: string; tier: string };

/** What goes with a plan on the wire. */
export interface Enclosures {
  /** The client's body, when the edited ones are asked for. */
  readonly body?: Uint8Array | undefined;
  /** The error in its API's form. */
  readonly blockedBody: string;
  /** Its answer would be taken from the caller. */
  readonly cacheable?: boolean;
  /** How a kept answer is told as a stream; absent where none was asked for. */
  readonly replay?: ((answer: Uint8Array) => Iterable<Uint8Array>) | undefined;
}

/** The plan on the wire. */
export function writePlan(
  plan: Plan,
  describe: DescribeTarget,
  { body, blockedBody, cacheable = false, replay }: Enclosures,
) {
  const { decision, cached } = plan;
  const weights = new Map(decision?.votes.map((vote) => [vote.signal, vote.weight]));
  return {
    decisionId: plan.decisionId,
    model: decision?.model ?? cached?.model ?? "",
    tier: decision?.tier ?? "",
    route: decision?.route ?? cached?.route ?? "",
    confidence: decision?.confidence ?? 0,
    margin: decision?.margin ?? 0,
    runnerUp: decision?.runnerUp ?? "",
    reason: decision?.reason ?? (cached ? "cached" : "blocked"),
    sentence: decision?.sentence ?? plan.blocked?.message ?? (cached ? CACHED : ""),
    signals: plan.signals.flatMap((report) => writeSignal(report, weights.get(report.signal) ?? 0)),
    targets: plan.targets.map((target) => writeTarget(target, describe(target), body)),
    setHeaders: plan.setHeaders.map(({ name, value }) => ({ name, value })),
    removeHeaders: [...plan.removeHeaders],
    ...(plan.blocked && { blocked: { status: plan.blocked.status, code: plan.blocked.code, body: blockedBody } }),
    expectedCostUsd: cached ? 0 : (decision?.expectedCostUsd ?? 0),
    baselineCostUsd: decision?.baselineCostUsd ?? 0,
    configHash: plan.configHash,
    safety: { action: plan.safety.action, classes: [...plan.safety.classes], sentence: plan.safety.sentence },
    candidates: (decision?.candidates ?? []).map((candidate) => ({
      model: candidate.model,
      tier: candidate.tier,
      quality: candidate.quality,
      costUsd: candidate.costUsd,
      latencyMs: candidate.latencyMs,
      refused: candidate.allowed === true ? "" : candidate.allowed,
    })),
    rules: [...plan.rules],
    micros: plan.micros,
    insteadModel: decision?.instead?.model ?? "",
    askedCostUsd: usdOf(plan.asked ?? []),
    ...(decision?.reasoning && { reasoning: { ...decision.reasoning } }),
    ...(plan.cascade && { cascade: writeCascade(plan.cascade) }),
    // Of a preview no answer comes that values would have to be put back into.
    placeholders: (plan.redaction?.placeholders.reveal() ?? []).map(({ value, ...one }) => ({
      ...one,
      value: plan.preview ? "" : value,
    })),
    redacted: { ...plan.redaction?.counts },
    ...(cached && { cached: writeHit(cached, replay) }),
    cacheable,
  };
}

const CACHED = "The same request was answered before.";

const writeHit = ({ kind, id, model, ageMs, similarity, answer }: CacheHit, replay: Enclosures["replay"]) => ({
  kind,
  id,
  model,
  json: Buffer.from(answer).toString("utf8"),
  ageMs,
  similarity,
  sse: replay ? Buffer.concat([...replay(answer)]).toString("utf8") : "",
});

const writeCascade = ({ models, gates, mode, off = "" }: PlannedCascade) => ({
  models: [...models],
  gates: [...gates],
  mode,
  off,
});

/** One line a reading; a signal that found nothing, or failed, still has its line. */
function writeSignal(report: SignalReport, weight: number) {
  const base = {
    name: report.signal,
    label: "",
    score: 0,
    confidence: 0,
    weight,
    micros: report.micros,
    error: explain(report),
    stage: report.stage ?? "",
  };
  if (report.readings.length === 0) return [base];
  return report.readings.map(({ label, score, confidence }) => ({ ...base, label, score, confidence }));
}

const explain = ({ failure, error }: SignalReport): string => (failure ? `${failure}${error ? `: ${error}` : ""}` : "");

function writeTarget(planned: PlannedTarget, place: ReturnType<DescribeTarget>, body: Uint8Array | undefined) {
  const { target, timeouts, edits } = planned;
  return {
    id: target.id,
    model: planned.model,
    tier: place.tier,
    upstream: target.upstream,
    upstreamModel: target.upstreamModel,
    kind: place.kind,
    baseUrl: place.baseUrl,
    location: target.location === "internal" ? Location.INTERNAL : Location.EXTERNAL,
    timeouts: { connectMs: timeouts.connectMs, firstTokenMs: timeouts.firstTokenMs, totalMs: timeouts.totalMs },
    edits: edits.map(({ offset, length, bytes }) => ({ offset, length, bytes: Uint8Array.from(bytes) })),
    body: body ? Buffer.from(applyEdits(body, edits)).toString("utf8") : "",
  };
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as never;
}
