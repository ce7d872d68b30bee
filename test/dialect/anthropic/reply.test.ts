import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { anthropicClient, anthropicServer } from "../../../src/dialect/anthropic/codec.ts";
import type { Block, Finish, Reply } from "../../../src/dialect/form.ts";
import { RouterError } from "../../../src/errors.ts";

const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-4-7",
  content: [
    { type: "thinking", thinking: "Hm.", signature: "c2ln" },
    { type: "redacted_thinking", data: "ZGF0YQ" },
    { type: "text", text: "Let me see.", citations: null },
    { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rom" }, caller: { type: "direct" } },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  stop_details: null,
  container: null,
  diagnostics: null,
  usage: {
    input_tokens: 10,
    cache_creation_input_tokens: 20,
    cache_read_input_tokens: 300,
    output_tokens: 40,
    output_tokens_details: { thinking_tokens: 30 },
    server_tool_use: null,
    cache_creation: null,
    inference_geo: null,
    service_tier: null,
    speed: null,
  },
};
const OPTIONS = { model: "small", usage: true, created: 1_700_000_000 };
const REPLY: Reply = {
  id: "msg_1",
  model: "claude-opus-4-7",
  blocks: [
    { kind: "thinking", text: "Hm.", signature: "c2ln" },
    { kind: "thinking", text: "", redacted: "ZGF0YQ" },
    { kind: "text", text: "Let me see." },
    { kind: "tool_call", id: "toolu_1", name: "weather", arguments: '{"city":"Rom"}' },
  ],
  finish: "tool_calls",
  tokens: { input: 330, output: 40, cachedInput: 300, cacheWrite: 20, reasoning: 30 },
};
const read = (fields: object) => anthropicServer.readReply({ ...MESSAGE, ...fields });
const write = (fields: Partial<Reply>) => anthropicClient.writeReply({ ...REPLY, ...fields }, OPTIONS);
const failsWith = (code: string) => (error: unknown) => error instanceof RouterError && error.code === code;

describe("whole answers of the Messages API", () => {
  test("a message is read; input is all of it, with what caches hold", () => assert.deepEqual(read({}), REPLY));

  test("a message is written", () => {
    assert.deepEqual(write({}), { ...MESSAGE, model: "small" });
  });

  const FINISHES: readonly (readonly [reason: unknown, finish: Finish, written: string])[] = [
    ["end_turn", "stop", "end_turn"],
    ["pause_turn", "stop", "end_turn"],
    ["stop_sequence", "stop_sequence", "stop_sequence"],
    ["max_tokens", "length", "max_tokens"],
    ["model_context_window_exceeded", "length", "max_tokens"],
    ["tool_use", "tool_calls", "tool_use"],
    ["refusal", "content_filter", "refusal"],
    ["something_new", "stop", "end_turn"],
    [null, "stop", "end_turn"],
  ];
  for (const [reason, finish, written] of FINISHES) {
    test(`${String(reason)} is ${finish}`, () => {
      assert.equal(read({ stop_reason: reason }).finish, finish);
      assert.equal(write({ finish, blocks: [{ kind: "text", text: "x" }] })["stop_reason"], written);
    });
  }

  test("the stop sequence that was met is told", () => {
    assert.equal(read({ stop_reason: "stop_sequence", stop_sequence: "END" }).stopSequence, "END");
    assert.equal(write({ finish: "stop_sequence", stopSequence: "END" })["stop_sequence"], "END");
  });

  test("an answer that calls tools and says no more than that it stopped is one that waits for them", () => {
    assert.equal(write({ finish: "stop" })["stop_reason"], "tool_use");
  });

  test("blocks that are unknown, or of tools that the server runs, are left out", () => {
    const content = [{ type: "server_tool_use", id: "s" }, null, { type: "mood" }, { type: "text", text: "x" }];
    assert.deepEqual(read({ content }).blocks, [{ kind: "text", text: "x" }]);
  });

  test("an answer without usage has no tokens, and says zeros", () => {
    assert.equal("tokens" in read({ usage: undefined }), false);
    const { tokens: _, ...silent } = REPLY;
    assert.deepEqual(anthropicClient.writeReply(silent, OPTIONS)["usage"], {
      ...MESSAGE.usage,
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
      output_tokens_details: null,
    });
  });

  test("what is no message is the upstream's failure", () => {
    const error = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    for (const body of [{}, error, { content: "hi" }, { type: "completion", content: [] }]) {
      assert.throws(() => anthropicServer.readReply(body), failsWith("upstream_failed"));
    }
    assert.throws(() => read({ content: [{ type: "tool_use", input: "x" }] }), failsWith("upstream_failed"));
  });

  test("arguments: none are an empty object, broken ones fail, those that the limit cut off are no call", () => {
    const call = (written: string): Partial<Reply> => ({
      blocks: [{ kind: "tool_call", id: "t", name: "n", arguments: written }],
    });
    for (const none of ["", " ", "null", "{}"]) {
      assert.deepEqual(write(call(none))["content"], [
        { type: "tool_use", id: "t", name: "n", input: {}, caller: { type: "direct" } },
      ]);
    }
    for (const broken of ["{", "[]", "7"]) assert.throws(() => write(call(broken)), failsWith("upstream_failed"));
    assert.deepEqual(write({ ...call('{"a":'), finish: "length" })["content"], []);
  });

  test("media in an answer have no place", () => {
    const block: Block = {
      kind: "media",
      modality: "image",
      source: { kind: "base64", mime: "image/png", data: "AA" },
    };
    assert.throws(() => write({ blocks: [block] }), failsWith("unsupported_feature"));
  });

  test("what is written is read as the same answer", () => {
    const PLAIN = { noNullPrototype: true };
    const word = fc.string({ minLength: 1, maxLength: 20 });
    const block: fc.Arbitrary<Block> = fc.oneof(
      fc.record({ kind: fc.constant("text" as const), text: word }, PLAIN),
      fc.record({ kind: fc.constant("thinking" as const), text: fc.string(), signature: word }, PLAIN),
      fc.record({ kind: fc.constant("thinking" as const), text: fc.constant(""), redacted: word }, PLAIN),
      fc.record(
        {
          kind: fc.constant("tool_call" as const),
          id: word,
          name: word,
          arguments: fc.dictionary(fc.string(), fc.jsonValue()).map((input) => JSON.stringify(input)),
        },
        PLAIN,
      ),
    );
    fc.assert(
      fc.property(fc.array(block), fc.array(fc.nat(1e6), { minLength: 5, maxLength: 5 }), (blocks, counts) => {
        const [fresh = 0, output = 0, cachedInput = 0, cacheWrite = 0, reasoning = 0] = counts;
        const reply: Reply = {
          ...REPLY,
          blocks,
          finish: blocks.some((each) => each.kind === "tool_call") ? "tool_calls" : "stop",
          tokens: { input: fresh + cachedInput + cacheWrite, output, cachedInput, cacheWrite, reasoning },
        };
        const wire: unknown = JSON.parse(
          JSON.stringify(anthropicClient.writeReply(reply, { ...OPTIONS, model: reply.model })),
        );
        assert.deepEqual(anthropicServer.readReply(wire as typeof MESSAGE), reply);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});
