import assert from "node:assert/strict";
import { test } from "node:test";
import { stampEvent } from "../../src/dialect/event-json.ts";
import { createSseReader } from "../../src/dialect/sse.ts";

const stamped = (bytes: Buffer) =>
  createSseReader({ maxEventBytes: 10_000 })
    .push(bytes)
    .map((event) => Buffer.from(stampEvent(event, ["model"], "ours")).toString("latin1"));

test("an event behind a byte order mark is stamped like any other", () => {
  const event = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('data: {"model":"theirs"}\n\n')]);
  assert.match(stamped(event).join(""), /"model":"ours"/);
});

test("an event that begins with a part of such a mark is stamped where it can be, and never searched without end", () => {
  const event = Buffer.concat([Buffer.from([0xef, 0x0a]), Buffer.from('data: {"model":"theirs"}\n\n')]);
  assert.match(stamped(event).join(""), /"model":"ours"/);
  const bare = { event: "", data: '{"model":"theirs"}', raw: Buffer.from([0xef, 0x0a, 0x64]) };
  assert.deepEqual(stampEvent(bare, ["model"], "ours"), bare.raw);
});
