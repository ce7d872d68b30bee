import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type CutServer, startCutServer } from "./kong-cut.ts";
import { connectionsTo, pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { chat, send, sendJson, startScene, WHOLE, type Scene } from "./kong-scene.ts";

const EVENTS = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] },
  { choices: [{ index: 0, delta: { content: "Swifts \u{1F426}" }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "length" }] },
  { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } },
];
const STREAM = Buffer.from(`${EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`);
const USAGE = { inputTokens: 7, outputTokens: 3, cachedInputTokens: 0, estimated: false };
const STREAMED = { "content-type": "text/event-stream" };

describe("what became of a decision", { skip }, () => {
  let scene: Scene;
  let told = 0;
  before(async () => void (scene = await startScene()));
  after(() => scene.close());

  /** The outcome of the next request. */
  async function nextOutcome() {
    told += 1;
    const outcomes = await scene.outcomes(told);
    assert.equal(outcomes.length, told);
    return outcomes.at(-1)!;
  }

  test("is told with usage, finish and latency, of a whole answer", async () => {
    scene.upstream.answer((_, response) => sendJson(response, WHOLE));
    const reply = await scene.send({ body: chat("hello") });
    assert.deepEqual(JSON.parse(reply.text), WHOLE);
    const outcome = await nextOutcome();
    assert.equal(outcome.decisionId, reply.headers["x-signalbox-decision-id"]);
    assert.equal(outcome.target, "s/small-v1");
    assert.equal(outcome.status, 200);
    assert.equal(outcome.finish, "stop");
    assert.deepEqual(outcome.usage, USAGE);
    assert.equal(outcome.ttftMs, undefined);
    assert.ok(outcome.latencyMs! >= 0 && outcome.latencyMs! < 5000);
  });

  test("is told of a stream with the time of its first token, which is no time of its first byte", async () => {
    scene.upstream.answer((_, response) => {
      response.writeHead(200, STREAMED).write(STREAM.subarray(0, 60));
      void sleep(250).then(() => response.end(STREAM.subarray(60)));
    });
    const reply = await scene.send({ body: chat("hello", { stream: true }) });
    assert.equal(reply.text, STREAM.toString());
    const outcome = await nextOutcome();
    assert.equal(outcome.finish, "length");
    assert.deepEqual(outcome.usage, USAGE);
    assert.ok(outcome.ttftMs! >= 200 && outcome.ttftMs! <= outcome.latencyMs!, JSON.stringify(outcome));
  });

  test("is asked for uncompressed, so that it can be read", async () => {
    scene.upstream.answer((_, response) => sendJson(response, WHOLE));
    const body = chat("hello");
    await scene.send({
      body,
      headers: ["content-type", "application/json", "content-length", String(body.length), "accept-encoding", "br"],
    });
    assert.equal(scene.upstream.arrived.at(-1)!.headers["accept-encoding"], undefined);
    assert.deepEqual((await nextOutcome()).usage, USAGE);
  });

  test("is told with the status of a model server that fails", async () => {
    scene.upstream.answer((_, response) => sendJson(response, { error: { message: "busy" } }, 503));
    assert.equal((await scene.send({ body: chat("hello") })).status, 503);
    const outcome = await nextOutcome();
    assert.deepEqual([outcome.status, outcome.usage, outcome.finish], [503, undefined, undefined]);
  });

  test("is told as no answer at all where none came", async () => {
    scene.upstream.answer((_, response) => void response.socket!.destroy());
    assert.equal((await scene.send({ body: chat("hello") })).status, 502);
    assert.equal((await nextOutcome()).status, 0);
  });

  test("keeps later requests away from a target that fails", async (context) => {
    const other = await startScene();
    context.after(() => other.close());
    other.upstream.answer(({ headers }, response) =>
      sendJson(
        response,
        headers["x-selected-model"] === "small" ? {} : WHOLE,
        headers["x-selected-model"] === "small" ? 503 : 200,
      ),
    );
    for (let asked = 1; asked <= 3; asked += 1) {
      assert.equal((await other.send({ body: chat("hello") })).status, 503);
      await other.outcomes(asked);
    }
    const reply = await other.send({ body: chat("hello") });
    assert.equal(reply.status, 200);
    assert.notEqual(reply.headers["x-signalbox-model"], "small");
  });

  test("is not told where an answer broke off, or the client left: nobody knows whose fault it was", async () => {
    scene.upstream.answer((_, response) => {
      response.writeHead(200, STREAMED).write(STREAM.subarray(0, 150));
      void sleep(50).then(() => response.socket!.destroy());
    });
    await assert.rejects(scene.send({ body: chat("hello", { stream: true }) }));
    scene.upstream.answer((_, response) => void response.writeHead(200, STREAMED).write(STREAM.subarray(0, 150)));
    const body = chat("hello", { stream: true });
    const client = connect(scene.rig.port, "127.0.0.1");
    client.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: k\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await once(client, "data");
    client.destroy();
    scene.upstream.answer((_, response) => sendJson(response, WHOLE));
    await scene.send({ body: chat("hello") });
    assert.equal((await nextOutcome()).status, 200);
  });

  test("streams pass as they come: the first bytes are there before the last are sent", async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    scene.upstream.answer((_, response) => {
      response.writeHead(200, STREAMED).write(STREAM.subarray(0, 150));
      void arrived.then(() => response.end(STREAM.subarray(150)));
    });
    const reply = await fetch(`${scene.rig.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chat("hello", { stream: true }),
    });
    const reader = reply.body!.getReader();
    assert.deepEqual(Buffer.from((await reader.read()).value!), STREAM.subarray(0, 150));
    resolve();
    let rest = Buffer.alloc(0);
    for (let next = await reader.read(); !next.done; next = await reader.read())
      rest = Buffer.concat([rest, next.value]);
    assert.deepEqual(rest, STREAM.subarray(150));
    assert.equal((await nextOutcome()).finish, "length");
  });
});

describe("a stream that is cut anywhere", { skip }, () => {
  let scene: Scene;
  let rig: Rig;
  let server: CutServer;

  before(async () => {
    scene = await startScene();
    server = await startCutServer();
    server.stream = STREAM;
    rig = await startRig(pluginBefore(server.origin, { url: scene.house.url }));
  });
  after(async () => {
    await rig.close();
    server.close();
    await scene.close();
  });

  test("is read all the same, and reaches the client byte for byte", async () => {
    const body = chat("hello", { stream: true });
    for (let cut = 0; cut < STREAM.length; cut += 1) {
      server.cut = cut;
      const reply = await send(rig, { body });
      assert.equal(reply.text, STREAM.toString());
    }
    const outcomes = await scene.outcomes(STREAM.length);
    assert.equal(outcomes.length, STREAM.length);
    for (const { usage, finish, ttftMs } of outcomes) {
      assert.deepEqual(usage, USAGE);
      assert.equal(finish, "length");
      assert.ok(ttftMs !== undefined);
    }
  });
});

describe("many at once", { skip }, () => {
  let scene: Scene;
  before(async () => void (scene = await startScene({ plugin: { keepalive_pool: 8 } })));
  after(() => scene.close());

  test("each get their own decision and outcome, and leave no socket and no memory behind", async () => {
    scene.upstream.answer(({ body }, response) => {
      const { model, messages } = JSON.parse(body.toString()) as { model: string; messages: { content: string }[] };
      sendJson(response, { ...WHOLE, model, said: messages[0]!.content });
    });
    const wave = async (from: number, count: number) => {
      const replies = await Promise.all(
        Array.from({ length: count }, (_, index) => scene.send({ body: chat(`number ${from + index}`) })),
      );
      for (const [index, { text }] of replies.entries())
        assert.equal((JSON.parse(text) as { said: string }).said, `number ${from + index}`);
    };
    await wave(0, 64);
    await scene.outcomes(64);
    await sleep(200);
    const memory = await scene.rig.memoryKib();
    for (let round = 1; round <= 15; round += 1) await wave(round * 64, 64);
    assert.equal(new Set((await scene.outcomes(1024)).map(({ decisionId }) => decisionId)).size, 1024);
    await sleep(200);
    const kept = connectionsTo(Number(new URL(scene.house.url).port));
    assert.ok(kept > 0 && kept <= 8, `${kept} connections to Signalbox`);
    const grown = (await scene.rig.memoryKib()) - memory;
    assert.ok(grown < 512, `${grown} KiB`);
    assert.deepEqual(scene.rig.errors(), []);
  });
});
