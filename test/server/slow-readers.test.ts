import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { request as requestHttp } from "node:http";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { startFakeModel } from "../fakes/model.ts";
import { startHouse } from "../rig/house.ts";

/** More than all sockets on the way hold. */
const EVENTS = 3000;
const TEXT = "0123456789abcdef".repeat(1024);
const BODY = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hello" }] });

const event = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "x",
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const longAnswer = (): string => `${event({ content: TEXT }, null).repeat(EVENTS)}${event({}, "stop")}data: [DONE]\n\n`;

/** The body of the answer, of which nothing is read yet. */
const ASKS: Readonly<Record<string, (url: string) => Promise<Readable>>> = {
  "HTTP/1.1": (url) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json" };
      requestHttp(`${url}/v1/chat/completions`, { method: "POST", headers, agent: false }, resolve)
        .once("error", reject)
        .end(BODY);
    }),
  "HTTP/2": (url) =>
    new Promise((resolve, reject) => {
      const session = connectHttp2(url).once("error", reject);
      const head = { ":method": "POST", ":path": "/v1/chat/completions", "content-type": "application/json" };
      const stream = session.request(head);
      stream.once("response", () => resolve(stream)).once("close", () => session.close());
      stream.end(BODY);
    }),
};

for (const [protocol, ask] of Object.entries(ASKS)) {
  test(`a client that reads its stream slowly over ${protocol} holds its model back, and gets all of it`, async (t) => {
    const headers = { "content-type": "text/event-stream" };
    const model = await startFakeModel({ name: "x", behave: { status: 200, headers, body: longAnswer() } });
    const house = await startHouse(`
upstreams: { a: { kind: openai, url: "${model.url}" } }
tiers: { t: { quality: 0.5, timeouts: { first_token_ms: 20000, total_ms: 60000 } } }
models: { m: { tier: t, price: { input: 1, output: 1 }, targets: [{ upstream: a, model: x }] } }
signals: { complexity: { learned: false } }
`);
    t.after(async () => {
      await house.stop();
      await model.close();
    });
    const answer = await ask(house.url);
    const outcome = await Promise.race([model.requests[0]!.ended, sleep(1000, "held back")]);
    assert.equal(outcome, "held back");

    let bytes = 0;
    let tail = "";
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      tail = (tail + chunk.subarray(-100).toString()).slice(-100);
    }
    assert.ok(bytes > EVENTS * TEXT.length, `${bytes}`);
    assert.match(tail, /data: \[DONE\]\n\n$/u);
    const [record] = house.events.filter((told) => told.kind === "request");
    assert.equal(record?.status, 200);
  });
}
