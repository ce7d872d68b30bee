import assert from "node:assert/strict";
import { test } from "node:test";
import { foreignIn } from "../../src/dialect/foreign.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";

const MARK = "signalbox.sealed.gemini.abc";
const foreign = (api: ClientApi, body: object) => foreignIn(api, body, Buffer.from(JSON.stringify(body)));

test("what another API's server sealed stands where each API has its seals", () => {
  const thought = { type: "thinking", thinking: "x", signature: MARK };
  const call = { id: "c", type: "function", extra_content: { google: { thought_signature: MARK } } };
  assert.equal(foreign("anthropic-messages", { messages: [{ role: "assistant", content: [thought] }] }), "mixed");
  assert.equal(foreign("openai-chat", { messages: [{ role: "assistant", tool_calls: [call] }] }), "mixed");
  const item = { type: "reasoning", encrypted_content: `sb1.signature.${MARK}` };
  assert.equal(foreign("openai-responses", { input: [item] }), "mixed");
});

test("the mark in anybody's text changes nothing: a page that an agent read could hold it", () => {
  const messages = [{ role: "user", content: `Read: ${MARK}` }];
  const blocks = [{ role: "user", content: [{ type: "text", text: MARK }] }];
  assert.equal(foreign("openai-chat", { messages }), "none");
  assert.equal(foreign("anthropic-messages", { messages: blocks, system: MARK }), "none");
  assert.equal(foreign("openai-responses", { input: [{ role: "user", content: MARK }], instructions: MARK }), "none");
});
