import assert from "node:assert/strict";
import { after, before, beforeEach, test, type TestContext } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdminService } from "../../src/gen/signalbox/v1/admin_pb.ts";
import { ApiKind, RouterService } from "../../src/gen/signalbox/v1/router_pb.ts";
import { startFakeApi } from "../fakes/apis/server.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const CACHE = "cache: { kind: memory, mode: exact }";

let house: House;
before(async () => {
  house = await startHouse(threeModels(urls, CACHE));
});
after(() => house.stop());
beforeEach(() => purge({ all: true }));

const router = () => createClient(RouterService, createGrpcTransport({ baseUrl: house.url }));
const purge = (filter: object) =>
  createClient(AdminService, createGrpcTransport({ baseUrl: house.adminUrl })).purgeCache(filter);

const body = (content: string) => JSON.stringify({ model: "auto", messages: [{ role: "user", content }] });
const asking = (content: string, headers: Record<string, string> = {}) => ({
  input: { case: "raw" as const, value: { api: ApiKind.OPENAI_CHAT, json: body(content) } },
  cache: true,
  headers,
});

const reply = (content: string, finish = "stop") =>
  Buffer.from(
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "small-v1",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }],
      usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
    }),
  );

const coded = (code: Code, ours: string) => (error: unknown) => {
  assert.ok(error instanceof ConnectError);
  assert.equal(error.metadata.get("x-signalbox-error"), ours);
  assert.equal(error.code, code);
  return true;
};

test("an answer that is brought is given to the next who asks the same, instead of targets", async () => {
  const client = router();
  const first = await client.routeRequest(asking("How tall is Mont Blanc?"));
  assert.equal(first.cached, undefined);
  assert.equal(first.cacheable, true);
  assert.ok(first.targets.length > 0);
  const kept = await client.storeAnswer({ decisionId: first.decisionId, body: reply("4,806 metres.") });
  assert.equal(kept.stored, true);

  const { cached, ...plan } = await client.routeRequest(asking("How tall is Mont Blanc?"));
  assert.deepEqual([plan.targets, plan.cacheable], [[], false]);
  assert.deepEqual([plan.model, plan.route, plan.reason], ["small", "default", "cached"]);
  assert.ok(plan.sentence.length > 10);
  assert.deepEqual([cached?.kind, cached?.model, cached?.similarity], ["exact", "small", 1]);
  assert.ok(cached!.ageMs >= 0 && cached!.ageMs < 60_000);
  const told = JSON.parse(cached!.json) as { choices: { message: { content: string } }[]; usage: object };
  assert.equal(told.choices[0]!.message.content, "4,806 metres.");

  assert.equal((await purge({ id: cached!.id })).removed, 1, "the id is what it can be purged by");
  assert.equal((await client.routeRequest(asking("How tall is Mont Blanc?"))).cached, undefined);
});

test("the same goes over plain JSON, with the names of JSON", async () => {
  const post = async (method: string, message: object) => {
    const answer = await house.post(`/signalbox.v1.RouterService/${method}`, message);
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  const asked = { raw: { api: "API_KIND_OPENAI_CHAT", json: body("What is a fjord?") }, cache: true };
  const first = await post("RouteRequest", asked);
  assert.equal(first.json["cacheable"], true);
  const events = ["data: {}", "data: [DONE]", ""].join("\n\n");
  const cut = { decisionId: first.json["decisionId"], body: Buffer.from(events).toString("base64"), stream: true };
  assert.deepEqual(await post("StoreAnswer", cut), { status: 200, json: {} }, "a stream that says nothing is not kept");
  const whole = { decisionId: first.json["decisionId"], body: reply("A drowned valley.").toString("base64") };
  assert.deepEqual(await post("StoreAnswer", whole), { status: 200, json: { stored: true } });
  const cached = (await post("RouteRequest", asked)).json["cached"] as Record<string, unknown>;
  assert.deepEqual(Object.keys(cached).toSorted(), ["ageMs", "id", "json", "kind", "model", "similarity"]);
});

test("a stream that is brought is given whole", async () => {
  const client = router();
  const first = await client.routeRequest(asking("What is a moraine?"));
  const chunk = (delta: object, finish: string | null) => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    return `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
  };
  const events = [chunk({ role: "assistant", content: "Rubble " }, null), chunk({ content: "of ice." }, null)];
  const stream = [...events, chunk({}, "stop"), "data: [DONE]\n\n"].join("");
  const bring = (text: string) =>
    client.storeAnswer({ decisionId: first.decisionId, body: Buffer.from(text), stream: true });
  assert.equal((await bring(events.join(""))).stored, false, "one that broke off is not kept");
  assert.equal((await bring(stream)).stored, true);
  const { cached } = await client.routeRequest(asking("What is a moraine?"));
  const told = JSON.parse(cached!.json) as { choices: { message: { content: string } }[] };
  assert.equal(told.choices[0]!.message.content, "Rubble of ice.");
});

test("where a stream was asked for, the answer comes as one too, ready to be given out", async () => {
  const client = router();
  const streamed = (usage: boolean) => {
    const options = usage ? { stream_options: { include_usage: true } } : {};
    const messages = [{ role: "user", content: "What is a cirque?" }];
    const json = JSON.stringify({ model: "auto", messages, stream: true, ...options });
    return { ...asking(""), input: { case: "raw" as const, value: { api: ApiKind.OPENAI_CHAT, json } } };
  };
  const { decisionId } = await client.routeRequest(streamed(false));
  await client.storeAnswer({ decisionId, body: reply("A bowl in a mountain.") });
  for (const usage of [false, true]) {
    const { cached } = await client.routeRequest(streamed(usage));
    const events = cached!.sse.split("\n\n").filter((event) => event !== "");
    assert.equal(events.at(-1), "data: [DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice("data: ".length)) as Chunk);
    assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), "A bowl in a mountain.");
    assert.equal(
      chunks.some((chunk) => chunk.usage?.prompt_tokens === 9),
      usage,
    );
  }
  const whole = await client.routeRequest(asking("What is a cirque?"));
  assert.equal(whole.cached?.sse, "", "nobody asked for a stream");
});

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
  readonly usage?: { readonly prompt_tokens: number } | null;
}

test("who does not say that it can give out an answer always gets targets, and brings none", async () => {
  const client = router();
  const { decisionId } = await client.routeRequest(asking("What is a glacier?"));
  await client.storeAnswer({ decisionId, body: reply("Ice that flows.") });
  for (const request of [
    { ...asking("What is a glacier?"), cache: false },
    { ...asking("What is a glacier?"), preview: true },
  ]) {
    const plan = await client.routeRequest(request);
    assert.equal(plan.cached, undefined);
    assert.equal(plan.cacheable, false);
    assert.ok(plan.targets.length > 0);
  }
});

test("cache-control of the client is heeded", async () => {
  const client = router();
  const { decisionId } = await client.routeRequest(asking("What is a drumlin?"));
  await client.storeAnswer({ decisionId, body: reply("A hill.") });
  const asked = async (control: string) => {
    const { cached, cacheable } = await client.routeRequest(asking("What is a drumlin?", { "Cache-Control": control }));
    return { hit: cached !== undefined, cacheable };
  };
  assert.deepEqual(await asked("no-store"), { hit: false, cacheable: false });
  assert.deepEqual(await asked("no-cache"), { hit: false, cacheable: true });
  assert.deepEqual(await asked("max-age=60"), { hit: true, cacheable: false });
});

test("what may not be kept is not, whatever the gateway brings", async () => {
  const client = router();
  const { decisionId } = await client.routeRequest(asking("What is an esker?"));
  for (const refused of [reply("cut", "length"), Buffer.from("no JSON"), Buffer.from('{"error":{"message":"x"}}')])
    assert.equal((await client.storeAnswer({ decisionId, body: refused })).stored, false);
  assert.equal((await client.routeRequest(asking("What is an esker?"))).cached, undefined);
});

test("an answer to a decision that nobody made, or that nothing may be kept of, is refused by name", async () => {
  const client = router();
  const unknown = coded(Code.NotFound, "unknown_decision");
  await assert.rejects(client.storeAnswer({ decisionId: "never", body: reply("a") }), unknown);
  await assert.rejects(client.storeAnswer({ body: reply("a") }), unknown);
  const { decisionId, cacheable } = await client.routeRequest({ ...asking("What is a kame?"), cache: false });
  assert.equal(cacheable, false);
  await assert.rejects(client.storeAnswer({ decisionId, body: reply("a") }), unknown);
  const long = client.storeAnswer({ decisionId: "x".repeat(400), body: reply("a") });
  await assert.rejects(long, coded(Code.InvalidArgument, "invalid_request"));
});

test("an answer may be as large as a request, and no larger", async () => {
  const server = "  limits: { body_bytes: 4096 }";
  const small = await startHouse(threeModels(urls, CACHE), server);
  try {
    const client = createClient(RouterService, createGrpcTransport({ baseUrl: small.url }));
    const { decisionId } = await client.routeRequest(asking("What is a cirque?"));
    const large = client.storeAnswer({ decisionId, body: reply("x".repeat(5000)) });
    await assert.rejects(large, coded(Code.ResourceExhausted, "body_too_large"));
    assert.equal((await client.storeAnswer({ decisionId, body: reply("x".repeat(3000)) })).stored, true);
  } finally {
    await small.stop();
  }
});

async function startGuarded(t: TestContext, trusted: string) {
  const auth = `  auth: { keys: [{ key: key-of-acme, tenant: acme }], trusted: [${trusted}] }`;
  const guarded = await startHouse(threeModels(urls, CACHE), auth);
  t.after(() => guarded.stop());
  const asked = { raw: { api: "API_KIND_OPENAI_CHAT", json: body("What is a tarn?") }, cache: true };
  const call = async (method: string, message: object, headers?: Record<string, string>) => {
    const answer = await guarded.post(`/signalbox.v1.RouterService/${method}`, message, headers);
    const json = (await answer.json()) as { decisionId?: string; cacheable?: boolean; cached?: { json: string } };
    return { ...json, status: answer.status, code: answer.headers.get("x-signalbox-error") };
  };
  return { asked, call };
}

test("what a gateway brings stays with the tenant that it decided for", async (t) => {
  const { asked, call } = await startGuarded(t, "127.0.0.1");
  const { decisionId } = await call("RouteRequest", { ...asked, tenant: "acme" });
  const brought = { decisionId, body: reply("A lake.").toString("base64") };
  const other = await call("StoreAnswer", { ...brought, tenant: "beta" });
  assert.deepEqual([other.status, other.code], [404, "unknown_decision"]);
  assert.equal((await call("StoreAnswer", { ...brought, tenant: "acme" })).status, 200);
  assert.equal((await call("RouteRequest", { ...asked, tenant: "beta" })).cached, undefined);
  assert.match((await call("RouteRequest", { ...asked, tenant: "acme" })).cached?.json ?? "", /A lake/u);
});

test("a client with a mere key brings no answers, and a stranger nothing at all", async (t) => {
  const { asked, call } = await startGuarded(t, "127.0.0.2");
  const headers = { authorization: "Bearer key-of-acme" };
  const { decisionId } = await call("RouteRequest", asked, headers);
  const brought = { decisionId, body: reply("Words for a model's mouth.").toString("base64") };
  const client = await call("StoreAnswer", brought, headers);
  assert.deepEqual([client.status, client.code], [403, "forbidden"]);
  assert.equal((await call("StoreAnswer", brought)).status, 401);
  assert.equal((await call("RouteRequest", asked, headers)).cached, undefined);
});

test("a hit of a request with personal data has placeholders, and their values beside them; none is brought", async (t) => {
  const says = { finish: "stop" as const, usage: { input: 10, cachedInput: 0, output: 20, reasoning: 0 } };
  const fake = await startFakeApi("vllm", { script: () => ({ ...says, text: "I wrote to <EMAIL_1>." }) });
  t.after(() => fake.close());
  const all = { small: fake.url, medium: fake.url, large: fake.url };
  const careful = await startHouse(threeModels(all, `${CACHE}\npii: { entities: { email: replace } }`));
  t.after(() => careful.stop());
  const client = createClient(RouterService, createGrpcTransport({ baseUrl: careful.url }));
  const text = "Write a kind note to anna.keller@example.org, please.";
  const before = await client.routeRequest(asking(text));
  assert.deepEqual([before.placeholders.length, before.cacheable], [1, false]);
  assert.match(await (await careful.post("/v1/chat/completions", body(text))).text(), /anna\.keller@/u);
  const { cached, placeholders } = await client.routeRequest(asking(text));
  assert.match(cached!.json, /I wrote to <EMAIL_1>\./u);
  assert.doesNotMatch(cached!.json, /anna/u);
  const [{ placeholder, value } = {}] = placeholders;
  assert.deepEqual([placeholder, value], ["<EMAIL_1>", "anna.keller@example.org"]);
});

test("the service of the admin port is not among the doors", async () => {
  const answer = await house.post("/signalbox.v1.AdminService/PurgeCache", { all: true });
  assert.deepEqual([answer.status, answer.headers.get("x-signalbox-error")], [404, "unknown_path"]);
});
