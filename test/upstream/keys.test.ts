import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createUpstream } from "../../src/upstream/index.ts";
import { createKeyBook } from "../../src/upstream/keys.ts";
import { type UpstreamOptions, upstreamsOptions } from "../../src/upstream/options.ts";
import { createSockets } from "../../src/upstream/sockets.ts";
import { UpstreamFailure } from "../../src/upstream/upstream.ts";

const abort = new AbortController().signal;
const TIMEOUTS = { connectMs: 2000, firstTokenMs: 5000, totalMs: 5000 };

interface Said {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}
const WELL: Said = { status: 200 };
const LIMITED: Said = { status: 429 };

/** A server that answers each key as it is told, and the upstream that asks it, on a clock of its own. */
async function setUp(t: TestContext, options: Record<string, unknown>) {
  const says = new Map<string, Said>();
  const used: string[] = [];
  const time = { now: 0 };
  const server = createServer((request, response) => {
    const key = String(request.headers.authorization ?? request.headers["x-goog-api-key"]).replace("Bearer ", "");
    used.push(key);
    const { status, headers, body = "{}" } = says.get(key) ?? WELL;
    request.resume().once("end", () => response.writeHead(status, headers).end(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const { it } = upstreamsOptions.parse({ it: { kind: "openai", url, ...options } }) as { it: UpstreamOptions };
  const sockets = createSockets(it, () => time.now);
  t.after(() => sockets.destroy());
  const make = () => createUpstream("it", it, sockets);
  const upstream = make();

  async function ask(model = "m", asked = upstream): Promise<number> {
    const response = await asked.send({
      path: "/chat/completions",
      model,
      body: Buffer.from("{}"),
      headers: {},
      timeouts: TIMEOUTS,
      abort,
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    assert.equal(Buffer.concat(chunks).toString(), (says.get(used.at(-1)!) ?? WELL).body ?? "{}", "no byte is lost");
    return response.status;
  }
  /** The keys that these requests went out with. */
  async function keysOf(times: number, model?: string): Promise<string> {
    const before = used.length;
    for (let time = 0; time < times; time++) await ask(model);
    return used.slice(before).join(" ");
  }
  return { says, used, time, upstream, make, ask, keysOf };
}

const notAsked = (status: number, retryAfterMs: number) => (error: unknown) => {
  assert.ok(error instanceof UpstreamFailure, String(error));
  assert.deepEqual([error.result, error.status, error.retryAfterMs], ["upstream_error", status, retryAfterMs]);
  assert.doesNotMatch(error.message, /sk-/u);
  return true;
};

test("keys are used in turn", async (t) => {
  const { keysOf } = await setUp(t, { key: ["sk-a", "sk-b", "sk-c"] });
  assert.equal(await keysOf(4), "sk-a sk-b sk-c sk-a");
});

test("a 429 is asked again at once with the next key, and its key is left alone for its Retry-After", async (t) => {
  const { says, time, keysOf, used } = await setUp(t, { key: ["sk-a", "sk-b"] });
  says.set("sk-a", { status: 429, headers: { "retry-after": "10" } });
  assert.equal(await keysOf(1), "sk-a sk-b");
  assert.equal(await keysOf(3), "sk-b sk-b sk-b");
  says.delete("sk-a");
  time.now = 10_001;
  used.length = 0;
  assert.equal(await keysOf(2), "sk-b sk-b", "what was limited longest ago, or never, goes first");
  says.set("sk-b", LIMITED);
  assert.equal(await keysOf(1), "sk-b sk-a");
});

test("five minutes after its rest a key is used in turn again", async (t) => {
  const { says, time, keysOf } = await setUp(t, { key: ["sk-a", "sk-b"] });
  says.set("sk-a", LIMITED);
  await keysOf(1);
  says.delete("sk-a");
  time.now = 1000 + 300_001;
  assert.equal((await keysOf(4)).split(" ").filter((key) => key === "sk-a").length, 2);
});

test("each key is asked once at most, and the last answer is the answer", async (t) => {
  const { says, ask, used } = await setUp(t, { key: ["sk-a", "sk-b", "sk-c"] });
  for (const key of ["sk-a", "sk-b", "sk-c"]) says.set(key, LIMITED);
  assert.equal(await ask(), 429);
  assert.deepEqual(used, ["sk-a", "sk-b", "sk-c"]);
});

test("while all keys are over their limit nothing is asked, and it is said when the first may be used", async (t) => {
  const { says, time, ask, used } = await setUp(t, { key: ["sk-a", "sk-b"] });
  says.set("sk-a", { status: 429, headers: { "retry-after": "30" } });
  says.set("sk-b", { status: 429, headers: { "retry-after": "20" } });
  assert.equal(await ask(), 429);
  time.now = 5000;
  await assert.rejects(ask(), notAsked(429, 15_000));
  assert.equal(used.length, 2);
  says.delete("sk-b");
  time.now = 20_000;
  assert.equal(await ask(), 200);
});

test("one key is left alone too, a second and twice as long each time up to a minute, until it works", async (t) => {
  const { says, time, ask } = await setUp(t, { key: "sk-a" });
  says.set("sk-a", LIMITED);
  for (const restMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    assert.equal(await ask(), 429);
    await assert.rejects(ask(), notAsked(429, restMs));
    time.now += restMs;
  }
  says.delete("sk-a");
  assert.equal(await ask(), 200);
  says.set("sk-a", LIMITED);
  await ask();
  await assert.rejects(ask(), notAsked(429, 1000));
});

test("answers to requests that were under way together are one strike", async (t) => {
  const { says, ask } = await setUp(t, { key: "sk-a" });
  says.set("sk-a", LIMITED);
  const asked = await Promise.all(Array.from({ length: 8 }, () => ask()));
  assert.deepEqual(new Set(asked), new Set([429]));
  await assert.rejects(ask(), notAsked(429, 1000));
});

test("a limit is one of the model: the key is used for others", async (t) => {
  const { says, ask } = await setUp(t, { key: "sk-a" });
  says.set("sk-a", LIMITED);
  await ask("large");
  says.delete("sk-a");
  await assert.rejects(ask("large"), notAsked(429, 1000));
  assert.equal(await ask("small"), 200);
});

const LEAKED = '{"error":{"code":403,"message":"Your API key was reported as leaked.","status":"PERMISSION_DENIED"}}';
const NOT_VALID = '{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}';

for (const [what, said] of [
  ["401", { status: 401 }],
  ["403 for a key that is no good", { status: 403, body: LEAKED }],
  ["400 for a key that is no good, as Gemini does it", { status: 400, body: NOT_VALID }],
] as const satisfies readonly (readonly [string, Said])[]) {
  test(`a key that is refused with ${what} is left alone for five minutes, for every model`, async (t) => {
    const { says, time, ask, keysOf } = await setUp(t, { key: ["sk-a", "sk-b"] });
    says.set("sk-a", said);
    assert.equal(await keysOf(3), "sk-a sk-b sk-b sk-b");
    assert.equal(await keysOf(2, "other"), "sk-b sk-b");
    says.set("sk-b", said);
    assert.equal(await ask(), said.status);
    await assert.rejects(ask(), notAsked(401, 300_000));
    time.now = 300_000;
    says.delete("sk-b");
    assert.equal(await ask(), 200);
  });
}

test("an error that says nothing of the key comes whole, and the key stays in use", async (t) => {
  const { says, ask } = await setUp(t, { key: "sk-a" });
  for (const [status, size] of [
    [403, 10],
    [400, 200_000],
    [500, 10],
  ] as const) {
    says.set("sk-a", { status, body: JSON.stringify({ error: { message: "x".repeat(size) } }) });
    assert.equal(await ask(), status);
    assert.equal(await ask(), status);
  }
});

test("without a key nothing is left alone", async (t) => {
  const { says, ask } = await setUp(t, {});
  says.set("undefined", LIMITED);
  assert.deepEqual([await ask(), await ask()], [429, 429]);
});

test("what is known of a key outlives the upstream, as long as its sockets", async (t) => {
  const { says, make, ask } = await setUp(t, { key: "sk-a" });
  says.set("sk-a", { status: 429, headers: { "retry-after": "9" } });
  await ask();
  await assert.rejects(ask("m", make()), notAsked(429, 9000));
});

test("a failure of the connection is no fault of the key's", async (t) => {
  const { upstream, make } = await setUp(t, { key: ["sk-a", "sk-b"], url: "http://127.0.0.1:1/v1" });
  for (const one of [upstream, make()]) {
    const request = { path: "/x", model: "m", body: Buffer.from("{}"), headers: {}, timeouts: TIMEOUTS, abort };
    await assert.rejects(
      one.send(request),
      (error) => error instanceof UpstreamFailure && error.result === "connect_failed",
    );
  }
});

test("the book holds no keys, and no more than it can", () => {
  const book = createKeyBook(() => 0);
  const id = book.fingerprint("sk-a");
  assert.doesNotMatch(id, /sk-a/u);
  assert.equal(book.fingerprint("sk-a"), id);
  assert.notEqual(createKeyBook(() => 0).fingerprint("sk-a"), id);
  book.limited(id, "first", undefined);
  for (let at = 0; at < 5000; at++) book.limited(id, `m${at}`, undefined);
  assert.equal(book.rest(id, "first").leftMs, 0, "the oldest is forgotten");
  assert.equal(book.rest(id, "m4999").leftMs, 1000);
});
