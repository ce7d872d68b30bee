import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };
const chunk = (delta: object, more = {}) =>
  `data: ${JSON.stringify({ object: "chat.completion.chunk", model: "x", choices: [{ index: 0, delta, ...more }] })}\n\n`;

/** A house whose small model is this script, and whose medium one is well. */
async function houseOver(
  t: TestContext,
  script: (response: ServerResponse) => void,
): Promise<{ house: House; medium: FakeModel; cut: () => number }> {
  let closed = 0;
  const server = createServer((request, response) => {
    response.on("close", () => (closed += response.writableFinished ? 0 : 1));
    request.resume().on("end", () => script(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const medium = await startFakeModel({ name: "medium" });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const house = await startHouse(threeModels({ small: url, medium: medium.url, large: medium.url }));
  t.after(async () => {
    await house.stop();
    await medium.close();
    server.closeAllConnections();
    server.close();
  });
  return { house, medium, cut: () => closed };
}

const stream = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });
const lastRecord = (house: House) => house.events.findLast((event) => event.kind === "request")!;

test("a stream that only says its role and then hangs fails over within the tier's first-token time", async (t) => {
  const { house } = await houseOver(t, (response) => stream(response).write(chunk({ role: "assistant" })));
  const started = performance.now();
  const text = await (await house.post("/v1/chat/completions", { ...hello, stream: true })).text();
  assert.match(text, /"model":"medium"/);
  assert.match(text, /\[DONE\]\n\n$/);
  assert.ok(performance.now() - started < 1200, "its total time is 1500 ms");
  assert.deepEqual(
    lastRecord(house).attempts.map(({ result }) => result),
    ["timeout", "ok"],
  );
});

test("an upstream that keeps talking without a token is left", async (t) => {
  const flood = `: ${"ping ".repeat(20_000)}\n\n`;
  const { house } = await houseOver(t, (response) => {
    stream(response);
    const more = () => {
      while (!response.destroyed && response.write(flood));
    };
    response.on("drain", more);
    more();
  });
  const text = await (await house.post("/v1/chat/completions", { ...hello, stream: true })).text();
  assert.match(text, /"model":"medium"/);
  // By what it sent or, where the machine is too slow to send that much, by its time.
  assert.match(lastRecord(house).attempts[0]!.result, /^(?:upstream_error|timeout)$/);
});

test("after [DONE] the client's answer is over, though the upstream holds the connection", async (t) => {
  const { house } = await houseOver(t, (response) => {
    stream(response).write(chunk({ content: "hi" }) + chunk({}, { finish_reason: "stop" }) + "data: [DONE]\n\n");
  });
  const started = performance.now();
  const text = await (await house.post("/v1/chat/completions", { ...hello, stream: true })).text();
  assert.match(text, /\[DONE\]\n\n$/);
  assert.ok(performance.now() - started < 1000);
  assert.deepEqual(
    lastRecord(house).attempts.map(({ result }) => result),
    ["ok"],
  );
});

for (const body of ["null", "[]", '{"error":{"message":"out of memory"}}', '{"hello":"world"}', "not json"]) {
  test(`200 with ${body} is no answer: the next target gives one`, async (t) => {
    const { house } = await houseOver(t, (response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(body),
    );
    const answer = (await (await house.post("/v1/chat/completions", hello)).json()) as { model: string };
    assert.equal(answer.model, "medium");
  });
}

test("what a target does not have moves on and counts against nobody; what shuts it off counts", async (t) => {
  let status = 404;
  const { house } = await houseOver(t, (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end('{"error":{"message":"no"}}'),
  );
  for (let i = 0; i < 6; i++) assert.equal((await house.post("/v1/chat/completions", hello)).status, 200);
  assert.ok(!house.events.some((event) => event.kind === "breaker"));
  status = 401;
  for (let i = 0; i < 6; i++) assert.equal((await house.post("/v1/chat/completions", hello)).status, 200);
  assert.ok(house.events.some((event) => event.kind === "breaker" && event.state === "open"));
});

test("an HTTP/2 client that resets its stream cancels the upstream and leaves a record", async (t) => {
  const { house, cut } = await houseOver(t, (response) => {
    stream(response);
    const timer = setInterval(() => response.write(chunk({ content: "word " })), 20);
    response.on("close", () => clearInterval(timer));
  });
  const session = connect(house.url);
  t.after(() => session.destroy());
  const request = session.request({
    ":method": "POST",
    ":path": "/v1/chat/completions",
    "content-type": "application/json",
  });
  request.on("error", () => undefined);
  request.end(JSON.stringify({ ...hello, stream: true }));
  await once(request, "data");
  const before = house.events.filter((event) => event.kind === "request").length;
  request.close(8);
  for (let i = 0; i < 50 && cut() === 0; i++) await sleep(10);
  assert.equal(cut(), 1, "the upstream saw its connection close");
  for (let i = 0; i < 50 && house.events.filter((event) => event.kind === "request").length === before; i++)
    await sleep(10);
  assert.equal(lastRecord(house).attempts[0]!.result, "client_gone");
});

test("HTTP/2 clients that do not read and then reset give their places back", async (t) => {
  const { house } = await houseOver(t, (response) => {
    stream(response);
    const word = chunk({ content: "word ".repeat(2000) });
    const more = () => {
      while (!response.destroyed && response.write(word));
    };
    response.on("drain", more);
    more();
  });
  const session = connect(house.url);
  t.after(() => session.destroy());
  for (let i = 0; i < 3; i++) {
    const request = session.request({
      ":method": "POST",
      ":path": "/v1/chat/completions",
      "content-type": "application/json",
    });
    request.on("error", () => undefined);
    request.end(JSON.stringify({ ...hello, stream: true }));
    await once(request, "response");
    await sleep(50);
    request.close(8);
  }
  const ended = () => house.events.filter((event) => event.kind === "request").length;
  for (let i = 0; i < 100 && ended() < 3; i++) await sleep(10);
  assert.equal(ended(), 3);
});
