import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../src/events.ts";
import { startFakeModel } from "../fakes/model.ts";
import { startHouse, type House } from "../rig/house.ts";

const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };

const houseOver = (upstream: string) =>
  startHouse(`
upstreams: { a: ${upstream} }
breaker: { minimum_requests: 3, window_ms: 60000, reset_ms: 100 }
failover: { retries: 0 }
tiers: { all: { quality: 0.9, timeouts: { connect_ms: 2000, first_token_ms: 10000, total_ms: 20000 } } }
models:
  one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: a, model: m }] }
`);

/** One model whose circuit has opened and let the time pass after which it may be probed. */
async function recovering(t: TestContext) {
  const model = await startFakeModel({ name: "one" });
  const house = await houseOver(`{ kind: openai, url: "${model.url}", key: key-a }`);
  t.after(async () => {
    await house.stop();
    await model.close();
  });
  model.behave("error500");
  for (let turn = 0; turn < 3; turn++) await house.post("/v1/chat/completions", hello);
  const stateOf = () => house.events.findLast((event) => event.kind === "breaker")?.state;
  assert.equal(stateOf(), "open");
  for (let waited = 0; stateOf() !== "half_open" && waited < 5000; waited += 5) await sleep(5);
  return { house, model, stateOf };
}

test("requests that come while one probes the only target wait for what it shows, and are answered", async (t) => {
  const { house, model, stateOf } = await recovering(t);
  model.behave({ slow: 30 });
  const replies = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const reply = await house.post("/v1/chat/completions", { ...hello, stream: index % 2 === 0 });
      await reply.text();
      return reply.status;
    }),
  );
  assert.deepEqual([...new Set(replies)], [200]);
  assert.equal(stateOf(), "closed");
});

test("where the probe fails they fail at once, and nothing more is sent", async (t) => {
  const { house, model } = await recovering(t);
  const before = model.requests.length;
  model.behave("reset");
  const replies = await Promise.all(Array.from({ length: 5 }, () => house.post("/v1/chat/completions", hello)));
  assert.ok(replies.every(({ status }) => status === 502 || status === 503));
  assert.equal(model.requests.length, before + 1);
});

test("tokens that a server told before it broke off are counted, though nothing was said", async (t) => {
  const usage = { input_tokens: 21, output_tokens: 1 };
  const message = { id: "m", type: "message", role: "assistant", model: "m", content: [], usage };
  const server = createServer((request, response) => {
    const begin = `event: message_start\ndata: ${JSON.stringify({ type: "message_start", message })}\n\n`;
    request.resume().on("end", () => response.writeHead(200, { "content-type": "text/event-stream" }).end(begin));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const house = await houseOver(`{ kind: anthropic, url: "${url}", key: key-a }`);
  t.after(async () => {
    await house.stop();
    server.close();
  });
  const reply = await house.post("/v1/chat/completions", { ...hello, stream: true });
  assert.equal(reply.status, 502);
  const [attempt] = recordOf(house).attempts;
  assert.equal(attempt?.result, "broken_stream");
  assert.equal(attempt.usage?.inputTokens, 21);
  assert.equal(attempt.usage.estimated, false);
});

const recordOf = (house: House) => house.events.findLast((event) => event.kind === "request") as RequestRecord;
