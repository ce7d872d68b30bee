import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Block } from "../../../src/dialect/form.ts";
import { geminiServer } from "../../../src/dialect/gemini/codec.ts";
import type { Fields } from "../../../src/dialect/shape.ts";
import { RouterError } from "../../../src/errors.ts";
import { CALLS, WHOLE } from "./recorded.ts";

const read = (body: object) => geminiServer.readReply(body as Fields);
const ended = (finishReason: string | undefined, ...parts: readonly unknown[]) => ({
  candidates: [{ content: { parts, role: "model" }, ...(finishReason !== undefined && { finishReason }) }],
});
const blocks = (...parts: readonly unknown[]) => read(ended("STOP", ...parts)).blocks;
const upstreamFailed = (error: unknown) => error instanceof RouterError && error.code === "upstream_failed";

describe("whole answers", () => {
  test("a text with all that is counted: thoughts are output, what was cached is input", () => {
    assert.deepEqual(read(WHOLE), {
      id: "Il0taoSYJ5Cez7IP8aGx2Ak",
      model: "gemini-2.5-flash",
      blocks: [{ kind: "text", text: "Blue light scatters most." }],
      finish: "stop",
      tokens: { input: 1200, output: 220, cachedInput: 1024, cacheWrite: 0, reasoning: 214 },
    });
  });

  test("thoughts and calls, which keep their ids and signatures and get an id where they have none", () => {
    const reply = read(CALLS);
    assert.equal(reply.finish, "tool_calls");
    const [thought, first, second, third] = reply.blocks as readonly [Block, Block, Block, Block];
    assert.deepEqual(thought, { kind: "thinking", text: "**Looking it up**\n\n" });
    assert.deepEqual(first, {
      kind: "tool_call",
      id: "fc_1",
      name: "weather",
      arguments: '{"city":"Bonn"}',
      signature: "CiQB0e2Kb",
    });
    assert.ok(second.kind === "tool_call" && third.kind === "tool_call");
    assert.equal(second.arguments, '{"city":"Köln"}');
    assert.deepEqual([third.name, third.arguments], ["now", "{}"]);
    assert.match(second.id, /^call_[0-9a-f]{24}$/);
    assert.notEqual(second.id, third.id);
    assert.deepEqual(read(CALLS), reply);
  });

  test("the same call twice is two calls, and in another answer another one", () => {
    const now = { functionCall: { name: "now", args: {} } };
    const ids = (responseId: string) =>
      read({ ...ended("STOP", now, now), responseId }).blocks.map((block) => block.kind === "tool_call" && block.id);
    assert.equal(new Set([...ids("a"), ...ids("b")]).size, 4);
  });

  test("parts of one kind are one block, up to a signature", () => {
    assert.deepEqual(
      blocks(
        { text: "a", thought: true },
        { text: "b", thought: true, thoughtSignature: "s" },
        { text: "c", thought: true },
        { text: "d" },
        { text: "" },
        { text: "e" },
      ),
      [
        { kind: "thinking", text: "ab", signature: "s" },
        { kind: "thinking", text: "c" },
        { kind: "text", text: "de" },
      ],
    );
  });

  test("images that the model made are media; drafts of them and what Google ran itself are left out", () => {
    const png = { inlineData: { mimeType: "image/png", data: "aGk=" } };
    assert.deepEqual(
      blocks({ ...png, thought: true }, { executableCode: { code: "1" } }, { codeExecutionResult: {} }, png),
      [{ kind: "media", modality: "image", source: { kind: "base64", mime: "image/png", data: "aGk=" } }],
    );
  });

  test("tokens of tools that Google ran are input", () => {
    const usageMetadata = { promptTokenCount: 5, toolUsePromptTokenCount: 3, candidatesTokenCount: 2 };
    assert.deepEqual(read({ ...ended("STOP"), usageMetadata }).tokens, {
      input: 8,
      output: 2,
      cachedInput: 0,
      cacheWrite: 0,
      reasoning: 0,
    });
  });

  const call = { functionCall: { name: "now" } };
  const FINISHES: readonly (readonly [reason: string | undefined, parts: readonly unknown[], finish: string])[] = [
    ["STOP", [], "stop"],
    ["STOP", [call], "tool_calls"],
    ["MAX_TOKENS", [], "length"],
    ["MAX_TOKENS", [call], "length"],
    ["SAFETY", [], "content_filter"],
    ["RECITATION", [{ text: "Once" }], "content_filter"],
    ["LANGUAGE", [], "content_filter"],
    ["BLOCKLIST", [], "content_filter"],
    ["PROHIBITED_CONTENT", [], "content_filter"],
    ["SPII", [], "content_filter"],
    ["IMAGE_SAFETY", [], "content_filter"],
    ["OTHER", [{ text: "Once" }], "stop"],
    ["FINISH_REASON_UNSPECIFIED", [{ text: "Once" }], "stop"],
    [undefined, [call], "tool_calls"],
  ];
  for (const [reason, parts, finish] of FINISHES) {
    test(`${reason} after ${JSON.stringify(parts)} is ${finish}`, () =>
      assert.equal(read(ended(reason, ...parts)).finish, finish));
  }

  test("a prompt that was blocked is an answer that was filtered", () => {
    const body = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 4 } };
    const { blocks: said, finish, tokens } = read(body);
    assert.deepEqual([said, finish, tokens?.input], [[], "content_filter", 4]);
  });

  const FAILURES: readonly (readonly [name: string, body: object])[] = [
    ["an error", { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }],
    ["nothing", {}],
    ["no candidate", { candidates: [], usageMetadata: { promptTokenCount: 1 } }],
    ["an answer of nothing for no reason", { candidates: [{ content: {} }] }],
    ["an answer of nothing for another reason", ended("OTHER")],
    ["a call that failed, whatever was said before", ended("MALFORMED_FUNCTION_CALL", { text: "Let me see." })],
    ["a call of a tool that is none", ended("UNEXPECTED_TOOL_CALL")],
  ];
  for (const [name, body] of FAILURES) {
    test(`${name} is a failure of the upstream, told without its words`, () =>
      assert.throws(
        () => read(body),
        (error) => upstreamFailed(error) && !/overloaded/.test(String(error)),
      ));
  }

  test("arguments that are no object, or deeper than can be written, are no call", () => {
    const deep = JSON.parse('{"a":'.repeat(9999) + "1" + "}".repeat(9999)) as unknown;
    assert.deepEqual(
      blocks({ functionCall: { name: "f", args: [1] } }, { functionCall: { name: "f", args: deep } }),
      [],
    );
  });

  test("whatever is sent is an answer or a failure", () => {
    const parts = fc.array(
      fc.oneof(
        fc.record(
          {
            text: fc.oneof(fc.string(), fc.jsonValue()),
            thought: fc.oneof(fc.boolean(), fc.jsonValue()),
            thoughtSignature: fc.jsonValue(),
            functionCall: fc.oneof(fc.record({ name: fc.jsonValue(), args: fc.jsonValue() }), fc.jsonValue()),
            inlineData: fc.oneof(fc.record({ mimeType: fc.string(), data: fc.string() }), fc.jsonValue()),
          },
          { requiredKeys: [] },
        ),
        fc.jsonValue(),
      ),
    );
    const candidate = fc.record(
      { content: fc.oneof(fc.record({ parts }), fc.jsonValue()), finishReason: fc.oneof(fc.string(), fc.jsonValue()) },
      { requiredKeys: [] },
    );
    const body = fc.record(
      {
        candidates: fc.oneof(fc.array(candidate), fc.jsonValue()),
        usageMetadata: fc.oneof(
          fc.dictionary(fc.constantFrom("promptTokenCount", "x"), fc.jsonValue()),
          fc.jsonValue(),
        ),
        promptFeedback: fc.jsonValue(),
        responseId: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, (sent) => {
        try {
          JSON.stringify(read(sent));
        } catch (error) {
          assert.ok(upstreamFailed(error));
        }
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
