import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { create, fromBinary, fromJson, toBinary, toJson, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import type { RouterError } from "../../src/errors.ts";
import {
  ProcessingRequestSchema,
  ProcessingResponseSchema,
} from "../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { createFrameReader } from "../../src/server/ext-proc/frames.ts";
import { readMessage } from "../../src/server/ext-proc/messages.ts";
import * as replies from "../../src/server/ext-proc/replies.ts";
import { BodyMode } from "../fakes/ext-proc.ts";

/** Written by another implementation: see ext-proc-bytes.py. */
const BYTES = JSON.parse(readFileSync(join(import.meta.dirname, "../fakes/ext-proc-bytes.json"), "utf8")) as Record<
  "requests" | "responses",
  Record<string, string>
>;

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const HEADERS = {
  headers: [
    { key: ":path", rawValue: base64("/v1/responses") },
    { key: "x-a", value: "b" },
  ],
};
const CHANGE = {
  setHeaders: [
    { header: { key: "x-selected-model", rawValue: base64("small") }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
  ],
  removeHeaders: ["x-signalbox-model"],
};

const REQUESTS: Readonly<Record<string, JsonValue>> = {
  request_headers: {
    requestHeaders: { headers: HEADERS, endOfStream: true },
    metadataContext: { filterMetadata: { signalbox: { tenant: "acme" } } },
    protocolConfig: {
      requestBodyMode: "FULL_DUPLEX_STREAMED",
      responseBodyMode: "STREAMED",
      sendBodyWithoutWaitingForHeaderResponse: true,
    },
  },
  request_body: { requestBody: { body: Buffer.from([0, 255]).toString("base64"), endOfStream: true } },
  request_trailers: { requestTrailers: { trailers: HEADERS } },
  response_headers: { responseHeaders: { headers: HEADERS }, observabilityMode: true },
  response_body: { responseBody: { body: base64("data: x\n\n") } },
  response_trailers: { responseTrailers: {} },
};

const RESPONSES: Readonly<Record<string, JsonValue>> = {
  request_headers: {
    requestHeaders: { response: { headerMutation: CHANGE, clearRouteCache: true } },
    dynamicMetadata: { signalbox: { model: "small" } },
  },
  request_body: {
    requestBody: { response: { headerMutation: CHANGE, bodyMutation: { body: base64("{}") }, clearRouteCache: true } },
  },
  request_body_streamed: {
    requestBody: { response: { bodyMutation: { streamedResponse: { body: base64("{}"), endOfStream: true } } } },
  },
  request_trailers: { requestTrailers: {} },
  response_headers: {
    responseHeaders: { response: { headerMutation: CHANGE } },
    modeOverride: { responseHeaderMode: "SEND", requestBodyMode: "BUFFERED", responseBodyMode: "STREAMED" },
  },
  response_body: { responseBody: {} },
  response_trailers: { responseTrailers: {} },
  immediate_response: {
    immediateResponse: { status: { code: 403 }, headers: CHANGE, body: base64("{}"), details: "signalbox_blocked" },
  },
  streamed_immediate_headers: { streamedImmediateResponse: { headersResponse: { headers: HEADERS } } },
  streamed_immediate_body: {
    streamedImmediateResponse: { bodyResponse: { body: base64("data: x\n\n"), endOfStream: true } },
  },
};

function agrees(
  schema: DescMessage,
  bytes: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, JsonValue>>,
) {
  assert.deepEqual(Object.keys(bytes), Object.keys(wanted));
  for (const [name, text] of Object.entries(bytes)) {
    const message = fromBinary(schema, Buffer.from(text, "base64"));
    assert.deepEqual(message.$unknown ?? [], [], name);
    assert.deepEqual(toJson(schema, message), wanted[name], name);
    assert.equal(Buffer.from(toBinary(schema, message)).toString("base64"), text, name);
  }
}

test("what another implementation writes reads as the same fields, and is written back to the byte", () => {
  agrees(ProcessingRequestSchema, BYTES.requests, REQUESTS);
  agrees(ProcessingResponseSchema, BYTES.responses, RESPONSES);
});

function frameOf(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

test("frames are found wherever the bytes are cut", () => {
  const messages = [new Uint8Array(0), Buffer.from("a"), Buffer.alloc(70_000, 7)];
  const bytes = Buffer.concat(messages.map(frameOf));
  for (const size of [1, 2, 3, 5, 6, 4096, bytes.length]) {
    const reader = createFrameReader(100_000);
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)));
    assert.deepEqual(
      found.map((frame) => Buffer.from(frame)),
      messages.map((message) => Buffer.from(message)),
    );
    assert.equal(reader.isWithin, false);
  }
});

test("a frame that is too large is refused by its head alone, one that is cut off is noticed", () => {
  const reader = createFrameReader(10);
  assert.throws(() => reader.push(Buffer.from([0, 0, 0, 0, 11])), { code: "body_too_large" });
  assert.throws(() => createFrameReader(10).push(Buffer.from([1, 0, 0, 0, 1, 0])), { code: "unsupported_media_type" });
  assert.throws(() => createFrameReader(10).push(Buffer.from([9, 0, 0, 0, 1, 0])), { code: "invalid_request" });
  const cut = createFrameReader(10);
  assert.deepEqual(cut.push(Buffer.from([0, 0, 0, 0, 4, 1])), []);
  assert.ok(cut.isWithin);
});

const ITEMS = 1000;
const messageOf = (json: JsonValue) =>
  Buffer.from(toBinary(ProcessingRequestSchema, fromJson(ProcessingRequestSchema, json)));

test("what another implementation writes is read by hand as it is by the generated code", () => {
  const read = (name: string) => readMessage(Buffer.from(BYTES.requests[name]!, "base64"), ITEMS);
  const headers = new Map([
    [":path", "/v1/responses"],
    ["x-a", "b"],
  ]);
  const nothing = { modes: undefined, tenant: "", onlyObserves: false };
  assert.deepEqual(read("request_headers"), {
    part: { kind: "requestHeaders", headers, endOfStream: true },
    modes: { request: BodyMode.FULL_DUPLEX_STREAMED, response: BodyMode.STREAMED },
    tenant: "acme",
    onlyObserves: false,
  });
  assert.deepEqual(read("request_body"), {
    ...nothing,
    part: { kind: "requestBody", body: Buffer.from([0, 255]), endOfStream: true },
  });
  assert.deepEqual(read("request_trailers"), { ...nothing, part: { kind: "requestTrailers" } });
  assert.deepEqual(read("response_headers"), {
    part: { kind: "responseHeaders", headers, endOfStream: false },
    modes: undefined,
    tenant: "",
    onlyObserves: true,
  });
  assert.deepEqual(read("response_body").part, {
    kind: "responseBody",
    body: Buffer.from("data: x\n\n"),
    endOfStream: false,
  });
  assert.deepEqual(read("response_trailers").part, { kind: "responseTrailers" });
  assert.deepEqual(readMessage(Buffer.alloc(0), ITEMS), { ...nothing, part: undefined });
});

test("what is no message is refused, wherever it is cut, and so is one of too many fields", () => {
  const whole = Buffer.from(BYTES.requests["request_headers"]!, "base64");
  const refused = (bytes: Buffer) => {
    try {
      return readMessage(bytes, ITEMS) && undefined;
    } catch (error) {
      return (error as RouterError).code;
    }
  };
  // Cut between two fields at the top it is a message still.
  const codes = Array.from({ length: whole.length }, (_, at) => refused(whole.subarray(0, at)));
  assert.ok(codes.filter((code) => code === "invalid_request").length > whole.length - 5, String(codes));
  for (const bytes of [
    [0x12], // No length.
    [0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], // A length without an end.
    [0x12, 5, 0], // Longer than all there is.
    [0x10, 1], // Headers as a number.
    [0x22, 2, 0x10, 0x80], // The end of a body cut off.
    [0x22, 3, 0x0a, 2, 1], // A body longer than its part.
    [0x15, 1, 2, 3, 4], // Headers as 32 bits.
    [0x13, 0x14], // A group.
    [0, 0], // Field 0.
    [0x52, 1, 1], // A truth as bytes.
  ])
    assert.equal(refused(Buffer.from(bytes)), "invalid_request", String(bytes));
  const many = messageOf({
    requestHeaders: { headers: { headers: Array.from({ length: 400 }, () => ({ key: "a" })) } },
  });
  assert.ok(readMessage(many, 802).part);
  assert.throws(() => readMessage(many, 801), { code: "too_many_items" });
});

const decoded = (reply: Buffer) => {
  assert.equal(reply.readUInt32BE(1), reply.length - 5);
  return toJson(ProcessingResponseSchema, fromBinary(ProcessingResponseSchema, reply.subarray(5)));
};
const MODEL = { set: { "x-selected-model": "small" }, remove: ["x-signalbox-model"] };

test("what is written by hand is read by the generated code as what another implementation writes", () => {
  const { STREAMED, BUFFERED } = BodyMode;
  assert.deepEqual(
    decoded(replies.requestHead({ ...MODEL, reroute: true, metadata: { model: "small" } })),
    RESPONSES["request_headers"],
  );
  assert.deepEqual(
    decoded(replies.requestBody({ ...MODEL, reroute: true }, Buffer.from("{}"))),
    RESPONSES["request_body"],
  );
  assert.deepEqual(replies.requestPieces(Buffer.from("{}"), true).map(decoded), [RESPONSES["request_body_streamed"]]);
  assert.deepEqual(decoded(replies.unchangedRequestTrailers), RESPONSES["request_trailers"]);
  assert.deepEqual(decoded(replies.responseHead(MODEL, false)), {
    responseHeaders: { response: { headerMutation: CHANGE } },
  });
  assert.deepEqual(decoded(replies.responseHead({}, true)), {
    responseHeaders: { response: { headerMutation: { removeHeaders: ["content-length"] } } },
    modeOverride: { responseHeaderMode: "SEND", requestBodyMode: "BUFFERED", responseBodyMode: "STREAMED" },
  });
  assert.deepEqual(decoded(replies.unchangedResponseBody()), RESPONSES["response_body"]);
  assert.deepEqual(decoded(replies.unchangedResponseTrailers()), RESPONSES["response_trailers"]);
  assert.deepEqual(decoded(replies.responseBody(new Uint8Array(0), STREAMED)), {
    responseBody: { response: { headerMutation: {}, bodyMutation: { clearBody: true } } },
  });
  assert.deepEqual(decoded(replies.responseBody(Buffer.from("é"), BUFFERED, { cost_usd: 0.5, estimated: true })), {
    responseBody: {
      response: {
        headerMutation: {
          setHeaders: [
            { header: { key: "content-length", rawValue: base64("2") }, appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" },
          ],
        },
        bodyMutation: { body: base64("é") },
      },
    },
    dynamicMetadata: { signalbox: { cost_usd: 0.5, estimated: true } },
  });
  const { immediateResponse } = decoded(
    replies.immediate(
      { status: 403, headers: { "x-bad": "a\nb", "retry-after": "1" }, body: "{}" },
      "signalbox_blocked",
    ),
  ) as { immediateResponse: { status: object; headers: { setHeaders: Array<{ header: { key: string } }> } } };
  assert.deepEqual(immediateResponse.status, { code: 403 });
  assert.deepEqual(
    immediateResponse.headers.setHeaders.map(({ header }) => header.key),
    ["content-type", "retry-after"],
  );
});

test("the modes have Envoy's numbers", () => {
  const { NONE, STREAMED, BUFFERED, BUFFERED_PARTIAL, FULL_DUPLEX_STREAMED } = BodyMode;
  assert.deepEqual([NONE, STREAMED, BUFFERED, BUFFERED_PARTIAL, FULL_DUPLEX_STREAMED], [0, 1, 2, 3, 4]);
  assert.equal(create(ProcessingResponseSchema).$typeName, "envoy.service.ext_proc.v3.ProcessingResponse");
});
