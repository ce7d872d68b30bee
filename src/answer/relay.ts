import type { AttemptResult, Usage } from "../contracts.ts";
import type { AnswerStream } from "../dialect/answer.ts";
import { RouterError } from "../errors.ts";
import type { Pass } from "../upstream/breaker.ts";
import { kindOfRefusal } from "../upstream/fault.ts";
import { UpstreamFailure, type UpstreamResponse } from "../upstream/upstream.ts";

/** What may come before the first token: comments, roles, metadata. */
const MAX_HEAD_BYTES = 4 * 1024 * 1024;
const LINGER_MS = 250;
const NOTHING = new Uint8Array(0);

/** A stream whose first token has come, and who hears how it ends. */
export interface LiveStream {
  readonly head: Uint8Array;
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly stream: AnswerStream;
  readonly response: UpstreamResponse;
  readonly pass: Pass;
  /** Longest silence of the upstream, in milliseconds. */
  readonly betweenTokensMs: number | undefined;
  /** Undefined for what is our own fault. */
  readonly resultOf: (caught: unknown) => AttemptResult | undefined;
  readonly end: (result: AttemptResult, more: { status: number; usage?: Usage }) => void;
}

/** Reads until the model has begun to speak; what came so far is ready for the client. */
export async function readToFirstToken(chunks: AsyncIterator<Uint8Array>, stream: AnswerStream): Promise<Uint8Array> {
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

/** Nobody reads what such a stream would say of its end. */
const UNHEARD: ReadonlySet<AttemptResult> = new Set(["client_gone", "outrun", "cut"]);

/** The rest of the stream. Whatever ends it, the breaker hears of it once. */
export async function* relay(live: LiveStream): AsyncGenerator<Uint8Array> {
  const { stream, response, pass } = live;
  let result: AttemptResult | undefined; // None where whoever reads it stops listening.
  try {
    if (live.head.length > 0) yield live.head;
    // What comes after the last event is for nobody, and some upstreams keep the connection open there.
    while (!stream.done && !stream.error) {
      const next = await heard(live);
      const bytes = next.done ? stream.end() : stream.push(next.value);
      if (bytes.length > 0) yield bytes;
      if (next.done) break;
    }
    result = isWhole(stream) ? "ok" : isBlocked(stream) ? "refused" : "broken_stream";
    if (result === "broken_stream" && !stream.error) yield brokenOff(stream);
  } catch (caught) {
    const broken = live.resultOf(caught) ?? "broken_stream";
    const rest = UNHEARD.has(broken) ? NOTHING : stream.end();
    // Whoever told how its answer ended has answered, whatever became of the connection.
    result = isWhole(stream) && !UNHEARD.has(broken) ? "ok" : broken;
    if (rest.length > 0) yield rest;
    if (result !== "ok" && !UNHEARD.has(result)) yield brokenOff(stream);
  } finally {
    if (result === "ok") letGo(response, live.chunks);
    else response.body.destroy();
    if (result === "ok" || result === "refused") pass.succeed();
    else if (result === undefined || UNHEARD.has(result)) pass.drop();
    else pass.fail();
    live.end(result ?? live.resultOf(undefined) ?? "client_gone", {
      status: response.status,
      ...(stream.usage && { usage: stream.usage }),
    });
  }
}

/** The next chunk. The time that a slow client takes is not the upstream's. */
async function heard({ chunks, response, betweenTokensMs }: LiveStream): Promise<IteratorResult<Uint8Array>> {
  if (betweenTokensMs === undefined) return chunks.next();
  const silence = new UpstreamFailure("timeout", `nothing more within ${betweenTokensMs} ms`);
  const timer = setTimeout(() => response.body.destroy(silence), betweenTokensMs);
  return chunks.next().finally(() => clearTimeout(timer));
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

const isWhole = (stream: AnswerStream): boolean => (stream.done || stream.finish !== undefined) && !stream.error;

/** The words of the error are all that tells, after an answer has begun. */
const isBlocked = ({ error }: AnswerStream): boolean =>
  error !== undefined && kindOfRefusal(0, Buffer.from(JSON.stringify({ message: error }))) === "content_filter";

const brokenOff = (stream: AnswerStream): Uint8Array =>
  stream.errorEvent(new RouterError("upstream_failed", "The upstream broke off in the middle of its answer."));
