import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { RequestRecord } from "../../src/events.ts";
import {
  BodyMode,
  connectGateway,
  requestHeaders,
  responseBody,
  responseHeaders,
  sendThrough,
  type GatewayEnd,
  type HeaderList,
  type Onward,
  type Passage,
} from "../fakes/ext-proc.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const MODES = { BUFFERED: BodyMode.BUFFERED, FULL_DUPLEX_STREAMED: BodyMode.FULL_DUPLEX_STREAMED } as const;
const RULES =
  'rules: [{ name: forbidden-word, when: { text: "xyzzy" }, then: { block: "That word is not said here." } }]';

let house: House;
let gateway: GatewayEnd;
before(async () => {
  house = await startHouse(threeModels(urls, RULES));
  gateway = await connectGateway(house.url);
});
after(async () => {
  await gateway.close();
  await house.stop();
});

const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };
const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function headersOf(body: Uint8Array, more: HeaderList = [], path = "/v1/chat/completions"): HeaderList {
  return [
    [":method", "POST"],
    [":path", path],
    [":authority", "gateway"],
    ["content-type", "application/json"],
    ["content-length", String(body.length)],
    ...more,
  ];
}

/** A request through the gateway, with what it left behind. */
async function through(
  mode: Passage["mode"],
  body: Uint8Array,
  more: Partial<Passage> = {},
  metadata: Record<string, string> = {},
): Promise<Onward> {
  const stream = gateway.open(metadata);
  const onward = await sendThrough(stream, { mode, body, headers: headersOf(body), ...more });
  stream.reset();
  await stream.ended;
  return onward;
}

const valuesOf = (onward: Onward, name: string): string[] =>
  onward.headers.filter(([each]) => each === name).map(([, value]) => value);

function forwarded(onward: Onward): Extract<Onward, { kind: "forward" }> {
  assert.equal(onward.kind, "forward", JSON.stringify(onward));
  return onward;
}

for (const [name, mode] of Object.entries(MODES)) {
  test(`${name}: the body asks for the chosen model, byte for byte as it was beside that`, async () => {
    const text = `{ "model" : "auto",\n "messages":[{"role":"user","content":"hello \\u00e9 🐦"}], "seed": 1.50 }`;
    const onward = forwarded(await through(mode, Buffer.from(text), { pieces: 7 }));
    assert.equal(onward.body.toString("utf8"), text.replace('"auto"', '"small-v1"'));
    assert.deepEqual(valuesOf(onward, "x-selected-model"), ["small"]);
    assert.ok(onward.rerouted);
    const { decision_id: id, confidence: _, expected_cost_usd: cost, ...told } = onward.metadata;
    assert.match(String(id), /^[0-9a-f-]{36}$/);
    assert.ok(Number(cost) > 0);
    assert.deepEqual(told, {
      safety: "none",
      model: "small",
      tier: "small",
      route: "default",
      reason: "cheapest_adequate",
    });
  });

  test(`${name}: what the client sets of ours leads nobody, and goes no further`, async () => {
    const body = jsonOf(hello);
    const spoofed: HeaderList = [
      ["x-selected-model", "large"],
      ["X-Selected-Model", "medium"],
      ["x-signalbox-tenant", "root"],
      ["X-SIGNALBOX-Model", "large"],
      ["accept-encoding", "gzip"],
    ];
    const onward = forwarded(await through(mode, body, { headers: headersOf(body, spoofed) }));
    assert.deepEqual(valuesOf(onward, "x-selected-model"), ["small"]);
    const left = onward.headers.map(([header]) => header.toLowerCase());
    assert.deepEqual(
      left.filter((header) => header.startsWith("x-signalbox-") || header === "accept-encoding"),
      [],
    );
  });

  test(`${name}: trailers end a body that says nothing of its end`, async () => {
    const onward = forwarded(await through(mode, jsonOf(hello), { trailers: true, pieces: 3 }));
    assert.equal((JSON.parse(onward.body.toString("utf8")) as { model: string }).model, "small-v1");
  });

  test(`${name}: a blocked request is answered in its API's own form`, async () => {
    const body = jsonOf({ model: "auto", messages: [{ role: "user", content: "say xyzzy" }] });
    const onward = await through(mode, body);
    assert.ok(onward.kind === "immediate");
    assert.equal(onward.status, 403);
    assert.equal((JSON.parse(onward.body) as { error: { code: string } }).error.code, "blocked");
    const anthropic = { model: "auto", max_tokens: 9, messages: [{ role: "user", content: "say xyzzy" }] };
    const bytes = jsonOf(anthropic);
    const said = await through(mode, bytes, { headers: headersOf(bytes, [], "/v1/messages?beta=true") });
    assert.ok(said.kind === "immediate");
    assert.equal((JSON.parse(said.body) as { type: string }).type, "error");
  });

  test(`${name}: what is no body of its API is refused before it reaches a model`, async () => {
    for (const [text, code] of [
      ["{not json", "invalid_json"],
      ['{"model":"auto","messages":[]}', "invalid_request"],
      ['{"model":"auto","model":"large","messages":[{"role":"user","content":"a"}]}', "invalid_request"],
    ] as const) {
      const onward = await through(mode, Buffer.from(text));
      assert.ok(onward.kind === "immediate", text);
      assert.equal(onward.status, 400);
      assert.equal((JSON.parse(onward.body) as { error: { code: string } }).error.code, code);
    }
    const empty = await through(mode, Buffer.alloc(0));
    assert.ok(empty.kind === "immediate" && empty.status === 400);
  });

  test(`${name}: other types and encodings than JSON as it is are refused`, async () => {
    const body = jsonOf(hello);
    const gzip = await through(mode, body, { headers: headersOf(body, [["content-encoding", "gzip"]]) });
    assert.ok(gzip.kind === "immediate" && gzip.status === 415);
    const form = headersOf(body).map(([key, value]) => [key, key === "content-type" ? "text/plain" : value] as const);
    const plain = await through(mode, body, { headers: form });
    assert.ok(plain.kind === "immediate" && plain.status === 415);
  });

  test(`${name}: what is no conversation passes as it came, without headers of ours`, async () => {
    const body = Buffer.from("anything at all");
    const headers = headersOf(body, [["x-selected-model", "large"]], "/v1/files");
    const onward = forwarded(await through(mode, body, { headers, pieces: 4 }));
    assert.equal(onward.body.toString("utf8"), "anything at all");
    assert.deepEqual(valuesOf(onward, "x-selected-model"), []);
    const bodiless: HeaderList = [
      [":method", "GET"],
      [":path", "/v1/models"],
    ];
    forwarded(await through(mode, Buffer.alloc(0), { headers: bodiless }));
  });

  test(`${name}: a body beyond the limit is refused`, async () => {
    const body = jsonOf({ ...hello, padding: "x".repeat(10_485_760) });
    const stream = gateway.open();
    const onward = await sendThrough(stream, { mode, body, headers: headersOf(body), pieces: 64 });
    stream.reset();
    assert.ok(onward.kind === "immediate");
    assert.equal(onward.status, 413);
  });

  test(`${name}: two megabytes come through whole`, async () => {
    const body = Buffer.from(JSON.stringify(hello).replace(":[", `:${" ".repeat(2_000_000)}[`));
    const onward = forwarded(await through(mode, body, { pieces: 40 }));
    assert.equal(onward.body.toString("utf8"), body.toString("utf8").replace('"auto"', '"small-v1"'));
  });
}

test("nothing is decided in body modes in which nothing can be", async () => {
  for (const mode of [BodyMode.STREAMED, BodyMode.BUFFERED_PARTIAL]) {
    const stream = gateway.open();
    stream.send({
      request: {
        case: "requestHeaders",
        value: {
          headers: { headers: headersOf(jsonOf(hello)).map(([key, value]) => ({ key, rawValue: Buffer.from(value) })) },
        },
      },
      protocolConfig: { requestBodyMode: mode },
    });
    const reply = await stream.next();
    assert.ok(reply?.response.case === "immediateResponse");
    assert.equal(reply.response.value.status?.code, 500);
    assert.equal(reply.response.value.details, "signalbox_config_invalid");
    stream.reset();
  }
});

/** The last record of a request at this door. */
const lastRecord = (): RequestRecord =>
  house.events.findLast((event): event is RequestRecord => event.kind === "request")!;

const SSE = [
  'data: {"id":"1","object":"chat.completion.chunk","model":"small-v1","choices":[{"index":0,"delta":{"role":"assistant","content":"Hé"}}]}\n\n',
  'data: {"id":"1","object":"chat.completion.chunk","model":"small-v1","choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":"stop"}]}\n\n',
  'data: {"id":"1","object":"chat.completion.chunk","model":"small-v1","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}}\n\n',
  "data: [DONE]\n\n",
].join("");
const WHOLE = JSON.stringify({
  id: "1",
  object: "chat.completion",
  model: "small-v1",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
});

/** The answer's way through a stream whose request was decided; the bytes as the gateway hands them on. */
async function answered(mode: Passage["mode"], type: string, pieces: readonly Uint8Array[], status = "200") {
  const stream = gateway.open();
  const body = jsonOf({ ...hello, stream: type !== "application/json" });
  await sendThrough(stream, { mode, body, headers: headersOf(body) });
  stream.send({
    request: responseHeaders([
      [":status", status],
      ["content-type", type],
      ["x-signalbox-route", "of-upstream"],
    ]),
  });
  const head = await stream.next();
  assert.ok(head?.response.case === "responseHeaders");
  const out: Uint8Array[] = [];
  for (const piece of [...pieces, Buffer.alloc(0)]) {
    stream.send({ request: responseBody(piece, piece.length === 0) });
    const reply = await stream.next();
    assert.ok(reply?.response.case === "responseBody");
    const mutation = reply.response.value.response?.bodyMutation?.mutation;
    if (mode === BodyMode.FULL_DUPLEX_STREAMED) assert.equal(mutation?.case, "streamedResponse");
    out.push(mutation?.case === "streamedResponse" ? mutation.value.body : piece);
    if (piece.length === 0) {
      stream.reset();
      await stream.ended;
      return {
        head: head.response.value.response?.headerMutation,
        bytes: Buffer.concat(out),
        metadata: reply.dynamicMetadata,
      };
    }
  }
  throw new Error("the answer had no end");
}

const usage = { inputTokens: 11, outputTokens: 7, cachedInputTokens: 0, estimated: false };

for (const [name, mode] of Object.entries(MODES)) {
  test(`${name}: an answer passes unchanged and tells its usage, wherever it is cut`, async () => {
    for (const [type, text] of [
      ["text/event-stream; charset=utf-8", SSE],
      ["application/json", WHOLE],
    ] as const) {
      for (const size of [1, 13, 10_000]) {
        const bytes = Buffer.from(text);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const { bytes: out, metadata } = await answered(mode, type, pieces);
        assert.equal(out.toString("utf8"), text);
        const record = lastRecord();
        assert.equal(record.door, "ext_proc");
        assert.deepEqual(record.usage, usage);
        const [attempt] = record.attempts;
        assert.deepEqual(
          [attempt?.model, attempt?.target, attempt?.result, attempt?.status],
          ["small", "s/small-v1", "ok", 200],
        );
        assert.equal(attempt?.ttftMs === undefined, type === "application/json");
        assert.deepEqual(
          metadata?.["signalbox"] && (metadata["signalbox"] as Record<string, unknown>)["cost_usd"],
          record.costUsd,
        );
        assert.ok(record.costUsd! > 0 && record.overheadMs >= 0);
        const outcome = house.events.findLast((event) => event.kind === "outcome");
        assert.deepEqual(
          [outcome?.target, outcome?.outcome.status, outcome?.outcome.finish],
          ["s/small-v1", 200, "stop"],
        );
      }
    }
  });
}

test("the client is told what was decided, and nothing that the upstream calls ours", async () => {
  const { head } = await answered(BodyMode.BUFFERED, "application/json", [Buffer.from(WHOLE)]);
  const told = Object.fromEntries(
    head!.setHeaders.map(({ header }) => [header!.key, Buffer.from(header!.rawValue).toString()]),
  );
  assert.equal(told["x-signalbox-route"], "default");
  assert.equal(told["x-signalbox-model"], "small");
  assert.deepEqual(head!.removeHeaders, ["x-signalbox-route"]);
});

test("a stream without an end counts against its target, a failure of the upstream too", async () => {
  await answered(BodyMode.BUFFERED, "text/event-stream", [Buffer.from(SSE.slice(0, 100))]);
  assert.equal(lastRecord().attempts[0]?.result, "broken_stream");
  await answered(BodyMode.BUFFERED, "application/json", [Buffer.from("{}")], "503");
  assert.deepEqual([lastRecord().attempts[0]?.result, lastRecord().status], ["upstream_error", 503]);
});

test("what fails at the gateway opens the breaker, and the next plan goes elsewhere", async () => {
  const other = await startHouse(threeModels(urls));
  const end = await connectGateway(other.url);
  try {
    const body = jsonOf(hello);
    const passage = { mode: BodyMode.BUFFERED, body, headers: headersOf(body) } as const;
    for (let tries = 0; tries < 3; tries++) {
      const stream = end.open();
      await sendThrough(stream, passage);
      stream.send({ request: responseHeaders([[":status", "503"]], true) });
      await stream.next();
      stream.end();
      assert.deepEqual(await stream.ended, { status: 0, code: undefined });
    }
    const onward = await sendThrough(end.open(), passage);
    assert.deepEqual(valuesOf(onward, "x-selected-model"), ["medium"]);
  } finally {
    await end.close();
    await other.stop();
  }
});

test("a buffered answer that is a stream is asked to come as it arrives, any other stays as it is", async () => {
  for (const [type, wanted] of [
    ["text/event-stream", BodyMode.STREAMED],
    ["application/json", undefined],
  ] as const) {
    const stream = gateway.open();
    const body = jsonOf(hello);
    const passage = {
      mode: BodyMode.BUFFERED,
      responseMode: BodyMode.BUFFERED,
      body,
      headers: headersOf(body),
    } as const;
    await sendThrough(stream, passage);
    stream.send({
      request: responseHeaders([
        [":status", "200"],
        ["content-type", type],
        ["content-length", "9"],
      ]),
    });
    const reply = await stream.next();
    assert.ok(reply?.response.case === "responseHeaders");
    assert.equal(reply.modeOverride?.responseBodyMode, wanted);
    // There is no word for leaving it as it was.
    assert.equal(reply.modeOverride?.requestBodyMode, wanted && BodyMode.BUFFERED);
    const removed = reply.response.value.response?.headerMutation?.removeHeaders.includes("content-length");
    assert.equal(removed, wanted !== undefined);
    stream.reset();
  }
});

test("a filter that only observes is told that it is not served", async () => {
  const stream = gateway.open();
  stream.send({ request: { case: "requestTrailers", value: {} }, observabilityMode: true });
  stream.end();
  assert.deepEqual(await stream.ended, { status: 3, code: "invalid_request" });
});

test("a filter that sends no bodies decides nothing, and says so", async () => {
  const stream = gateway.open();
  stream.send({
    request: requestHeaders([...headersOf(jsonOf(hello)), ["x-selected-model", "large"]]),
    protocolConfig: { requestBodyMode: BodyMode.NONE },
  });
  const reply = await stream.next();
  assert.ok(reply?.response.case === "requestHeaders");
  assert.deepEqual(reply.response.value.response?.headerMutation?.removeHeaders, ["x-selected-model"]);
  assert.deepEqual(reply.dynamicMetadata, { signalbox: { passed: "unread" } });
  stream.reset();
});
