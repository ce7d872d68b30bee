import { connect as connectHttp2 } from "node:http2";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { Buffer } from "node:buffer";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { ERRORS } from "../../src/errors.ts";
import { ApiKind, RouteRequestRequestSchema } from "../../src/gen/signalbox/v1/router_pb.ts";
import { BODIES } from "../dialect/bodies.ts";
import type { Mutator } from "../dialect/mutate.ts";
import { createClient, type Reply } from "./load.ts";

/** One way in, and what is thrown at it. */
export interface FuzzDoor {
  readonly name: string;
  /** How many of the asked-for inputs it gets. */
  readonly share: number;
  input(index: number, bad: Spoilers): Uint8Array;
  open(url: string): Promise<Thrower>;
}

/** Two ways to spoil a good input: its bytes, or its values. */
export interface Spoilers {
  readonly mutate: Mutator;
  bend<T>(value: T): T;
}

export interface Thrower {
  /** `fault` says what was not as it must be. */
  send(input: Uint8Array): Promise<{ readonly status: string; readonly fault?: string }>;
  close(): Promise<void>;
}

const LONGEST_MS = 5000;
const CODES = new Set(
  Object.keys(Code)
    .filter((name) => Number.isNaN(Number(name)))
    .map(snakeCase),
);
const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const pick = <T>(list: readonly T[], index: number): T => list[index % list.length]!;

/** Two of three inputs are JSON whose values are strange, the third has strange bytes. */
const spoil = (value: unknown, index: number, { mutate, bend }: Spoilers): Uint8Array =>
  index % 3 === 0 ? mutate(text(value)) : text(bend(value));

const RAWS = (
  [
    ["API_KIND_OPENAI_CHAT", ApiKind.OPENAI_CHAT, BODIES["openai-chat"]],
    ["API_KIND_OPENAI_RESPONSES", ApiKind.OPENAI_RESPONSES, BODIES["openai-responses"]],
    ["API_KIND_ANTHROPIC_MESSAGES", ApiKind.ANTHROPIC_MESSAGES, BODIES["anthropic-messages"]],
    ["API_KIND_GEMINI", ApiKind.GEMINI, BODIES.gemini],
  ] as const
).flatMap(([name, kind, bodies]) => bodies.map((body: unknown) => ({ name, kind, body })));
const MORE = {
  headers: { "x-team": "legal" },
  profile: "cheap",
  constraints: { allowedModels: ["small", "large"], maxCostUsd: 1.5, modalities: ["MODALITY_TEXT"], tools: true },
};
const MESSAGES = { messages: [{ role: "user", content: "hello" }], model: "auto", tools: ["f"], maxOutputTokens: 5 };

/** Every second input is a spoilt body inside a good envelope, the others a spoilt envelope. */
export const rpcDoor: FuzzDoor = {
  name: "RPC, Connect JSON",
  share: 1,
  input(index, bad) {
    const { name, body } = pick(RAWS, index >> 1);
    const raw = (bytes: Uint8Array) => ({ api: name, json: Buffer.from(bytes).toString("utf8") });
    if (index % 2 === 0) return text({ raw: raw(spoil(body, index, bad)), includeBody: true, headers: MORE.headers });
    return spoil(index % 4 === 1 ? { raw: raw(text(body)), ...MORE } : { chat: MESSAGES, ...MORE }, index, bad);
  },
  open: (url) => posts(url, "/signalbox.v1.RouterService/RouteRequest", judgeConnect),
};

function messageOf({ kind }: (typeof RAWS)[number], body: Uint8Array): Uint8Array {
  const input = { case: "raw" as const, value: { api: kind, json: Buffer.from(body).toString("utf8") } };
  const constraints = { allowedModels: ["small", "large"], maxCostUsd: 1.5 };
  const request = create(RouteRequestRequestSchema, { input, headers: MORE.headers, constraints, includeBody: true });
  return toBinary(RouteRequestRequestSchema, request);
}

/** So short that spoilt bytes are more often those of the envelope. */
const SHORT = { model: "auto", messages: [{ role: "user", content: "hi" }] };

/** Every second message has spoilt bytes, the others hold a spoilt body. */
export const grpcDoor: FuzzDoor = {
  name: "RPC, gRPC messages",
  share: 1,
  input(index, bad) {
    const raw = pick(RAWS, index >> 1);
    if (index % 2 === 0) return framed(bad.mutate(messageOf(RAWS[0]!, text(SHORT))));
    return framed(messageOf(raw, spoil(raw.body, index, bad)));
  },
  open: openGrpc,
};

export const frameDoor: FuzzDoor = {
  name: "RPC, gRPC frames",
  share: 0.2,
  input: (_, { mutate }) => mutate(framed(messageOf(RAWS[0]!, text({ model: "auto" })))),
  open: openGrpc,
};

export const chatDoor: FuzzDoor = {
  name: "/v1/chat/completions",
  share: 1,
  input: (index, bad) => spoil(pick(BODIES["openai-chat"], index), index, bad),
  open: (url) => posts(url, "/v1/chat/completions", judgeOpenai),
};

const EMBEDDINGS = { model: "small", input: ["some text", "more"], encoding_format: "float", dimensions: 8 };
const COMPLETIONS = { model: "small", prompt: "Once upon a time", stream: false, max_tokens: 5 };

export const completionDoors: readonly FuzzDoor[] = [
  {
    name: "/v1/embeddings",
    share: 1,
    input: (index, bad) => spoil(EMBEDDINGS, index, bad),
    open: (url) => posts(url, "/v1/embeddings", judgeOpenai),
  },
  {
    name: "/v1/completions",
    share: 0.2,
    input: (index, bad) => spoil(COMPLETIONS, index, bad),
    open: (url) => posts(url, "/v1/completions", judgeOpenai),
  },
];

async function posts(url: string, path: string, judge: (reply: Reply) => string | undefined): Promise<Thrower> {
  const client = createClient(url, { timeoutMs: LONGEST_MS });
  return {
    async send(input) {
      const reply = await client.post(path, input);
      const fault = reply.cut ? `no whole answer: ${reply.text}` : judge(reply);
      return { status: String(reply.status), ...(fault !== undefined && { fault }) };
    },
    close: async () => client.close(),
  };
}

/** The upstreams never fail here, so nothing of ours may. */
function judgeOpenai({ status, text: body }: Reply): string | undefined {
  if (status === 200) return undefined;
  const code = parsed(body)?.error?.code;
  if (code === undefined || !(code in ERRORS)) return `${status} without a known code: ${body.slice(0, 200)}`;
  return status >= 500 ? `${status} ${body.slice(0, 200)}` : undefined;
}

function judgeConnect({ status, text: body, headers }: Reply): string | undefined {
  if (status === 200) return undefined;
  const { code = "", message } = parsed(body) ?? {};
  const ours = String(headers["x-signalbox-error"]);
  if (!CODES.has(code) || !(ours in ERRORS)) return `${status} without a known code: ${body.slice(0, 200)}`;
  return status >= 500 || ours === "internal" ? `${status} ${code} ${message}` : undefined;
}

function parsed(body: string): { error?: { code?: string }; code?: string; message?: string } | undefined {
  try {
    return JSON.parse(body) as ReturnType<typeof parsed>;
  } catch {
    return undefined;
  }
}

function framed(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const OK = 0;
const INTERNAL = 13;
const UNKNOWN = 2;

async function openGrpc(url: string): Promise<Thrower> {
  const session = connectHttp2(url);
  await once(session, "connect");
  const send = async (input: Uint8Array) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/signalbox.v1.RouterService/RouteRequest",
      "content-type": "application/grpc+proto",
      te: "trailers",
    });
    let status = "";
    let ours = "";
    const read = (headers: object) => {
      const { "grpc-status": code, "x-signalbox-error": error } = headers as Record<string, string | undefined>;
      status = code ?? status;
      ours = error ?? ours;
    };
    const late = setTimeout(() => stream.close(), LONGEST_MS);
    stream.on("response", read).on("trailers", read).resume().end(input);
    await new Promise<void>((resolve) => stream.once("close", resolve).on("error", () => undefined));
    clearTimeout(late);
    const code = Number(status);
    if (status === "") return { status: "none", fault: "no grpc-status, or too late" };
    if (code === OK) return { status };
    const bad = code === INTERNAL || code === UNKNOWN || !(ours in ERRORS) || ours === "internal";
    return { status, ...(bad && { fault: `grpc-status ${status} ${ours}` }) };
  };
  return { send, close: () => new Promise((resolve) => session.close(resolve)) };
}

const HEADS = [
  "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
  "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
  "POST /signalbox.v1.RouterService/RouteRequest HTTP/1.1\r\nHost: localhost:80\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
  "POST /signalbox.v1.RouterService/RouteRequest HTTP/1.0\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: 2\r\n\r\n{}",
  "GET /v1/models?limit=5 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer abc\r\nExpect: 100-continue\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
  "POST /grpc.health.v1.Health/Check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/proto\r\nContent-Length: 0\r\n\r\n",
].map((head) => Buffer.from(head, "latin1"));

/** Preface, settings, a HEADERS frame with a literal POST to the RPC door, DATA, PING, WINDOW_UPDATE, RST_STREAM. */
const HTTP2 = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1"),
  frame(4, 0, 0, Buffer.from("000300000064", "hex")),
  frame(1, 4, 1, headerBlock()),
  frame(0, 1, 1, framed(Buffer.from("0a00", "hex"))),
  frame(6, 0, 0, Buffer.alloc(8)),
  frame(8, 0, 0, Buffer.from("00010000", "hex")),
  frame(3, 0, 1, Buffer.from("00000008", "hex")),
]);

function frame(type: number, flags: number, stream: number, payload: Buffer | Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Literal header fields without indexing (RFC 7541, 6.2.2), names and values in plain. */
function headerBlock(): Buffer {
  const fields = {
    ":method": "POST",
    ":scheme": "http",
    ":authority": "box",
    ":path": "/signalbox.v1.RouterService/RouteRequest",
    "content-type": "application/grpc",
  };
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]),
  );
}

const IDLE_MS = 60;

/** Mutated heads and frames on sockets of their own. Many are cut short, and the server rightly waits for the rest. */
export const socketDoor: FuzzDoor = {
  name: "raw sockets",
  share: 0.2,
  input: (index, { mutate }) => {
    if (index % 3 !== 0) return mutate(pick(HEADS, index));
    return index % 2 === 0 ? mutate(HTTP2) : Buffer.concat([HTTP2.subarray(0, 24), mutate(HTTP2.subarray(24))]);
  },
  async open(url) {
    const { hostname, port } = new URL(url);
    return {
      close: async () => undefined,
      send: async (input) => judgeSocket(await throwAt(hostname, Number(port), input)),
    };
  },
};

function throwAt(host: string, port: number, input: Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const socket = connectTcp(port, host, () => socket.write(input));
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => undefined);
  return new Promise((resolve) => socket.once("close", () => resolve(Buffer.concat(chunks))));
}

function judgeSocket(answer: Buffer): { status: string; fault?: string } {
  const said = answer.toString("latin1");
  const head = /^HTTP\/1\.1 (\d{3})/.exec(said);
  if (!head) return { status: answer.length === 0 ? "silence" : "frames" };
  const status = Number(head[1]);
  if (status < 400) return { status: String(status) };
  const [, body = ""] = said.split("\r\n\r\n", 2);
  const { error, code } = parsed(body) ?? {};
  const typed = (error?.code !== undefined && error.code in ERRORS) || CODES.has(code ?? "");
  if (!typed) return { status: String(status), fault: `${status} without a known code: ${said.slice(0, 300)}` };
  return { status: String(status), ...(status >= 500 && { fault: said.slice(0, 300) }) };
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
}
