import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { openaiChatClient, openaiChatServer } from "../../../src/dialect/openai-chat/codec.ts";
import type { Block, Reply } from "../../../src/dialect/form.ts";
import { isFields, type Fields } from "../../../src/dialect/shape.ts";
import { RouterError } from "../../../src/errors.ts";

const answer = (message: unknown, rest: Fields = {}, body: Fields = {}): Fields => ({
  id: "r1",
  model: "m-1",
  choices: [{ index: 0, message, finish_reason: "stop", ...rest }],
  ...body,
});
const read = (...args: Parameters<typeof answer>) => openaiChatServer.readReply(answer(...args));
const call = (id: string, name: string, input: unknown) => ({
  id,
  type: "function",
  function: { name, arguments: input },
});

describe("whole answers that are read", () => {
  test("thoughts, text, refusal and calls, with finish and tokens", () => {
    const message = {
      role: "assistant",
      content: "Well.",
      refusal: "No.",
      reasoning_content: "Hm.",
      reasoning: "Hm.",
      tool_calls: [call("c1", "now", "{}")],
    };
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    assert.deepEqual(read(message, { finish_reason: "tool_calls" }, { usage }), {
      id: "r1",
      model: "m-1",
      blocks: [
        { kind: "thinking", text: "Hm." },
        { kind: "text", text: "Well." },
        { kind: "refusal", text: "No." },
        { kind: "tool_call", id: "c1", name: "now", arguments: "{}" },
      ],
      finish: "tool_calls",
      tokens: { input: 10, output: 5, cachedInput: 4, cacheWrite: 2, reasoning: 3 },
    });
  });

  test("every reason to finish has its name here; a stop behind calls is for the calls", () => {
    const finish = (reason: unknown, message: Fields = { content: "x" }) =>
      read(message, { finish_reason: reason }).finish;
    assert.deepEqual(
      ["stop", "length", "tool_calls", "function_call", "content_filter", "model_length", "of its own", null, ""].map(
        (reason) => finish(reason),
      ),
      ["stop", "length", "tool_calls", "tool_calls", "content_filter", "length", "stop", "stop", "stop"],
    );
    for (const reason of ["stop", null]) {
      assert.equal(finish(reason, { content: null, tool_calls: [call("c1", "now", "{}")] }), "tool_calls");
    }
    const { finish: stopped, stopSequence } = read({ content: "x" }, { stop_reason: "END" });
    assert.deepEqual([stopped, stopSequence], ["stop_sequence", "END"]);
    assert.equal(read({ content: "x" }, { stop_reason: 128_009 }).finish, "stop");
  });

  test("forms that only some servers use", () => {
    const parts = [
      {
        type: "thinking",
        thinking: [
          { type: "text", text: "Hm" },
          { type: "text", text: "." },
        ],
      },
      { type: "text", text: "Well." },
    ];
    assert.deepEqual(read({ content: parts }).blocks, [
      { kind: "thinking", text: "Hm." },
      { kind: "text", text: "Well." },
    ]);
    assert.deepEqual(read({ content: "", reasoning: "Hm." }).blocks, [{ kind: "thinking", text: "Hm." }]);
    const { blocks, finish } = read({
      content: null,
      tool_calls: [call("same", "f", { a: 1 }), call("same", "g", "{}"), call("", "h", ""), call("c", "", "{}"), null],
      function_call: { name: "i", arguments: "{}" },
    });
    assert.equal(finish, "tool_calls");
    const calls = blocks.filter((block) => block.kind === "tool_call");
    assert.deepEqual(
      calls.map(({ name, arguments: input }) => [name, input]),
      [
        ["f", '{"a":1}'],
        ["g", "{}"],
        ["h", ""],
        ["i", "{}"],
      ],
    );
    assert.equal(new Set(calls.map(({ id }) => id)).size, 4, "each call has an id of its own");
    assert.ok(calls.every(({ id }) => id !== ""));
  });

  test("thoughts that stand in the total alone are part of the output", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 };
    assert.equal(read({ content: "x" }, {}, { usage }).tokens?.output, 30);
  });

  test("of several choices the first answers", () => {
    const choices = [{ message: { content: "a" } }, { message: { content: "b" } }];
    assert.deepEqual(openaiChatServer.readReply({ choices, error: null }).blocks, [{ kind: "text", text: "a" }]);
  });

  test("what is no answer is the upstream's failure, in none of its words", () => {
    const bodies: readonly Fields[] = [
      {},
      { choices: [] },
      { choices: [null] },
      { choices: [{ message: "secret" }] },
      { error: { message: "secret" } },
      { error: "secret", choices: [{ message: { content: "x" } }] },
      { object: "error", message: "secret" },
      answer({ content: "x" }, { finish_reason: "insufficient_system_resource" }),
    ];
    for (const body of bodies) {
      assert.throws(
        () => openaiChatServer.readReply(body),
        (error: RouterError) => error.code === "upstream_failed" && !error.message.includes("secret"),
      );
    }
  });

  test("nothing that can stand in an answer breaks the reader", () => {
    const anything = fc.anything({ maxDepth: 5, key: fc.constantFrom("message", "tool_calls", "function", "content") });
    fc.assert(
      fc.property(anything, anything, (message, usage) => {
        try {
          read(message, {}, { usage });
        } catch (error) {
          assert.ok(error instanceof RouterError);
        }
      }),
    );
  });
});

const OPTIONS = { model: "auto", usage: true, created: 1_700_000_000 };
const REPLY: Reply = { id: "r1", model: "m-1", blocks: [], finish: "stop" };
const write = (reply: Partial<Reply>) => openaiChatClient.writeReply({ ...REPLY, ...reply }, OPTIONS);
const choiceOf = (body: Fields): Fields => {
  const choices = body["choices"];
  assert.ok(Array.isArray(choices) && choices.length === 1 && isFields(choices[0]));
  return choices[0];
};
const messageOf = (blocks: readonly Block[]) => choiceOf(write({ blocks }))["message"];

describe("whole answers that are written", () => {
  test("an answer as OpenAI writes it, under the name that the client is told", () => {
    const { created, ...body } = write({
      blocks: [
        { kind: "thinking", text: "a", signature: "s" },
        { kind: "thinking", text: "", redacted: "r" },
        { kind: "thinking", text: "b" },
        { kind: "text", text: "He" },
        { kind: "text", text: "llo" },
      ],
      finish: "stop_sequence",
      stopSequence: "END",
      tokens: { input: 10, output: 5, cachedInput: 4, cacheWrite: 2, reasoning: 3 },
    });
    assert.equal(created, OPTIONS.created);
    assert.deepEqual(body, {
      id: "r1",
      object: "chat.completion",
      model: "auto",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hello", refusal: null, reasoning_content: "a\n\nb" },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    });
  });

  test("content is null beside calls and refusals, and a string where nothing else was said", () => {
    const asked: Block = { kind: "tool_call", id: "c1", name: "now", arguments: "", signature: "S" };
    assert.deepEqual(messageOf([asked]), {
      role: "assistant",
      content: null,
      refusal: null,
      tool_calls: [
        {
          id: "c1",
          type: "function",
          extra_content: { google: { thought_signature: "S" } },
          function: { name: "now", arguments: "{}" },
        },
      ],
    });
    assert.deepEqual(messageOf([{ kind: "refusal", text: "No." }]), {
      role: "assistant",
      content: null,
      refusal: "No.",
    });
    assert.deepEqual(messageOf([]), { role: "assistant", content: "", refusal: null });
  });

  test("an answer without an id gets one, and one that holds a picture cannot be told", () => {
    assert.match(String(write({ id: "" })["id"]), /^chatcmpl-.{36}$/);
    const picture: Block = { kind: "media", modality: "image", source: { kind: "url", url: "https://x" } };
    assert.throws(
      () => write({ blocks: [picture] }),
      (error: RouterError) => error.code === "unsupported_feature",
    );
  });
});

const filled = fc.string({ minLength: 1, unit: "grapheme" });
const reply: fc.Arbitrary<Reply> = fc.record({
  id: filled,
  model: fc.constant("auto"),
  blocks: fc
    .record({
      thought: fc.option(filled),
      text: fc.option(filled),
      refusal: fc.option(filled),
      calls: fc.uniqueArray(filled, { maxLength: 4 }),
      input: fc.json({ maxDepth: 2 }),
    })
    .map(({ thought, text, refusal, calls, input }): Block[] => [
      ...(thought === null ? [] : [{ kind: "thinking", text: thought } as const]),
      ...(text === null ? [] : [{ kind: "text", text } as const]),
      ...(refusal === null ? [] : [{ kind: "refusal", text: refusal } as const]),
      ...calls.map((id): Block => ({ kind: "tool_call", id, name: `f${id}`, arguments: input })),
    ]),
  finish: fc.constantFrom("length", "tool_calls", "content_filter"),
  tokens: fc
    .tuple(...[10, 10, 5, 5, 5].map((max) => fc.nat({ max })))
    .map(([input = 0, output = 0, cachedInput = 0, cacheWrite = 0, reasoning = 0]) => ({
      input,
      output,
      cachedInput,
      cacheWrite,
      reasoning,
    })),
});

test("what is written for a chat client says what was answered", () => {
  fc.assert(
    fc.property(reply, (answered) => {
      const body = JSON.parse(JSON.stringify(openaiChatClient.writeReply(answered, OPTIONS))) as Fields;
      assert.deepEqual(openaiChatServer.readReply(body), JSON.parse(JSON.stringify(answered)));
    }),
    { numRuns: 200 },
  );
});
