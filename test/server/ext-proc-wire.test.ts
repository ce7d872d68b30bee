import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { create, fromBinary, toBinary, toJson, type DescMessage, type JsonValue } from "@bufbuild/protobuf";
import {
  ProcessingRequestSchema,
  ProcessingResponseSchema,
} from "../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { createFrameReader, frameOf } from "../../src/server/ext-proc/frames.ts";
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

test("the modes have Envoy's numbers", () => {
  const { NONE, STREAMED, BUFFERED, BUFFERED_PARTIAL, FULL_DUPLEX_STREAMED } = BodyMode;
  assert.deepEqual([NONE, STREAMED, BUFFERED, BUFFERED_PARTIAL, FULL_DUPLEX_STREAMED], [0, 1, 2, 3, 4]);
  assert.equal(create(ProcessingResponseSchema).$typeName, "envoy.service.ext_proc.v3.ProcessingResponse");
});
