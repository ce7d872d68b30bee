import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { Code, createClient as createRpc } from "@connectrpc/connect";
import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { RouterService } from "../../src/gen/signalbox/v1/router_pb.ts";
import { listen } from "../../src/server/listen.ts";
import { startSignalbox, type Signalbox } from "../../src/server/start.ts";
import { resets } from "../acceptance/resets.ts";
import { short } from "../acceptance/story.ts";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { startHasty } from "../rig/hasty.ts";
import { config, startHouse, threeModels, type House } from "../rig/house.ts";

const CHAT = "/v1/chat/completions";
const NOWHERE = { small: "http://127.0.0.1:9/v1", medium: "http://127.0.0.1:9/v1", large: "http://127.0.0.1:9/v1" };
const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };
const hard =
  "Prove, step by step, that the square root of two is irrational, derive a bound for every approximation of it by fractions, and compare two proofs.";
const ACME = { authorization: "Bearer acme-key-0001" };

interface Rig {
  readonly house: House;
  readonly fakes: { readonly small: FakeModel; readonly medium: FakeModel; readonly large: FakeModel };
}

async function start(t: TestContext, serverPart = "", more = ""): Promise<Rig> {
  const [small, medium, large] = await Promise.all(
    ["small", "medium", "large"].map((name) => startFakeModel({ name })),
  );
  const fakes = { small: small!, medium: medium!, large: large! };
  const urls = { small: small!.url, medium: medium!.url, large: large!.url };
  const house = await startHouse(threeModels(urls, more), serverPart);
  t.after(async () => {
    await house.stop();
    await Promise.all(Object.values(fakes).map((fake) => fake.close()));
  });
  return { house, fakes };
}

const errorOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code;
const requestsIn = ({ events }: House) => events.filter((event) => event.kind === "request");

// Who may ask.

const KEYS = "keys: [{ key: acme-key-0001, tenant: acme, models: [small] }, { key: beta-key-0001, tenant: beta }]";

test("a wrong key, or none, is a 401 at every door and reaches no upstream", async (t) => {
  const { house, fakes } = await start(t, `  auth: { ${KEYS} }`);
  for (const headers of [{}, { authorization: "Bearer guess-0001" }, { "x-api-key": "guess-0001" }]) {
    for (const path of [CHAT, "/v1/embeddings", "/v1/completions"]) {
      const response = await house.post(path, { ...hello, model: "small" }, headers);
      assert.equal(response.status, 401);
      assert.equal(await errorOf(response), "unauthenticated");
    }
    assert.equal((await fetch(`${house.url}/v1/models`, { headers })).status, 401);
    const plan = await house.route({ chat: { messages: hello.messages } }, headers);
    assert.equal(plan.status, 401);
    assert.equal(((await plan.json()) as { code: string }).code, "unauthenticated");
  }
  assert.equal(Object.values(fakes).flatMap(({ requests }) => requests).length, 0);
});

test("the models of a key bind decisions, fallbacks, explicit names and what is listed", async (t) => {
  const { house, fakes } = await start(t, `  auth: { ${KEYS} }`);
  const harder = { model: "auto", messages: [{ role: "user", content: hard }] };
  const free = await house.post(CHAT, harder, { authorization: "Bearer beta-key-0001" });
  assert.equal(free.headers.get("x-signalbox-model"), "large", "another key is not bound");
  const bound = await house.post(CHAT, harder, ACME);
  assert.equal(bound.headers.get("x-signalbox-model"), "small");
  assert.equal((await house.post(CHAT, { ...hello, model: "large" }, ACME)).status, 403);
  assert.equal((await house.post("/v1/embeddings", { model: "large", input: "x" }, ACME)).status, 403);

  const plan = (await (await house.route({ chat: { messages: harder.messages } }, ACME)).json()) as {
    targets: Array<{ model: string }>;
  };
  assert.deepEqual([...new Set(plan.targets.map(({ model }) => model))], ["small"]);
  const named = await house.route({ clientKey: "acme-key-0001", chat: { ...harder, model: "large" } });
  assert.equal(named.status, 403);
  const listed = (await (await fetch(`${house.url}/v1/models`, { headers: ACME })).json()) as {
    data: Array<{ id: string }>;
  };
  assert.deepEqual(
    listed.data.map(({ id }) => id).filter((id) => !id.startsWith("auto")),
    ["small"],
  );

  const before = fakes.medium.requests.length + fakes.large.requests.length;
  fakes.small.behave("error500");
  assert.equal((await house.post(CHAT, hello, ACME)).status, 502);
  assert.equal(fakes.medium.requests.length + fakes.large.requests.length, before, "no fallback beyond the key");
});

test("the tenant header, and the tenant of an RPC, are believed from a trusted address only", async (t) => {
  const strange = await start(t, `  auth: { ${KEYS}, trusted: [10.9.9.9] }`);
  await strange.house.post(CHAT, hello, { ...ACME, "x-tenant": "beta" });
  await strange.house.route({ tenant: "beta", chat: { messages: hello.messages } }, ACME);
  assert.deepEqual(
    requestsIn(strange.house).map(({ tenant }) => tenant),
    ["acme", "acme"],
  );
  assert.equal((await strange.house.post(CHAT, hello, { "x-tenant": "beta" })).status, 401);

  const trusted = await start(t, `  auth: { ${KEYS}, trusted: [127.0.0.0/8] }`);
  await trusted.house.post(CHAT, hello, { "x-tenant": "gamma" });
  await trusted.house.route({ tenant: "delta", chat: { messages: hello.messages } });
  await trusted.house.post(CHAT, hello, ACME);
  assert.deepEqual(
    requestsIn(trusted.house).map(({ tenant }) => tenant),
    ["gamma", "delta", "acme"],
  );
  assert.equal((await trusted.house.post(CHAT, hello)).status, 401, "a gateway that names nobody");
});

test("rules match the headers of a trusted gateway, and nobody else's", async (t) => {
  const rule = "rules: [{ name: legal, when: { headers: { x-team: legal } }, then: { model: large } }]";
  const headers = { ...ACME, "x-team": "legal", authorization: "Bearer beta-key-0001" };
  const strange = await start(t, `  auth: { ${KEYS} }`, rule);
  const trusted = await start(t, `  auth: { ${KEYS}, trusted: [127.0.0.1] }`, rule);
  const model = async ({ house }: Rig) => (await house.post(CHAT, hello, headers)).headers.get("x-signalbox-model");
  assert.equal(await model(strange), "small");
  assert.equal(await model(trusted), "large");
});

test("the admin port gives metrics to its token alone, health to everybody, and has no other doors", async (t) => {
  const server = `  admin: { listen: "127.0.0.1:0", token: admin-token-012345 }`;
  const { house } = await startAlone(t, server);
  const metrics = (headers: Record<string, string> = {}) => fetch(`${house.adminUrl}/metrics`, { headers });
  assert.equal((await metrics()).status, 401);
  assert.equal((await metrics({ authorization: "Bearer admin-token-012346" })).status, 401);
  const good = await metrics({ authorization: "Bearer admin-token-012345" });
  assert.match(await good.text(), /^# TYPE signalbox_requests_total counter$/m);
  assert.equal((await fetch(`${house.adminUrl}/readyz`)).status, 200);
  assert.equal((await fetch(`${house.adminUrl}/healthz`)).status, 200);
  assert.equal((await fetch(`${house.adminUrl}${CHAT}`, { headers: { authorization: "x" } })).status, 401);
  assert.equal((await fetch(`${house.url}/metrics`)).status, 404, "not on the public port");
});

/** A house whose whole `server` part is given, for what the rig writes itself. */
async function startAlone(t: TestContext, serverPart: string): Promise<{ house: Signalbox }> {
  const yaml = threeModels(NOWHERE);
  const box = await startSignalbox(config(`server:\n  listen: 127.0.0.1:0\n  drain_ms: 100\n${serverPart}\n${yaml}`));
  t.after(() => box.stop());
  return { house: box };
}

// How much, and how long.

test("more requests at once than the limit are a typed 503 with retry-after, at both doors, until one ends", async (t) => {
  const { house, fakes } = await start(t, "  limits: { concurrent: 1 }");
  fakes.small.behave({ slow: 100 });
  const first = house.post(CHAT, hello);
  await fakes.small.request(0);
  const second = await house.post(CHAT, hello);
  assert.equal(second.status, 503);
  assert.equal(second.headers.get("retry-after"), "1");
  assert.equal(await errorOf(second), "unavailable");
  const plan = await house.route({ chat: { messages: hello.messages } });
  assert.equal(plan.status, 503);
  assert.equal(plan.headers.get("x-signalbox-error"), "unavailable");
  assert.equal(((await plan.json()) as { code: string }).code, "unavailable");
  assert.equal((await fetch(`${house.url}/readyz`)).status, 200, "health is no request");
  assert.equal((await first).status, 200);
  await (await first).text();
  fakes.small.behave("ok");
  assert.equal((await house.post(CHAT, hello)).status, 200);
});

for (const [what, path, code] of [
  ["the OpenAI door", CHAT, /"code":"body_timeout"/],
  ["the RPC door", "/signalbox.v1.RouterService/RouteRequest", /"code":"deadline_exceeded"/],
] as const) {
  test(`a body that does not arrive in time is a typed 408 at ${what}, and its connection closes`, async (t) => {
    const house = await startHasty(t, 150, threeModels(NOWHERE));
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a`;
    const said = await speak(house.url, [head]);
    assert.match(said, /^HTTP\/1\.1 408 /);
    assert.match(said, code);
    assert.match(said, /x-signalbox-error: body_timeout|"code":"body_timeout"/);
    assert.match(said, /connection: close/i);
  });
}

test("a head that trickles in is a typed 408, whoever else is served meanwhile", async (t) => {
  const port = await listen({ host: "127.0.0.1", port: 0 }, (_, response) => response.end("served"), { headMs: 200 });
  t.after(() => port.close(0));
  const started = performance.now();
  const slow = speak(port.url, ["GET / HTTP/1.1\r\n", ...singly("x-slow: yes yes yes yes yes yes yes yes yes")], 40);
  assert.equal(await (await fetch(port.url)).text(), "served");
  const said = await slow;
  assert.match(said, /^HTTP\/1\.1 408 /);
  assert.match(said, /"code":"body_timeout"/);
  assert.ok(performance.now() - started < 1500);
});

for (const [what, bytes, status] of [
  ["bytes that are no HTTP", "\u0016\u0003\u0001\u0002\u0000\u0001", 400],
  ["a head that is too large", `GET / HTTP/1.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, 431],
  ["a length that is none", "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ten\r\n\r\n", 400],
  [
    "an RPC for a host that cannot be one",
    "POST /signalbox.v1.RouterService/RouteRequest HTTP/1.1\r\nhost: a b\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    400,
  ],
  [
    "an RPC without a host",
    "POST /signalbox.v1.RouterService/RouteRequest HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    400,
  ],
  ["an RPC that is not POST", "GET /signalbox.v1.RouterService/RouteRequest HTTP/1.1\r\nhost: localhost\r\n\r\n", 405],
  ["a method of no service", "POST /signalbox.v1.RouterService/Nothing HTTP/1.1\r\nhost: localhost\r\n\r\n", 404],
  [
    "an RPC in an unknown form",
    "POST /signalbox.v1.RouterService/RouteRequest HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n\r\n",
    415,
  ],
] as const) {
  test(`${what}: a typed ${status}, and the house stands`, async (t) => {
    const { house } = await start(t);
    const said = await speak(house.url, [bytes], 0, 150);
    assert.match(said, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(said, /"code":"[a-z_]+"/);
    assert.equal((await house.post(CHAT, hello)).status, 200);
    assert.ok(!house.events.some(({ kind }) => kind === "fault"));
  });
}

const singly = (text: string): string[] => text.split("");

/** Says these pieces on one connection, with a pause after each, and hears until it closes or `idleMs` pass in silence. */
async function speak(url: string, pieces: readonly string[], pauseMs = 0, idleMs = 2000): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connectTcp({ host: hostname, port: Number(port), noDelay: true });
  let heard = "";
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on("data", (chunk) => (heard += chunk.toString("latin1"))).on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const piece of pieces) {
    if (!socket.writable) break;
    socket.write(Buffer.from(piece, "latin1"));
    if (pauseMs > 0) await sleep(pauseMs);
  }
  await closed;
  return heard;
}

// One port, two protocols.

test("HTTP/1.1 whose first bytes come one by one is served", async (t) => {
  const { house } = await start(t);
  const bytes = singly(
    "POST /v1/nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
  );
  assert.match(await speak(house.url, bytes, 1), /^HTTP\/1\.1 404 /);
});

test("HTTP/2 whose first bytes come one by one is served", async (t) => {
  const { house } = await start(t);
  const settings = "\0\0\0\u0004\0\0\0\0\0";
  const said = await speak(house.url, singly(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${settings}`), 1, 100);
  assert.equal(said[3], "\u0004", "a SETTINGS frame");
});

test("a chat over HTTP/2, whole and streamed, beside HTTP/1.1 on the same port", async (t) => {
  const { house } = await start(t);
  const session = await openHttp2(t, house.url);
  const [whole, streamed, other] = await Promise.all([
    postHttp2(session, CHAT, hello),
    postHttp2(session, CHAT, { ...hello, stream: true }),
    house.post(CHAT, hello),
  ]);
  assert.equal(whole.status, 200);
  assert.equal((JSON.parse(whole.text) as { model: string }).model, "small");
  assert.equal(whole.headers["x-signalbox-model"], "small");
  assert.match(streamed.text, /data: \[DONE\]\n\n$/);
  assert.equal(other.status, 200);
  const wrong = await postHttp2(session, CHAT, { model: "auto" });
  assert.equal(wrong.status, 400);
  const large = await postHttp2(session, CHAT, "x".repeat(11 << 20));
  assert.equal(large.status, 413);
});

async function openHttp2(t: TestContext, url: string): Promise<ClientHttp2Session> {
  const session = connectHttp2(url);
  session.on("error", () => undefined);
  await once(session, "connect");
  t.after(() => session.destroy());
  return session;
}

async function postHttp2(session: ClientHttp2Session, path: string, body: unknown) {
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
  stream.on("error", () => undefined);
  stream.end(typeof body === "string" ? body : JSON.stringify(body));
  const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { status: Number(headers[":status"]), headers, text: Buffer.concat(chunks).toString("utf8") };
}

test(resets.says, async () => {
  const { rows, failures } = await resets.run(short({ inputs: 2000 }));
  assert.deepEqual(failures, []);
  assert.equal(rows["streams reset"], 4000);
});

test("errors over gRPC and gRPC-Web tell our code, and never what was sent", async (t) => {
  const { house } = await start(t);
  const text = "zebra-7391";
  for (const type of ["application/grpc+json", "application/grpc-web+json"]) {
    const session = await openHttp2(t, house.url);
    const stream = session.request({
      ":method": "POST",
      ":path": "/signalbox.v1.RouterService/RouteRequest",
      "content-type": type,
    });
    const body = Buffer.from(`{"preview":"${text}"}`);
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, body.length]), body]);
    let told = "";
    stream.on("trailers", (trailers) => (told += JSON.stringify(trailers)));
    stream.on("data", (chunk: Buffer) => (told += chunk.toString("latin1"))).end(frame);
    await once(stream, "close");
    assert.match(told, /grpc-status"?: ?"?3/);
    assert.match(told, /x-signalbox-error"?: ?"?invalid_request/);
    assert.ok(!told.includes(text), told);
  }
  const request = { profile: "nobody", input: { case: "chat" as const, value: { messages: hello.messages } } };
  for (const transport of [
    createGrpcTransport({ baseUrl: house.url }),
    createGrpcWebTransport({ baseUrl: house.url, httpVersion: "1.1" }),
  ]) {
    await assert.rejects(createRpc(RouterService, transport).routeRequest(request), { code: Code.NotFound });
  }
});

test("a made-up model name that no header can hold is in no header", async (t) => {
  const { house } = await start(t);
  const model = "x\r\nx-signalbox-tier: large";
  const response = await house.post(CHAT, { ...hello, model });
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("x-signalbox-tier"), "");
  const plan = (await (await house.route({ chat: { model, messages: hello.messages } })).json()) as object;
  assert.ok(!("setHeaders" in plan));
});

test("with every circuit open a chat is a 503 that says when to come back, and so are embeddings", async (t) => {
  const { house, fakes } = await start(t);
  for (const fake of Object.values(fakes)) fake.behave("error500");
  for (let turn = 0; turn < 3; turn++) await house.post(CHAT, hello);
  for (const [path, body] of [
    [CHAT, hello],
    ["/v1/embeddings", { model: "small", input: "x" }],
  ] as const) {
    const response = await house.post(path, body);
    assert.equal(response.status, 503, path);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(await errorOf(response), "unavailable");
  }
  const tooDear = await house.route({ constraints: { maxCostUsd: 0 }, chat: { messages: hello.messages } });
  assert.equal(tooDear.headers.get("x-signalbox-error"), "no_model_allowed", "waiting would not help");
});

// The end.

test("drain: what streams finishes, gRPC probes and readyz learn of it, new connections are refused", async (t) => {
  const { house, fakes } = await start(t);
  fakes.small.behave({ slow: 40 });
  const health = createRpc(Health, createGrpcTransport({ baseUrl: house.url }));
  const statuses: Serving[] = [];
  const watching = (async () => {
    for await (const { status } of health.watch({})) statuses.push(status);
  })();
  const streaming = await house.post(CHAT, { ...hello, stream: true });
  while (statuses.length === 0) await sleep(5);

  const stopped = house.stop();
  assert.equal((await fetch(`${house.adminUrl}/readyz`)).status, 503);
  await assert.rejects(fetch(`${house.url}/readyz`));
  assert.match(await streaming.text(), /data: \[DONE\]\n\n$/);
  await watching;
  assert.deepEqual(statuses, [Serving.SERVING, Serving.NOT_SERVING]);
  await stopped;
  await assert.rejects(fetch(`${house.adminUrl}/readyz`));
});

test("drain: what does not end in time is cut, and leaves no fault behind", async (t) => {
  const { house, fakes } = await start(t);
  fakes.small.behave("hang_mid_stream");
  const streaming = await house.post(CHAT, { ...hello, stream: true });
  const started = performance.now();
  await house.stop();
  const took = performance.now() - started;
  assert.ok(took > 300 && took < 1500, `${took} ms`);
  await assert.rejects(streaming.text());
  await sleep(20);
  assert.deepEqual(
    house.events.filter(({ kind }) => kind === "fault"),
    [],
  );
});
