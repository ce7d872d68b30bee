import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { startRecorder, type Recorded } from "../fakes/recorder.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import { MODES, startStage } from "./envoy-stage.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

const line = (body: string, ...headers: readonly string[]): string =>
  [
    "POST /v1/chat/completions HTTP/1.1",
    "host: gateway",
    "content-type: application/json",
    "connection: close",
    ...headers,
    "",
    body,
  ].join("\r\n");
const length = (body: string): string => `content-length: ${Buffer.byteLength(body)}`;

/** What is written on the wire, and the statuses that it may have; 0 where the connection closes without a word. */
const ATTACKS: ReadonlyArray<readonly [name: string, head: (body: string) => string, statuses: readonly number[]]> = [
  ["a routing header of the client", (body) => line(body, length(body), "x-selected-model: large"), [200]],
  [
    "one in odd case, twice",
    (body) => line(body, length(body), "X-Selected-Model: large", "x-SELECTED-model: medium"),
    [200],
  ],
  [
    "headers that are ours",
    (body) => line(body, length(body), "X-Signalbox-Model: large", "x-signalbox-role: upstream", "x-tenant: root"),
    [200],
  ],
  ["two lengths", (body) => line(body, length(body), "content-length: 3"), [0, 400]],
  [
    "a length beside chunks",
    (body) =>
      line(
        `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        "content-length: 3",
        "transfer-encoding: chunked",
      ),
    [0, 400],
  ],
  ["a megabyte of headers", (body) => line(body, length(body), `x-large: ${"x".repeat(1_000_000)}`), [0, 431]],
  ["a pseudo header", (body) => line(body, length(body), ":path: /v1/files"), [0, 200, 400]],
];

/** The status of whatever comes back for these bytes. */
async function raw(url: string, bytes: string): Promise<number> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1"))).on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return Number(/^HTTP\/1\.1 (\d+)/u.exec(text)?.[1] ?? 0);
}

if (WHY_SKIPPED) test("attacks by headers through the real Envoy", { skip: WHY_SKIPPED }, () => undefined);

for (const binary of BINARIES) {
  for (const mode of MODES) {
    test(`what a client writes into its head changes no decision and reaches no model: ${binary} in ${mode}`, async (t) => {
      const models = { small: await startRecorder(), medium: await startRecorder(), large: await startRecorder() };
      const ports = { small: models.small.port, medium: models.medium.port, large: models.large.port };
      const stage = await startStage({ binary, mode, models: ports, config: corpusConfig(urls) });
      const body = JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] });
      try {
        for (const [name, bytes, statuses] of ATTACKS) {
          await t.test(name, async () => {
            const status = await raw(stage.envoy.url, bytes(body));
            assert.ok(statuses.includes(status), `status ${status}`);
            const { small, ...others } = models;
            for (const other of Object.values(others)) assert.equal(other.take(), undefined);
            judge(status, small.take());
          });
        }
      } finally {
        await stage.close();
        for (const model of Object.values(models)) model.close();
      }
    });
  }
}

function judge(status: number, recorded: Recorded | undefined): void {
  if (status !== 200) return assert.equal(recorded, undefined);
  assert.equal((JSON.parse(recorded!.body) as { model: string }).model, "small-v1");
  const ours = Object.keys(recorded!.headers).filter(
    (key) => key === "x-selected-model" || key.startsWith("x-signalbox"),
  );
  assert.deepEqual(ours, []);
}
