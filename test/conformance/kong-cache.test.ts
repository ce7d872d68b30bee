/** Kong's plugin gives out what Signalbox has in its cache, and brings it what it would keep. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import OpenAI from "openai";
import { OUR_DOOR, startDecider, type Decider } from "./kong-decider.ts";
import { pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { chat, rigOf, send, sendJson, startUpstream, until, type Upstream, WHOLE } from "./kong-scene.ts";

const STREAMED = { "content-type": "text/event-stream" };
const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const STREAM = `${chunk({ role: "assistant", content: "Swi" })}${chunk({ content: "fts." })}${chunk({}, "stop")}data: [DONE]\n\n`;
const HIT = {
  decisionId: "decision-2",
  targets: [],
  cached: {
    kind: "semantic",
    id: "entry",
    model: "large",
    json: JSON.stringify(WHOLE),
    ageMs: 61_900,
    similarity: 0.97,
  },
};
const STREAM_HIT = { ...HIT, cached: { ...HIT.cached, sse: STREAM } };
/** Longer than it takes to bring an answer, where one is brought. */
const AWHILE_MS = 300;

describe("the cache behind Kong's plugin", { skip }, () => {
  let decider: Decider;
  let upstream: Upstream;
  let rig: Rig;
  before(async () => {
    decider = await startDecider();
    upstream = await startUpstream();
    const plugin = { url: decider.url, tenant: "acme", client_key_header: "authorization", max_cached_bytes: 100_000 };
    rig = await startRig(pluginBefore(upstream.origin, plugin));
  });
  after(async () => {
    await rig.close();
    await upstream.close();
    await decider.close();
  });
  beforeEach(() => {
    decider.decide({});
    upstream.answer((_, response) => sendJson(response, WHOLE));
  });

  const ask = (headers: readonly string[] = [], path = "/v1/chat/completions", body = chat("hello")) => {
    const own = ["content-type", "application/json", "content-length", String(Buffer.byteLength(body))];
    return send(rig, { path, body, headers: [...own, ...headers] });
  };
  /** What is brought of the next answer; nothing within a while where nothing is. */
  async function brought(asking: () => Promise<unknown>) {
    const before = decider.stored.length;
    await asking();
    await sleep(AWHILE_MS);
    return decider.stored.slice(before);
  }

  test("is looked in where the client's API has answers in it, with what the client says of caches", async () => {
    await ask(["cache-control", "no-cache"]);
    const asked = decider.asked.at(-1)!;
    assert.equal(asked.cache, true);
    assert.equal(asked.headers["cache-control"], "no-cache");
    await ask([], "/v1beta/models/auto:generateContent", "{}");
    assert.equal(decider.asked.at(-1)!.cache, false);
  });

  test("gives its answer to the client, and says where it comes from; no model is asked, and no outcome told", async () => {
    decider.decide(HIT);
    const before = upstream.arrived.length;
    const reply = await ask();
    assert.equal(reply.status, 200);
    assert.equal(reply.text, JSON.stringify(WHOLE));
    assert.equal(reply.headers["content-type"], "application/json");
    assert.equal(reply.headers["content-length"], String(reply.text.length));
    const ours = Object.entries(reply.headers).filter(([name]) => /^x-signalbox-(?:cache|model|decision)/u.test(name));
    assert.deepEqual(Object.fromEntries(ours), {
      "x-signalbox-cache": "semantic",
      "x-signalbox-cache-age": "61",
      "x-signalbox-cache-similarity": "0.970",
      "x-signalbox-cache-id": "entry",
      "x-signalbox-model": "large",
      "x-signalbox-decision-id": "decision-2",
    });
    await sleep(AWHILE_MS);
    assert.equal(upstream.arrived.length, before);
    assert.ok(!decider.told.some(({ decisionId }) => decisionId === HIT.decisionId));
  });

  test("gives a real stream to whom asked for one", async () => {
    decider.decide(STREAM_HIT);
    const client = new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
    const messages = [{ role: "user" as const, content: "hello" }];
    let said = "";
    const { data, response } = await client.chat.completions
      .create({ model: "auto", messages, stream: true })
      .withResponse();
    for await (const event of data) said += event.choices[0]?.delta.content ?? "";
    assert.equal(said, "Swifts.");
    assert.match(response.headers.get("content-type")!, /^text\/event-stream/u);
    assert.equal(response.headers.get("x-signalbox-cache"), "semantic");
  });

  test("gives the client's own values with its answer", async () => {
    const placeholders = [{ placeholder: "<EMAIL_1>", value: 'a"b@mail.dev', entity: "email" }];
    const json = '{"a":"to <EMAIL_1>"}';
    const sse = chunk({ content: "to <EMA" }) + chunk({ content: "IL_1>" }, "stop");
    decider.decide({ ...HIT, placeholders, cached: { ...HIT.cached, json } });
    assert.deepEqual(JSON.parse((await ask()).text), { a: 'to a"b@mail.dev' });
    decider.decide({ ...HIT, placeholders, cached: { ...HIT.cached, json, sse } });
    const texts = (await ask()).text.matchAll(/^data: (.*)$/gmu);
    const deltas = Array.from(texts, ([, data]) => JSON.parse(data!) as { choices: [{ delta: { content: string } }] });
    assert.equal(deltas.map(({ choices }) => choices[0].delta.content).join(""), 'to a"b@mail.dev');
  });

  test("is brought a whole answer that it would keep, as the upstream wrote it", async () => {
    const placeholders = [{ placeholder: "<EMAIL_1>", value: "ann@mail.dev", entity: "email" }];
    decider.decide({ cacheable: true, placeholders });
    const answer = JSON.stringify({ ...WHOLE, said: "<EMAIL_1>" });
    upstream.answer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).write(answer.slice(0, 50));
      response.end(answer.slice(50));
    });
    const [stored] = await brought(async () => {
      const reply = await ask(["authorization", "Bearer sk-client"]);
      assert.equal(reply.headers["x-signalbox-cache"], "miss");
      assert.match(reply.text, /ann@mail\.dev/u);
    });
    assert.equal(Buffer.from(stored!.body).toString(), answer);
    assert.equal(stored!.stream, false);
    assert.deepEqual([stored!.decisionId, stored!.tenant, stored!.clientKey], ["decision-1", "acme", "sk-client"]);
  });

  test("is brought the bytes of a stream, whatever ends it", async () => {
    decider.decide({ cacheable: true });
    for (const stream of [STREAM, STREAM.trimEnd(), STREAM.replaceAll("\n", "\r\n")]) {
      upstream.answer((_, response) => void response.writeHead(200, STREAMED).end(stream));
      const [stored] = await brought(() => ask());
      assert.equal(Buffer.from(stored!.body).toString(), stream);
      assert.equal(stored!.stream, true);
    }
  });

  const ANSWERS: Readonly<Record<string, (upstreamOf: Upstream) => void>> = {
    "has another status than 200": (at) => at.answer((_, response) => sendJson(response, WHOLE, 201)),
    "is an error": (at) => at.answer((_, response) => sendJson(response, WHOLE, 500)),
    "is longer than the config allows": (at) =>
      at.answer((_, response) => sendJson(response, { ...WHOLE, more: "x".repeat(100_000) })),
    "does not say that it is whole": (at) =>
      at.answer((_, response) => void response.writeHead(200, STREAMED).end(STREAM.slice(0, 150))),
    "is in another API's words": (at) =>
      at.answer((_, response) => sendJson(response, { type: "message", content: [], stop_reason: "end_turn" })),
    "is compressed": (at) =>
      at.answer((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
        response.end(gzipSync(JSON.stringify(WHOLE)));
      }),
    "is no JSON": (at) =>
      at.answer((_, response) => void response.writeHead(200, { "content-type": "text/plain" }).end("Swifts.")),
  };
  for (const [what, arrange] of Object.entries(ANSWERS)) {
    test(`is not brought an answer that ${what}`, async () => {
      decider.decide({ cacheable: true });
      arrange(upstream);
      assert.equal((await brought(() => ask())).length, 0);
    });
  }

  test("is not brought an answer that broke off, or whose client left", async () => {
    decider.decide({ cacheable: true });
    const cut = STREAM.slice(0, STREAM.indexOf("data: [DONE]"));
    upstream.answer((_, response) => {
      response.writeHead(200, STREAMED).write(cut);
      void sleep(50).then(() => response.socket!.destroy());
    });
    assert.equal((await brought(() => assert.rejects(ask()))).length, 0);
    upstream.answer((_, response) => {
      response.writeHead(200, STREAMED).write(cut);
      void sleep(150).then(() => response.end("data: [DONE]\n\n"));
    });
    const body = chat("hello", { stream: true });
    const leaves = async () => {
      const client = connect(rig.port, "127.0.0.1");
      client.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: k\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      await once(client, "data");
      client.destroy();
    };
    assert.equal((await brought(leaves)).length, 0);
  });

  test("is not brought what it would not keep, nor what our own door answered", async () => {
    assert.equal((await brought(() => ask())).length, 0);
    decider.decide({ cacheable: true, targets: [OUR_DOOR] });
    assert.equal((await brought(() => ask())).length, 0);
  });

  test("may hold nonsense: the request is sent as if nobody had been there", async () => {
    for (const cached of [{}, { json: 7 }, { json: "" }, 7, "x"]) {
      decider.decide({ ...HIT, cached });
      const reply = await ask();
      assert.equal(reply.status, 200);
      assert.equal(reply.headers["x-signalbox-error"], "unreadable");
      assert.equal(reply.text, JSON.stringify(WHOLE));
    }
  });

  test("leaves no words of anybody, and no error, in the gateway's log", () => {
    for (const word of ["Swifts", "hello", "ann@mail.dev"]) assert.ok(!rig.log().includes(word), `${word} was logged`);
    // That an upstream closed its connection is nginx's own remark.
    assert.deepEqual(
      rig.errors().filter((line) => !line.includes("prematurely closed")),
      [],
    );
  });
});

test(
  "a gateway that wants no cache asks for none, brings nothing, and shows nobody's cache-control",
  { skip },
  async (context) => {
    const decider = until(context, await startDecider());
    decider.decide({ cacheable: true });
    const upstream = until(context, await startUpstream());
    const rig = await rigOf(context, pluginBefore(upstream.origin, { url: decider.url, cache: false }));
    const body = chat("hello");
    const own = ["content-type", "application/json", "content-length", String(body.length)];
    await send(rig, { body, headers: [...own, "cache-control", "no-store"] });
    await sleep(AWHILE_MS);
    const [asked] = decider.asked;
    assert.deepEqual([asked!.cache, asked!.headers["cache-control"], decider.stored], [false, undefined, []]);
  },
);
