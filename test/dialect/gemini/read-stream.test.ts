import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Step } from "../../../src/dialect/form.ts";
import { geminiServer } from "../../../src/dialect/gemini/codec.ts";
import { createSseReader, type SseEvent } from "../../../src/dialect/sse.ts";
import { CALLS, STREAM, WHOLE } from "./recorded.ts";

const eventOf = (data: unknown): SseEvent => ({ event: "", data: JSON.stringify(data), raw: new Uint8Array(0) });
const run = (chunks: readonly unknown[]) => {
  const reader = geminiServer.readStream();
  const steps = chunks.flatMap((each) => reader.push(eventOf(each)));
  return { steps: [...steps, ...reader.end()], done: reader.done };
};
const stepsOf = (chunks: readonly unknown[]) => run(chunks).steps.filter((step) => step.kind !== "tokens");
const said = (parts: readonly unknown[], finishReason?: string) => ({
  candidates: [{ content: { parts }, ...(finishReason !== undefined && { finishReason }) }],
});

describe("streamed answers", () => {
  test("thoughts, text and a call are blocks one after the other; each chunk counts", () => {
    const { steps, done } = run(STREAM);
    const call = steps.find((step) => step.kind === "block" && step.block.kind === "tool_call");
    assert.ok(call?.kind === "block" && call.block.kind === "tool_call");
    assert.deepEqual(
      steps.filter((step) => step.kind !== "tokens"),
      [
        { kind: "start", id: "resp-3", model: "gemini-3.1-pro-preview" },
        { kind: "block", index: 0, block: { kind: "thinking" } },
        { kind: "delta", index: 0, text: "Let me " },
        { kind: "delta", index: 0, text: "think." },
        { kind: "block_end", index: 0 },
        { kind: "block", index: 1, block: { kind: "text" } },
        { kind: "delta", index: 1, text: "It is " },
        { kind: "delta", index: 1, text: "12 °C – " },
        { kind: "delta", index: 1, text: "I will check." },
        { kind: "block_end", index: 1 },
        {
          kind: "block",
          index: 2,
          block: { kind: "tool_call", id: call.block.id, name: "weather", signature: "CiQB0e2Kb" },
        },
        { kind: "delta", index: 2, text: '{"city":"Bonn"}' },
        { kind: "block_end", index: 2 },
        { kind: "finish", finish: "tool_calls" },
      ],
    );
    assert.deepEqual(
      steps.filter((step) => step.kind === "tokens").map(({ tokens }) => tokens.output),
      [10, 20, 22, 29, 41, 41],
    );
    assert.match(call.block.id, /^call_[0-9a-f]{24}$/);
    assert.equal(done, true);
  });

  for (const [name, whole] of Object.entries({ WHOLE, CALLS })) {
    test(`streamed part by part, ${name} says what it says as a whole`, () => {
      const reply = geminiServer.readReply(whole);
      const [candidate] = whole.candidates as readonly { content: { parts: readonly object[] } }[];
      const parts = candidate!.content.parts.map((part) => ({ ...said([part]), responseId: whole.responseId }));
      const { steps } = run([...parts, { ...said([], "STOP"), usageMetadata: whole.usageMetadata }]);
      assert.deepEqual(blocksOf(steps), reply.blocks);
      assert.deepEqual(
        steps.filter((step) => step.kind === "tokens").map(({ tokens }) => tokens),
        [reply.tokens],
      );
      assert.deepEqual(steps.at(-1), { kind: "finish", finish: reply.finish });
    });
  }

  test("a signed thought is signed before it ends", () => {
    const chunks = [said([{ text: "a", thought: true, thoughtSignature: "s" }]), said([{ text: "b", thought: true }])];
    assert.deepEqual(stepsOf(chunks).slice(1), [
      { kind: "block", index: 0, block: { kind: "thinking" } },
      { kind: "delta", index: 0, text: "a" },
      { kind: "signature", index: 0, signature: "s" },
      { kind: "block_end", index: 0 },
      { kind: "block", index: 1, block: { kind: "thinking" } },
      { kind: "delta", index: 1, text: "b" },
    ]);
  });

  test("a stream that ends without a reason was cut: it neither finishes nor is done", () => {
    const { steps, done } = run(STREAM.slice(0, -1));
    assert.equal(done, false);
    assert.ok(!steps.some((step) => step.kind === "finish" || step.kind === "error"));
  });

  test("tokens that come after the finish are read, and only then is nothing more to come", () => {
    const reader = geminiServer.readStream();
    const before = reader.push(eventOf(said([{ text: "Hi" }], "STOP")));
    assert.deepEqual(before.at(-1), { kind: "finish", finish: "stop" });
    assert.equal(reader.done, false);
    const after = reader.push(eventOf({ candidates: [], usageMetadata: { promptTokenCount: 3 } }));
    assert.deepEqual(
      after.map((step) => step.kind),
      ["tokens"],
    );
    assert.equal(reader.done, true);
    assert.deepEqual(reader.push(eventOf(said([{ text: "more" }], "STOP"))), []);
  });

  test("a blocked prompt is an answer that was filtered", () => {
    const { steps, done } = run([
      { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 4 } },
    ]);
    assert.deepEqual(
      steps.map((step) => step.kind),
      ["start", "tokens", "finish"],
    );
    assert.deepEqual(steps.at(-1), { kind: "finish", finish: "content_filter" });
    assert.equal(done, true);
  });

  const ERRORS: readonly (readonly [name: string, chunk: object, message: string])[] = [
    ["an error", { error: { code: 503, message: "Overloaded.", status: "UNAVAILABLE" } }, "Overloaded."],
    ["an error without words", { error: {} }, "The upstream sent an error event."],
    ["a call that failed", said([], "MALFORMED_FUNCTION_CALL"), "The answer ended with MALFORMED_FUNCTION_CALL."],
    [
      "a picture",
      said([{ inlineData: { mimeType: "image/png", data: "aGk=" } }], "STOP"),
      "The answer holds media, which no stream can carry.",
    ],
  ];
  for (const [name, chunk, message] of ERRORS) {
    test(`${name} is an error step, after which nothing is read`, () => {
      const { steps, done } = run([STREAM[2], chunk, STREAM[5]]);
      assert.deepEqual(steps.at(-1), { kind: "error", message });
      assert.equal(done, true);
    });
  }

  test("wherever the bytes are cut, and whatever ends a line, the steps are the same and no text is lost", () => {
    const whole = run(STREAM).steps;
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\r"), (marks, newline) => {
        const bytes = Buffer.from(STREAM.map((each) => `data: ${JSON.stringify(each)}${newline}${newline}`).join(""));
        const cuts = [0, ...marks.filter((mark) => mark < bytes.length).sort((a, b) => a - b), bytes.length];
        const events = createSseReader({ maxEventBytes: 10_000 });
        const reader = geminiServer.readStream();
        const arrived = cuts.slice(1).flatMap((cut, i) => events.push(bytes.subarray(cuts[i], cut)));
        const steps = [...arrived, ...events.end()].flatMap((event) => reader.push(event));
        assert.deepEqual(steps, whole);
      }),
      { seed: 6, numRuns: 200 },
    );
    assert.equal(textOf(whole), "It is 12 °C – I will check.");
  });

  test("however the parts are dealt out over chunks, the text is what was sent and blocks open and close in order", () => {
    const part = fc.oneof(
      fc.string().map((text) => ({ text })),
      fc.string().map((text) => ({ text, thought: true })),
      fc.record({ text: fc.string(), thought: fc.constant(true), thoughtSignature: fc.constant("s") }),
      fc.record({
        functionCall: fc.record({ name: fc.constant("f"), args: fc.dictionary(fc.string(), fc.jsonValue()) }),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 8 }), (dealt) => {
        const { steps, done } = run([
          ...dealt.map((parts) => said(parts)),
          { ...said([], "STOP"), usageMetadata: { promptTokenCount: 1 } },
        ]);
        assert.equal(done, true);
        assert.deepEqual(blocksOf(steps), geminiServer.readReply(said(dealt.flat(), "STOP")).blocks);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test("whatever comes is read or left out", () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.record({
        candidates: fc.oneof(
          fc.array(
            fc.record({ content: fc.record({ parts: fc.array(fc.jsonValue()) }), finishReason: fc.jsonValue() }),
          ),
          fc.jsonValue(),
        ),
        usageMetadata: fc.jsonValue(),
      }),
      fc.record({ error: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(fc.array(odd), fc.string(), (chunks, junk) => {
        const reader = geminiServer.readStream();
        for (const each of chunks) reader.push(eventOf(each));
        assert.deepEqual(reader.push({ event: junk, data: `${junk}{`, raw: new Uint8Array(0) }), []);
        assert.deepEqual(reader.push({ event: "", data: "[DONE]", raw: new Uint8Array(0) }), []);
        assert.deepEqual(reader.end(), []);
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});

const textOf = (steps: readonly Step[]) =>
  blocksOf(steps)
    .map((block) => (block["kind"] === "text" ? block["text"] : ""))
    .join("");

/** The blocks that the steps build, each checked to begin, grow and end in order. */
function blocksOf(steps: readonly Step[]): readonly Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = [];
  let open = -1;
  for (const step of steps) {
    if (step.kind === "block") {
      assert.equal(open, -1);
      open = step.index;
      assert.equal(open, blocks.length);
      blocks.push({ ...step.block, [step.block.kind === "tool_call" ? "arguments" : "text"]: "" });
      continue;
    }
    if (!("index" in step)) continue;
    assert.equal(step.index, open);
    const block = blocks[open]!;
    const field = block["kind"] === "tool_call" ? "arguments" : "text";
    if (step.kind === "delta") {
      assert.notEqual(step.text, "");
      block[field] = `${String(block[field])}${step.text}`;
    } else if (step.kind === "signature") block["signature"] = step.signature;
    else open = -1;
  }
  assert.equal(open, -1);
  return blocks;
}
