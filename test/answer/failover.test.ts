import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../src/events.ts";
import { startFakeModel, type FakeModel, type FakeOptions } from "../fakes/model.ts";
import { startHouse, type House } from "../rig/house.ts";

const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };

/** A pool of two models of one tier, the first a little cheaper, with patient timeouts. */
function twoModels(first: string, second: string, more = ""): string {
  const model = (upstream: string, output: number, extra = "") =>
    `{ tier: all, price: { input: 1, output: ${output} }, ${extra}targets: [{ upstream: ${upstream}, model: m }] }`;
  return `
upstreams:
  a: { kind: openai, url: "${first}", key: key-a }
  b: { kind: openai, url: "${second}", key: key-b }
tiers: { all: { quality: 0.9, timeouts: { connect_ms: 2000, first_token_ms: 10000, total_ms: 20000 } } }
models:
  one: ${model("a", 1, "context: 8000, ")}
  two: ${model("b", 1.5, "context: 200000, ")}
${more}`;
}

async function start(
  t: TestContext,
  more = "",
  options: FakeOptions = {},
): Promise<{ house: House; one: FakeModel; two: FakeModel }> {
  const [one, two] = await Promise.all([startFakeModel({ name: "one", ...options }), startFakeModel({ name: "two" })]);
  const house = await startHouse(twoModels(one.url, two.url, more));
  t.after(async () => {
    await house.stop();
    await Promise.all([one.close(), two.close()]);
  });
  return { house, one, two };
}

const lastRecord = (house: House) => house.events.findLast((event) => event.kind === "request") as RequestRecord;
const results = (house: House) => lastRecord(house).attempts.map(({ target, result }) => `${target} ${result}`);

test("a request whose every target failed for a moment is made again, and the client sees nothing of it", async (t) => {
  const { house, one, two } = await start(t);
  one.next("error500");
  two.next("reset");
  const reply = await house.post("/v1/chat/completions", hello);
  assert.equal(reply.status, 200);
  const [first, second, third] = results(house);
  assert.deepEqual([first, second], ["a/m upstream_error", "b/m broken_stream"]);
  assert.match(third!, / ok$/);
});

test("Retry-After is waited for, when it is short", async (t) => {
  const { house, one, two } = await start(t);
  one.next({ status: 429, headers: { "retry-after": "1" } });
  two.next({ status: 400, body: JSON.stringify({ error: { code: "context_length_exceeded", message: "long" } }) });
  const started = performance.now();
  assert.equal((await house.post("/v1/chat/completions", { ...hello, model: "one" })).status, 200);
  assert.ok(performance.now() - started >= 1000);
});

test("Retry-After is not waited for, when it is long: the client is told of it", async (t) => {
  const { house, one } = await start(t);
  one.behave({ status: 429, headers: { "retry-after": "30" } });
  const reply = await house.post("/v1/chat/completions", { ...hello, model: "one" });
  assert.equal(reply.status, 429);
  assert.equal(reply.headers.get("retry-after"), "30");
  assert.equal(lastRecord(house).attempts.length, 1);
});

test("repeats are a share of the traffic: in an outage they run out", async (t) => {
  const { house, one } = await start(t, "breaker: { minimum_requests: 100000 }");
  one.behave("error500");
  for (let each = 0; each < 40; each++) await house.post("/v1/chat/completions", { ...hello, model: "one" });
  const repeats = one.requests.length - 40;
  assert.ok(repeats >= 20 && repeats <= 32, `${repeats} repeats of 40 requests, of which 20 were saved up`);
});

test("a prompt that is too long for one model goes to one with a longer context, and never to a shorter one", async (t) => {
  const { house, one, two } = await start(t);
  const tooLong = { status: 400, body: JSON.stringify({ error: { code: "context_length_exceeded", message: "x" } }) };
  one.next(tooLong);
  assert.equal((await house.post("/v1/chat/completions", hello)).status, 200);
  assert.deepEqual(results(house), ["a/m refused", "b/m ok"]);
  one.next("error500");
  two.next(tooLong);
  const before = one.requests.length;
  const reply = await house.post("/v1/chat/completions", hello);
  assert.equal(reply.status, 400);
  assert.equal(((await reply.json()) as { error: { code: string } }).error.code, "context_length_exceeded");
  assert.equal(one.requests.length - before, 1);
});

test("what a content filter refuses another model may take; any other 4xx is the client's", async (t) => {
  const { house, one } = await start(t);
  one.next({ status: 400, body: JSON.stringify({ error: { code: "content_filter", message: "x" } }) });
  assert.equal((await house.post("/v1/chat/completions", hello)).status, 200);
  one.next({ status: 400, body: JSON.stringify({ error: { code: "invalid_value", message: "x" } }) });
  assert.equal((await house.post("/v1/chat/completions", hello)).status, 400);
  assert.deepEqual(results(house), ["a/m refused"]);
});

test("a first token that is late is raced by the next target, and the loser is cut off", async (t) => {
  const { house, one, two } = await start(t, "failover: { hedge: 2 }");
  one.behave("hang");
  const text = await (await house.post("/v1/chat/completions", { ...hello, stream: true })).text();
  assert.match(text, /"model":"two"/);
  assert.match(text, /\[DONE\]/);
  assert.deepEqual(results(house).toSorted(), ["a/m outrun", "b/m ok"]);
  assert.equal(await (await one.request(0)).ended, "aborted");
  assert.equal(two.requests.length, 1);
  assert.ok(!house.events.some((event) => event.kind === "breaker"), "to be slower is no fault");
});

test("a hedge that refuses for its own limits does not cut off the first target, which is merely slow", async (t) => {
  const { house, one, two } = await start(t, "failover: { hedge: 2 }");
  one.next({ slow: 500 });
  two.next({ status: 400, body: JSON.stringify({ error: { code: "content_filter", message: "x" } }) });
  const text = await (await house.post("/v1/chat/completions", { ...hello, stream: true })).text();
  assert.match(text, /"model":"one"/);
  assert.deepEqual(results(house), ["b/m refused", "a/m ok"]);
});

test("a key that rests is not asked, and not asking it is no failure of the target", async (t) => {
  const { house, one } = await start(t, "failover: { retries: 0 }\nbreaker: { minimum_requests: 2, reset_ms: 60000 }");
  one.next({ status: 429, headers: { "retry-after": "1" } });
  for (let each = 0; each < 5; each++) {
    const reply = await house.post("/v1/chat/completions", { ...hello, model: "one" });
    assert.equal(reply.status, 429);
  }
  assert.equal(one.requests.length, 1);
  await sleep(1100);
  assert.equal((await house.post("/v1/chat/completions", { ...hello, model: "one" })).status, 200);
});

test("a stream is asked for by true alone: what servers take for true would be read as a whole answer", async (t) => {
  const { house, one } = await start(t);
  for (const stream of [1, "true", {}]) {
    const reply = await house.post("/v1/chat/completions", { ...hello, stream });
    assert.equal(reply.status, 400);
  }
  assert.equal(one.requests.length, 0);
});

test("an answer in the background is refused: nobody here could fetch it", async (t) => {
  const { house } = await start(t);
  const reply = await house.post("/v1/responses", { model: "one", input: "hello", background: true });
  assert.equal(reply.status, 400);
  assert.equal(((await reply.json()) as { error: { param: string } }).error.param, "background");
});

test("a stream that is cut is billed for what was seen of it, whatever usage came first", async (t) => {
  const start = { id: "m1", type: "message", role: "assistant", model: "x", content: [], stop_reason: null };
  const events = [
    { type: "message_start", message: { ...start, usage: { input_tokens: 9, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "word ".repeat(800) } },
  ];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      setTimeout(() => response.destroy(), 50);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const house = await startHouse(twoModels(url, url).replace("kind: openai", "kind: anthropic"));
  t.after(async () => {
    await house.stop();
    server.closeAllConnections();
    server.close();
  });
  const body = { model: "one", max_tokens: 2000, stream: true, messages: hello.messages };
  assert.match(await (await house.post("/v1/messages", body)).text(), /event: error/);
  const { usage } = lastRecord(house).attempts[0]!;
  assert.deepEqual(usage, { inputTokens: 9, outputTokens: 1000, cachedInputTokens: 0, estimated: true });
});

test("a hedge is not made where it costs too much, nor without leave", async (t) => {
  for (const more of ["failover: { hedge: 1.1 }", ""]) {
    const { house, one, two } = await start(t, more);
    one.next({ slow: 400 });
    await (await house.post("/v1/chat/completions", { ...hello, stream: true })).text();
    assert.equal(two.requests.length, 0, more);
    assert.deepEqual(results(house), ["a/m ok"]);
  }
});

test("a target that says it has too much to do gets less, and who waits in vain goes elsewhere", async (t) => {
  let underWay = 0;
  let refused = 0;
  const answer = JSON.stringify({ choices: [{ message: { content: "hi" }, finish_reason: "stop" }] });
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (underWay >= 5) {
        refused += 1;
        response.writeHead(429).end("{}");
        return;
      }
      underWay += 1;
      setTimeout(() => {
        underWay -= 1;
        response.writeHead(200, { "content-type": "application/json" }).end(answer);
      }, 150);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const two = await startFakeModel({ name: "two" });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const house = await startHouse(
    twoModels(url, two.url, "breaker: { minimum_requests: 100000 }")
      .replace("kind: openai", "kind: vllm")
      .replace(", key: key-a", ""),
  );
  t.after(async () => {
    await house.stop();
    await two.close();
    server.closeAllConnections();
    server.close();
  });
  const wave = () => Promise.all(Array.from({ length: 20 }, () => house.post("/v1/chat/completions", hello)));
  const refusals: number[] = [];
  for (let each = 0; each < 10; each++) {
    const before = refused;
    assert.ok((await wave()).every(({ status }) => status === 200));
    refusals.push(refused - before);
    await sleep(300); // A complaint is heeded four times a second.
  }
  assert.ok(refusals[0]! >= 5, `${refusals[0]} were too many at first`);
  assert.ok(Math.min(...refusals.slice(6)) < refusals[0]! / 2, `then fewer: ${refusals.join(", ")}`);
});
