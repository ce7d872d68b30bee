import assert from "node:assert/strict";
import { test } from "node:test";
import { followStream } from "../../src/dialect/resume.ts";

const OPTIONS = { model: "m", usage: true, created: 1, maxEventBytes: 1024 * 1024 };
const event = (data: { readonly type: string; readonly [field: string]: unknown }) =>
  Buffer.from(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
const STOP = event({ type: "content_block_stop", index: 0 });

function begun() {
  const follower = followStream("anthropic-messages", OPTIONS);
  follower.push(event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }));
  follower.push(event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Swifts" } }));
  return follower;
}

test("what closes a text is held back until it breaks off, and the words so far are known then", () => {
  const follower = begun();
  assert.equal(follower.push(STOP).length, 0);
  assert.equal(follower.said, undefined);
  assert.equal(follower.push(event({ type: "error" })).length, 0);
  assert.equal(follower.said, "Swifts");
});

test("a server that closes its text again and again fills no memory: its events pass", () => {
  const follower = begun();
  let passed = 0;
  for (let count = 0; count < 1000; count++) passed += follower.push(STOP).length;
  assert.equal(passed, 1000 * STOP.length);
  assert.equal(follower.end().length, 0);
});
