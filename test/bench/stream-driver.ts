/**
 * The two ends of streams in one process, so that one clock sees both: a model server that speaks every API, and the
 * clients. Prints the server's port; then a StreamJob on each line of stdin, a StreamResult on a line of stdout.
 */
import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { askFor, PATHS, type Speech, speechAt, type StreamDoor } from "./stream-speech.ts";

export interface StreamJob {
  /** `pace`: read to their end; `stall`: read no further than the first bytes; `abort`: left at the first token. */
  readonly kind: "pace" | "stall" | "abort";
  readonly port: number;
  readonly door: StreamDoor;
  readonly model: string;
  readonly streams: number;
  readonly perSecond: number;
  /** Of `pace`: tokens of each stream, and the milliseconds between them. */
  readonly tokens?: number;
  readonly everyMs?: number;
  /** Of `stall`: how long nothing is read. */
  readonly seconds?: number;
}

export interface StreamResult {
  /** Milliseconds from the sending of each stream's first token to its arrival; of `abort` from leaving to the server's hearing of it. */
  readonly firstMs: readonly number[];
  /** The same of all tokens. */
  readonly tokenMs: readonly number[];
  /** Ended as they should. */
  readonly good: number;
  /** MiB that the server could get rid of. */
  readonly sentMib: number;
}

const STAMP = /t(\d+)z/gu;
/** A leaving that nobody heard of until then has failed. */
const UNHEARD_MS = 5000;
const FLOOD_BYTES = 16_384;
/** Most that one stream pushes where nobody holds it back. */
const FLOOD_EVENTS = 4096;

/** Milliseconds of a clock that only goes forward, as digits. */
const stamp = (): string => `t${process.hrtime.bigint()}z`;
const since = (nanos: string): number => Number(process.hrtime.bigint() - BigInt(nanos)) / 1e6;

const server = createServer((request, answer) => {
  serve(request, answer).catch(() => answer.destroy());
});
let sent = 0;
/** Told when a client's leaving has come through. */
const left = new Map<string, () => void>();

/** The prompt says how: `pace TOKENS EVERY_MS` or `flood`, and a number to know it by. */
async function serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const asked = (await buffer(request)).toString("utf8");
  const [, how, number = "", tokens, everyMs] = /(pace|flood) #(\d+)(?: (\d+) (\d+))?/u.exec(asked) ?? [];
  const speech = speechAt(request.url!);
  answer.once("close", () => left.get(number)?.());
  answer.writeHead(200, { "content-type": "text/event-stream" });
  answer.write(speech.begin);
  if (how === "flood") return flood(answer, speech);
  for (let token = 0; token < Number(tokens) && !answer.destroyed; token++) {
    if (token > 0) await sleep(Number(everyMs));
    answer.write(speech.token(stamp()));
  }
  answer.end(speech.end);
}

async function flood(answer: ServerResponse, { token, end }: Speech): Promise<void> {
  const event = token("x".repeat(FLOOD_BYTES));
  const closed = new Promise((resolve) => answer.once("close", resolve));
  for (let index = 0; index < FLOOD_EVENTS && !answer.destroyed; index++) {
    if (!answer.write(event)) await Promise.race([new Promise((resolve) => answer.once("drain", resolve)), closed]);
    sent += event.length;
  }
  answer.end(end);
}

let asked = 0;

interface Heard {
  readonly delays: number[];
  good: boolean;
}

/** One stream, as the job wants it. */
async function one(job: StreamJob): Promise<Heard> {
  asked += 1;
  const number = String(asked);
  const content =
    job.kind === "stall" ? `flood #${number}` : `pace #${number} ${job.tokens ?? 100} ${job.everyMs ?? 50}`;
  const heard: Heard = { delays: [], good: false };
  const sending = requestHttp({
    port: job.port,
    host: "127.0.0.1",
    path: PATHS[job.door],
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  let leaving = false;
  const over = () => void (leaving || resolve());
  sending.on("error", over).end(askFor(job.door, job.model, content));
  sending.on("response", (answer) => {
    answer.on("error", over).on("end", over);
    answer.on("data", (bytes: Buffer) => {
      if (job.kind === "stall") {
        answer.pause();
        return;
      }
      const text = bytes.toString("latin1");
      for (const [, nanos] of text.matchAll(STAMP)) heard.delays.push(since(nanos!));
      if (job.kind === "pace") heard.good ||= /\[DONE\]|message_stop|response\.completed/u.test(text);
      else if (heard.delays.length > 0) leave();
    });
    if (job.kind === "stall") void sleep(job.seconds! * 1000).then(() => leave());
  });
  function leave(): void {
    if (leaving) return;
    leaving = true;
    setTimeout(resolve, UNHEARD_MS).unref();
    const from = performance.now();
    left.set(number, () => {
      heard.delays.splice(0, Infinity, performance.now() - from);
      heard.good = true;
      left.delete(number);
      resolve();
    });
    sending.destroy();
  }
  await promise;
  return heard;
}

async function play(job: StreamJob): Promise<StreamResult> {
  sent = 0;
  const under: Promise<Heard>[] = [];
  const started = performance.now();
  while (under.length < job.streams) {
    const due = Math.min(job.streams, Math.floor(((performance.now() - started) / 1000) * job.perSecond) + 1);
    while (under.length < due) under.push(one(job));
    await sleep(1);
  }
  const all = await Promise.all(under);
  return {
    firstMs: all.flatMap(({ delays }) => delays.slice(0, 1)),
    tokenMs: all.flatMap(({ delays }) => delays),
    good: all.filter(({ good }) => good).length,
    sentMib: sent / 2 ** 20,
  };
}

server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.once("SIGTERM", () => process.exit(0));
for await (const line of createInterface(process.stdin))
  console.log(JSON.stringify(await play(JSON.parse(line) as StreamJob)));
