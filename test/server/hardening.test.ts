import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as fc from "fast-check";
import {
  ReportOutcomeRequestSchema,
  RouteRequestRequestSchema,
  RouterService,
} from "../../src/gen/signalbox/v1/router_pb.ts";
import { createGate } from "../../src/server/auth.ts";
import { createGuesses } from "../../src/server/guesses.ts";
import { boundItems, topString } from "../../src/server/items.ts";
import { listen } from "../../src/server/listen.ts";
import { startSignalbox } from "../../src/server/start.ts";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { startHasty } from "../rig/hasty.ts";
import { config, startHouse, threeModels, type House } from "../rig/house.ts";

const CHAT = "/v1/chat/completions";
const ROUTE = "/signalbox.v1.RouterService/RouteRequest";
const REPORT = "/signalbox.v1.RouterService/ReportOutcome";
const KEYS = "  auth: { keys: [{ key: acme-key-0001, tenant: acme, models: [small] }] }";
const ACME = { authorization: "Bearer acme-key-0001" };
const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };
const NOWHERE = { small: "http://127.0.0.1:9/v1", medium: "http://127.0.0.1:9/v2", large: "http://127.0.0.1:9/v3" };

async function start(t: TestContext, serverPart = ""): Promise<House> {
  const house = await startHouse(threeModels(NOWHERE), serverPart);
  t.after(() => house.stop());
  return house;
}

async function startWithModel(t: TestContext): Promise<{ house: House; model: FakeModel }> {
  const model = await startFakeModel({ name: "small" });
  const house = await startHouse(threeModels({ ...NOWHERE, small: model.url }));
  t.after(async () => {
    await house.stop();
    await model.close();
  });
  return { house, model };
}

const codeOf = (response: Response) => response.headers.get("x-signalbox-error");

// What is read of strangers.

const MANY = 200_000;

/** A message of MANY empty submessages, two bytes each; inside of a field where there is one. */
function emptyMessages(tag: number, inside?: number): Buffer<ArrayBuffer> {
  const list = Buffer.alloc(MANY * 2);
  for (let at = 0; at < list.length; at += 2) list[at] = tag;
  if (inside === undefined) return list;
  const length: number[] = [];
  for (let rest = list.length; rest > 0; rest >>>= 7) length.push(rest > 127 ? (rest & 127) | 128 : rest);
  return Buffer.concat([Buffer.from([inside, ...length]), list]);
}

function framed(message: Uint8Array, flags = 0): Buffer<ArrayBuffer> {
  const start = Buffer.from([flags, 0, 0, 0, 0]);
  start.writeUInt32BE(message.length, 1);
  return Buffer.concat([start, message]);
}

const listOf = (element: string): string => `[${`${element},`.repeat(MANY)}${element}]`;
const chatInJson = Buffer.from(`{"chat":{"messages":${listOf("{}")}}}`);
const scoresInJson = Buffer.from(`{"scores":{${'"a":1,'.repeat(MANY)}"a":1}}`);
const chatInBinary = emptyMessages(0x0a, 0x12);
const scoresInBinary = emptyMessages(0x42);

for (const [what, path, type, body] of [
  ["RouteRequest in JSON", ROUTE, "application/json", chatInJson],
  ["ReportOutcome in JSON", REPORT, "application/json", scoresInJson],
  ["RouteRequest in JSON by gRPC-Web", ROUTE, "application/grpc-web+json", framed(chatInJson)],
  ["RouteRequest in protobuf", ROUTE, "application/proto", chatInBinary],
  ["ReportOutcome in protobuf", REPORT, "application/proto", scoresInBinary],
  ["RouteRequest by gRPC-Web", ROUTE, "application/grpc-web+proto", framed(chatInBinary)],
  ["ReportOutcome by gRPC", REPORT, "application/grpc", framed(scoresInBinary)],
] as const) {
  test(`more items than 100,000 are refused before one is built: ${what}`, async (t) => {
    const house = await start(t);
    for (const deadline of [{}, { "connect-timeout-ms": "9000" }]) {
      const headers = { "content-type": type, ...deadline } as Record<string, string>;
      const response = await fetch(house.url + path, { method: "POST", headers, body });
      assert.equal(codeOf(response), "too_many_items");
    }
  });
}

test("JSON nested deeper than 64 levels is refused by RPC too", async (t) => {
  const house = await start(t);
  const response = await house.post(ROUTE, `{"x":${"[".repeat(100)}${"]".repeat(100)}}`);
  assert.equal(codeOf(response), "too_deep");
});

test("a compressed request is a typed 415 at every door, whatever it would become", async (t) => {
  const house = await start(t);
  const body = gzipSync(chatInBinary);
  for (const headers of [
    { "content-type": "application/proto", "content-encoding": "gzip" },
    { "content-type": "application/json", "content-encoding": "br" },
  ]) {
    const response = await fetch(house.url + ROUTE, { method: "POST", headers, body });
    assert.equal(response.status, 415);
    assert.equal(codeOf(response), "unsupported_media_type");
  }
  const web = await fetch(house.url + ROUTE, {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", "grpc-encoding": "gzip" },
    body: framed(body, 1),
  });
  assert.equal(codeOf(web), "unsupported_media_type");
  assert.equal(web.headers.get("grpc-status"), "3");
});

test("who has no key in the head may send a megabyte, in which a client key is looked for first", async (t) => {
  const house = await start(t, KEYS);
  const fits = (key: string) => ({ clientKey: key, chat: { messages: hello.messages } });
  assert.equal((await house.route(fits("acme-key-0001"))).status, 200);
  assert.equal((await house.route(fits("acme-key-0002"))).status, 401);
  assert.equal((await house.route({ chat: hello })).status, 401);
  const twice = `{"clientKey":"acme-key-0001","clientKey":"no","chat":{"messages":[{"role":"user","content":"hi"}]}}`;
  assert.equal((await house.post(ROUTE, twice)).status, 401, "the last one counts");

  const long = { chat: { messages: [{ role: "user", content: "long ".repeat(300_000) }] } };
  const stranger = await house.route({ clientKey: "acme-key-0001", ...long });
  assert.equal(stranger.status, 401);
  assert.match(((await stranger.json()) as { message: string }).message, /in a header/);
  assert.notEqual((await house.route(long, ACME)).status, 401, "with it there, the limit is that of the config");

  for (const transport of [
    createGrpcTransport({ baseUrl: house.url }),
    createGrpcWebTransport({ baseUrl: house.url, httpVersion: "1.1" }),
    createConnectTransport({ baseUrl: house.url, httpVersion: "1.1", useBinaryFormat: true }),
  ]) {
    const client = createClient(RouterService, transport);
    const chat = { case: "chat" as const, value: { messages: hello.messages } };
    assert.equal((await client.routeRequest({ clientKey: "acme-key-0001", input: chat })).model, "small");
    await assert.rejects(client.routeRequest({ clientKey: "acme-key-0002", input: chat }), /not known/);
    await assert.rejects(client.routeRequest({ input: chat }), /Send a client key/);
  }
  const refusals = house.events.filter((event) => event.kind === "request" && event.error === "unauthenticated");
  assert.equal(refusals.length, 4 + 6, "each leaves its record");
});

test("where only gateways may ask, a stranger is refused by the head alone", async (t) => {
  const house = await start(t, "  auth: { trusted: [10.9.9.9] }");
  const said = await speak(house.url, `${head(ROUTE, "content-length: 100")}{`, { until: "}" });
  assert.match(said, /^HTTP\/1\.1 401 /);
});

test("a body under way holds one of server.limits.concurrent, at each door, and gives it back", async (t) => {
  const house = await startHasty(t, 400, threeModels(NOWHERE), "  limits: { concurrent: 1 }");
  for (const [path, type] of [
    [CHAT, "application/json"],
    [ROUTE, "application/json"],
    [ROUTE, "application/proto"],
    [REPORT, "application/grpc-web+proto"],
  ] as const) {
    const slow = speak(house.url, `${head(path, "content-length: 100", type)}{`, { idleMs: 1500 });
    await sleep(100);
    assert.equal((await house.route({ chat: hello })).status, 503, `${path} ${type}`);
    assert.match(await slow, /body_timeout/);
    assert.equal((await house.route({ chat: { messages: hello.messages } })).status, 200);
  }
  const gone = openSocket(house.url);
  gone.write(`${head(ROUTE, "content-length: 100", "application/proto")}x`);
  await sleep(50);
  gone.destroy();
  await sleep(50);
  assert.equal((await house.route({ chat: { messages: hello.messages } })).status, 200);
});

test("an envelope that claims more than there is, or two messages, is refused as a message", async (t) => {
  const house = await start(t);
  const message = toBinary(RouteRequestRequestSchema, create(RouteRequestRequestSchema, {}));
  const claims = Buffer.from([0, 0x1f, 0xff, 0xff, 0xff]);
  for (const body of [claims, Buffer.concat([framed(message), framed(message)]), Buffer.alloc(0), framed(message, 4)]) {
    const headers = { "content-type": "application/grpc-web+proto" };
    const response = await fetch(house.url + ROUTE, { method: "POST", headers, body });
    assert.equal(codeOf(response), "invalid_request");
  }
});

test("a question about health may have four kilobytes", async (t) => {
  const house = await start(t);
  const ask = (service: string) => house.post("/grpc.health.v1.Health/Check", { service });
  assert.equal((await ask("")).status, 200);
  assert.equal(codeOf(await ask("x".repeat(5000))), "body_too_large");
});

// Items of a binary message.

const refusedAs = (code: string) => (error: { code?: string }) => error.code === code;

test("fields, elements and entries count at every depth, packed ones too", () => {
  const value = { messages: [{ role: "user", content: "a" }, {}], tools: ["x", "y"] };
  const message = create(RouteRequestRequestSchema, {
    input: { case: "chat", value },
    headers: { a: "1" },
    constraints: { modalities: [1, 2, 3], maxCostUsd: 1 },
    clientKey: "key",
  });
  const bytes = toBinary(RouteRequestRequestSchema, message);
  // chat, two messages, role and content, two tools; headers, key and value; constraints, modalities, three, the cost; key
  const items = 1 + 2 + 2 + 2 + 1 + 2 + 1 + 1 + 3 + 1 + 1;
  boundItems(RouteRequestRequestSchema, bytes, items);
  assert.throws(() => boundItems(RouteRequestRequestSchema, bytes, items - 1), refusedAs("too_many_items"));
  assert.equal(topString(RouteRequestRequestSchema, bytes, "client_key"), "key");
  const outcome = create(ReportOutcomeRequestSchema, { scores: { good: 1 }, usage: { inputTokens: 5 }, ttftMs: 1 });
  boundItems(ReportOutcomeRequestSchema, toBinary(ReportOutcomeRequestSchema, outcome), 6);
});

for (const [what, bytes] of [
  ["a message field that says it is a number", [0x10, 0x02, 0x0a, 0x00]],
  ["a string of a header that says it is a number", [0x1a, 0x02, 0x08, 0x01]],
  ["a group", [0x7b, 0x7c]],
  ["a submessage that is longer than its parent", [0x12, 0x02, 0x0a, 0x05, 0, 0, 0, 0, 0]],
  ["a message that is cut", [0x12, 0x7f, 0x0a]],
  ["a tag that has no end", [0x80, 0x80, 0x80]],
] as const) {
  test(`what the decoder could read in another way is refused: ${what}`, () => {
    assert.throws(
      () => boundItems(RouteRequestRequestSchema, Uint8Array.from(bytes), 100),
      refusedAs("invalid_request"),
    );
  });
}

test("whatever bytes pass, the decoder builds no more of them than was counted", () => {
  const telling = fc.constantFrom(0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x08, 0x10, 0x18, 0, 1, 2, 3, 4, 8, 12);
  const bytes = fc.uint8Array({ maxLength: 40 });
  const message = fc.oneof(
    bytes,
    fc.array(telling, { maxLength: 40 }).map((list) => Uint8Array.from(list)),
  );
  let passed = 0;
  fc.assert(
    fc.property(message, fc.nat(12), (written, limit) => {
      let built;
      try {
        built = fromBinary(RouteRequestRequestSchema, written);
      } catch {
        return; // What cannot be decoded may pass.
      }
      try {
        boundItems(RouteRequestRequestSchema, written, limit);
      } catch {
        return;
      }
      passed += 1;
      assert.ok(
        partsOf(built) <= limit,
        `${partsOf(built)} parts, ${limit} allowed: ${Buffer.from(written).toString("hex")}`,
      );
    }),
    { seed: 7391, numRuns: 20_000 },
  );
  assert.ok(passed > 500, `${passed}`);
});

/** Objects, elements and entries, but for the message itself. */
function partsOf(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 0;
  const held = Array.isArray(value) ? value : Object.values(value);
  return held.reduce((sum: number, each: unknown) => {
    const counts = Array.isArray(value) || (typeof each === "object" && each !== null && "$typeName" in each);
    return sum + Number(counts) + partsOf(each);
  }, 0);
}

test("a field that a later contract adds is counted and passed over", () => {
  boundItems(RouteRequestRequestSchema, Uint8Array.from([0xfa, 0x01, 0x02, 0x41, 0x42, 0x80, 0x02, 0x05]), 2);
});

// Keys that a gateway passes on.

test("a client key binds also where a trusted gateway passes it on, and its tenant must agree", () => {
  const auth = {
    keys: [{ key: "acme-key-0001", tenant: "acme", models: ["small"] }],
    trusted: ["10.0.0.0/8"],
    tenant_header: "x-tenant",
  };
  const gate = createGate(
    auth,
    createGuesses(() => 0),
  );
  const admit = (key: string, tenant: string, headers: Record<string, string> = {}) =>
    gate.admit({ address: "10.1.2.3", headers, claimed: { key, tenant } }).caller;
  const acme = { tenant: "acme", trusted: true, models: ["small"] };
  assert.deepEqual(admit("acme-key-0001", ""), acme);
  assert.deepEqual(admit("acme-key-0001", "acme"), acme);
  assert.deepEqual(admit("acme-key-0001", "", { "x-tenant": "acme" }), acme);
  assert.throws(() => admit("acme-key-0001", "beta"), refusedAs("forbidden"));
  assert.throws(() => admit("acme-key-0001", "", { "x-tenant": "beta" }), refusedAs("forbidden"));
  assert.throws(() => admit("revoked-0001", "acme"), refusedAs("unauthenticated"));
  assert.deepEqual(admit("", "beta", { authorization: "Bearer of-the-upstream" }), { tenant: "beta", trusted: true });
});

// Pages in a browser.

test("the OpenAI doors take JSON alone: a form or plain text is what a page of any origin can send", async (t) => {
  const house = await start(t);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"]) {
    for (const path of [CHAT, "/v1/embeddings", "/v1/completions"]) {
      const response = await house.post(path, hello, { "content-type": type });
      assert.equal(response.status, 415, `${path} ${type}`);
      assert.equal(((await response.json()) as { error: { code: string } }).error.code, "unsupported_media_type");
    }
  }
  assert.match(await speak(house.url, head(CHAT, "content-length: 0", ""), { until: "}" }), /^HTTP\/1\.1 415 /);
  const charset = { "content-type": "Application/JSON; charset=utf-8" };
  assert.notEqual((await house.post(CHAT, hello, charset)).status, 415);
});

test("with auth none, a page of another origin is a typed 403 at every door; pages of this machine may ask", async (t) => {
  const house = await start(t);
  for (const origin of ["https://evil.example", "null", "http://localhost.evil.example", "chrome-extension://abcdef"]) {
    for (const path of [CHAT, ROUTE]) {
      const response = await house.post(path, hello, { origin });
      assert.equal(response.status, 403, `${path} ${origin}`);
      assert.equal(
        /"code":"(\w+)"/.exec(await response.text())?.[1],
        path === CHAT ? "forbidden" : "permission_denied",
      );
    }
    assert.equal((await fetch(`${house.url}/v1/models`, { headers: { origin } })).status, 403);
  }
  for (const origin of ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:5173", "http://app.localhost"]) {
    assert.equal((await fetch(`${house.url}/v1/models`, { headers: { origin } })).status, 200, origin);
  }
  const keyed = await start(t, KEYS);
  const headers = { ...ACME, origin: "https://app.example" };
  assert.equal((await fetch(`${keyed.url}/v1/models`, { headers })).status, 200, "a key is not a page's to spend");
});

for (const [host, status] of [
  ["evil.example", 403],
  ["evil.example:8080", 403],
  ["localhost.evil.example", 403],
  ["a!b.evil.example", 403],
  ["localhost:8080", 200],
  ["LOCALHOST", 200],
  ["127.0.0.1", 200],
  ["[::1]:9", 200],
  ["192.168.7.7:80", 200],
] as const) {
  test(`on loopback with auth none, the Host ${host} over HTTP/1 is a ${status}`, async (t) => {
    const house = await start(t);
    const models = `GET /v1/models HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
    assert.match(await speak(house.url, models), new RegExp(`^HTTP/1\\.1 ${status} `));
    const keyed = await start(t, KEYS);
    const named = models.replace("\r\n\r\n", `\r\nauthorization: ${ACME.authorization}\r\n\r\n`);
    assert.match(await speak(keyed.url, named), /^HTTP\/1\.1 200 /, "with keys the Host is anybody's");
  });
}

test("gRPC may come under any name, as gateways send it", async (t) => {
  const house = await start(t);
  const session = connectHttp2(house.url);
  t.after(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": ROUTE,
    ":authority": "signalbox-cluster",
    "content-type": "application/grpc",
    te: "trailers",
  });
  const input = { case: "chat" as const, value: { messages: hello.messages } };
  stream.end(framed(toBinary(RouteRequestRequestSchema, create(RouteRequestRequestSchema, { input }))));
  const trailers = await new Promise<Record<string, unknown>>((resolve) => stream.resume().once("trailers", resolve));
  assert.equal(trailers["grpc-status"], "0");
});

// Connections.

test("a client that closes its sending side after its request is answered, whole and streamed", async (t) => {
  const { house, model } = await startWithModel(t);
  const rpc = JSON.stringify({ chat: { messages: hello.messages } });
  for (const slow of [undefined, 60]) {
    model.behave(slow === undefined ? "ok" : { slow });
    for (const [path, body, end] of [
      [CHAT, JSON.stringify(hello), /"finish_reason"/],
      [CHAT, JSON.stringify({ ...hello, stream: true }), /data: \[DONE\]/],
      [ROUTE, rpc, /"decisionId"/],
    ] as const) {
      for (const pauseMs of [0, 10]) {
        const said = await speak(house.url, `${head(path, `content-length: ${body.length}`)}${body}`, {
          endAfterMs: pauseMs,
        });
        assert.match(said, /HTTP\/1\.1 200 /, `${path} ${slow} ${pauseMs}`);
        assert.match(said, end);
      }
    }
  }
});

test("a client that is gone while its model thinks is noticed, though it said goodbye like one that waits", async (t) => {
  const { house, model } = await startWithModel(t);
  model.behave({ slow: 3000 });
  const body = JSON.stringify(hello);
  const socket = openSocket(house.url);
  socket.write(`${head(CHAT, `content-length: ${body.length}`)}${body}`);
  await model.request(0);
  socket.destroy();
  const end = performance.now() + 1000;
  while (model.requests[0]!.abortedAt === undefined && performance.now() < end) await sleep(10);
  assert.notEqual(model.requests[0]!.abortedAt, undefined);
});

test("a connection that says nothing more, or only closes its side, is closed", async (t) => {
  const house = await start(t);
  for (const said of ["", "PR", "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"]) {
    const socket = openSocket(house.url);
    socket.resume().end(said);
    const closed = await Promise.race([
      new Promise((resolve) => socket.once("close", () => resolve("closed"))),
      sleep(1000),
    ]);
    assert.equal(closed, "closed", JSON.stringify(said));
  }
});

for (const [what, finish] of [
  ["trickles on is cut", false],
  ["ends keeps its connection", true],
] as const) {
  test(`a body that nobody wanted and that ${what}`, async (t) => {
    const port = await listen({ host: "127.0.0.1", port: 0 }, (_, response) => response.end("enough"), { restMs: 150 });
    t.after(() => port.close(0));
    const socket = openSocket(port.url);
    let heard = "";
    let closed = false;
    socket.on("data", (chunk) => (heard += chunk.toString())).once("close", () => (closed = true));
    socket.write("POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
    const trickle = setInterval(() => socket.writable && socket.write("1\r\na\r\n"), 20);
    await sleep(60);
    assert.match(heard, /enough/, "the answer does not wait");
    if (finish) {
      clearInterval(trickle);
      socket.write("0\r\n\r\n");
    }
    await sleep(300);
    clearInterval(trickle);
    assert.equal(closed, !finish);
    socket.destroy();
  });
}

test("a body over HTTP/2 that nobody wanted and that trickles on is reset, and the session serves on", async (t) => {
  const port = await listen({ host: "127.0.0.1", port: 0 }, (_, response) => response.end("enough"), { restMs: 100 });
  const session = connectHttp2(port.url);
  t.after(async () => {
    session.destroy();
    await port.close(0);
  });
  const stream = session.request({ ":method": "POST", ":path": "/" }).on("error", () => undefined);
  stream.resume().write("a");
  const trickle = setInterval(() => stream.writable && stream.write("a"), 20);
  const closed = await Promise.race([
    new Promise((resolve) => stream.once("close", () => resolve("closed"))),
    sleep(1000),
  ]);
  clearInterval(trickle);
  assert.equal(closed, "closed");
  assert.equal(session.destroyed, false);
});

const head = (path: string, ...[length, type = "application/json"]: string[]): string =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${type && `content-type: ${type}\r\n`}${length}\r\n\r\n`;

function openSocket(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connectTcp({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true }).on(
    "error",
    () => undefined,
  );
}

/** Says this, hears until the other side closes, `until` was heard or `idleMs` passed in silence. */
async function speak(
  url: string,
  text: string,
  { until, endAfterMs, idleMs = 3000 }: { until?: string; endAfterMs?: number; idleMs?: number } = {},
): Promise<string> {
  const socket = openSocket(url);
  let heard = "";
  const over = new Promise<void>((resolve) => {
    socket.once("end", resolve).once("close", () => resolve());
    socket.setTimeout(idleMs, resolve);
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (until !== undefined && heard.includes(until)) resolve();
    });
  });
  socket.write(text);
  if (endAfterMs !== undefined) {
    if (endAfterMs > 0) await sleep(endAfterMs);
    socket.end();
  }
  await over;
  socket.destroy();
  return heard;
}

// Reloads.

test("a new admin token, and a new body limit, hold from the next request on", async (t) => {
  const yaml = (token: string, limit: string) =>
    config(
      `server:\n  listen: 127.0.0.1:0\n  drain_ms: 100\n  limits: { body_bytes: ${limit} }\n  admin: { listen: "127.0.0.1:0", token: ${token} }\n${threeModels(NOWHERE)}`,
    );
  const box = await startSignalbox(yaml("old-token-0123456789", "10000"));
  t.after(() => box.stop());
  const waiting: unknown[] = [];
  box.channel.subscribe((event) => event.kind === "reload" && waiting.push(event.waiting));
  const metrics = async (token: string) =>
    (await fetch(`${box.adminUrl}/metrics`, { headers: { authorization: `Bearer ${token}-token-0123456789` } })).status;
  const route = async () =>
    (
      await fetch(box.url + ROUTE, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ chat: { messages: [{ role: "user", content: "x ".repeat(4000) }] } }),
      })
    ).status;
  assert.deepEqual([await metrics("old"), await metrics("new"), await route()], [200, 401, 200]);
  assert.equal(await box.apply(yaml("new-token-0123456789", "2000")), true);
  assert.deepEqual([await metrics("old"), await metrics("new"), await route()], [401, 200, 413]);
  assert.deepEqual(waiting, [undefined], "nothing waits for a restart");
});

test("a port that others reach keeps its guard until the restart that moves it to loopback", async (t) => {
  const yaml = (host: string, guard: string) =>
    config(`server:\n  listen: "${host}:0"\n  drain_ms: 100\n${guard}\n${threeModels(NOWHERE)}`);
  const open = yaml("0.0.0.0", `${KEYS}\n  admin: { listen: "0.0.0.0:0", token: old-token-0123456789 }`);
  const box = await startSignalbox(open);
  t.after(() => box.stop());
  await box.apply(yaml("127.0.0.1", `  admin: { listen: "127.0.0.1:0" }`));
  const at = (url: string) => `http://127.0.0.1:${new URL(url).port}`;
  assert.equal((await fetch(`${at(box.url)}/v1/models`)).status, 401);
  assert.equal((await fetch(`${at(box.url)}/v1/models`, { headers: ACME })).status, 200);
  assert.equal((await fetch(`${at(box.adminUrl)}/metrics`)).status, 401);
  await box.apply(yaml("0.0.0.0", `  auth: none\n  admin: { listen: "0.0.0.0:0", token: new-token-0123456789 }`));
  assert.equal((await fetch(`${at(box.url)}/v1/models`)).status, 200, "said outright, none holds");
});

// Outcomes.

for (const [what, more, param] of [
  ["a name of a score", { scores: { ["s".repeat(65)]: 1 } }, "scores"],
  ["a finish", { finish: "f".repeat(65) }, "finish"],
  ["a decision id", { decisionId: "d".repeat(301) }, "decision_id"],
  ["a target id", { targetId: "t".repeat(301) }, "target_id"],
] as const) {
  test(`${what} of an outcome that is longer than ids and names are is refused by its field`, async (t) => {
    const house = await start(t);
    const plan = (await (await house.route({ chat: { messages: hello.messages } })).json()) as { decisionId: string };
    const response = await house.post(REPORT, { decisionId: plan.decisionId, status: 200, ...more });
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("x-signalbox-param"), param);
    const fits = { scores: { ["s".repeat(64)]: 1 }, finish: "f".repeat(64) };
    assert.equal((await house.post(REPORT, { decisionId: plan.decisionId, status: 200, ...fits })).status, 200);
  });
}

test("a trusted gateway's tenant has a length that can be kept", async (t) => {
  const house = await startHouse(
    threeModels({ small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" }),
    "  auth: { trusted: [127.0.0.1/32] }",
  );
  t.after(() => house.stop());
  const request = { chat: { messages: [{ role: "user", content: "hello" }] } };
  assert.equal((await house.route(request, { "x-tenant": "a".repeat(128) })).status, 200);
  assert.equal((await house.route(request, { "x-tenant": "a".repeat(129) })).status, 400);
});
