import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createRemote, remoteOptions, remoteScores } from "../../src/signals/remote.ts";
import { readAll } from "../../src/signals/read.ts";
import { promptOf } from "./prompt.ts";

const answer = (labels: unknown) => JSON.stringify({ labels });

interface Asked {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A classifier on a port of its own, and the signal that asks it. */
async function setUp(
  t: TestContext,
  reply: (response: ServerResponse, count: number) => void,
  more: object = {},
  clock = () => performance.now(),
) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      asked.push({ headers: request.headers, body });
      reply(response, asked.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/classify`;
  const signal = createRemote(remoteOptions.parse({ url, deadline_ms: 2000, ...more }), { clock });
  const read = async (turn = "zebra") => (await readAll([signal], promptOf(turn), () => performance.now()))[0]!;
  return { asked, read, url };
}

test("the newest turn is posted as JSON with the headers of the config, and its labels are the readings", async (t) => {
  const { asked, read } = await setUp(
    t,
    (response) =>
      response.end(
        answer([
          { label: "low", score: 0.2 },
          { label: "high", score: 0.7, confidence: 0.9, more: 1 },
        ]),
      ),
    { headers: { authorization: "Bearer secret" } },
  );
  const { readings, failure } = await read();
  assert.deepEqual(readings, [
    { label: "high", score: 0.7, confidence: 0.9 },
    { label: "low", score: 0.2, confidence: 0.2 },
  ]);
  assert.equal(failure, undefined);
  assert.deepEqual(JSON.parse(asked[0]!.body), { text: "zebra" });
  assert.equal(asked[0]!.headers.authorization, "Bearer secret");
});

test("of the labels that reach their threshold the first with a pin gives it", async (t) => {
  const pins = { labels: ["a", "b", "c"].map((label) => ({ label, threshold: 0.6, pin: { tier: label } })) };
  const { read } = await setUp(
    t,
    (response) =>
      response.end(
        answer([
          { label: "a", score: 0.55 },
          { label: "b", score: 0.7 },
          { label: "c", score: 0.65 },
        ]),
      ),
    pins,
  );
  assert.deepEqual(
    (await read()).readings.map(({ label, pin }) => [label, pin]),
    [
      ["b", { tier: "b" }],
      ["c", undefined],
      ["a", undefined],
    ],
  );
});

test("a turn longer than the limit is cut, and the report says that it was not read to its end", async (t) => {
  const { asked, read } = await setUp(t, (response) => response.end(answer([])));
  const text = "abcd".repeat(2048);
  assert.equal((await read(`${text}\u{1F600}`)).failure, "unread");
  assert.deepEqual(JSON.parse(asked[0]!.body), { text });
  assert.equal((await read(text)).failure, undefined);
});

const WRONG: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "a status of 500": (response) => response.writeHead(500).end("zebra"),
  "a redirect": (response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
  "no JSON": (response) => response.end("zebra"),
  "another form": (response) => response.end('{"zebra":[]}'),
  "a score above one": (response) => response.end(answer([{ label: "a", score: 1.5 }])),
  "a label twice": (response) =>
    response.end(
      answer([
        { label: "a", score: 1 },
        { label: "a", score: 1 },
      ]),
    ),
  "an answer too long": (response) => response.end(answer([]) + " ".repeat(65_536)),
  "a broken answer": (response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    response.destroy();
  },
};

for (const [title, reply] of Object.entries(WRONG)) {
  test(`${title} is reported as an error that quotes nothing`, async (t) => {
    const { read } = await setUp(t, reply);
    const report = await read();
    assert.deepEqual([report.failure, report.readings], ["error", []]);
    assert.match(report.error!, /^The classifier/u);
    assert.doesNotMatch(JSON.stringify(report), /zebra/u);
  });
}

test("no answer in time is reported as past the deadline, and a port where nobody listens as an error", async (t) => {
  const { read } = await setUp(t, () => {}, { deadline_ms: 40 });
  const late = await read();
  assert.deepEqual([late.failure, late.error], ["deadline", "The classifier did not answer within 40 ms."]);
  const { read: nobody } = await setUp(t, () => {}, { url: "http://127.0.0.1:1/" });
  assert.equal((await nobody()).failure, "error");
});

test("what keeps failing is left alone for a while; then one may try before all may", async (t) => {
  let now = 0;
  let isWell = false;
  const { asked, read } = await setUp(
    t,
    (response) => (isWell ? response.end(answer([])) : response.writeHead(500).end()),
    {},
    () => now,
  );
  for (let times = 0; times < 8; times++) await read();
  assert.equal(asked.length, 5);
  now = 9999;
  await read();
  assert.equal(asked.length, 5);
  now = 10_001;
  const [first, second] = await Promise.all([read(), read()]);
  assert.deepEqual([first.failure, second.failure, asked.length], ["error", "error", 6]);
  now = 20_002;
  isWell = true;
  assert.equal((await read()).failure, undefined);
  assert.equal((await read()).failure, undefined);
  assert.equal(asked.length, 8);
});

test("an empty turn is not sent", async (t) => {
  const { asked, read } = await setUp(t, (response) => response.end(answer([])));
  assert.deepEqual((await read(" ")).readings, []);
  assert.equal(asked.length, 0);
});

test("scores of labels are the score table; wrong addresses, headers and labels are refused", () => {
  const url = "http://127.0.0.1/";
  const options = remoteOptions.parse({ url, labels: [{ label: "a", scores: { small: 1 } }, { label: "b" }] });
  assert.deepEqual(remoteScores(options), { a: { small: 1 } });
  for (const wrong of [
    {},
    { url: "ftp://x/" },
    { url: "http://user:pass@x/" },
    { url, headers: { "a b": "c" } },
    { url, headers: { a: "line\nbreak" } },
    { url, labels: [{ label: "a" }, { label: "a" }] },
  ]) {
    assert.ok(!remoteOptions.safeParse(wrong).success, JSON.stringify(wrong));
  }
});
