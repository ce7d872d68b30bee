import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { request as requestHttps } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { test, type TestContext } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RouterService } from "../../src/gen/signalbox/v1/router_pb.ts";
import { startFakeModel } from "../fakes/model.ts";
import { type Certified, createAuthority } from "../rig/certificates.ts";
import { config, startHouse, threeModels, withPorts, type House } from "../rig/house.ts";

const NOWHERE = { small: "http://127.0.0.1:9/v1", medium: "http://127.0.0.1:9/v2", large: "http://127.0.0.1:9/v3" };
const authority = createAuthority();
const stranger = createAuthority("another authority");
const server = authority.issue("signalbox");
const good = authority.issue("a client");
const bad = stranger.issue("a client");

const tlsPart = (own: Certified, ca?: string) => `  tls: ${JSON.stringify({ ...own, ca })}`;

async function start(t: TestContext, part: string, url?: string): Promise<House> {
  const house = await startHouse(threeModels(url ? { ...NOWHERE, small: url } : NOWHERE), part);
  t.after(() => house.stop());
  return house;
}

/** The status of /healthz over HTTP/1.1, or what came instead. */
function health(url: string, options: ConnectionOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    requestHttps(`${url}/healthz`, { ca: authority.cert, agent: false, ...options }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode!));
    })
      .once("error", (error: NodeJS.ErrnoException) => resolve(`${error.code} ${error.message}`))
      .end();
  });
}

/** The same over HTTP/2. */
function healthHttp2(url: string, options: ConnectionOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const session = connectHttp2(url, { ca: authority.cert, ...options });
    const settle = (told: number | string) => {
      session.destroy();
      resolve(told);
    };
    session.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    session.once("close", () => settle("closed"));
    const stream = session.request({ ":path": "/healthz" });
    stream.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    stream.once("response", (head) => settle(Number(head[":status"]))).resume();
  });
}

test("one port speaks HTTP/1.1 and HTTP/2 by what both sides agree on, and gRPC, all encrypted", async (t) => {
  const house = await start(t, tlsPart(server));
  assert.match(house.url, /^https:\/\/127\.0\.0\.1:\d+$/u);
  assert.equal(await health(house.url), 200);
  assert.equal(await health(house.url, { ALPNProtocols: [] }), 200, "who agrees on nothing speaks HTTP/1.1");
  assert.equal(await healthHttp2(house.url), 200);
  const rpc = createClient(
    RouterService,
    createGrpcTransport({ baseUrl: house.url, nodeOptions: { ca: authority.cert } }),
  );
  const chat = { case: "chat" as const, value: { messages: [{ role: "user", content: "hello" }] } };
  assert.equal((await rpc.routeRequest({ input: chat })).model, "small");
  assert.match(house.adminUrl, /^http:/u, "the admin port has no TLS");
});

test("what comes in clear to an encrypted port is not answered", async (t) => {
  const house = await start(t, tlsPart(server));
  for (const said of ["GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]) {
    const heard = await new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connectTcp(Number(new URL(house.url).port), "127.0.0.1", () => socket.write(said));
      socket.on("data", (chunk) => chunks.push(chunk)).on("error", () => undefined);
      socket.once("close", () => resolve(Buffer.concat(chunks)));
    });
    assert.ok(!heard.toString("latin1").includes("HTTP"), heard.toString("latin1"));
  }
  assert.equal(await health(house.url), 200, "the house stands");
});

test("TLS begins at version 1.2", async (t) => {
  const house = await start(t, tlsPart(server));
  assert.equal(await health(house.url, { maxVersion: "TLSv1.2" }), 200);
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  assert.match(String(await health(house.url, old)), /protocol version/u);
});

test("where clients must show a certificate, nobody else gets as far as a request", async (t) => {
  const house = await start(t, tlsPart(server, authority.cert));
  for (const ask of [health, healthHttp2]) {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const only = { minVersion: version, maxVersion: version };
      assert.equal(await ask(house.url, { ...good, ...only }), 200);
      assert.equal(typeof (await ask(house.url, only)), "string", "no certificate");
      assert.equal(typeof (await ask(house.url, { ...bad, ...only })), "string", "of another authority");
      assert.equal(typeof (await ask(house.url, { ...authority.issue("late", -1), ...only })), "string", "expired");
    }
  }
});

test("a reload with other certificates holds for new connections; those that are open go on", async (t) => {
  const yaml = (part: string) => config(withPorts(threeModels(NOWHERE), part));
  const house = await start(t, tlsPart(server));
  const waiting: unknown[] = [];
  house.channel.subscribe((event) => event.kind === "reload" && waiting.push(event.waiting));
  const open = connectHttp2(house.url, { ca: authority.cert });
  t.after(() => open.destroy());
  await new Promise((resolve) => open.once("connect", resolve));

  assert.equal(await house.apply(yaml(tlsPart(stranger.issue("signalbox")))), true);
  assert.match(String(await health(house.url)), /SELF_SIGNED|UNABLE_TO|SIGNATURE/u);
  assert.equal(await health(house.url, { ca: stranger.cert }), 200);
  const stream = open.request({ ":path": "/healthz" }).resume();
  const status = await new Promise((resolve) => stream.once("response", (head) => resolve(head[":status"])));
  assert.equal(status, 200);

  assert.equal(await house.apply(yaml(tlsPart(server, authority.cert))), true);
  assert.equal(await house.apply(yaml("")), true);
  assert.deepEqual(waiting, [undefined, ["server.tls"], ["server.tls"]]);
  assert.equal(await health(house.url, { ca: stranger.cert }), 200, "the port stays as it was opened");
});

test("a stream ends whole over TLS, also for a client that closes its sending side", async (t) => {
  const model = await startFakeModel({ name: "small", behave: { slow: 20 } });
  t.after(() => model.close());
  const house = await start(t, tlsPart(server), model.url);
  const body = JSON.stringify({ model: "auto", stream: true, messages: [{ role: "user", content: "hello" }] });
  for (const half of [false, true]) {
    const socket = connectTls({
      host: "127.0.0.1",
      port: Number(new URL(house.url).port),
      ca: authority.cert,
      servername: "localhost",
    });
    let heard = "";
    const over = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString())).on("error", () => undefined);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
    socket.write(head + body);
    if (half) socket.end();
    await over;
    socket.destroy();
    assert.match(heard, /HTTP\/1\.1 200 [^]*data: \[DONE\]/u, `half closed: ${half}`);
  }
});
