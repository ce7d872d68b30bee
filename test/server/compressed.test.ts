import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { after, before, test } from "node:test";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const CHAT = "/v1/chat/completions";
const BODY_BYTES = 8_388_608;
const hello = Buffer.from(JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] }));
const ENCODINGS = {
  gzip: (body: Buffer) => gzipSync(body),
  deflate: (body: Buffer) => deflateSync(body),
  br: (body: Buffer) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (body: Buffer) => zstdCompressSync(body),
} as const;

let house: House;
let model: FakeModel;
before(async () => {
  model = await startFakeModel({ name: "small" });
  const urls = { small: model.url, medium: model.url, large: model.url };
  house = await startHouse(threeModels(urls), `  limits: { body_bytes: ${BODY_BYTES} }`);
});
after(async () => {
  await house.stop();
  await model.close();
});

interface Reply {
  readonly status: number;
  readonly code?: string;
}

async function send(body: Buffer, encoding: string): Promise<Reply> {
  const response = await fetch(house.url + CHAT, {
    method: "POST",
    headers: { "content-type": "application/json", "content-encoding": encoding },
    body: new Uint8Array(body),
  });
  return replyOf(response.status, await response.text());
}

async function sendHttp2(body: Buffer, encoding: string): Promise<Reply> {
  const session = connectHttp2(house.url);
  const stream = session.request({
    ":method": "POST",
    ":path": CHAT,
    "content-type": "application/json",
    "content-encoding": encoding,
  });
  const status = new Promise<number>((resolve) => stream.once("response", (head) => resolve(Number(head[":status"]))));
  stream.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  session.destroy();
  return replyOf(await status, Buffer.concat(chunks).toString());
}

function replyOf(status: number, text: string): Reply {
  const { error } = JSON.parse(text) as { error?: { code: string } };
  return { status, ...(error && { code: error.code }) };
}

for (const [encoding, compress] of Object.entries(ENCODINGS)) {
  test(`a body in ${encoding} is read over both protocols, and reaches its model uncompressed`, async () => {
    const before = model.requests.length;
    assert.deepEqual(await send(compress(hello), encoding), { status: 200 });
    assert.deepEqual(await sendHttp2(compress(hello), encoding.toUpperCase()), { status: 200 });
    const seen = model.requests.slice(before);
    assert.equal(seen.length, 2);
    for (const { headers, body } of seen) {
      assert.equal(headers["content-encoding"], undefined);
      assert.match(body.toString(), /"content":"hello"/u);
    }
  });

  test(`a small body in ${encoding} that would become gigabytes is refused on the way, and little of it is held`, async () => {
    const bomb = compress(Buffer.alloc(16 * BODY_BYTES, " "));
    assert.ok(bomb.length < BODY_BYTES, `${bomb.length}`);
    const held = process.memoryUsage().rss;
    const refused = { status: 413, code: "body_too_large" };
    assert.deepEqual(await send(bomb, encoding), refused);
    assert.deepEqual(await sendHttp2(bomb, encoding), refused);
    assert.ok(process.memoryUsage().rss - held < 8 * BODY_BYTES, "not what it would have become");
  });

  test(`a body that is no ${encoding}, or only the beginning of one, is a typed 400`, async () => {
    const refused = { status: 400, code: "invalid_request" };
    assert.deepEqual(await send(hello, encoding), refused);
    assert.deepEqual(await send(compress(hello).subarray(0, -6), encoding), refused);
    assert.deepEqual(await sendHttp2(hello, encoding), refused);
    assert.ok(!house.events.some(({ kind }) => kind === "fault"));
  });
}

test("a body that grows a hundredfold within the limit of bytes is refused, one that grows tenfold is not", async () => {
  const padded = (filling: Buffer) => Buffer.concat([hello, filling]);
  const spaces = gzipSync(padded(Buffer.alloc(BODY_BYTES / 2, " ")));
  assert.deepEqual(await send(spaces, "gzip"), { status: 413, code: "body_too_large" });
  const blank = Buffer.from(
    Array.from({ length: BODY_BYTES / 2 }, (_, at) => " \t\n\r"[((at * at) >> 7) % 4]).join(""),
  );
  const honest = gzipSync(padded(blank));
  assert.ok(honest.length * 100 > blank.length, `${honest.length}`);
  assert.deepEqual(await send(honest, "gzip"), { status: 200 });
});

test("bytes without end that become nothing are bounded too", async () => {
  const nothing = gzipSync(Buffer.alloc(0));
  const many = Buffer.concat(Array.from({ length: 1 + Math.ceil(BODY_BYTES / nothing.length) }, () => nothing));
  assert.deepEqual(await sendHttp2(many, "gzip"), { status: 413, code: "body_too_large" });
});

for (const encoding of ["compress", "gzip, gzip", "gzip, br", "constructor", "*"]) {
  test(`content-encoding ${encoding} is a typed 415`, async () => {
    assert.deepEqual(await send(gzipSync(hello), encoding), { status: 415, code: "unsupported_media_type" });
  });
}
