import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createUpstream } from "../../src/upstream/index.ts";
import { type UpstreamOptions, upstreamsOptions } from "../../src/upstream/options.ts";
import { createSockets } from "../../src/upstream/sockets.ts";
import {
  type Upstream,
  UpstreamFailure,
  type UpstreamRequest,
  type UpstreamResponse,
} from "../../src/upstream/upstream.ts";
import { type Behaviour, type FakeModel, startFakeModel } from "../fakes/model.ts";

const PATIENT = { connectMs: 2000, firstTokenMs: 5000, totalMs: 10_000 };

function connect(t: TestContext, url: string, more: { key?: string; connections?: number } = {}) {
  const { it } = upstreamsOptions.parse({ it: { kind: "vllm", url, ...more } }) as { it: UpstreamOptions };
  const sockets = createSockets(it, () => performance.now());
  t.after(() => sockets.destroy());
  return { upstream: createUpstream("it", it, sockets), sockets };
}

async function setUp(t: TestContext, behave: Behaviour = "ok"): Promise<{ fake: FakeModel; upstream: Upstream }> {
  const fake = await startFakeModel({ behave });
  t.after(() => fake.close());
  return { fake, upstream: connect(t, fake.url).upstream };
}

function ask(how: Partial<UpstreamRequest> & { stream?: boolean } = {}): UpstreamRequest {
  const { stream = false, ...more } = how;
  const body = { model: "m", messages: [{ role: "user", content: "what is the time?" }], stream };
  return {
    path: "/chat/completions",
    model: "m",
    body: Buffer.from(JSON.stringify(body)),
    headers: {},
    timeouts: PATIENT,
    abort: new AbortController().signal,
    ...more,
  };
}

async function read({ body }: UpstreamResponse, into: Uint8Array[] = []): Promise<string> {
  for await (const chunk of body) into.push(chunk);
  return Buffer.concat(into).toString("utf8");
}

const failsWith = (result: UpstreamFailure["result"], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof UpstreamFailure, `an UpstreamFailure, not ${String(error)}`);
  assert.equal(error.result, result);
  assert.match(error.message, message);
  return true;
};

/** What is cut off is cut off at the server too. */
async function noSocketIsLeft(fake: FakeModel): Promise<void> {
  for (let waited = 0; fake.connections.open > 0 && waited < 500; waited += 5) await sleep(5);
  assert.equal(fake.connections.open, 0, "a connection is left");
}

async function rawServer(t: TestContext, answer: string | undefined): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => (answer === undefined ? undefined : socket.end(answer)));
    t.after(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test("an answer comes as it was sent: status, headers, bytes", async (t) => {
  const { fake, upstream } = await setUp(t);
  const response = await upstream.send(ask());
  assert.equal(response.status, 200);
  assert.equal(response.headers["content-type"], "application/json");
  const answer = JSON.parse(await read(response)) as { choices: [{ message: { content: string } }] };
  assert.equal(answer.choices[0].message.content, "fake: echo of 17 chars");
  assert.deepEqual(fake.requests[0]?.body, Buffer.from(ask().body));
});

test("a stream comes chunk by chunk, not at its end", async (t) => {
  const { upstream } = await setUp(t, { slow: 20 });
  const response = await upstream.send(ask({ stream: true }));
  const chunks: Uint8Array[] = [];
  const text = await read(response, chunks);
  assert.ok(chunks.length >= 5, `${chunks.length} chunks`);
  assert.ok(text.endsWith("data: [DONE]\n\n"));
});

test("the key is a bearer token, and nothing is sent that is the client's or our own affair", async (t) => {
  const fake = await startFakeModel();
  t.after(() => fake.close());
  const { upstream } = connect(t, fake.url, { key: "sk-upstream" });
  const headers = {
    "X-Signalbox-Decision-Id": "d1",
    Authorization: "Bearer sk-client",
    cookie: "a=b",
    "x-api-key": "sk-client",
    "accept-encoding": "br",
    "content-type": "text/plain",
    "transfer-encoding": "chunked",
    "x-request-id": "r1",
  };
  await read(await upstream.send(ask({ headers })));
  const { host, connection, ...sent } = fake.requests[0]!.headers;
  assert.equal(host, fake.origin.slice("http://".length));
  assert.equal(connection, "keep-alive");
  assert.deepEqual(sent, {
    "x-request-id": "r1",
    authorization: "Bearer sk-upstream",
    "accept-encoding": "identity",
    "content-type": "application/json",
    "content-length": String(ask().body.byteLength),
    "user-agent": "signalbox",
  });
});

test("without a key no authorization is sent", async (t) => {
  const { fake, upstream } = await setUp(t);
  await read(await upstream.send(ask()));
  assert.equal(fake.requests[0]?.headers.authorization, undefined);
});

test("connections are kept alive and used again, after errors of the model too", async (t) => {
  const { fake, upstream } = await setUp(t);
  fake.next("ok", "error500", "error429", "ok");
  for (const status of [200, 500, 429, 200, 200]) {
    const response = await upstream.send(ask());
    assert.equal(response.status, status);
    await read(response);
  }
  // A socket is free one turn after its answer ended; a request in that very turn opens a second one.
  assert.ok(fake.connections.ever <= 2, `${fake.connections.ever} connections for 5 requests`);
});

test("429 keeps its headers", async (t) => {
  const { upstream } = await setUp(t, "error429");
  const response = await upstream.send(ask());
  assert.equal(response.headers["retry-after"], "1");
  await read(response);
});

test("repeated headers are joined", async (t) => {
  const url = await rawServer(t, "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\ncontent-length: 2\r\n\r\n{}");
  const response = await connect(t, url).upstream.send(ask());
  assert.equal(response.headers["x-a"], "1, 2");
  assert.equal(await read(response), "{}");
});

test("no more connections are open at once than allowed", async (t) => {
  const fake = await startFakeModel({ behave: { slow: 5 } });
  t.after(() => fake.close());
  const { upstream } = connect(t, fake.url, { connections: 2 });
  await Promise.all(Array.from({ length: 8 }, async () => read(await upstream.send(ask()))));
  assert.equal(fake.connections.ever, 2);
  assert.equal(fake.requests.length, 8);
});

test("waiting for a free connection longer than the connect timeout is no_socket, no fault of the server's", async (t) => {
  const fake = await startFakeModel({ behave: "hang" });
  t.after(() => fake.close());
  const { upstream } = connect(t, fake.url, { connections: 1 });
  const abort = new AbortController();
  const first = upstream.send(ask({ abort: abort.signal }));
  await fake.request(0);
  await assert.rejects(
    upstream.send(ask({ timeouts: { ...PATIENT, connectMs: 30 } })),
    failsWith("no_socket", /no free socket within 30 ms/u),
  );
  abort.abort();
  await assert.rejects(first, failsWith("client_gone", /cancelled/u));
  fake.behave("ok");
  assert.equal((await upstream.send(ask())).status, 200);
  assert.equal(fake.requests.length, 2, "what nobody waited for is not sent later");
});

test("the timeouts of a request that waits for a socket count from when it has one", async (t) => {
  const fake = await startFakeModel({ behave: { slow: 15 } });
  t.after(() => fake.close());
  const { upstream } = connect(t, fake.url, { connections: 1 });
  const before = performance.now();
  const first = upstream.send(ask()).then(read);
  await fake.request(0);
  const second = await upstream.send(ask({ timeouts: { connectMs: 2000, firstTokenMs: 140, totalMs: 140 } }));
  await first;
  assert.ok(second.queuedMs > 20 && second.queuedMs < performance.now() - before, `${second.queuedMs} ms queued`);
  assert.ok((await upstream.send(ask()).then((response) => (response.body.destroy(), response))).queuedMs < 1000);
});

test("whoever gives up waiting for a socket takes nobody's place", async (t) => {
  const fake = await startFakeModel({ behave: "hang" });
  t.after(() => fake.close());
  const { upstream } = connect(t, fake.url, { connections: 1 });
  const aborts = Array.from({ length: 3 }, () => new AbortController());
  const sending = aborts.map(({ signal }) => upstream.send(ask({ abort: signal })));
  await fake.request(0);
  fake.behave("ok");
  aborts[1]!.abort();
  await assert.rejects(sending[1]!, failsWith("client_gone", /cancelled/u));
  aborts[0]!.abort();
  await assert.rejects(sending[0]!, failsWith("client_gone", /cancelled/u));
  assert.equal((await sending[2]!).status, 200);
  assert.equal(fake.requests.length, 2);
});

test("a server that is down is connect_failed, and works again when it is back", async (t) => {
  const { fake, upstream } = await setUp(t);
  await read(await upstream.send(ask()));
  await fake.down();
  await assert.rejects(upstream.send(ask()), failsWith("connect_failed", /ECONNREFUSED/u));
  await fake.up();
  assert.equal((await upstream.send(ask())).status, 200);
});

test("a server that takes the request and says nothing is a timeout", async (t) => {
  const { fake, upstream } = await setUp(t, "hang");
  await assert.rejects(
    upstream.send(ask({ timeouts: { ...PATIENT, firstTokenMs: 40 } })),
    failsWith("timeout", /no first byte of an answer within 40 ms/u),
  );
  await noSocketIsLeft(fake);
});

test("headers without a first byte are a timeout too", async (t) => {
  const { fake, upstream } = await setUp(t, "hang_after_headers");
  const response = await upstream.send(ask({ stream: true, timeouts: { ...PATIENT, firstTokenMs: 40 } }));
  assert.equal(response.status, 200);
  await assert.rejects(read(response), failsWith("timeout", /no first byte/u));
  await noSocketIsLeft(fake);
});

test("the connect timeout is over with the connection", async (t) => {
  const { upstream } = await setUp(t, { slow: 20 });
  const response = await upstream.send(ask({ stream: true, timeouts: { ...PATIENT, connectMs: 60 } }));
  assert.ok((await read(response)).includes("[DONE]"));
});

test("the first token's timeout is over with the first byte", async (t) => {
  const { upstream } = await setUp(t, { slow: 20 });
  const response = await upstream.send(ask({ stream: true, timeouts: { ...PATIENT, firstTokenMs: 100 } }));
  assert.ok((await read(response)).includes("[DONE]"));
});

for (const stream of [true, false]) {
  test(`an answer that stalls ends with the total timeout (stream: ${stream})`, async (t) => {
    const { fake, upstream } = await setUp(t, "hang_mid_stream");
    const response = await upstream.send(ask({ stream, timeouts: { ...PATIENT, totalMs: 60 } }));
    const chunks: Uint8Array[] = [];
    await assert.rejects(read(response, chunks), failsWith("timeout", /no whole answer within 60 ms/u));
    assert.ok(chunks.length > 0, "what came before is read");
    await noSocketIsLeft(fake);
  });

  test(`a reset before the answer is a broken stream (stream: ${stream})`, async (t) => {
    const { fake, upstream } = await setUp(t, "reset");
    await assert.rejects(upstream.send(ask({ stream })), failsWith("broken_stream", /before an answer/u));
    await noSocketIsLeft(fake);
  });

  test(`a reset within the answer is a broken stream (stream: ${stream})`, async (t) => {
    const { fake, upstream } = await setUp(t, "reset_mid_stream");
    const response = await upstream.send(ask({ stream }));
    await assert.rejects(read(response), failsWith("broken_stream", /within the answer/u));
    await noSocketIsLeft(fake);
  });

  test(`a body shorter than its content-length is a broken stream (stream: ${stream})`, async (t) => {
    const { fake, upstream } = await setUp(t, "wrong_length");
    const response = await upstream.send(ask({ stream }));
    await assert.rejects(read(response), failsWith("broken_stream", /within the answer/u));
    await noSocketIsLeft(fake);
  });

  test(`an abort closes the connection at the server within 100 ms (stream: ${stream})`, async (t) => {
    const { fake, upstream } = await setUp(t, "hang_mid_stream");
    const abort = new AbortController();
    const response = await upstream.send(ask({ stream, abort: abort.signal }));
    const reading = read(response);
    const request = await fake.request(0);
    const start = performance.now();
    abort.abort();
    await assert.rejects(reading, failsWith("client_gone", /cancelled/u));
    assert.equal(await request.ended, "aborted");
    assert.ok(request.abortedAt! - start < 100, `${request.abortedAt! - start} ms`);
  });
}

test("what came before a reset is read before the failure", async (t) => {
  const { upstream } = await setUp(t, "reset_mid_stream");
  const response = await upstream.send(ask({ stream: true }));
  await sleep(50);
  const chunks: Uint8Array[] = [];
  await assert.rejects(read(response, chunks), failsWith("broken_stream", /within the answer/u));
  assert.match(Buffer.concat(chunks).toString("utf8"), /echo/u);
});

test("an abort before the answer cancels at once", async (t) => {
  const { fake, upstream } = await setUp(t, "hang");
  const abort = new AbortController();
  const sending = upstream.send(ask({ abort: abort.signal }));
  const request = await fake.request(0);
  const start = performance.now();
  abort.abort();
  await assert.rejects(sending, failsWith("client_gone", /cancelled/u));
  assert.equal(await request.ended, "aborted");
  assert.ok(request.abortedAt! - start < 100, `${request.abortedAt! - start} ms`);
});

test("a request that is aborted already is never sent", async (t) => {
  const { fake, upstream } = await setUp(t);
  await assert.rejects(upstream.send(ask({ abort: AbortSignal.abort() })), failsWith("client_gone", /cancelled/u));
  assert.equal(fake.connections.ever, 0);
});

test("an abort after the whole answer changes nothing", async (t) => {
  const { fake, upstream } = await setUp(t);
  const abort = new AbortController();
  const response = await upstream.send(ask({ abort: abort.signal }));
  await fake.requests[0]?.ended;
  await sleep(20);
  abort.abort();
  assert.match(await read(response), /echo of 17 chars/u);
});

test("leaving the loop, or destroying the body, cancels the request", async (t) => {
  const { fake, upstream } = await setUp(t, { slow: 30 });
  const left = await upstream.send(ask({ stream: true }));
  for await (const chunk of left.body) {
    assert.ok(chunk.byteLength > 0);
    break;
  }
  assert.equal(await fake.requests[0]?.ended, "aborted");
  const destroyed = await upstream.send(ask({ stream: true }));
  destroyed.body.destroy();
  assert.equal(await fake.requests[1]?.ended, "aborted");
  await assert.rejects(read(destroyed), failsWith("client_gone", /not read to its end/u));
  await noSocketIsLeft(fake);
});

test("a failure that nobody reads hurts nobody", async (t) => {
  const { fake, upstream } = await setUp(t, "reset_mid_stream");
  await upstream.send(ask({ stream: true }));
  await fake.requests[0]?.ended;
  await noSocketIsLeft(fake);
});

test("a body that nobody reads gives its socket back by the total timeout", async (t) => {
  const { fake, upstream } = await setUp(t, "hang_mid_stream");
  await upstream.send(ask({ stream: true, timeouts: { ...PATIENT, totalMs: 50 } }));
  await noSocketIsLeft(fake);
});

test("a slow reader holds the server back instead of filling memory, and loses no byte", async (t) => {
  const size = 8 * 1024 * 1024;
  const body = "0123456789abcdef".repeat(size / 16);
  const { fake, upstream } = await setUp(t, { status: 200, body });
  const response = await upstream.send(ask());
  const outcome = await Promise.race([fake.requests[0]!.ended, sleep(150, "held back")]);
  assert.equal(outcome, "held back");
  assert.equal(await read(response), body);
});

test("a redirect is an upstream_error and is not followed", async (t) => {
  const { fake, upstream } = await setUp(t, { status: 307, headers: { location: "/v1/elsewhere" } });
  await assert.rejects(upstream.send(ask()), (error) => {
    assert.equal((error as UpstreamFailure).status, 307);
    return failsWith("upstream_error", /redirect/u)(error);
  });
  await noSocketIsLeft(fake);
  assert.equal(fake.requests.length, 1);
});

test("an answer that is compressed in spite of us is an upstream_error", async (t) => {
  const { upstream } = await setUp(t, { status: 200, headers: { "content-encoding": "gzip" }, body: "x" });
  await assert.rejects(upstream.send(ask()), failsWith("upstream_error", /compressed/u));
});

test("headers without end are an upstream_error", async (t) => {
  const url = await rawServer(t, `HTTP/1.1 200 OK\r\nx-long: ${"a".repeat(40_000)}\r\n\r\n`);
  await assert.rejects(connect(t, url).upstream.send(ask()), failsWith("upstream_error", /not HTTP/u));
});

test("a server that does not speak HTTP is an upstream_error, and its words stay out of the message", async (t) => {
  const url = await rawServer(t, "SSH-2.0-secret\r\n\r\n");
  await assert.rejects(connect(t, url).upstream.send(ask()), (error) => {
    assert.doesNotMatch(JSON.stringify(error, Object.getOwnPropertyNames(error)), /secret/u);
    return failsWith("upstream_error", /not HTTP/u)(error);
  });
});

test("a chunked body that is cut is a broken stream", async (t) => {
  const url = await rawServer(t, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe");
  const response = await connect(t, url).upstream.send(ask());
  await assert.rejects(read(response), failsWith("broken_stream", /within the answer/u));
});

test("a server that never finishes the connection is connect_failed after the connect timeout", async (t) => {
  // TLS against a server that says nothing: the connection is there, its handshake is not.
  const url = (await rawServer(t, undefined)).replace("http:", "https:");
  const { upstream } = connect(t, url);
  const start = performance.now();
  const sending = upstream.send(ask({ timeouts: { ...PATIENT, connectMs: 50 } }));
  await assert.rejects(sending, failsWith("connect_failed", /no connection within 50 ms/u));
  assert.ok(performance.now() - start < 500);
});

test("closed sockets let running requests end and take no new ones", async (t) => {
  const fake = await startFakeModel({ behave: { slow: 10 } });
  t.after(() => fake.close());
  const { upstream, sockets } = connect(t, fake.url);
  const response = await upstream.send(ask({ stream: true }));
  const closing = sockets.close();
  await assert.rejects(upstream.send(ask()), failsWith("connect_failed", /UND_ERR_CLOSED/u));
  assert.match(await read(response), /\[DONE\]/u);
  await closing;
  await noSocketIsLeft(fake);
});

test("sockets of another origin are refused", () => {
  const { it } = upstreamsOptions.parse({ it: { kind: "openai" } }) as { it: UpstreamOptions };
  assert.throws(
    () =>
      createUpstream(
        "it",
        it,
        createSockets({ ...it, url: "http://127.0.0.1:1" }, () => 0),
      ),
    /another origin/u,
  );
});
