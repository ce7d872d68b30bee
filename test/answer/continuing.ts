/** Houses in front of servers that break off in the middle of an answer, or go on with one. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { RequestRecord } from "../../src/events.ts";
import type { Door } from "../fakes/apis/asks.ts";
import type { Answer, Script } from "../fakes/apis/script.ts";
import { type ApiKind, type ApiRequest, type FakeApi, startFakeApi } from "../fakes/apis/server.ts";
import { heardIn, wholeOf } from "../matrix/heard.ts";
import { fields, list, textOf } from "../matrix/json.ts";
import { startHouse, type House } from "../rig/house.ts";

export const TEXT =
  "Swifts eat, drink, mate and sleep on the wing.\n\n- They land to breed. 🐦\n- A young one may not touch ground for three years, and it flies to Africa and back meanwhile.";
const USAGE = { input: 20, cachedInput: 8, output: 12, reasoning: 0 };
export const whole: Answer = { text: TEXT, finish: "stop", usage: USAGE };

const ASKS: Readonly<Record<Door, { readonly path: string; readonly body: object }>> = {
  "openai-chat": { path: "/v1/chat/completions", body: { messages: [{ role: "user", content: "Tell me." }] } },
  "anthropic-messages": {
    path: "/v1/messages",
    body: { max_tokens: 300, messages: [{ role: "user", content: "Tell me." }] },
  },
  "openai-responses": { path: "/v1/responses", body: { input: "Tell me." } },
};
/** The last words of a request that asks to go on; undefined for any other. */
export function shownTo({ json }: ApiRequest): string | undefined {
  const { role, content } = list(fields(json).messages).at(-1) ?? {};
  return role === "assistant" ? textOf(content) : undefined;
}

/** Says the rest of the text to whoever shows its beginning. */
export const rest =
  (more: Partial<Answer> = {}) =>
  (request: ApiRequest): Script => {
    const shown = shownTo(request);
    if (shown === undefined) return whole;
    assert.ok(TEXT.startsWith(shown), "what is shown is what was said");
    return { ...whole, text: TEXT.slice(shown.length), ...more };
  };

type Says = Script | ((request: ApiRequest) => Script);
export interface Server {
  readonly kind: ApiKind;
  readonly says: Says;
  readonly model?: string;
}

interface Set {
  readonly house: House;
  readonly fakes: readonly FakeApi[];
  /** Asks for a stream, and puts it together by the rules of the door. */
  ask(door: Door, more?: object): Promise<ReturnType<typeof heardIn> & { readonly id: string }>;
  raw(door: Door, more?: object): Promise<string>;
  record(): RequestRecord;
  results(): string[];
}

/** A house whose models are asked in the order of these servers. */
export async function start(t: TestContext, servers: readonly Server[], more = ""): Promise<Set> {
  const fakes = await Promise.all(servers.map(({ kind, says }) => startFakeApi(kind, { script: says })));
  const house = await houseOf(
    servers.map(({ kind, model }, at) => ({ kind, url: fakes[at]!.url, ...(model && { model }) })),
    more,
  );
  t.after(async () => {
    await house.stop();
    await Promise.all(fakes.map((fake) => fake.close()));
  });
  return { house, fakes, ...clientOf(house) };
}

export function houseOf(
  servers: readonly { readonly kind: string; readonly url: string; readonly model?: string }[],
  more: string,
): Promise<House> {
  const name = (at: number) => ["one", "two", "three", "four"][at]!;
  return startHouse(`
upstreams:
${servers.map(({ kind, url }, at) => `  ${name(at)}: { kind: ${kind}, url: "${url}", key: key-${at} }`).join("\n")}
tiers: { all: { quality: 0.9, timeouts: { connect_ms: 5000, first_token_ms: 5000, total_ms: 20000 } } }
models:
${servers.map(({ model = "m" }, at) => `  ${name(at)}: { tier: all, price: { input: 1, output: ${at + 1} }, targets: [{ upstream: ${name(at)}, model: ${model} }] }`).join("\n")}
signals: { complexity: { learned: false }, jailbreak: { learned: false }, pii: { learned: false } }
failover: { retries: 0 }
${more || "routes: { default: { continue: true } }\nbreaker: { minimum_requests: 100000 }"}`);
}

export function clientOf(house: House): Pick<Set, "ask" | "raw" | "record" | "results"> {
  const record = () => house.events.findLast((event) => event.kind === "request") as RequestRecord;
  const raw: Set["raw"] = async (door, more = {}) => {
    const { path, body } = ASKS[door];
    const usage = door === "openai-chat" ? { stream_options: { include_usage: true } } : {};
    const reply = await house.post(path, { model: "auto", ...body, ...usage, stream: true, ...more });
    assert.equal(reply.status, 200);
    return reply.text();
  };
  return {
    raw,
    record,
    async ask(door, more) {
      const answer = wholeOf(door, await raw(door, more), true);
      return { ...heardIn(door, answer), id: textOf(answer.id) };
    },
    results: () =>
      record().attempts.map(({ target, result, continues }) => `${target} ${result}${continues ? " on" : ""}`),
  };
}

export const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "x", choices: [{ index: 0, delta: { role: "assistant", content } }] })}\n\n`;

/** A vLLM that says this and then nothing, or breaks off; and when its connection was closed. */
export async function startRaw(t: TestContext, script: (response: ServerResponse) => void) {
  const closed = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.on("close", closed.resolve);
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      script(response);
      begun.resolve();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { kind: "vllm", url, closed: closed.promise, begun: begun.promise };
}
