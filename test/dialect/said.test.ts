import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createEar, saidIn } from "../../src/dialect/said.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";

const LIMITS = { maxEventBytes: 1_000_000 };
const event = (data: object, name?: string) => `${name ? `event: ${name}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
const choice = (delta: object, more: object = {}) =>
  event({ choices: [{ index: 0, delta, finish_reason: null, ...more }] });

/** The same answer in each API: a thought, two pieces of text, a call, its end. */
const STREAMS: Readonly<Record<ClientApi, string>> = {
  "openai-chat": [
    choice({ role: "assistant", reasoning_content: "Hm. " }),
    choice({ content: "It is " }, { logprobs: { content: [{ token: "It", logprob: -0.5 }] } }),
    choice({ content: "42." }, { logprobs: { content: [{ token: "42", logprob: -0.25 }] } }),
    choice({ tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "look", arguments: '{"a"' } }] }),
    choice({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
    choice({}, { finish_reason: "tool_calls" }),
    "data: [DONE]\n\n",
  ].join(""),
  "anthropic-messages": [
    event(
      { type: "message_start", message: { id: "m", usage: { input_tokens: 1, output_tokens: 0 } } },
      "message_start",
    ),
    event({ type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } }),
    event({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm. " } }),
    event({ type: "content_block_stop", index: 0 }),
    event({ type: "content_block_start", index: 1, content_block: { type: "text", text: "" } }),
    event({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "It is " } }),
    event({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "42." } }),
    event({ type: "content_block_stop", index: 1 }),
    event({
      type: "content_block_start",
      index: 2,
      content_block: { type: "tool_use", id: "c1", name: "look", input: {} },
    }),
    event({ type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '{"a":1}' } }),
    event({ type: "content_block_stop", index: 2 }),
    event({ type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 9 } }),
    event({ type: "message_stop" }),
  ].join(""),
  "openai-responses": [
    event({ type: "response.reasoning_summary_text.delta", delta: "Hm. " }),
    event({ type: "response.output_text.delta", delta: "It is ", logprobs: [{ token: "It", logprob: -0.5 }] }),
    event({ type: "response.output_text.delta", delta: "42.", logprobs: [{ token: "42", logprob: -0.25 }] }),
    event({
      type: "response.output_item.done",
      item: { type: "function_call", name: "look", arguments: '{"a":1}', call_id: "c1" },
    }),
    event({ type: "response.completed", response: { status: "completed", output: [] } }),
  ].join(""),
};

for (const [api, stream] of Object.entries(STREAMS) as [ClientApi, string][])
  test(`${api}: an ear hears text, thoughts, calls and the end, wherever the bytes are cut`, () => {
    const bytes = Buffer.from(stream);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 8 }), (cuts) => {
        const ear = createEar(api, LIMITS);
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        for (const [at, from] of places.slice(0, -1).entries()) ear.push(bytes.subarray(from, places[at + 1]));
        const { text, thoughts, calls, finish, logprobs } = ear.said;
        assert.deepEqual([text, thoughts, ear.thoughts], ["It is 42.", 4, 4]);
        assert.deepEqual(calls, [{ name: "look", arguments: '{"a":1}' }]);
        assert.equal(ear.length, text.length + "look".length + '{"a":1}'.length);
        assert.equal(finish, api === "openai-responses" ? "stop" : "tool_calls");
        assert.deepEqual(logprobs, api === "anthropic-messages" ? [] : [-0.5, -0.25]);
      }),
      { numRuns: 40 },
    );
  });

test("a whole answer says the same in each API", () => {
  const wholes: Readonly<Record<ClientApi, object>> = {
    "openai-chat": {
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "It is 42.", reasoning_content: "Hm. " },
          logprobs: { content: [{ token: "It", logprob: -0.5 }] },
          finish_reason: "length",
        },
      ],
    },
    "anthropic-messages": {
      content: [
        { type: "thinking", thinking: "Hm. " },
        { type: "text", text: "It is 42." },
      ],
      stop_reason: "max_tokens",
    },
    "openai-responses": {
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [
        { type: "reasoning", summary: [{ type: "summary_text", text: "Hm. " }] },
        { type: "message", content: [{ type: "output_text", text: "It is 42.", logprobs: [{ logprob: -0.5 }] }] },
      ],
    },
  };
  for (const [api, whole] of Object.entries(wholes) as [ClientApi, object][]) {
    const { text, thoughts, finish, logprobs } = saidIn(api, Buffer.from(JSON.stringify(whole)));
    assert.deepEqual([text, thoughts, finish], ["It is 42.", 4, "length"], api);
    assert.deepEqual(logprobs, api === "anthropic-messages" ? [] : [-0.5]);
  }
});

test("what is no answer says nothing", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<ClientApi>("openai-chat", "anthropic-messages", "openai-responses"),
      fc.oneof(fc.string(), fc.json()),
      (api, text) => {
        assert.equal(typeof saidIn(api, Buffer.from(text)).text, "string");
        const ear = createEar(api, LIMITS);
        ear.push(Buffer.from(`data: ${text}\n\n`));
        assert.equal(typeof ear.said.text, "string");
      },
    ),
  );
});

test("openai-responses: a call is heard while it is written, and once; with its pieces or without", () => {
  const item = { type: "function_call", name: "look", arguments: '{"a":1}' };
  const added = event({ type: "response.output_item.added", item: { ...item, arguments: "" } });
  const piece = event({ type: "response.function_call_arguments.delta", delta: '{"a":1}' });
  const done = event({ type: "response.output_item.done", item });
  for (const stream of [added + piece + done, added + done, done]) {
    const ear = createEar("openai-responses", LIMITS);
    ear.push(Buffer.from(stream + stream));
    const call = { name: "look", arguments: '{"a":1}' };
    assert.deepEqual(ear.said.calls, [call, call]);
    assert.equal(ear.length, 2 * (call.name.length + call.arguments.length));
  }
  const ear = createEar("openai-responses", LIMITS);
  ear.push(Buffer.from(added));
  assert.ok(ear.length > 0);
});

test("more probabilities than fit on a stack are no fault", () => {
  const content = Array.from({ length: 300_000 }, () => ({ logprob: -1 }));
  const body = { choices: [{ index: 0, message: { content: "Hi" }, logprobs: { content }, finish_reason: "stop" }] };
  assert.equal(saidIn("openai-chat", Buffer.from(JSON.stringify(body))).logprobs.length, 100_000);
});
