import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request as httpRequest,
  type Server,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { createUpstream } from "../../src/upstream/index.ts";
import { type UpstreamOptions, upstreamsOptions } from "../../src/upstream/options.ts";
import { createSockets } from "../../src/upstream/sockets.ts";
import { UpstreamFailure } from "../../src/upstream/upstream.ts";
import { createAuthority } from "../rig/certificates.ts";

const authority = createAuthority("ours");
const stranger = createAuthority("another");
const server = authority.issue("server");
const client = authority.issue("client");

async function listening(t: TestContext, one: Server): Promise<number> {
  one.listen(0, "127.0.0.1");
  await once(one, "listening");
  t.after(() => {
    one.close();
    one.closeAllConnections();
  });
  return (one.address() as AddressInfo).port;
}

/** Says who the client's certificate is for, and how long the body was. */
const model: RequestListener = (request, response) => {
  const name = (request.socket as TLSSocket).getPeerCertificate?.().subject?.CN ?? "nobody";
  let bytes = 0;
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => response.end(JSON.stringify({ name, bytes, path: request.url })));
};

async function startTls(t: TestContext, more: object = {}): Promise<string> {
  const port = await listening(t, createTlsServer({ cert: server.cert, key: server.key, ...more }, model));
  return `https://127.0.0.1:${port}/v1`;
}

function upstreamOf(t: TestContext, options: Record<string, unknown>) {
  const { it } = upstreamsOptions.parse({ it: { kind: "openai", ...options } }) as { it: UpstreamOptions };
  const sockets = createSockets(it, () => performance.now());
  t.after(() => sockets.destroy());
  return { upstream: createUpstream("it", it, sockets), sockets };
}

async function ask(
  { upstream }: ReturnType<typeof upstreamOf>,
  { connectMs = 5000, abort = new AbortController().signal } = {},
): Promise<unknown> {
  const timeouts = { connectMs, firstTokenMs: 5000, totalMs: 8000 };
  const body = Buffer.from("{}");
  const response = await upstream.send({ path: "/chat/completions", model: "m", body, headers: {}, timeouts, abort });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const SAID = { name: "nobody", bytes: 2, path: "/v1/chat/completions" };
const fails = (code: RegExp) => (error: unknown) => {
  assert.ok(error instanceof UpstreamFailure, String(error));
  assert.ok(["connect_failed", "broken_stream"].includes(error.result), error.result);
  assert.match(error.message, code);
  assert.doesNotMatch(error.message, /secret/u);
  return true;
};

test("a server with a certificate of a CA of ours is asked where the CA is named, and else is not", async (t) => {
  const url = await startTls(t);
  assert.deepEqual(await ask(upstreamOf(t, { url, ca: authority.cert })), SAID);
  assert.deepEqual(await ask(upstreamOf(t, { url, ca: stranger.cert + authority.cert })), SAID);
  await assert.rejects(ask(upstreamOf(t, { url })), fails(/connection \([A-Z_]*(CERT|SIGN|ISSUER)/u));
  await assert.rejects(ask(upstreamOf(t, { url, ca: stranger.cert })), fails(/CERT|SIGN|ISSUER/u));
});

test("a certificate that has run out is not trusted", async (t) => {
  const url = await startTls(t, authority.issue("server", -1));
  await assert.rejects(ask(upstreamOf(t, { url, ca: authority.cert })), fails(/CERT_HAS_EXPIRED/u));
});

test("a server that wants a certificate of ours is shown it", async (t) => {
  const url = await startTls(t, { ca: authority.cert, requestCert: true, rejectUnauthorized: true });
  for (const cert of [client.cert + client.key, client.cert + stranger.cert + client.key, client.key + client.cert])
    assert.deepEqual(await ask(upstreamOf(t, { url, ca: authority.cert, cert })), { ...SAID, name: "client" });
  await assert.rejects(ask(upstreamOf(t, { url, ca: authority.cert })), fails(/connection/u));
});

interface ProxyOptions {
  readonly tls?: boolean;
  /** What it wants in proxy-authorization. */
  readonly authorization?: string;
  /** Takes a CONNECT and says nothing. */
  readonly hangs?: boolean;
}

/** A proxy that is a real one: tunnels by CONNECT, and whole URLs for plain HTTP. */
async function startProxy(t: TestContext, { tls = false, authorization, hangs = false }: ProxyOptions = {}) {
  const seen: string[] = [];
  const forwarded: IncomingHttpHeaders[] = [];
  const refuses = (headers: IncomingHttpHeaders) =>
    authorization !== undefined && headers["proxy-authorization"] !== authorization;
  const forward: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    forwarded.push(request.headers);
    if (refuses(request.headers)) {
      response.writeHead(407).end();
      return;
    }
    const { "proxy-authorization": _, ...headers } = request.headers;
    const onward = httpRequest(request.url!, { method: request.method!, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  };
  const proxy = tls ? createTlsServer({ cert: server.cert, key: server.key }, forward) : createServer(forward);
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
    if (hangs) return;
    if (refuses(request.headers)) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [host, port] = request.url!.split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    t.after(() => onward.destroy());
  });
  const port = await listening(t, proxy);
  return { host: `127.0.0.1:${port}`, seen, forwarded };
}

test("through a proxy TLS is a tunnel, in which certificates are shown and looked at as without one", async (t) => {
  const url = await startTls(t, { ca: authority.cert, requestCert: true, rejectUnauthorized: true });
  const { host, seen } = await startProxy(t);
  const proxy = `http://${host}`;
  const one = upstreamOf(t, { url, ca: authority.cert, cert: client.cert + client.key, proxy });
  for (let time = 0; time < 6; time++) assert.deepEqual(await ask(one), { ...SAID, name: "client" });
  assert.deepEqual(new Set(seen), new Set([`CONNECT ${new URL(url).host}`]));
  // A socket is free one turn after its answer ended; a request in that very turn opens a second one.
  assert.ok(seen.length <= 2, `${seen.length} tunnels for 6 requests`);
  await assert.rejects(ask(upstreamOf(t, { url, proxy, ca: stranger.cert })), fails(/CERT|SIGN|ISSUER/u));
});

test("through a proxy with a certificate of its own", async (t) => {
  const url = await startTls(t);
  const { host, seen } = await startProxy(t, { tls: true });
  const proxy = `https://${host}`;
  assert.deepEqual(await ask(upstreamOf(t, { url, ca: authority.cert, proxy })), SAID);
  assert.equal(seen.length, 1);
});

test("through a proxy plain HTTP is asked by its whole URL", async (t) => {
  const url = `http://127.0.0.1:${await listening(t, createServer(model))}/v1`;
  const { host, seen, forwarded } = await startProxy(t);
  const one = upstreamOf(t, { url, proxy: `http://${host}` });
  for (let time = 0; time < 2; time++) assert.deepEqual(await ask(one), SAID);
  assert.deepEqual(seen, [`POST ${url}/chat/completions`, `POST ${url}/chat/completions`]);
  assert.equal(forwarded[0]!.host, new URL(url).host);
});

test("a proxy gets its password, the model server does not", async (t) => {
  const url = await startTls(t);
  const plain = `http://127.0.0.1:${await listening(t, createServer(model))}/v1`;
  const authorization = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  const { host } = await startProxy(t, { authorization });
  assert.deepEqual(await ask(upstreamOf(t, { url, ca: authority.cert, proxy: `http://me:secret@${host}` })), SAID);
  assert.deepEqual(await ask(upstreamOf(t, { url: plain, proxy: `http://me:secret@${host}` })), SAID);
  const wrong = { proxy: `http://me:secret-no@${host}`, ca: authority.cert };
  await assert.rejects(ask(upstreamOf(t, { url, ...wrong })), fails(/no connection/u));
  await assert.rejects(ask(upstreamOf(t, { url: plain, proxy: wrong.proxy })), fails(/connection/u));
});

test("a proxy that is not there, hangs or is cut is a connection that failed, in its time", async (t) => {
  const url = await startTls(t);
  const gone = upstreamOf(t, { url, proxy: "http://127.0.0.1:1" });
  await assert.rejects(ask(gone), fails(/ECONNREFUSED/u));
  const { host } = await startProxy(t, { hangs: true });
  const slow = upstreamOf(t, { url, proxy: `http://${host}`, connections: 1 });
  await assert.rejects(ask(slow, { connectMs: 100 }), fails(/no connection within 100 ms/u));
});

test("sockets behind a proxy close, and take nothing new", async (t) => {
  const url = await startTls(t);
  const { host } = await startProxy(t);
  const one = upstreamOf(t, { url, ca: authority.cert, proxy: `http://${host}` });
  assert.deepEqual(await ask(one), SAID);
  await one.sockets.close();
  await assert.rejects(ask(one), fails(/UND_ERR_(?:CLOSED|DESTROYED)/u));
});

test("behind a proxy no more connections are open at once than allowed, and all requests are answered", async (t) => {
  const url = await startTls(t);
  const { host, seen } = await startProxy(t);
  const one = upstreamOf(t, { url, ca: authority.cert, proxy: `http://${host}`, connections: 2 });
  const said = await Promise.all(Array.from({ length: 10 }, () => ask(one)));
  assert.deepEqual(
    said,
    Array.from({ length: 10 }, () => SAID),
  );
  assert.ok(seen.length <= 2, `${seen.length} tunnels`);
});
