/** Kong's plugin puts the client's own values back into whole answers and streams, wherever those are cut. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";
import OpenAI from "openai";
import type { ClientApi } from "../../src/dialect/speech.ts";
import { placeholdersOf } from "../../src/rewrite/pii/placeholders.ts";
import { restoreWhole } from "../../src/rewrite/pii/restore.ts";
import { createRestorer } from "../../src/rewrite/pii/stream.ts";
import { startFakeModel } from "../fakes/model.ts";
import { startHouse, threeModels } from "../rig/house.ts";
import { OUR_DOOR, startDecider, type Decider } from "./kong-decider.ts";
import { pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { chat, rigOf, send, sendJson, startUpstream, until, type Upstream, WHOLE } from "./kong-scene.ts";
import { ADDRESS, APIS, CHAT, ENTRIES, IBAN, MAIL, QUOTED, said } from "./kong-streams.ts";

const STREAMED = { "content-type": "text/event-stream" };

/** What the answering path of ours makes of the same bytes. */
function restoredBy(api: ClientApi, stream: string, entries: typeof QUOTED): string {
  const restorer = createRestorer(api, placeholdersOf(entries), { maxEventBytes: 1_000_000 });
  return Buffer.concat([restorer.push(Buffer.from(stream)), restorer.end()]).toString();
}

/** Numbers that look like chance, the same in every run. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const WORDS = `<EMAIL_1>|<IBAN_12>|<|EMAIL_1|>|&lt;|IBAN_12|\\|\\u003c| |é😀|"|\n|<ADDRESS_1>|{|{"a":"|x|＜|＞|_`.split(
  "|",
);

describe("personal data behind Kong's plugin and a real Signalbox", { skip }, () => {
  const text = `Write to ${MAIL} that ${IBAN} is paid, and to ${MAIL} once more.`;
  const messages = [{ role: "user" as const, content: text }];

  test("reaches no model and no log, and comes back in whole answers and streams", async (context) => {
    const small = until(context, await startFakeModel({ name: "small", echo: true }));
    const url = `http://127.0.0.1:${small.port}`;
    const models = threeModels({ small: `${url}/v1`, medium: `${url}/v1`, large: `${url}/v1` });
    const house = until(context, await startHouse(`${models}\npii: { action: replace }\n`));
    const rig = await rigOf(context, pluginBefore(url, { url: house.url }));
    const client = new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });

    const answer = await client.chat.completions.create({ model: "auto", messages });
    assert.equal(answer.choices[0]!.message.content, `small: ${text}`);
    let streamed = "";
    for await (const chunk of await client.chat.completions.create({ model: "auto", messages, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? "";
    assert.equal(streamed, `small: ${text}`);
    const plain = [{ role: "user" as const, content: "hello there" }];
    const other = await client.chat.completions.create({ model: "auto", messages: plain });
    assert.equal(other.choices[0]!.message.content, "small: hello there");

    assert.equal(small.requests.length, 3);
    for (const { body } of small.requests.slice(0, 2)) {
      assert.match(body.toString(), /<EMAIL_1>/u);
      for (const value of [MAIL, IBAN]) assert.ok(!body.includes(value), `${value} was sent`);
    }
    for (const value of [MAIL, IBAN, "EMAIL_1"]) assert.ok(!rig.log().includes(value), `${value} was logged`);
    assert.deepEqual(rig.errors(), []);
  });
});

describe("an answer to a request whose data was replaced", { skip }, () => {
  let decider: Decider;
  let upstream: Upstream;
  let rig: Rig;
  before(async () => {
    decider = await startDecider();
    upstream = await startUpstream();
    rig = await startRig(pluginBefore(upstream.origin, { url: decider.url }));
  });
  after(async () => {
    await rig.close();
    await upstream.close();
    await decider.close();
  });

  const ask = (path = "/v1/chat/completions", headers: readonly string[] = []) => {
    const body = chat("hello");
    const own = ["content-type", "application/json", "content-length", String(body.length)];
    return send(rig, { path, body, headers: [...own, ...headers] });
  };

  test("is asked for uncompressed, and one that comes compressed all the same passes as it is", async () => {
    decider.decide({ placeholders: ENTRIES });
    const packed = brotliCompressSync(JSON.stringify({ a: "<EMAIL_1>" }));
    upstream.answer((_, response) => {
      const headers = { "content-type": "application/json", "content-encoding": "br", "content-length": packed.length };
      response.writeHead(200, headers).end(packed);
    });
    const reply = await ask(undefined, ["accept-encoding", "br, gzip"]);
    assert.equal(upstream.arrived.at(-1)!.headers["accept-encoding"], "identity");
    assert.equal(reply.headers["content-length"], String(packed.length));
    assert.match(rig.log(), /placeholders stay in it/u);
  });

  test("is restored where it is an error, and in JSON of any kind, and nowhere else", async () => {
    decider.decide({ placeholders: ENTRIES });
    upstream.answer((_, response) => sendJson(response, { error: { message: "Not for <EMAIL_1>." } }, 400));
    const refused = await ask();
    assert.equal(refused.status, 400);
    assert.deepEqual(JSON.parse(refused.text), { error: { message: `Not for ${MAIL}.` } });
    upstream.answer((_, response) => {
      response.writeHead(200, { "content-type": "application/problem+json; charset=utf-8" }).end('["<email_1>"]');
    });
    assert.equal((await ask()).text, `["${MAIL}"]`);
    upstream.answer((_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<EMAIL_1>"));
    const page = await ask();
    decider.decide({ placeholders: ENTRIES, targets: [OUR_DOOR] });
    upstream.answer((_, response) => sendJson(response, ["<EMAIL_1>"]));
    assert.equal((await ask()).text, '["<EMAIL_1>"]', "who answered has put values back");
    assert.equal(page.text, "<EMAIL_1>");
    assert.equal(page.headers["content-length"], undefined);
  });

  test("comes whole where its upstream told a length, and where it came in pieces", async () => {
    decider.decide({ placeholders: QUOTED });
    const answer = JSON.stringify({ ...WHOLE, said: "<EMAIL_1> <ADDRESS_1>", n: 1 });
    upstream.answer((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer);
    });
    const expected = { ...WHOLE, said: `${MAIL} ${ADDRESS}`, n: 1 };
    assert.deepEqual(JSON.parse((await ask()).text), expected);
    upstream.answer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      void (async () => {
        for (const piece of answer.match(/.{1,40}/gsu)!) {
          response.write(piece);
          await sleep(1);
        }
        response.end();
      })();
    });
    assert.deepEqual(JSON.parse((await ask()).text), expected);
    const told = decider.told.at(-1)!;
    assert.equal(told.finish, "stop");
    assert.equal(told.usage?.inputTokens, 7);
  });

  for (const [api, { path, piece, end }] of APIS) {
    test(`${api}: however a stream is cut into pieces and bytes, it is what our own answering path would tell`, async () => {
      decider.decide({ placeholders: QUOTED });
      const next = chance(4711);
      for (let round = 0; round < 60; round++) {
        const text = Array.from({ length: next(12) }, () => WORDS[next(WORDS.length)]).join("");
        const letters = Array.from(text);
        const pieces: string[] = [];
        while (letters.length > 0) pieces.push(piece(letters.splice(0, 1 + next(6)).join("")));
        const stream = Buffer.from(pieces.join("") + end);
        const size = 1 + next(80);
        upstream.answer((_, response) => {
          response.writeHead(200, STREAMED);
          for (let at = 0; at < stream.length; at += size) response.write(stream.subarray(at, at + size));
          response.end();
        });
        const reply = await ask(path);
        assert.equal(said(api, reply.text), said(api, restoredBy(api, stream.toString(), QUOTED)), text);
      }
    });

    test(`${api}: a whole answer, too`, async () => {
      decider.decide({ placeholders: QUOTED });
      const next = chance(815);
      for (let round = 0; round < 60; round++) {
        const text = () => Array.from({ length: next(12) }, () => WORDS[next(WORDS.length)]).join("");
        const answer = JSON.stringify({
          [text()]: text(),
          b: [text(), { c: JSON.stringify({ d: text() }) }, 1.5, null],
        });
        upstream.answer((_, response) => sendJson(response, JSON.parse(answer)));
        const restored = Buffer.from(restoreWhole(Buffer.from(answer), placeholdersOf(QUOTED))).toString();
        assert.deepEqual(JSON.parse((await ask(path)).text), JSON.parse(restored));
      }
    });

    test(`${api}: a stream goes on as it comes, but for what may become a placeholder`, async () => {
      decider.decide({ placeholders: ENTRIES });
      const { promise: arrived, resolve } = Promise.withResolvers<void>();
      upstream.answer((_, response) => {
        response.writeHead(200, STREAMED).write(piece("Hello <EMA"));
        void arrived.then(() => response.end(piece("IL_1>!") + end));
      });
      const reply = await fetch(rig.url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: chat("hello", { stream: true }),
      });
      const reader = reply.body!.getReader();
      assert.equal(said(api, Buffer.from((await reader.read()).value!).toString()), "Hello ");
      resolve();
      let rest = "";
      for (let more = await reader.read(); !more.done; more = await reader.read())
        rest += Buffer.from(more.value).toString();
      assert.equal(said(api, rest), `${MAIL}!`);
    });
  }

  test("leaves no memory behind", async () => {
    decider.decide({ placeholders: QUOTED });
    const stream = [..."so <EMAIL_1> and <ADDRESS_1> <".match(/.{1,4}/gu)!].map(CHAT.piece).join("");
    upstream.answer((_, response) => void response.writeHead(200, STREAMED).end(stream + CHAT.end));
    const wave = (count: number) => Promise.all(Array.from({ length: count }, () => ask()));
    await wave(64);
    await sleep(200);
    const memory = await rig.memoryKib();
    for (let round = 0; round < 10; round++) await wave(64);
    await sleep(200);
    const grown = (await rig.memoryKib()) - memory;
    assert.ok(grown < 512, `${grown} KiB`);
  });

  test("leaves no value and no error in the log", () => {
    for (const value of [MAIL, IBAN, "Flat"]) assert.ok(!rig.log().includes(value), `${value} was logged`);
    assert.deepEqual(rig.errors(), []);
  });
});
