/** Houses whose default route has a cascade, in front of servers that say what they are told to. */
import type { TestContext } from "node:test";
import type { RequestRecord } from "../../src/events.ts";
import type { Door } from "../fakes/apis/asks.ts";
import type { Answer, Script } from "../fakes/apis/script.ts";
import { type ApiKind, type ApiRequest, type FakeApi, startFakeApi } from "../fakes/apis/server.ts";
import { startHouse, type House } from "../rig/house.ts";
import { heardIn, wholeOf } from "../matrix/heard.ts";

export const REFUSAL = "I'm sorry, but I cannot help with that.";
export const GOOD = "A swift sleeps on the wing, and lands to breed alone. The answer is 42.";
export const USAGE = { input: 100, cachedInput: 0, output: 50, reasoning: 0 };

export const says = (text: string, more: Partial<Answer> = {}): Answer => ({
  text,
  finish: "stop",
  usage: USAGE,
  ...more,
});

type Says = Script | ((request: ApiRequest) => Script);
/** A fake of an API, or a server of one's own. */
export type Server = { readonly kind: ApiKind; readonly says: Says } | { readonly kind: string; readonly url: string };

const NAMES = ["one", "two", "three", "four"];
const ASKS: Readonly<Record<Door, { readonly path: string; readonly body: object }>> = {
  "openai-chat": { path: "/v1/chat/completions", body: { messages: [{ role: "user", content: "Do swifts sleep?" }] } },
  "anthropic-messages": {
    path: "/v1/messages",
    body: { max_tokens: 300, messages: [{ role: "user", content: "Do swifts sleep?" }] },
  },
  "openai-responses": { path: "/v1/responses", body: { input: "Do swifts sleep?" } },
};

interface Set {
  readonly house: House;
  readonly fakes: readonly FakeApi[];
  /** What the client hears, and the reply's headers. */
  ask(
    door: Door,
    stream: boolean,
    more?: object,
  ): Promise<ReturnType<typeof heardIn> & { readonly headers: Headers; readonly raw: string }>;
  post(door: Door, stream: boolean, more?: object, init?: RequestInit): Promise<Response>;
  record(): RequestRecord;
  /** `one/m ok -`: the dash says that its answer was given to nobody. */
  results(): string[];
}

/**
 * Models one, two, ... in the order of the servers, each ten times as dear as the one before; `cascade` is YAML of the
 * default route's.
 */
export async function start(t: TestContext, servers: readonly Server[], cascade: string, more = ""): Promise<Set> {
  const fakes = await Promise.all(
    servers.map(async (server) => ("says" in server ? startFakeApi(server.kind, { script: server.says }) : undefined)),
  );
  const places = servers.map((server, at) => ({
    kind: server.kind,
    url: "url" in server ? server.url : fakes[at]!.url,
  }));
  const house = await startHouse(`
upstreams:
${places.map(({ kind, url }, at) => `  ${NAMES[at]}: { kind: ${kind}, url: "${url}", key: key-${at} }`).join("\n")}
tiers: { all: { quality: 0.9, timeouts: { connect_ms: 2000, first_token_ms: 2000, between_tokens_ms: 1000, total_ms: 4000 } } }
models:
${places.map((_, at) => `  ${NAMES[at]}: { tier: all, price: { input: ${10 ** at}, output: ${10 ** at} }, targets: [{ upstream: ${NAMES[at]}, model: m }] }`).join("\n")}
signals: { complexity: { learned: false }, jailbreak: { learned: false }, pii: { learned: false } }
failover: { retries: 0 }
breaker: { minimum_requests: 100000 }
decision: { threshold: 0 }
routes: { default: { cascade: ${cascade} } }
${more}`);
  t.after(async () => {
    await house.stop();
    await Promise.all(fakes.map(async (fake) => fake?.close()));
  });
  const post: Set["post"] = (door, stream, own = {}, init = {}) => {
    const { path, body } = ASKS[door];
    const usage = door === "openai-chat" && stream ? { stream_options: { include_usage: true } } : {};
    return fetch(house.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "auto", ...body, ...usage, stream, ...own }),
      ...init,
    });
  };
  const record = () => house.events.findLast((event) => event.kind === "request") as RequestRecord;
  return {
    house,
    fakes: fakes.filter((fake) => fake !== undefined),
    post,
    record,
    async ask(door, stream, own) {
      const reply = await post(door, stream, own);
      const raw = await reply.text();
      return { ...heardIn(door, wholeOf(door, raw, stream)), headers: reply.headers, raw };
    },
    results: () =>
      record().attempts.map(({ target, result, discarded }) => `${target} ${result}${discarded ? " -" : ""}`),
  };
}
