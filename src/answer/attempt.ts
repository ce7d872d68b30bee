import type { Attempt, AttemptResult, Edit, PlannedTarget, Usage } from "../contracts.ts";
import { applyEdits, joinEdits } from "../dialect/json.ts";
import {
  createAnswerStream,
  errorEvent,
  readAnswer,
  stampModel,
  type AnswerStream,
} from "../dialect/openai-chat/answer.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { UpstreamFailure, type UpstreamResponse } from "../upstream/upstream.ts";
import type { Pass } from "../upstream/breaker.ts";
import { verdictOn } from "../upstream/fault.ts";

/** What the client asked of whichever target answers. */
export interface Call {
  /** Path below the upstream's base URL. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Changes that every target gets beside its own, such as the asking for usage. */
  readonly edits: readonly Edit[];
  readonly stream: boolean;
  /** The client did not ask for usage in its stream, so it gets none. */
  readonly stripUsage: boolean;
  readonly inputTokens: number;
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

/** No answer of a chat model is larger; what is gets cut as a broken one. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_EVENT_BYTES = 4 * 1024 * 1024;
/** What may come before the first token: comments, roles, metadata. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024;
const LINGER_MS = 250;
/** Results that say nothing of the target. */
const NOBODYS_FAULT: ReadonlySet<AttemptResult> = new Set(["client_gone", "no_socket"]);
const KEPT_HEADERS = ["content-type", "x-request-id", "openai-processing-ms"];

/** One try at one target. Undefined means that it failed and nothing reached the client. */
export async function attempt(
  runtime: Runtime,
  planned: PlannedTarget,
  call: Call,
  attempts: Attempt[],
): Promise<Answer | undefined> {
  const { breaker, observe } = runtime.targetState(planned.target.id)!;
  const started = runtime.clock();
  let ttftMs: number | undefined;

  const end = (result: AttemptResult, more: { status?: number; usage?: Usage } = {}): undefined => {
    const latencyMs = runtime.clock() - started;
    if (result === "ok" && more.usage) observe(ttftMs, latencyMs, more.usage.outputTokens);
    attempts.push({
      model: planned.model,
      target: planned.target.id,
      result,
      latencyMs,
      ...(ttftMs !== undefined && { ttftMs }),
      ...more,
    });
  };

  const pass = breaker.admit();
  if (!pass) return end("circuit_open");

  let response: UpstreamResponse | undefined;
  try {
    response = await runtime.upstream(planned.target.upstream).send({
      path: call.path,
      body: applyEdits(call.body, joinEdits(planned.edits, call.edits)),
      headers: { "content-type": "application/json", accept: call.stream ? "text/event-stream" : "application/json" },
      // A whole answer shows its first byte when it is done: only a stream has a first token to wait for.
      timeouts: call.stream ? planned.timeouts : { ...planned.timeouts, firstTokenMs: planned.timeouts.totalMs },
      abort: call.abort,
    });
    const { status } = response;
    const answer = (body: Answer["body"]): Answer => ({
      planned,
      status,
      body,
      headers: Object.fromEntries(
        KEPT_HEADERS.flatMap((name) => (response!.headers[name] ? [[name, response!.headers[name]]] : [])),
      ),
      waitedMs: runtime.clock() - started,
    });

    const verdict = verdictOn(status);
    if (verdict !== "answered") {
      response.body.destroy();
      if (verdict === "down") pass.fail();
      else pass.drop();
      return end("upstream_error", { status });
    }
    if (status >= 400) {
      // The request itself is at fault: every other target would say the same.
      const whole = await readWhole(response);
      pass.succeed();
      end("refused", { status });
      return answer(whole);
    }
    if (!call.stream) {
      const whole = await readWhole(response);
      const { outputChars = 0, usage = guess(call, outputChars) } = requireAnswer(whole, call.path);
      pass.succeed();
      end("ok", { status, usage });
      return answer(stampModel(whole, planned.model));
    }
    const stream = createAnswerStream({
      model: planned.model,
      stripUsage: call.stripUsage,
      maxEventBytes: MAX_EVENT_BYTES,
    });
    const chunks = response.body[Symbol.asyncIterator]();
    const deadline = setTimeout(
      (body: UpstreamResponse["body"]) => body.destroy(new UpstreamFailure("timeout", "no first token in time")),
      planned.timeouts.firstTokenMs + response.queuedMs - (runtime.clock() - started),
      response.body,
    );
    const head = await readToFirstToken(chunks, stream).finally(() => clearTimeout(deadline));
    ttftMs = runtime.clock() - started;
    return answer(relay({ head, chunks, stream, response, pass, call, end }));
  } catch (caught) {
    response?.body.destroy();
    const result = resultOf(caught, call.abort);
    if (result !== undefined && NOBODYS_FAULT.has(result)) pass.drop();
    else pass.fail();
    if (result === undefined) throw caught;
    return end(result, response ? { status: response.status } : {});
  }
}

/** The rest of a stream whose first token has come. Whatever ends it, the breaker hears of it once. */
async function* relay(live: {
  head: Uint8Array;
  chunks: AsyncIterator<Uint8Array>;
  stream: AnswerStream;
  response: UpstreamResponse;
  pass: Pass;
  call: Call;
  end: (result: AttemptResult, more: { status: number; usage: Usage }) => void;
}): AsyncGenerator<Uint8Array> {
  const { stream, response, pass, call } = live;
  let result: AttemptResult = "client_gone"; // Stays so when the door stops listening.
  try {
    if (live.head.length > 0) yield live.head;
    // What comes after [DONE] is for nobody, and some upstreams keep the connection open there.
    while (!stream.done) {
      const next = await live.chunks.next();
      const bytes = next.done ? stream.end() : stream.push(next.value);
      if (bytes.length > 0) yield bytes;
      if (next.done) break;
    }
    result = isWhole(stream) ? "ok" : "broken_stream";
    if (result === "broken_stream" && !stream.error) yield brokenOff();
  } catch (caught) {
    result = resultOf(caught, call.abort) ?? "broken_stream";
    if (result !== "client_gone") yield brokenOff();
  } finally {
    if (result === "ok") letGo(response, live.chunks);
    else response.body.destroy();
    if (result === "ok") pass.succeed();
    else if (result === "client_gone") pass.drop();
    else pass.fail();
    live.end(result, { status: response.status, usage: stream.usage ?? guess(call, stream.outputChars) });
  }
}

/** The end of a finished stream is about to come: waiting for it keeps the connection for the next request. */
function letGo({ body }: UpstreamResponse, chunks: AsyncIterator<Uint8Array>): void {
  const patience = setTimeout(() => body.destroy(), LINGER_MS).unref();
  const drain = async () => {
    while (!(await chunks.next()).done);
  };
  drain()
    .catch(() => undefined) // It was answered: how its connection ends is of no interest.
    .finally(() => clearTimeout(patience));
}

/** Reads until the model has begun to speak; what came so far is ready for the client. */
async function readToFirstToken(chunks: AsyncIterator<Uint8Array>, stream: AnswerStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  while (!stream.firstToken && !stream.done) {
    const next = await chunks.next();
    if (next.done) {
      parts.push(stream.end());
      break;
    }
    size += next.value.length;
    if (size > MAX_HEAD_BYTES) throw new UpstreamFailure("upstream_error", "Too much came before the first token.");
    parts.push(stream.push(next.value));
    if (stream.error) break;
  }
  if (stream.error)
    throw new UpstreamFailure("upstream_error", "The upstream sent an error event before its first token.");
  if (!stream.firstToken && !isWhole(stream))
    throw new UpstreamFailure("broken_stream", "The stream ended before its first token.");
  return Buffer.concat(parts);
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

/** 200 is not enough: an answer is an object that holds no error and, of a chat, its choices. One that tells its finish is. */
function requireAnswer(bytes: Buffer, path: string): ReturnType<typeof readAnswer> {
  const answer = readAnswer(bytes);
  if (answer.finish !== undefined) return answer;
  const body = parsed(bytes);
  const whole = path === "/chat/completions" ? Array.isArray(body?.["choices"]) : body !== undefined;
  if (!whole || (body?.["error"] ?? null) !== null)
    throw new UpstreamFailure("upstream_error", "The upstream answered 200 with something that is no answer.");
  return answer;
}

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isWhole = (stream: AnswerStream): boolean => (stream.done || stream.finish !== undefined) && !stream.error;

const brokenOff = (): Uint8Array =>
  errorEvent(new RouterError("upstream_failed", "The upstream broke off in the middle of its answer."));

/** Our count where the upstream gave none: four characters a token, marked as estimated. */
function guess(call: Call, chars: number): Usage {
  return { inputTokens: call.inputTokens, outputTokens: Math.ceil(chars / 4), cachedInputTokens: 0, estimated: true };
}

/** Undefined for what is our own fault and must be seen. */
function resultOf(caught: unknown, abort: AbortSignal): AttemptResult | undefined {
  if (abort.aborted) return "client_gone";
  if (caught instanceof UpstreamFailure) return caught.result;
  return caught instanceof RouterError && caught.code === "upstream_failed" ? "upstream_error" : undefined;
}
