import type { Attempt, AttemptResult, Edit, PlannedTarget, Usage } from "../contracts.ts";
import type { AnswerStream } from "../dialect/answer.ts";
import type { Foreign } from "../dialect/foreign.ts";
import type { Reference } from "../dialect/references.ts";
import { refusalBody } from "../dialect/refusal.ts";
import type { BrokenAnswer } from "../dialect/resume.ts";
import type { ClientApi } from "../dialect/speech.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { kindOfRefusal, lacksModel, refusesKey, verdictOn, type Refusal } from "../upstream/fault.ts";
import type { Place } from "../upstream/turnstile.ts";
import { UpstreamFailure, type UpstreamResponse } from "../upstream/upstream.ts";
import { CUT, OUTRUN } from "./ends.ts";
import { rememberAnswer } from "./bound.ts";
import { readToFirstToken, relay } from "./relay.ts";
import { speak } from "./speak.ts";

/** What the client asked of whichever target answers. */
export interface Call {
  readonly api: ClientApi;
  /** Path below the base URL, for what is no conversation: such a body is never translated. */
  readonly path?: string;
  readonly body: Uint8Array;
  /** Changes for every target that speaks the client's API, beside the target's own: such as the asking for usage. */
  readonly edits: readonly Edit[];
  /** Headers of the client that belong to its API and pass where the API is the same. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the body refers to and only some targets can know. */
  readonly references: readonly Reference[];
  readonly foreign: Foreign;
  readonly tenant: string;
  readonly stream: boolean;
  /** The client wants usage in its stream. */
  readonly usage: boolean;
  readonly inputTokens: number;
  /** What the client was told before its answer broke off: the target is to go on from there. */
  readonly broken?: BrokenAnswer;
  /** Aborted when the client is gone. */
  readonly abort: AbortSignal;
}

/** An answer that has begun. The attempt it belongs to ends when `body` does. */
export interface Answer {
  readonly planned: PlannedTarget;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** Milliseconds spent waiting for upstreams until now. */
  readonly waitedMs: number;
}

/**
 * How a try went: an answer for the client; a target's refusal of the request, which another may take; a request that
 * cannot be said in the target's API; a circuit that let nothing through; or nothing: `isPassing` says that it may be
 * well again in a moment, and `retryAfterMs` when the target said so.
 */
export type Tried =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "refused"; readonly answer: Answer; readonly refusal: Refusal }
  | { readonly kind: "unsupported"; readonly error: RouterError }
  | { readonly kind: "shut" }
  | {
      readonly kind: "failed";
      readonly isPassing: boolean;
      readonly retryAfterMs?: number;
      /** The server has no model of the name that the target has there. */
      readonly lacksModel?: true;
    };

/** No answer of a model is larger; what is gets cut as a broken one. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Results that say nothing of the target. */
const NOBODYS_FAULT: ReadonlySet<AttemptResult> = new Set(["client_gone", "outrun", "cut", "no_socket"]);
/** How an answer ends that a filter stopped: where nothing is in it, the prompt was refused. */
const BLOCKED = "content_filter";
const KEPT_HEADERS = ["x-request-id", "request-id", "openai-processing-ms"];

/** One try at one target. Nothing of it reaches the client but by the answer that it gives back. */
export async function attempt(
  runtime: Runtime,
  planned: PlannedTarget,
  call: Call,
  attempts: Attempt[],
): Promise<Tried> {
  const { breaker, turnstile, observe } = runtime.targetState(planned.target.id)!;
  const upstream = runtime.upstream(planned.target.upstream);
  let started = runtime.clock();
  let ttftMs: number | undefined;
  let place: Place | undefined;

  const end = (result: AttemptResult, more: { status?: number; usage?: Usage } = {}): void => {
    const latencyMs = runtime.clock() - started;
    place?.leave(isOverload(result, more.status) ? "overloaded" : result === "ok" ? "served" : "nothing");
    if (result === "ok" && more.usage) observe(ttftMs, latencyMs, more.usage.outputTokens);
    attempts.push({
      model: planned.model,
      target: planned.target.id,
      result,
      latencyMs,
      ...(call.broken && { continues: true }),
      ...(ttftMs !== undefined && { ttftMs }),
      ...more,
    });
  };
  const failed = (
    result: AttemptResult,
    more: { status?: number; usage?: Usage } = {},
    retryAfterMs?: number,
  ): Extract<Tried, { kind: "failed" }> => {
    end(result, more);
    return {
      kind: "failed",
      isPassing: isPassing(result, more.status),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  };

  const spoken = speak(upstream, planned, call);
  if ("error" in spoken) {
    end("unsupported");
    return { kind: "unsupported", error: spoken.error };
  }
  const admitted = breaker.admit();
  if (!admitted) {
    end("circuit_open");
    return { kind: "shut" };
  }

  const entered = turnstile.enter(call.tenant, planned.timeouts.connectMs, call.abort);
  place = entered instanceof Promise ? await entered : entered;
  if (!place) {
    admitted.drop();
    return failed(call.abort.aborted ? resultOf(undefined, call.abort)! : "busy");
  }
  started = runtime.clock(); // The wait was ours: the target's time begins now.

  let response: UpstreamResponse | undefined;
  let arriving: AnswerStream | undefined;
  try {
    response = await upstream.send({
      path: spoken.path,
      model: planned.target.upstreamModel,
      body: spoken.body,
      headers: { ...spoken.headers, accept: call.stream ? "text/event-stream" : "application/json" },
      // A whole answer shows its first byte when it is done: only a stream has a first token to wait for.
      timeouts: call.stream ? planned.timeouts : { ...planned.timeouts, firstTokenMs: planned.timeouts.totalMs },
      abort: call.abort,
    });
    const { status } = response;
    const answer = (body: Answer["body"]): Answer => ({
      planned,
      status,
      body,
      headers: headersOf(response!, body, spoken.passes),
      waitedMs: runtime.clock() - started,
    });

    const verdict = verdictOn(status);
    if (verdict !== "answered") {
      const lacks = planned.onBase !== undefined && status === 404 && lacksModel(await readWhole(response));
      response.body.destroy();
      if (verdict === "down") admitted.fail();
      else admitted.drop();
      const miss = failed("upstream_error", { status }, response.retryAfterMs);
      return lacks ? { ...miss, lacksModel: true } : miss;
    }
    if (status >= 400) {
      const whole = await readWhole(response);
      // Gemini says 400 of a key that is no good, which is no fault of the client's.
      if (refusesKey(status, whole)) {
        admitted.fail();
        return failed("upstream_error", { status });
      }
      admitted.succeed();
      end("refused", { status });
      const refusal = kindOfRefusal(status, whole);
      return {
        kind: "refused",
        refusal,
        answer: answer(spoken.passes ? whole : refusalBody(call.api, whole, refusal)),
      };
    }
    if (!call.stream) {
      const whole = spoken.answers.whole(await readWhole(response));
      const { bytes, finish, outputChars = 0, usage = guess(call, outputChars) } = whole;
      if (finish === BLOCKED && outputChars === 0) {
        admitted.succeed();
        end("refused", { status, usage });
        return { kind: "refused", refusal: "content_filter", answer: answer(bytes) };
      }
      if (spoken.passes) rememberAnswer(runtime, call, planned, whole.id);
      admitted.succeed();
      end("ok", { status, usage });
      return { kind: "answered", answer: answer(bytes) };
    }
    const stream = (arriving = spoken.answers.stream());
    const chunks = response.body[Symbol.asyncIterator]();
    const deadline = setTimeout(
      (body: UpstreamResponse["body"]) => body.destroy(new UpstreamFailure("timeout", "no first token in time")),
      planned.timeouts.firstTokenMs + response.queuedMs - (runtime.clock() - started),
      response.body,
    );
    const head = await readToFirstToken(chunks, stream).finally(() => clearTimeout(deadline));
    ttftMs = runtime.clock() - started;
    if (!stream.firstToken && stream.finish === BLOCKED) {
      response.body.destroy();
      admitted.succeed();
      end("refused", { status, usage: stream.usage ?? guess(call, 0) });
      return { kind: "refused", refusal: "content_filter", answer: answer(only(head, stream)) };
    }
    admitted.begin();
    if (spoken.passes) rememberAnswer(runtime, call, planned, stream.id);
    const live = {
      head,
      chunks,
      stream,
      response,
      pass: admitted,
      betweenTokensMs: planned.timeouts.betweenTokensMs,
      resultOf: (caught: unknown) => resultOf(caught, call.abort),
      end: (result: AttemptResult, more: { status: number; usage?: Usage }) =>
        end(result, { ...more, usage: billed(call, stream, result) }),
    };
    return { kind: "answered", answer: answer(relay(live)) };
  } catch (caught) {
    response?.body.destroy();
    const result = resultOf(caught, call.abort);
    const isUnsent = caught instanceof UpstreamFailure && caught.unsent;
    if (isUnsent || (result !== undefined && NOBODYS_FAULT.has(result))) admitted.drop();
    else admitted.fail();
    if (isUnsent) place.leave("nothing");
    if (result === undefined) {
      place.leave("nothing");
      throw caught;
    }
    const status = response?.status ?? (caught instanceof UpstreamFailure ? caught.status : undefined);
    const retryAfterMs = caught instanceof UpstreamFailure ? caught.retryAfterMs : undefined;
    // What was being answered is billed, whoever did not wait for it.
    const usage = response || result === "outrun" ? billed(call, arriving, result) : undefined;
    return failed(result, { ...(status !== undefined && { status }), ...(usage && { usage }) }, retryAfterMs);
  }
}

/** The target says that it has too much to do. */
function isOverload(result: AttemptResult, status: number | undefined): boolean {
  return result === "upstream_error" && (status === 429 || status === 503 || status === 529);
}

/** A stream that is over before it says anything. */
async function* only(head: Uint8Array, stream: AnswerStream): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([head, stream.end()]);
}

/** Broken or overloaded for a moment. To wait once more for what was too slow helps nobody. */
function isPassing(result: AttemptResult, status: number | undefined): boolean {
  if (result === "upstream_error") return status === 429 || (status !== undefined && status >= 500);
  return result === "connect_failed" || result === "broken_stream";
}

/** The upstream's own ids, and the type of what we hand on. */
function headersOf(response: UpstreamResponse, body: Answer["body"], passes: boolean): Record<string, string> {
  const own = body instanceof Uint8Array ? "application/json" : "text/event-stream; charset=utf-8";
  const kept = KEPT_HEADERS.flatMap((name) => (response.headers[name] ? [[name, response.headers[name]]] : []));
  return { ...Object.fromEntries(kept), "content-type": (passes && response.headers["content-type"]) || own };
}

async function readWhole(response: UpstreamResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new UpstreamFailure("upstream_error", "The answer is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** What a stream is billed at: as it says where it came to its end, else no less than what was seen of it. */
function billed(call: Call, stream: AnswerStream | undefined, result: AttemptResult): Usage {
  const seen = guess(call, stream?.outputChars ?? 0);
  const told = stream?.usage;
  if (!told || (result !== "ok" && told.outputTokens < seen.outputTokens))
    return { ...seen, ...(told && { inputTokens: told.inputTokens, cachedInputTokens: told.cachedInputTokens }) };
  return told;
}

/** Our count where the upstream gave none: four characters a token, marked as estimated. */
function guess(call: Call, chars: number): Usage {
  return { inputTokens: call.inputTokens, outputTokens: Math.ceil(chars / 4), cachedInputTokens: 0, estimated: true };
}

const ENDS: ReadonlyMap<unknown, AttemptResult> = new Map([
  [OUTRUN, "outrun"],
  [CUT, "cut"],
]);

/** Undefined for what is our own fault and must be seen. */
function resultOf(caught: unknown, abort: AbortSignal): AttemptResult | undefined {
  if (abort.aborted) return ENDS.get(abort.reason) ?? "client_gone";
  if (caught instanceof UpstreamFailure) return caught.result;
  return caught instanceof RouterError && caught.code === "upstream_failed" ? "upstream_error" : undefined;
}
