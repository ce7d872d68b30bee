import type { Dispatcher } from "undici";
import type { Timeouts } from "../contracts.ts";
import { type Arrival, createArrival } from "./body.ts";
import type { Sockets } from "./sockets.ts";
import { UpstreamFailure, type UpstreamResponse } from "./upstream.ts";
import { waitOf } from "./wait.ts";

export interface ExchangeRequest {
  readonly method: "GET" | "POST";
  /** From the root of the origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly timeouts: Timeouts;
  readonly abort: AbortSignal;
}

/** How far a request came: it says what an error of the socket means. */
type Phase = "connecting" | "waiting" | "reading";

/**
 * One request and its answer over the sockets, in the time that it has. Whatever ends it early (a timeout, the
 * abort, a destroyed body, an answer that is no use) closes its connection at once, and nothing of it stays behind.
 * Errors of undici stay here: they can hold bytes of the answer.
 */
export function exchange(sockets: Sockets, request: ExchangeRequest): Promise<UpstreamResponse> {
  const { timeouts, abort } = request;
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamResponse>();
  const asked = performance.now();
  let queuedMs = 0;
  let phase: Phase = "connecting";
  let over = false;
  let controller: Dispatcher.DispatchController | undefined;
  let arrival: Arrival | undefined;

  let queueTimer: NodeJS.Timeout | undefined;
  let connectTimer: NodeJS.Timeout | undefined;
  let firstTimer: NodeJS.Timeout | undefined;
  let totalTimer: NodeJS.Timeout | undefined;

  function after(ms: number, result: "timeout" | "connect_failed" | "no_socket", message: string): NodeJS.Timeout {
    return setTimeout(() => fail(new UpstreamFailure(result, `${message} within ${ms} ms`)), ms).unref();
  }
  const onAbort = () => fail(new UpstreamFailure("client_gone", "the request was cancelled"));

  function finish(): void {
    over = true;
    for (const timer of [queueTimer, connectTimer, firstTimer, totalTimer]) clearTimeout(timer);
    abort.removeEventListener("abort", onAbort);
    sockets.seats.leave(begin);
  }

  function fail(failure: Error): void {
    if (over) return;
    finish();
    controller?.abort(failure);
    if (arrival === undefined) reject(failure);
    else arrival.fail(failure);
  }

  function begin(): void {
    queuedMs = performance.now() - asked;
    clearTimeout(queueTimer);
    connectTimer = after(timeouts.connectMs, "connect_failed", "no connection");
    firstTimer = after(timeouts.firstTokenMs, "timeout", "no first byte of an answer");
    totalTimer = after(timeouts.totalMs, "timeout", "no whole answer");
    const { method, path, headers, body = null } = request;
    sockets.dispatcher.dispatch({ origin: sockets.origin, method, path, headers, body }, events);
  }

  const events: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      // It waited for a connection longer than anybody waited for it.
      if (over) return started.abort(new UpstreamFailure("client_gone", "the request was cancelled"));
      controller = started;
      phase = "waiting";
      clearTimeout(connectTimer);
    },
    onResponseStart(started, status, headers) {
      if (over || status < 200) return;
      const refusal = whyUseless(status, headers);
      if (refusal !== undefined) return fail(new UpstreamFailure("upstream_error", refusal, { status }));
      phase = "reading";
      arrival = createArrival({ resume: () => started.resume(), cancel: fail });
      const plain = joined(headers);
      const retryAfterMs = waitOf(status, plain, Date.now());
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      resolve({ status, headers: plain, queuedMs, body: arrival.body, ...wait });
    },
    onResponseData(started, chunk) {
      if (over || chunk.byteLength === 0) return;
      clearTimeout(firstTimer);
      if (arrival?.push(chunk) === false) started.pause();
    },
    onResponseEnd() {
      if (over) return;
      finish();
      arrival?.end();
    },
    onResponseError(_, error) {
      fail(explain(error, phase));
    },
  };

  if (abort.aborted) {
    onAbort();
    return promise;
  }
  abort.addEventListener("abort", onAbort);
  if (!sockets.seats.enter(begin)) queueTimer = after(timeouts.connectMs, "no_socket", "no free socket");
  return promise;
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>[2];

/** Redirects are never followed: the key and the prompt go where the config says and nowhere else. */
function whyUseless(status: number, headers: Headers): string | undefined {
  if (status >= 300 && status < 400) return `answered with a redirect (${status})`;
  const encoding = String(headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity" && encoding !== "") return "answered compressed, though asked not to";
  return undefined;
}

function joined(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

const MEANING = {
  connecting: ["connect_failed", "no connection"],
  waiting: ["broken_stream", "the connection broke before an answer"],
  reading: ["broken_stream", "the connection broke within the answer"],
} as const satisfies Record<Phase, readonly [string, string]>;

/** Answers that came but are not HTTP, or have more headers than anybody should. */
const NOT_HTTP = /^(?:HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/u;

function explain(error: Error, phase: Phase): UpstreamFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  if (phase === "waiting" && NOT_HTTP.test(code))
    return new UpstreamFailure("upstream_error", `answered in something that is not HTTP (${code})`);
  const [result, sentence] = MEANING[phase];
  return new UpstreamFailure(result, `${sentence} (${code})`);
}
