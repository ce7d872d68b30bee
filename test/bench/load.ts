/**
 * Drives a server from a process of its own: a LoadJob on stdin, a LoadResult on stdout. Requests are written
 * beforehand and answers hardly looked at, so that the generator costs far less than what it measures.
 */
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { create, toBinary } from "@bufbuild/protobuf";
import { ApiKind, RouteRequestRequestSchema } from "../../src/gen/signalbox/v1/router_pb.ts";
import { chatBodies, prompts } from "./prompts.ts";

export interface LoadJob {
  /** RouteRequest over Connect JSON or gRPC; a chat completion, whole or streamed. */
  readonly kind: "json" | "grpc" | "chat" | "stream";
  readonly port: number;
  readonly seconds: number;
  readonly promptLength: number;
  /** Of every request, beside those that it must have. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Closed loop: so many connections, each with one request under way. */
  readonly connections?: number;
  /** Open loop: so many requests a second, whatever has been answered. */
  readonly perSecond?: number;
}

/** `lastMs`: milliseconds from the sending of each request to the last byte of its answer. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  readonly lastMs: readonly number[];
}

/** One request after the other over one connection. */
interface Wire {
  /** True when the answer is a good one. */
  send(request: Buffer): Promise<boolean>;
  close(): void;
}

const PROMPTS = 64;
const RPC_PATH = "/signalbox.v1.RouterService/RouteRequest";

function requestsOf({ kind, promptLength, headers = {} }: LoadJob): Buffer[] {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const bodies = chatBodies(prompts(PROMPTS, promptLength), kind === "stream");
  const post = (path: string, body: string) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${more.join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  if (kind === "json")
    return bodies.map((json) => post(RPC_PATH, JSON.stringify({ raw: { api: "API_KIND_OPENAI_CHAT", json } })));
  if (kind === "grpc") return bodies.map(frame);
  return bodies.map((body) => post("/v1/chat/completions", body));
}

/** A gRPC message: no compression, four bytes of length, the protobuf. */
function frame(json: string): Buffer {
  const value = { api: ApiKind.OPENAI_CHAT, json };
  const message = toBinary(
    RouteRequestRequestSchema,
    create(RouteRequestRequestSchema, { input: { case: "raw", value } }),
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

async function openHttp1(port: number): Promise<Wire> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let done: ((ok: boolean) => void) | undefined;
  let held = "";
  let bodyAt = 0;
  let length: number | undefined;
  const finish = (ok: boolean) => {
    const answered = done;
    done = undefined;
    held = "";
    bodyAt = 0;
    answered?.(ok);
  };
  socket.on("error", () => finish(false)).on("close", () => finish(false));
  socket.on("data", (bytes: Buffer) => {
    held += bytes.toString("latin1");
    if (bodyAt === 0) {
      const headEnd = held.indexOf(HEAD_END);
      if (headEnd < 0) return;
      bodyAt = headEnd + HEAD_END.length;
      const told = /content-length: (\d+)/i.exec(held.slice(0, headEnd))?.[1];
      length = told === undefined ? undefined : Number(told);
    }
    const whole = length === undefined ? held.endsWith(LAST_CHUNK) : held.length >= bodyAt + length;
    if (whole) finish(held.startsWith("HTTP/1.1 200"));
  });
  return {
    send: (request) =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve(false);
        done = resolve;
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

async function openGrpc(port: number): Promise<Wire> {
  const session: ClientHttp2Session = connectHttp2(`http://127.0.0.1:${port}`);
  await once(session, "connect");
  const headers = { ":method": "POST", ":path": RPC_PATH, "content-type": "application/grpc+proto", te: "trailers" };
  return {
    send: (request) =>
      new Promise((resolve) => {
        const stream = session.request(headers);
        let ok = false;
        stream.on("trailers", (trailers) => (ok = trailers["grpc-status"] === "0"));
        stream.resume();
        stream.on("error", () => undefined).on("close", () => resolve(ok));
        stream.end(request);
      }),
    close: () => session.close(),
  };
}

function createTally() {
  const lastMs: number[] = [];
  let failed = 0;
  return {
    async timed(wire: Wire, request: Buffer): Promise<void> {
      const sent = performance.now();
      if (!(await wire.send(request))) failed += 1;
      lastMs.push(performance.now() - sent);
    },
    result: (seconds: number): LoadResult => ({ requests: lastMs.length, failed, seconds, lastMs }),
  };
}

async function closedLoop(job: LoadJob, open: () => Promise<Wire>, requests: readonly Buffer[]): Promise<LoadResult> {
  const tally = createTally();
  const wires = await Promise.all(Array.from({ length: job.connections! }, open));
  const started = performance.now();
  const end = started + job.seconds * 1000;
  await Promise.all(
    wires.map(async (wire, index) => {
      for (let next = index; performance.now() < end; next++) {
        await tally.timed(wire, requests[next % requests.length]!);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const wire of wires) wire.close();
  return tally.result(seconds);
}

/** A request goes out when its time has come, over a connection that is free or, when none is, over a new one. */
async function openLoop(job: LoadJob, open: () => Promise<Wire>, requests: readonly Buffer[]): Promise<LoadResult> {
  const tally = createTally();
  const free: Wire[] = await Promise.all(Array.from({ length: 8 }, open));
  const total = Math.round(job.seconds * job.perSecond!);
  const started = performance.now();
  const underWay: Promise<void>[] = [];
  const go = async (request: Buffer) => {
    const wire = free.pop() ?? (await open());
    await tally.timed(wire, request);
    free.push(wire);
  };
  await new Promise<void>((resolve) => {
    const tick = () => {
      const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * job.perSecond!) + 1);
      while (underWay.length < due) underWay.push(go(requests[underWay.length % requests.length]!));
      if (due < total) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
  await Promise.all(underWay);
  const seconds = (performance.now() - started) / 1000;
  for (const wire of free) wire.close();
  return tally.result(seconds);
}

const job = JSON.parse(await text(process.stdin)) as LoadJob;
const open = () => (job.kind === "grpc" ? openGrpc(job.port) : openHttp1(job.port));
const loop = job.perSecond === undefined ? closedLoop : openLoop;
process.stdout.write(JSON.stringify(await loop(job, open, requestsOf(job))), () => process.exit(0));
