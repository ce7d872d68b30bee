/** Signalbox, model servers that remember what reached them, and the rig between them and a client. */
import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, openLoop, type Reply as LoadReply } from "../acceptance/load.ts";
import type { RouterEvent } from "../../src/events.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";
import { pluginBefore, startRig, type KongConfig, type Rig, type RigOptions } from "./kong-rig.ts";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values as they stood on the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface Upstream {
  readonly origin: string;
  readonly port: number;
  readonly arrived: readonly Arrived[];
  /** How it answers from now on. */
  answer(by: (arrived: Arrived, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export const WHOLE = {
  id: "chatcmpl-1",
  object: "chat.completion",
  model: "small-v1",
  choices: [{ index: 0, message: { role: "assistant", content: "Swifts." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
};

export const sendJson = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

/** A model server that takes anything. */
export async function startUpstream(): Promise<Upstream> {
  const arrived: Arrived[] = [];
  let by: (arrived: Arrived, response: ServerResponse) => void = (_, response) => sendJson(response, WHOLE);
  const server = createServer((incoming, response) => {
    void incoming.toArray().then((chunks) => {
      const one: Arrived = {
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: incoming.headers,
        rawHeaders: incoming.rawHeaders,
        body: Buffer.concat(chunks as Buffer[]),
      };
      arrived.push(one);
      by(one, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    arrived,
    answer: (next) => void (by = next),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  /** Names and values, one after the other, as they shall stand on the wire. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

const JSON_TYPE = ["content-type", "application/json"];

/** Sends exactly this; without `headers`, as JSON with its length. */
export async function send(rig: Pick<Rig, "port">, { method = "POST", path, headers, body }: Sent): Promise<Reply> {
  const own = body === undefined ? [] : [...JSON_TYPE, "content-length", String(Buffer.byteLength(body))];
  const sent = request({
    host: "127.0.0.1",
    port: rig.port,
    method,
    path: path ?? "/v1/chat/completions",
    headers: ["host", "kong", "connection", "close", ...(headers ?? own)],
  });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [import("node:http").IncomingMessage];
  const chunks = (await response.toArray()) as Buffer[];
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString("utf8") };
}

export interface Scene {
  readonly house: House;
  readonly upstream: Upstream;
  readonly rig: Rig;
  send(sent: Sent): Promise<Reply>;
  /** The outcomes that Signalbox was told, as soon as there are so many. */
  outcomes(count: number): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

type Outcome = Extract<RouterEvent, { kind: "outcome" }>["outcome"];

const WAIT_MS = 5000;

export interface SceneOptions extends RigOptions {
  /** The plugin's config, beside the URL. */
  readonly plugin?: Readonly<Record<string, unknown>>;
  /** Keys below `server`, and more of the config. */
  readonly server?: string;
  readonly more?: string;
}

export async function startScene({ plugin = {}, server, more, ...options }: SceneOptions = {}): Promise<Scene> {
  const upstream = await startUpstream();
  const url = `${upstream.origin}/v1`;
  const house = await startHouse(threeModels({ small: url, medium: url, large: url }, more), server);
  const behind = async () => {
    await house.stop();
    await upstream.close();
  };
  const rig = await startRig(pluginBefore(upstream.origin, { url: house.url, ...plugin }), options).catch(
    async (error: unknown) => {
      await behind();
      throw error;
    },
  );
  return {
    house,
    upstream,
    rig,
    send: (sent) => send(rig, sent),
    async outcomes(count) {
      const told = () => house.events.filter((event) => event.kind === "outcome").map(({ outcome }) => outcome);
      for (const until = performance.now() + WAIT_MS; told().length < count && performance.now() < until;) {
        await sleep(10);
      }
      return told();
    },
    async close() {
      await rig.close();
      await behind();
    },
  };
}

/** How many decisions were made. */
export const decisions = (house: House): number => house.events.filter(({ kind }) => kind === "request").length;

export const chat = (content: string, more: object = {}): string =>
  JSON.stringify({ model: "auto", messages: [{ role: "user", content }], ...more });

/** Sends at the rate for some seconds, and what came back. */
export async function load(rig: Pick<Rig, "url">, perSecond: number, seconds: number): Promise<readonly LoadReply[]> {
  const client = createClient(rig.url, { timeoutMs: 10_000 });
  const replies: LoadReply[] = [];
  await openLoop({
    perSecond,
    seconds,
    signal: new AbortController().signal,
    send: async (index) => void replies.push(await client.post("/v1/chat/completions", chat(`number ${index}`))),
  });
  client.close();
  return replies;
}

/** The port of the system's choice that it listens on. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Ends with the test, whatever comes of it. */
export function until<T extends { close?(): unknown; stop?(): unknown }>(context: TestContext, thing: T): T {
  context.after(() => (thing.close ?? thing.stop)!.call(thing));
  return thing;
}

/** Where it went, how it went there, and what came back. */
export async function through(rig: Rig, upstreams: Readonly<Record<string, Upstream>>, sent: Sent) {
  const before = new Map(Object.values(upstreams).map((upstream) => [upstream, upstream.arrived.length]));
  const reply = await send(rig, sent);
  const [at, upstream] = Object.entries(upstreams).find(([, each]) => each.arrived.length > before.get(each)!) ?? [];
  return { reply, at, arrived: upstream?.arrived.at(-1) };
}

/** A rig that ends with the test. */
export async function rigOf(context: TestContext, config: KongConfig, options: RigOptions = {}): Promise<Rig> {
  return until(context, await startRig(config, options));
}
