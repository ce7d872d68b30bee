import type { Attempt, Outcome, Plan, PlannedTarget, Usage } from "../../contracts.ts";
import { RouterError } from "../../errors.ts";
import type { RequestRecord } from "../../events.ts";
import { ProcessingMode_BodySendMode as BodyMode } from "../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import { reportOutcome } from "../../route/outcome.ts";
import { OURSELVES } from "../../runtime.ts";
import { cacheHeaders, planHeaders } from "../answering.ts";
import { outOfOrder, type Story, type Surroundings } from "./story.ts";
import { isEventStream, listenTo, type Heard, type Hearing } from "./hearing.ts";
import { keepingOf, type Keeping } from "./keeping.ts";
import type { BodyPart, HeadPart, Modes } from "./messages.ts";
import { spent } from "./metadata.ts";
import * as replies from "./replies.ts";
import type { Metadata, Reply } from "./replies.ts";
import { restoringOf, type Restoring } from "./restoring.ts";

/** In an answer to a second try, which has a filter of its own: the model that gave it. */
export const ANSWERED_BY = "x-signalbox-model";

/** In an answer of our own door, and in no other. */
const OF_OUR_DOOR = "x-signalbox-decision-id";

/** The answer as it passes, unchanged: what it says of itself is told when it is over. */
export function createResponseSide(
  { visit }: Surroundings,
  story: Story,
  record: () => RequestRecord | undefined,
  later: (act: () => void) => void,
) {
  const { runtime } = visit;
  let mode: BodyMode = BodyMode.NONE;
  let status = 0;
  let ttftMs: number | undefined;
  let target: PlannedTarget | undefined;
  let hearing: Hearing | undefined;
  let restoring: Restoring | undefined;
  let keeping: Keeping | undefined;
  let isOurs = false;
  let isBegun = false;
  let isOver = false;

  function head({ headers: told, endOfStream }: HeadPart, modes: Modes): Reply[] {
    if (isBegun) throw outOfOrder("response_headers came twice.");
    isBegun = true;
    mode = modes.response;
    status = Number(told.get(":status") ?? 0);
    const { plan, api, sentAt } = story;
    if (sentAt !== undefined) story.status = status;
    if (plan && api && sentAt !== undefined) {
      const answered = told.get(ANSWERED_BY);
      const [first] = plan.targets;
      isOurs = first?.target.upstream === OURSELVES && (answered === undefined || told.has(OF_OUR_DOOR));
      target = isOurs ? first : (plan.targets.find(({ model }) => model === answered) ?? first);
      hearing = listenTo(api, status, told);
      // Where our own door answers, it has put the values back, and kept the answer.
      const isStream = isEventStream(told.get("content-type"));
      const isCoded = (told.get("content-encoding") ?? "identity") !== "identity";
      if (plan.keep && target && !isOurs && status === 200 && !isCoded) keeping = keepingOf(api, isStream);
      if (!isOurs) restoring = restoringOf(api, plan.redaction?.placeholders, { isStream, isCoded });
    }
    // An override is not heard once the other direction is streamed both ways.
    const canUnbuffer = modes.request === BodyMode.BUFFERED && mode === BodyMode.BUFFERED;
    const unbuffer = canUnbuffer && !endOfStream && isEventStream(told.get("content-type"));
    if (unbuffer) mode = BodyMode.STREAMED;
    const strange = isOurs ? [] : [...told.keys()].filter((name) => name.startsWith("x-signalbox-"));
    // Values are longer or shorter than what stood for them.
    const remove = restoring && mode !== BodyMode.BUFFERED ? [...strange, "content-length"] : strange;
    return [replies.responseHead({ remove, set: explanation() }, unbuffer, endOfStream ? finish() : undefined)];
  }

  /** Nothing for an answer that is the gateway's own; our own door has told its own. */
  function explanation(): Record<string, string> {
    if (!runtime.responseHeaders || !hearing || !story.plan || isOurs) return {};
    const tier = target && runtime.pool.byName.get(target.model)?.tier.name;
    return {
      ...planHeaders(story.plan),
      ...cacheHeaders(story.plan),
      ...(tier && { "x-signalbox-model": target!.model, "x-signalbox-tier": tier }),
    };
  }

  function body({ body: bytes, endOfStream }: BodyPart): Reply[] {
    if (!isBegun || isOver) throw outOfOrder("response_body came outside a response.");
    hearing?.hear(bytes);
    keeping?.push(bytes);
    if (hearing?.began && ttftMs === undefined) ttftMs = waited();
    const metadata = endOfStream ? finish() : undefined;
    isOver = endOfStream;
    const passed = restoring ? restoring.push(bytes, endOfStream) : bytes;
    if (mode === BodyMode.FULL_DUPLEX_STREAMED) return replies.responsePieces(passed, endOfStream, metadata);
    return [restoring ? replies.responseBody(passed, mode, metadata) : replies.unchangedResponseBody(metadata)];
  }

  function trailers(): Reply[] {
    if (!isBegun) throw outOfOrder("response_trailers came outside a response.");
    isOver = true;
    const rest = restoring?.push(new Uint8Array(0), true);
    const last = rest && rest.length > 0 && mode === BodyMode.FULL_DUPLEX_STREAMED;
    return [...(last ? replies.responsePieces(rest, false) : []), replies.unchangedResponseTrailers(finish())];
  }

  const waited = (): number => visit.elapsed() - story.sentAt!;

  /** The answer is whole: the try is told to whom it concerns, once. */
  function finish(): Metadata | undefined {
    if (!hearing) return undefined;
    const heard = hearing.end();
    hearing = undefined;
    conclude(heard);
    later(() => report(heard));
    if (heard.result === "ok") later(keep);
    const made = record();
    return made && spent(made);
  }

  function keep(): void {
    const { plan } = story;
    if (keeping && plan?.keep && target) keeping.keep(runtime, plan.keep, target.model);
  }

  function conclude(heard: Heard): void {
    // Our own answering door keeps the books of what it answers.
    if (!target || target.target.upstream === OURSELVES) return;
    const usage = heard.usage ?? guess(heard);
    const attempt: Attempt = {
      model: target.model,
      target: target.target.id,
      result: heard.result,
      status,
      latencyMs: waited(),
      ...(ttftMs !== undefined && { ttftMs }),
      ...(usage && { usage }),
    };
    story.attempts = [...failedBefore(story.plan!, attempt), attempt];
  }

  /** Our count where the upstream gave none: four characters a token. */
  function guess({ outputChars = 0 }: Omit<Heard, "result">): Usage | undefined {
    if (outputChars === 0) return undefined;
    const outputTokens = Math.ceil(outputChars / 4);
    return { inputTokens: story.prompt!.inputTokens, outputTokens, cachedInputTokens: 0, estimated: true };
  }

  /** Breakers and speeds learn of it. */
  function report({ result, finish: finished }: Heard): void {
    const attempt = story.attempts.at(-1);
    if (!attempt || !story.plan || !story.caller) return;
    const { decisionId } = story.plan;
    const { latencyMs, usage } = attempt;
    const tell = (outcome: Omit<Outcome, "decisionId" | "scores">) =>
      reportOutcome(runtime, visit.publish, story.caller!, { decisionId, scores: {}, ...outcome });
    try {
      for (const { target: failed } of story.attempts.slice(0, -1)) tell({ target: failed, status: 0 });
      tell({
        target: attempt.target,
        // No whole answer came, whatever its head had promised.
        status: result === "broken_stream" ? 0 : status,
        latencyMs,
        ...(ttftMs !== undefined && { ttftMs }),
        ...(usage && { usage }),
        ...(finished !== undefined && { finish: finished }),
      });
    } catch (caught) {
      // An answer that took longer than decisions are remembered.
      if (RouterError.from(caught).code !== "unknown_decision") visit.fault("ext_proc door", caught);
    }
  }

  return {
    head,
    body,
    trailers,
    /** The stream is over. Whoever left, it says nothing of the target. */
    cut(): void {
      if (hearing) conclude({ ...hearing.so, result: "client_gone" });
      hearing = undefined;
    },
  };
}

/** Where another model answered than was chosen, the gateway had tried the chosen one, and its tries were in vain. */
function failedBefore({ targets }: Plan, { model }: Attempt): Attempt[] {
  const [first] = targets;
  return first && first.model !== model
    ? [{ model: first.model, target: first.target.id, result: "upstream_error", latencyMs: 0 }]
    : [];
}
