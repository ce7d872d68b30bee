/** What becomes of requests when Signalbox answers, but not as it should. */
import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { chat, listening, load, startUpstream, type Upstream } from "./kong-scene.ts";

const TIMEOUT_MS = 1500;
/** What a busy machine may add to a deadline. */
const LEEWAY_MS = 700;

describe("a Signalbox that talks nonsense", { skip }, () => {
  const plan = (more: object) => JSON.stringify({ decisionId: "d", model: "small", ...more });
  const json = (body: string, status = "200 OK") =>
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const targets = (edit: object) => [{ id: "s/small-v1", upstream: "s", edits: [edit] }];
  /** What it says, and what the client is told of it. */
  const NONSENSE: ReadonlyArray<readonly [what: string, says: string, error: string]> = [
    ["is no HTTP", "220 mail ready\r\n\r\n", "unreachable"],
    ["says nothing and hangs up", "", "unreachable"],
    ["answers with a page", json("<html></html>"), "unreadable"],
    ["answers with a list", json("[1]"), "unreadable"],
    ["answers 500", json('{"code":"internal"}', "500 Internal Server Error"), "unreadable"],
    ["answers 404 as some other server", json("{}", "404 Not Found"), "unreadable"],
    ["does not know our key", json("{}", "401 Unauthorized\r\nx-signalbox-error: unauthenticated"), "unauthenticated"],
    ["has no model now", json("{}", "503 Service Unavailable\r\nx-signalbox-error: unavailable"), "unavailable"],
    ["edits beyond the body", json(plan({ targets: targets({ offset: 100_000, bytes: "eA==" }) })), "unreadable"],
    ["edits in no base64", json(plan({ targets: targets({ offset: 1, bytes: "#" }) })), "unreadable"],
    ["promises more than comes", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", "unreachable"],
    ["promises too much", "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{", "unreachable"],
    ["never ends its headers", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(40_000)}`, "unreachable"],
    ["spoils its chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "unreachable"],
  ];
  let upstream: Upstream;
  let rig: Rig;
  let says: readonly string[] = [];
  let server: Server;

  before(async () => {
    upstream = await startUpstream();
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => void speak(socket, says));
    });
    const url = `http://127.0.0.1:${await listening(server)}`;
    rig = await startRig(pluginBefore(upstream.origin, { url, timeout_ms: TIMEOUT_MS }));
  });
  after(async () => {
    await rig.close();
    server.close();
    await upstream.close();
  });

  async function speak(socket: Socket, pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) {
      if (socket.destroyed) return;
      socket.write(piece);
      await sleep(pieces.length > 1 ? 50 : 0);
    }
    socket.end();
  }

  for (const [what, bytes, error] of NONSENSE) {
    test(`${what}: the request passes as it came`, async () => {
      says = [bytes];
      const [reply] = await load(rig, 1, 1);
      assert.equal(reply!.status, 200);
      assert.equal(reply!.headers["x-signalbox-error"], error);
      assert.equal(upstream.arrived.at(-1)!.body.toString(), chat("number 0"));
    });
  }

  test("refuses a request for want of money, and that is no nonsense: it never passes", async () => {
    const before = upstream.arrived.length;
    const told = json(
      '{"code":"resource_exhausted","message":"Spent."}',
      "429 Too Many Requests\r\nx-signalbox-error: over_budget\r\nretry-after: 60",
    );
    says = [told];
    const [reply] = await load(rig, 1, 1);
    assert.equal(reply!.status, 429);
    assert.equal(reply!.headers["retry-after"], "60");
    const { error } = JSON.parse(reply!.text) as { error: object };
    assert.deepEqual(error, { message: "Spent.", type: "insufficient_quota", param: null, code: "over_budget" });
    assert.equal(upstream.arrived.length, before);
  });

  test("drips its answer: the deadline holds for all of it", async () => {
    says = json(plan({ targets: targets({ offset: 1, bytes: "eA==" }) })).split("");
    const [reply] = await load(rig, 1, 1);
    assert.equal(reply!.headers["x-signalbox-error"], "timeout");
    assert.ok(reply!.ms < TIMEOUT_MS + LEEWAY_MS, `${reply!.ms} ms`);
  });

  test("answers in chunks, a byte at a time, within the deadline: it is understood", async () => {
    const body = plan({
      targets: [{ id: "s/small-v1", edits: [] }],
      setHeaders: [{ name: "x-selected-model", value: "m" }],
    });
    const chunks = body
      .split("")
      .map((char) => `1\r\n${char}\r\n`)
      .join("");
    says = [`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\nx-trailer: 1\r\n\r\n`];
    const [reply] = await load(rig, 1, 1);
    assert.equal(reply!.headers["x-signalbox-model"], "small");
    assert.equal(upstream.arrived.at(-1)!.headers["x-selected-model"], "m");
  });

  test("and nothing of it is an error of ours", () => assert.deepEqual(rig.errors(), []));
});
