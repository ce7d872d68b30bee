/**
 * A model server that is a real HTTP server on a port of its own. It speaks OpenAI's chat completions (whole and
 * streamed), embeddings and model list, answers the same way every time, misbehaves on demand and remembers
 * everything it was sent.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChatRequest, type Completion, completionOf, embeddingsOf, streamOf, wholeOf } from "./chat.ts";

/**
 * ok                  answers
 * hang                takes the request and says nothing
 * hang_after_headers  sends status and headers and nothing more
 * hang_mid_stream     sends half of the answer and nothing more
 * error500, error429  an OpenAI error; 429 with `retry-after: 1`
 * reset               resets the connection instead of answering
 * reset_mid_stream    resets it after half of the answer
 * truncate            ends the answer properly, but half-way: no finish reason, no [DONE], half a JSON
 * slow                100 ms before each token; `{ slow: ms }` says otherwise
 * bad_json            200 with something that is not JSON (streamed: such an event after the first)
 * wrong_length        content-length promises 100 bytes more than come
 * { status, ... }     exactly this answer
 */
export type Behaviour =
  | "ok"
  | "hang"
  | "hang_after_headers"
  | "hang_mid_stream"
  | "error500"
  | "error429"
  | "reset"
  | "reset_mid_stream"
  | "truncate"
  | "slow"
  | "bad_json"
  | "wrong_length"
  | { readonly slow: number }
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

export interface FakeOptions {
  /** Stands in every answer. */
  readonly name?: string;
  /** What `GET /models` lists. When given, a request for any other model is a 404. */
  readonly models?: readonly string[];
  /** When given, requests without this bearer token are a 401. */
  readonly key?: string;
  /** Path of the base URL. */
  readonly root?: string;
  readonly behave?: Behaviour;
  /** The answer repeats the newest message instead of counting its characters. */
  readonly echo?: boolean;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Header names and values as they stood on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown;
  /** `performance.now()` when the whole request was in. */
  readonly at: number;
  /** Number of the connection that it came on, from 1. */
  readonly connection: number;
  /** Set when the connection closed before the answer was whole: `performance.now()` of that moment. */
  readonly abortedAt?: number;
  /** Resolves when the answer is whole or the client is gone. */
  readonly ended: Promise<"answered" | "aborted">;
}

export interface FakeModel {
  readonly name: string;
  readonly origin: string;
  /** Base URL for an upstream's config. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly FakeRequest[];
  /** The tokens that it charged for: of broken answers too, as far as they were sent. */
  readonly bill: { readonly requests: number; readonly inputTokens: number; readonly outputTokens: number };
  /** Connections open now, and how many there ever were. */
  readonly connections: { readonly open: number; readonly ever: number };
  /** From now on, for requests that come and for no others. */
  behave(behaviour: Behaviour): void;
  /** For the next requests, one each, before what `behave` said holds again. */
  next(...behaviours: readonly Behaviour[]): void;
  /** The request number `index` (from 0), as soon as it is there. */
  request(index: number): Promise<FakeRequest>;
  /** Stops listening and cuts every connection; `up` comes back on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startFakeModel(options: FakeOptions = {}): Promise<FakeModel> {
  const name = options.name ?? "fake";
  const root = options.root ?? "/v1";
  const requests: FakeRequest[] = [];
  const bill = { requests: 0, inputTokens: 0, outputTokens: 0 };
  const connections = { open: 0, ever: 0 };
  const numbers = new WeakMap<Socket, number>();
  const awaited = new Map<number, PromiseWithResolvers<FakeRequest>>();
  const queued: Behaviour[] = [];
  let behaviour: Behaviour = options.behave ?? "ok";
  let port = 0;
  let server: Server | undefined;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await incoming.toArray());
    const request = remember(incoming, response, body);
    const now = queued.shift() ?? behaviour;
    const refusal = refusalOf(request);
    if (refusal !== undefined) return sendError(response, ...refusal);
    if (request.path === `${root}/models`) return sendJson(response, listOf(options.models ?? [`${name}-model`]));
    if (await misbehave(now, response)) return;
    if (request.path === `${root}/embeddings`) return sendEmbeddings(response, request);

    const chat = request.json as ChatRequest;
    const completion = completionOf(name, requests.length, chat, options.echo ?? false);
    bill.requests += 1;
    bill.inputTokens += completion.usage.prompt_tokens;
    const charge = (tokens: number) => void (bill.outputTokens += tokens);
    if (chat.stream === true) await sendStream(response, chat, completion, now, charge);
    else await sendWhole(response, completion, now, charge);
  }

  function remember(incoming: IncomingMessage, response: ServerResponse, body: Buffer): FakeRequest {
    const { promise: ended, resolve } = Promise.withResolvers<"answered" | "aborted">();
    const request: FakeRequest & { abortedAt?: number } = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body,
      json: parsed(body),
      at: performance.now(),
      connection: numbers.get(incoming.socket) ?? 0,
      ended,
    };
    response.once("close", () => {
      if (!response.writableFinished) request.abortedAt = performance.now();
      resolve(response.writableFinished ? "answered" : "aborted");
    });
    requests.push(request);
    awaited.get(requests.length - 1)?.resolve(request);
    return request;
  }

  function refusalOf({ headers, path, json }: FakeRequest): [number, string] | undefined {
    if (options.key !== undefined && headers.authorization !== `Bearer ${options.key}`) return [401, "invalid_api_key"];
    if (![`${root}/models`, `${root}/chat/completions`, `${root}/embeddings`].includes(path)) return [404, "not_found"];
    if (path === `${root}/models`) return undefined;
    const { model } = (json ?? {}) as { model?: unknown };
    if (typeof model !== "string") return [400, "invalid_request"];
    if (options.models !== undefined && !options.models.includes(model)) return [404, "model_not_found"];
    return undefined;
  }

  function sendEmbeddings(response: ServerResponse, { json }: FakeRequest): void {
    const embeddings = embeddingsOf(json);
    bill.requests += 1;
    bill.inputTokens += embeddings.usage.prompt_tokens;
    sendJson(response, embeddings);
  }

  async function up(): Promise<void> {
    if (server !== undefined) return;
    server = createServer((incoming, response) => {
      // A client that goes away while it still sends is no fault of the fake.
      serve(incoming, response).catch(() => response.destroy());
    });
    server.on("connection", (socket: Socket) => {
      connections.open += 1;
      connections.ever += 1;
      numbers.set(socket, connections.ever);
      socket.on("error", () => undefined);
      socket.once("close", () => void (connections.open -= 1));
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  }

  async function down(): Promise<void> {
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    server = undefined;
    await closed;
  }

  await up();
  return {
    name,
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}${root}`,
    port,
    requests,
    bill,
    connections,
    behave: (next) => void (behaviour = next),
    next: (...behaviours) => void queued.push(...behaviours),
    request(index) {
      const there = requests[index];
      if (there !== undefined) return Promise.resolve(there);
      const wait = awaited.get(index) ?? Promise.withResolvers<FakeRequest>();
      awaited.set(index, wait);
      return wait.promise;
    },
    down,
    up,
    close: down,
  };
}

/** The behaviours that need no answer to spoil. True when the request is dealt with. */
async function misbehave(now: Behaviour, response: ServerResponse): Promise<boolean> {
  if (typeof now === "object" && "status" in now) {
    response.writeHead(now.status, { "content-type": "application/json", ...now.headers }).end(now.body ?? "");
    return true;
  }
  switch (now) {
    case "hang":
      return true;
    case "hang_after_headers":
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      return true;
    case "error500":
      sendError(response, 500, "server_error");
      return true;
    case "error429":
      response.setHeader("retry-after", "1");
      sendError(response, 429, "rate_limit_exceeded");
      return true;
    case "reset":
      response.socket?.resetAndDestroy();
      return true;
    default:
      return false;
  }
}

type Charge = (tokens: number) => void;

async function sendStream(
  response: ServerResponse,
  chat: ChatRequest,
  completion: Completion,
  now: Behaviour,
  charge: Charge,
): Promise<void> {
  const events = streamOf(completion, chat.stream_options?.include_usage === true);
  const half = Math.ceil(events.length / 2);
  const stopsHalfWay = now === "hang_mid_stream" || now === "reset_mid_stream" || now === "truncate";
  const pause = pauseOf(now);
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    ...(now === "wrong_length" ? { "content-length": events.join("").length + 100 } : {}),
  });
  response.flushHeaders();
  for (const [index, event] of (stopsHalfWay ? events.slice(0, half) : events).entries()) {
    if (pause > 0) await sleep(pause);
    if (response.destroyed) return;
    await written(response, now === "bad_json" && index === 1 ? 'data: {"id": nonsense\n\n' : event);
    if (index > 0 && index <= completion.tokens.length) charge(1);
  }
  await finish(response, now);
}

async function sendWhole(
  response: ServerResponse,
  completion: Completion,
  now: Behaviour,
  charge: Charge,
): Promise<void> {
  const text = now === "bad_json" ? '{"id": nonsense' : JSON.stringify(wholeOf(completion));
  const breaks = now === "hang_mid_stream" || now === "reset_mid_stream" || now === "truncate";
  const pause = pauseOf(now) * completion.tokens.length;
  if (pause > 0) await sleep(pause);
  if (response.destroyed) return;
  charge(completion.usage.completion_tokens);
  response.writeHead(200, {
    "content-type": "application/json",
    ...(breaks ? {} : { "content-length": Buffer.byteLength(text) + (now === "wrong_length" ? 100 : 0) }),
  });
  await written(response, breaks ? text.slice(0, text.length / 2) : text);
  await finish(response, now);
}

/** The end that a behaviour gives an answer whose bytes are out. */
async function finish(response: ServerResponse, now: Behaviour): Promise<void> {
  if (now === "hang_mid_stream") return;
  if (now === "reset_mid_stream") {
    // Time for the client to read what came before.
    await sleep(5);
    response.socket?.resetAndDestroy();
  } else if (now === "wrong_length") response.socket?.end();
  else response.end();
}

function pauseOf(now: Behaviour): number {
  if (now === "slow") return 100;
  return typeof now === "object" && "slow" in now ? now.slow : 0;
}

/** Resolves when the bytes are with the operating system. */
function written(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => response.write(text, () => resolve()));
}

function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  const text = JSON.stringify(value);
  response
    .writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    .end(text);
}

function sendError(response: ServerResponse, status: number, code: string): void {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  sendJson(response, { error: { message: `the fake says ${code}`, type, param: null, code } }, status);
}

function listOf(models: readonly string[]) {
  return { object: "list", data: models.map((id) => ({ id, object: "model", created: 1, owned_by: "fake" })) };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
