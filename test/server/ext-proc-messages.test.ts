import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import {
  type BodyResponse,
  ProcessingRequestSchema,
  ProcessingResponseSchema,
} from "../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { readMessage } from "../../src/server/ext-proc/messages.ts";
import * as replies from "../../src/server/ext-proc/replies.ts";

const ITEMS = 1000;
const messageOf = (json: JsonValue) =>
  Buffer.from(toBinary(ProcessingRequestSchema, fromJson(ProcessingRequestSchema, json)));
const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("names come in lower case, values of one name behind commas, raw values as UTF-8", () => {
  const raw = (text: string) => Buffer.from(text).toString("base64");
  const { part } = readMessage(
    messageOf({
      requestHeaders: {
        headers: {
          headers: [
            { key: "X-A", rawValue: raw("1") },
            { key: "x-a", value: "2" },
            { key: "x-é", rawValue: raw("ü🐦") },
            { key: "", value: "" },
          ],
        },
      },
    }),
    ITEMS,
  );
  assert.deepEqual(part, {
    kind: "requestHeaders",
    headers: new Map([
      ["x-a", "1, 2"],
      ["x-é", "ü🐦"],
      ["", ""],
    ]),
    endOfStream: false,
  });
});

test("fields that nobody knows are skipped, and nothing is read beyond a part", () => {
  const known = messageOf({ requestBody: { body: base64("{}"), endOfStream: true } });
  // Field 99: a number, 32 bits, 64 bits, bytes.
  const unknown = Buffer.from(
    "98 06 ffffffffffffffffff01 9d06 01020304 99 06 0102030405060708 9a06 02 0000".replaceAll(" ", ""),
    "hex",
  );
  const { part } = readMessage(Buffer.concat([unknown, known, unknown]), ITEMS);
  assert.deepEqual(part, { kind: "requestBody", body: Buffer.from("{}"), endOfStream: true });
});

test("bodies of every size are written whole, and nothing of one is left in the next", () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 70_000, 131_072, 3_000_000, 5]) {
    const body = Buffer.alloc(size, 7);
    const frame = replies.requestBody({}, body);
    const { response } = fromBinary(ProcessingResponseSchema, frame.subarray(5));
    assert.ok(response.case === "requestBody");
    const { mutation } = response.value.response!.bodyMutation!;
    const told =
      mutation.case === "body" ? Buffer.from(mutation.value) : mutation.case === "clearBody" && Buffer.alloc(0);
    assert.deepEqual(told, body);
    const pieces = replies
      .responsePieces(body, true)
      .map((reply) => fromBinary(ProcessingResponseSchema, reply.subarray(5)));
    const bytes = pieces.map(({ response: { value } }) => {
      const piece = (value as BodyResponse).response!.bodyMutation!.mutation;
      assert.ok(piece.case === "streamedResponse" && piece.value.body.length <= 62_000);
      return piece.value;
    });
    assert.deepEqual(Buffer.concat(bytes.map((piece) => piece.body)), body);
    assert.deepEqual(
      bytes.map(({ endOfStream }) => endOfStream),
      bytes.map((_, at) => at === bytes.length - 1),
    );
  }
});
