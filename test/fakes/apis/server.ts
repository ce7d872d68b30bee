/** A model server on a port of its own that speaks one API exactly and holds every request to that API's rules. */
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { anthropic } from "./anthropic.ts";
import type { Api, Asked, Received, Sent } from "./api.ts";
import { azure } from "./azure.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { type Answer, type Script, type Usage, isFault } from "./script.ts";
import { Violation } from "./rules.ts";
import { vllm } from "./vllm.ts";

export type ApiKind = "openai" | "vllm" | "anthropic" | "gemini" | "azure";

export interface FakeApiOptions {
  /** What it says, or how it finds that from a request. */
  readonly script: Script | ((request: ApiRequest) => Script);
  /** Signatures that it takes for its own, beside those of the answers that it has given. */
  readonly signatures?: readonly string[];
  /** Where streams are cut into pieces. */
  readonly seed?: number;
  /** Before each answer. */
  readonly waitMs?: number;
}

export interface ApiRequest {
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly json: unknown;
}

export interface FakeApi {
  /** Base URL, as an upstream of this kind is configured. */
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  /** The rules that requests broke. */
  readonly violations: readonly string[];
  /** Usage of the answers that were sent to their end. */
  readonly bill: Readonly<Usage & { requests: number }>;
  readonly close: () => Promise<void>;
}

const KINDS: Readonly<Record<ApiKind, { readonly root: string; readonly apis: readonly [Api, ...Api[]] }>> = {
  openai: { root: "/v1", apis: [openaiChat, openaiResponses] },
  vllm: { root: "/v1", apis: [vllm] },
  anthropic: { root: "/v1", apis: [anthropic] },
  gemini: { root: "/v1beta", apis: [gemini] },
  azure: { root: "", apis: [azure] },
};

export async function startFakeApi(
  kind: ApiKind,
  { script, signatures = [], seed = 1, waitMs = 0 }: FakeApiOptions,
): Promise<FakeApi> {
  const { root, apis } = KINDS[kind];
  const requests: ApiRequest[] = [];
  const violations: string[] = [];
  const bill = { requests: 0, input: 0, cachedInput: 0, output: 0, reasoning: 0 };
  const given = new Set(signatures);
  const random = randomOf(seed);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request);
    const asked: ApiRequest = { path: request.url ?? "", headers: request.headers, json: received.json };
    requests.push(asked);
    const number = requests.length;
    const api = apis.find((each) => each.takes(received));
    if (waitMs > 0) await sleep(waitMs);
    try {
      if (api === undefined) throw new Violation("path", "", `${received.path} is no path of this API`);
      const read = { ...api.read(received), number };
      if (api.sealed(read.body).some((sealed) => !given.has(sealed)))
        throw new Violation("value", "", "a thought comes back with a signature that was not given here");
      await answer(api, received, read, typeof script === "function" ? script(asked) : script, response);
    } catch (failure) {
      if (!(failure instanceof Violation)) throw failure;
      violations.push(failure.message);
      const { refuse, headers } = api ?? apis[0];
      send(response, refuse(failure), headers(number));
    }
  }

  async function answer(api: Api, received: Received, asked: Asked, said: Script, response: ServerResponse) {
    const headers = api.headers(asked.number);
    if (isFault(said)) return sendFault(response, headers, api.fault(said, asked), asked.stream);
    if (said.thinking !== undefined) given.add(said.thinking.signature);
    const counted = api.count?.(received, said);
    if (counted !== undefined) return send(response, { status: 200, headers: {}, body: counted }, headers);
    const whole = asked.stream
      ? await sendStream(response, headers, api, asked, said, random)
      : sendWhole(response, headers, api, asked, said);
    if (!whole) return;
    bill.requests += 1;
    for (const key of ["input", "cachedInput", "output", "reasoning"] as const) bill[key] += said.usage[key];
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((cause: unknown) => {
      violations.push(`the fake failed: ${String(cause)}`);
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${root}`,
    requests,
    violations,
    bill,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
  return {
    method: request.method ?? "",
    path: pathname,
    query: searchParams,
    headers: request.headers,
    json: parsed(Buffer.concat(chunks).toString("utf8")),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, headers, body }: Sent, others: Sent["headers"]): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      ...others,
      ...headers,
    })
    .end(text);
}

/** What is no error by its status comes as an answer does: in a stream as its only event. */
function sendFault(response: ServerResponse, headers: Sent["headers"], fault: Sent, stream: boolean): void {
  if (!stream || fault.status !== 200) return send(response, fault, headers);
  response
    .writeHead(200, { "content-type": "text/event-stream", ...headers })
    .end(`data: ${JSON.stringify(fault.body)}\r\n\r\n`);
}

type Sends = [response: ServerResponse, headers: Sent["headers"], api: Api, asked: Asked, answer: Answer];

/** True when the answer went out whole. */
function sendWhole(...[response, headers, api, asked, answer]: Sends): boolean {
  const body = api.whole(answer, asked);
  if (answer.breaks !== "cut") {
    send(response, { status: 200, headers: {}, body }, headers);
    return true;
  }
  const text = JSON.stringify(body);
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
  return false;
}

/** True when the answer went out whole. */
async function sendStream(
  ...[response, headers, api, asked, answer, random]: [...Sends, () => number]
): Promise<boolean> {
  const { breaks } = answer;
  const events = api.stream(answer, asked);
  const half = events.slice(0, Math.ceil(events.length / 2));
  const failure = breaks === "server_error" || breaks === "overloaded" ? api.broken(breaks, asked, half.length) : [];
  const text = (breaks === undefined ? events : [...half, ...failure]).join("");
  const bytes = Buffer.from(text);
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...headers,
  });
  for (const piece of pieces(breaks === "cut" ? bytes.subarray(0, -9) : bytes, random)) {
    if (response.destroyed) return false;
    await new Promise<void>((resolve) => response.write(piece, () => resolve()));
    // Now and then long enough for the client to see a piece by itself.
    await (random() < 0.1 ? sleep(1) : new Promise((resolve) => setImmediate(resolve)));
  }
  if (breaks === "cut") response.socket?.resetAndDestroy();
  else response.end();
  return breaks === undefined;
}

/** Cut at any byte, inside of characters and line ends too. */
function* pieces(bytes: Buffer, random: () => number): Generator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + Math.floor(random() ** 2 * 300);
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
