import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RouterError, type ErrorCode } from "../../src/errors.ts";
import { RouterService } from "../../src/gen/signalbox/v1/router_pb.ts";
import { createAllowances } from "../../src/server/allowances.ts";
import { createGuesses } from "../../src/server/guesses.ts";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { config, startHouse, threeModels, withPorts, type House } from "../rig/house.ts";

const CHAT = "/v1/chat/completions";
const MINUTE_MS = 60_000;
const hello = { model: "small", messages: [{ role: "user", content: "hello" }] };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const refusedAs = (code: ErrorCode, retryAfterMs?: number) => (error: unknown) =>
  error instanceof RouterError &&
  error.code === code &&
  (retryAfterMs === undefined || error.retryAfterMs === retryAfterMs);

interface Rig {
  readonly house: House;
  readonly model: FakeModel;
  readonly yaml: (serverPart: string) => string;
}

async function start(t: TestContext, serverPart: string): Promise<Rig> {
  const model = await startFakeModel({ name: "small" });
  const models = threeModels({ small: model.url, medium: model.url, large: model.url });
  const house = await startHouse(models, serverPart);
  t.after(async () => {
    await house.stop();
    await model.close();
  });
  return { house, model, yaml: (part) => withPorts(models, part) };
}

const keys = (limits: string) =>
  `  auth: { keys: [{ key: acme-key-0001, tenant: acme, limits: ${limits} }, { key: acme-key-0002, tenant: acme }] }`;

// What a key may take.

test("a key has its requests of a minute at once, then one whenever its part of a minute is over", () => {
  let now = 0;
  const allowances = createAllowances(() => now);
  const enter = (limits: object) => allowances.enter("a", limits).leave();
  for (let i = 0; i < 3; i += 1) enter({ requests_per_minute: 3 });
  assert.throws(() => enter({ requests_per_minute: 3 }), refusedAs("rate_limited", 20_000));
  now = 19_999;
  assert.throws(() => enter({ requests_per_minute: 3 }), refusedAs("rate_limited", 1));
  now = 20_000;
  enter({ requests_per_minute: 3 });
  assert.throws(() => enter({ requests_per_minute: 3 }), refusedAs("rate_limited"));
  allowances.enter("b", { requests_per_minute: 3 });
  now += 60 * MINUTE_MS;
  for (let i = 0; i < 3; i += 1) enter({ requests_per_minute: 3 });
  assert.throws(
    () => enter({ requests_per_minute: 3 }),
    refusedAs("rate_limited"),
    "an idle hour is saved up by nobody",
  );
});

test("tokens are owed when an answer has used them, and who owes waits until it is made up for", () => {
  let now = 0;
  const allowances = createAllowances(() => now);
  const limits = { tokens_per_minute: 600 };
  const first = allowances.enter("a", limits);
  const second = allowances.enter("a", limits);
  first.charge(600);
  second.charge(299);
  assert.throws(() => allowances.enter("a", limits), refusedAs("rate_limited", 30_000));
  now = 30_000;
  allowances.enter("a", limits).charge(0);
});

test("only so many requests of a key are under way at once; each that leaves, leaves once", () => {
  const allowances = createAllowances(() => 0);
  const limits = { concurrent: 2 };
  const first = allowances.enter("a", limits);
  allowances.enter("a", limits);
  assert.throws(() => allowances.enter("a", limits), refusedAs("rate_limited"));
  first.leave();
  first.leave();
  allowances.enter("a", limits);
  assert.throws(() => allowances.enter("a", limits), refusedAs("rate_limited"));
});

test("a request above the limit of its key is a 429 at every door that says when to come back, and reaches no model", async (t) => {
  const { house, model } = await start(t, keys("{ requests_per_minute: 2 }"));
  const ask = (key = "acme-key-0001") => house.post(CHAT, hello, bearer(key));
  assert.deepEqual([(await ask()).status, (await ask()).status], [200, 200]);
  const refused = await ask();
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get("retry-after") ?? "", /^(?:29|30)$/u);
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "rate_limited");
  const rpc = await house.route({ chat: { messages: hello.messages } }, bearer("acme-key-0001"));
  assert.equal(rpc.status, 429);
  assert.ok(rpc.headers.has("retry-after"));
  assert.equal(model.requests.length, 2);
  assert.equal((await ask("acme-key-0002")).status, 200, "another key of the tenant has no limit");
});

test("an RPC is one request, wherever its key stands", async (t) => {
  const { house } = await start(t, keys("{ requests_per_minute: 2 }"));
  const rpc = createClient(RouterService, createGrpcTransport({ baseUrl: house.url }));
  const input = { case: "chat" as const, value: { messages: hello.messages } };
  assert.equal((await rpc.routeRequest({ clientKey: "acme-key-0001", input })).model, "small");
  const inHead = await house.route({ chat: { messages: hello.messages } }, bearer("acme-key-0001"));
  assert.equal(inHead.status, 200);
  await assert.rejects(rpc.routeRequest({ clientKey: "acme-key-0001", input }), /resource_exhausted/u);
});

test("the tokens of an answer, streamed or whole, count against its key when it has ended", async (t) => {
  for (const stream of [false, true]) {
    const { house } = await start(t, keys("{ tokens_per_minute: 3 }"));
    const ask = () => house.post(CHAT, { ...hello, stream }, bearer("acme-key-0001"));
    const first = await ask();
    assert.equal(first.status, 200);
    await first.text();
    assert.equal((await ask()).status, 429);
  }
});

test("a second request of a key that may have one under way is a 429 until the first has ended", async (t) => {
  const { house, model } = await start(t, keys("{ concurrent: 1 }"));
  model.behave({ slow: 30 });
  const ask = (stream: boolean) => house.post(CHAT, { ...hello, stream }, bearer("acme-key-0001"));
  const first = await ask(true);
  assert.equal((await ask(false)).status, 429);
  await first.text();
  assert.equal((await ask(false)).status, 200);
});

test("a reload gives nobody his requests of a minute again", async (t) => {
  const { house, yaml } = await start(t, keys("{ requests_per_minute: 1 }"));
  const ask = () => house.post(CHAT, hello, bearer("acme-key-0001"));
  assert.equal((await ask()).status, 200);
  assert.equal(await house.apply(config(yaml(keys("{ requests_per_minute: 2 }")))), true);
  assert.equal((await ask()).status, 429);
  assert.equal(await house.apply(config(yaml(keys("{ concurrent: 2 }")))), true);
  assert.equal((await ask()).status, 200, "a limit that is gone binds no more");
});

// Who guesses keys.

test("twenty unknown keys in a minute, and the address waits a minute; others do not", () => {
  let now = 0;
  const guesses = createGuesses(() => now);
  const guess = (address: string, times: number) => {
    for (let i = 0; i < times; i += 1) guesses.missed(address);
  };
  guess("10.0.0.1", 19);
  guesses.heed("10.0.0.1");
  guess("::ffff:10.0.0.1", 1);
  assert.throws(() => guesses.heed("10.0.0.1"), refusedAs("rate_limited", MINUTE_MS));
  guesses.heed("10.0.0.2");
  guess("2001:db8:1:2::1", 10);
  guess("2001:db8:1:2:ffff::9", 10);
  assert.throws(() => guesses.heed("2001:db8:1:2::77"), refusedAs("rate_limited"), "a subscriber has many addresses");
  guesses.heed("2001:db8:1:3::1");
  now = MINUTE_MS;
  guesses.heed("10.0.0.1");
  guess("10.0.0.9", 19);
  now += MINUTE_MS;
  guess("10.0.0.9", 19);
  guesses.heed("10.0.0.9");
});

test("addresses are remembered to a bound: the longest known is forgotten first", () => {
  const guesses = createGuesses(() => 0);
  for (let i = 0; i < 20; i += 1) guesses.missed("10.0.0.1");
  for (let i = 0; i < 10_000; i += 1) guesses.missed(`11.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  guesses.heed("10.0.0.1");
});

test("whoever has guessed twenty keys is refused at every door before his next one is looked up", async (t) => {
  const { house, model } = await start(t, keys("{ concurrent: 9 }"));
  for (let i = 0; i < 20; i += 1) {
    const headers = bearer(`guess-${i}-0000`);
    const guess = i % 2 === 0 ? house.post(CHAT, hello, headers) : house.route({ chat: hello }, headers);
    assert.equal((await guess).status, 401);
  }
  for (const key of ["acme-key-0001", "guess-21-0000"]) {
    const chat = await house.post(CHAT, hello, bearer(key));
    assert.equal(chat.status, 429);
    assert.equal(chat.headers.get("retry-after"), "60");
    assert.equal((await house.route({ chat: { messages: hello.messages } }, bearer(key))).status, 429);
    assert.equal((await fetch(`${house.url}/v1/models`, { headers: bearer(key) })).status, 429);
  }
  assert.equal(model.requests.length, 0);
});

test("who shows no key guesses none, and a trusted gateway may pass on unknown ones", async (t) => {
  const { house } = await start(t, keys("{ concurrent: 9 }"));
  for (let i = 0; i < 30; i += 1) assert.equal((await house.post(CHAT, hello)).status, 401);
  assert.equal((await house.post(CHAT, hello, bearer("acme-key-0001"))).status, 200);

  const trusting = await start(t, "  auth: { keys: [{ key: acme-key-0001 }], trusted: [127.0.0.1] }");
  for (let i = 0; i < 30; i += 1) {
    assert.equal((await trusting.house.post(CHAT, hello, bearer("of-an-upstream"))).status, 401);
  }
  assert.equal((await trusting.house.post(CHAT, hello, bearer("acme-key-0001"))).status, 200);
});
