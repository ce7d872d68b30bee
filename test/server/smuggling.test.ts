import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp } from "node:net";
import { after, before, test } from "node:test";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const CHAT = "/v1/chat/completions";
const body = JSON.stringify({ model: "small", messages: [{ role: "user", content: "hello" }] });
/** What a smuggler wants to be taken for a request of its own. */
const second = "GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n";

let house: House;
let model: FakeModel;
before(async () => {
  model = await startFakeModel({ name: "small" });
  house = await startHouse(threeModels({ small: model.url, medium: model.url, large: model.url }));
});
after(async () => {
  await house.stop();
  await model.close();
});

/** Everything that comes back until the other side closes; `open` where it does not within three seconds. */
function speak(bytes: string): Promise<{ readonly said: string; readonly closed: boolean }> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: "127.0.0.1", port: Number(new URL(house.url).port) });
    let said = "";
    const settle = (closed: boolean) => {
      socket.destroy();
      resolve({ said, closed });
    };
    socket.setTimeout(3000, () => settle(false));
    socket.on("data", (chunk) => (said += chunk.toString("latin1"))).on("error", () => undefined);
    socket.once("close", () => settle(true));
    socket.write(Buffer.from(bytes, "latin1"));
  });
}

const post = (headers: readonly string[], rest = ""): string =>
  [`POST ${CHAT} HTTP/1.1`, "host: localhost", "content-type: application/json", ...headers, "", rest].join("\r\n");
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const LENGTH = `content-length: ${body.length}`;
const CHUNKED = "transfer-encoding: chunked";

for (const [what, bytes] of [
  ["content-length beside transfer-encoding", post([LENGTH, CHUNKED], chunked(body) + second)],
  ["transfer-encoding beside content-length", post([CHUNKED, "content-length: 4"], chunked(body) + second)],
  ["two content-lengths that differ", post([LENGTH, "content-length: 4"], body + second)],
  ["two content-lengths that agree", post([LENGTH, LENGTH], body + second)],
  ["a list of content-lengths", post([`${LENGTH}, ${body.length}`], body + second)],
  ["a content-length with a sign", post([`content-length: +${body.length}`], body + second)],
  ["a content-length in hexadecimal", post(["content-length: 0x4"], body + second)],
  ["a content-length below zero", post(["content-length: -1"], body + second)],
  ["a content-length that no number holds", post([`content-length: ${"9".repeat(40)}`], body + second)],
  ["a transfer-encoding that does not end in chunked", post(["transfer-encoding: chunked, gzip"], chunked(body))],
  ["an unknown transfer-encoding", post(["transfer-encoding: xchunked"], chunked(body) + second)],
  ["a transfer-encoding that is hidden by a tab", post(["transfer-encoding:\u000bchunked"], chunked(body) + second)],
  ["two transfer-encodings", post([CHUNKED, "transfer-encoding: identity"], chunked(body) + second)],
  ["a space before the colon", post(["content-length : 4"], body + second)],
  ["a header without a colon", post(["content-length 4", LENGTH], body)],
  ["a header without a name", post([": 4", LENGTH], body)],
  ["a folded header", post(["x-a: b", " content-length: 4", LENGTH], body + second)],
  ["a header folded by a tab", post(["x-a: b", "\tcontinued", LENGTH], body)],
  ["a NUL in a value", post(["x-a: b\u0000c", LENGTH], body)],
  ["a NUL in a name", post(["x\u0000a: b", LENGTH], body)],
  ["a carriage return within a value", post([`x-a: b\r${LENGTH}`, "content-length: 4"], body)],
  ["a bare line feed after a header", `POST ${CHAT} HTTP/1.1\r\nhost: localhost\nx-a: b\r\n${LENGTH}\r\n\r\n${body}`],
  ["bare line feeds at the end of the head", `POST ${CHAT} HTTP/1.1\r\nhost: localhost\r\n${LENGTH}\n\n${body}`],
  ["a bare line feed after the first line", `POST ${CHAT} HTTP/1.1\nhost: localhost\r\n${LENGTH}\r\n\r\n${body}`],
  ["a header before the first line is over", ` POST ${CHAT} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
  ["a size of a chunk that is no number", post([CHUNKED], `zz\r\n${body}\r\n0\r\n\r\n${second}`)],
  ["a size of a chunk that overflows", post([CHUNKED], `${"f".repeat(17)}\r\n${body}\r\n0\r\n\r\n${second}`)],
  ["a chunk that is longer than it says", post([CHUNKED], `2\r\n${body}\r\n0\r\n\r\n${second}`)],
  ["a chunk ended by a bare line feed", post([CHUNKED], `${body.length.toString(16)}\n${body}\n0\n\n${second}`)],
] as const) {
  test(`${what} is a 400, closes the connection, and nothing behind it is answered`, async () => {
    const before = model.requests.length;
    const { said, closed } = await speak(bytes);
    assert.match(said, /^HTTP\/1\.1 400 /u);
    assert.equal(said.match(/HTTP\/1\.1 \d/gu)?.length, 1, said);
    assert.match(said, /"code":"invalid_request"/u);
    assert.ok(closed, "closed");
    assert.equal(model.requests.length, before, "no model was asked");
    assert.ok(!house.events.some(({ kind }) => kind === "fault"));
  });
}

test("a head that is too large is a 431 and closes the connection, in one header or in many", async () => {
  const many = Array.from({ length: 4000 }, (_, i) => `x-${i}: ${"y".repeat(20)}`);
  for (const bytes of [post([`x-a: ${"y".repeat(40_000)}`, LENGTH], body), post([...many, LENGTH], body)]) {
    const { said, closed } = await speak(bytes);
    assert.match(said, /^HTTP\/1\.1 431 /u);
    assert.ok(closed);
  }
});

test("whoever sends two whole requests at once gets two answers, in order", async () => {
  const { said } = await speak(post([LENGTH], body) + second.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  assert.deepEqual(
    [...said.matchAll(/HTTP\/1\.1 (\d+)/gu)].map(([, status]) => status),
    ["200", "200"],
  );
  assert.ok(said.indexOf("chat.completion") < said.indexOf('"object":"list"'));
});

const FORGED = {
  "x-signalbox-model": "forged-by-client",
  "x-signalbox-cost-usd": "forged-by-client",
  "x-signalbox-anything": "forged-by-client",
  "x-selected-model": "forged-by-client",
};

for (const stream of [false, true]) {
  test(`headers in our name that a client sets reach neither model nor answer, ${stream ? "streamed" : "whole"}`, async () => {
    const before = model.requests.length;
    const response = await house.post(CHAT, { ...(JSON.parse(body) as object), stream }, FORGED);
    assert.equal(response.status, 200);
    const answer = JSON.stringify([...response.headers]) + (await response.text());
    assert.ok(!answer.includes("forged"), answer);
    const sent = JSON.stringify(model.requests.slice(before).map(({ rawHeaders }) => rawHeaders));
    assert.ok(sent.length > 10 && !/forged|x-signalbox|x-selected-model/iu.test(sent), sent);
  });
}

test("over HTTP/2 they do not either, and headers that only HTTP/1 has are refused there", async (t) => {
  const session = connectHttp2(house.url).on("error", () => undefined);
  t.after(() => session.destroy());
  const ask = (headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const head = { ":method": "POST", ":path": CHAT, "content-type": "application/json", ...headers };
      const stream = session.request(head).on("error", (error) => resolve(error.message));
      let heard = "";
      stream.on("response", (got) => (heard += JSON.stringify(got)));
      stream.on("data", (chunk: Buffer) => (heard += chunk.toString())).once("end", () => resolve(heard));
      stream.end(body);
    });
  const before = model.requests.length;
  const answer = await ask(FORGED);
  assert.match(answer, /":status":200/u);
  assert.ok(!answer.includes("forged"));
  assert.ok(!JSON.stringify(model.requests.slice(before).map(({ rawHeaders }) => rawHeaders)).includes("forged"));
  assert.throws(() => session.request({ ":path": CHAT, "transfer-encoding": "chunked" }), /connection.specific/iu);
  assert.match(await ask({ "content-length": "4" }), /PROTOCOL_ERROR|closed/u);
  assert.equal(model.requests.length, before + 1);
});

test("a model's name, or a line break in it, makes no header", async () => {
  for (const name of ["a\r\nx-injected: 1", "a\nx-injected: 1", "a\u0000b", "a: b"]) {
    const response = await house.post(CHAT, {
      model: name,
      messages: [{ role: "user", content: "a\r\nx-injected: 1" }],
    });
    assert.equal(response.headers.get("x-injected"), null);
    assert.equal(response.status, 404);
  }
});
