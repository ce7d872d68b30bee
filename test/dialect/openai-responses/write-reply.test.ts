import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Block, Finish, Reply } from "../../../src/dialect/form.ts";
import { readResponsesRequest } from "../../../src/dialect/openai-responses/read-request.ts";
import { writeResponsesReply } from "../../../src/dialect/openai-responses/write-reply.ts";
import { RouterError } from "../../../src/errors.ts";
import { TOKENS, told } from "./events.ts";

const BLOCKS: readonly Block[] = [
  { kind: "thinking", text: "Hm.", signature: "sig" },
  { kind: "text", text: "Hello." },
  { kind: "tool_call", id: "call_1", name: "now", arguments: "" },
];
const reply = (more: Partial<Reply> = {}): Reply => ({
  id: "chatcmpl-1",
  model: "upstream",
  blocks: BLOCKS,
  finish: "tool_calls",
  tokens: TOKENS,
  ...more,
});

describe("whole answers", () => {
  test("thoughts, text and a call are items of a response", () => {
    assert.deepEqual(writeResponsesReply(reply(), { model: "small", usage: true, created: 1_700_000_000 }), {
      id: "resp_chatcmpl-1",
      object: "response",
      created_at: 1_700_000_000,
      status: "completed",
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      metadata: {},
      model: "small",
      output: [
        {
          id: "rs_chatcmpl-1_0",
          type: "reasoning",
          summary: [{ type: "summary_text", text: "Hm." }],
          encrypted_content: "sb1.signature.sig",
        },
        {
          id: "msg_chatcmpl-1_1",
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "Hello.", annotations: [], logprobs: [] }],
        },
        {
          id: "fc_chatcmpl-1_2",
          type: "function_call",
          status: "completed",
          arguments: "{}",
          call_id: "call_1",
          name: "now",
        },
      ],
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: "default",
      store: false,
      temperature: null,
      text: { format: { type: "text" } },
      tool_choice: "auto",
      tools: [],
      top_logprobs: 0,
      top_p: null,
      truncation: "disabled",
      usage: {
        input_tokens: 12,
        input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
        output_tokens: 7,
        output_tokens_details: { reasoning_tokens: 3 },
        total_tokens: 19,
      },
      user: null,
    });
  });

  const ENDS: readonly (readonly [finish: Finish, status: string, details: unknown])[] = [
    ["stop", "completed", null],
    ["stop_sequence", "completed", null],
    ["tool_calls", "completed", null],
    ["length", "incomplete", { reason: "max_output_tokens" }],
    ["content_filter", "incomplete", { reason: "content_filter" }],
  ];
  for (const [finish, status, details] of ENDS) {
    test(`an answer that ended with ${finish} is ${status}, and so is its last item`, () => {
      const { output, ...rest } = writeResponsesReply(reply({ finish }), {
        model: "small",
        usage: true,
        created: 1_700_000_000,
      });
      assert.deepEqual([rest["status"], rest["incomplete_details"]], [status, details]);
      const statuses = (output as readonly { status?: string }[]).map((item) => item.status);
      assert.deepEqual(statuses, [undefined, "completed", status]);
    });
  }

  test("a refusal is a part of its own kind, and usage that nobody told is null", () => {
    const written = writeResponsesReply(
      { id: "a", model: "u", blocks: [{ kind: "refusal", text: "No." }], finish: "stop" },
      { model: "m", usage: true, created: 1_700_000_000 },
    );
    assert.deepEqual(written["output"], [
      {
        id: "msg_a_0",
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "refusal", refusal: "No." }],
      },
    ]);
    assert.equal(written["usage"], null);
  });

  test("ids come from the upstream's: as they are where they are plain words, else as a hash, new where there is none", () => {
    const idOf = (id: string) =>
      writeResponsesReply(reply({ id }), { model: "m", usage: true, created: 1_700_000_000 })["id"];
    assert.equal(idOf("resp_7"), "resp_7");
    assert.match(String(idOf("a b\n")), /^resp_[0-9a-f]{32}$/);
    assert.match(String(idOf("x".repeat(500))), /^resp_[0-9a-f]{32}$/);
    assert.notEqual(idOf(""), idOf(""));
  });

  test("a picture in an answer is an error, not left out", () => {
    const picture: Block = { kind: "media", modality: "image", source: { kind: "url", url: "https://x.example/" } };
    assert.throws(
      () => writeResponsesReply(reply({ blocks: [picture] }), { model: "m", usage: true, created: 1_700_000_000 }),
      (error) => error instanceof RouterError && error.code === "upstream_failed",
    );
  });

  test("an answer that the client sends back next time says what it said, signatures and all", () => {
    fc.assert(
      fc.property(told, ({ reply: { blocks, ...rest } }) => {
        const { output } = writeResponsesReply(
          { ...rest, blocks },
          { model: "m", usage: true, created: 1_700_000_000 },
        );
        const input = [{ role: "user", content: "x" }, ...(output as object[]), { role: "user", content: "y" }];
        const { turns } = readResponsesRequest({ model: "m", input });
        assert.deepEqual(
          turns.slice(1, -1).flatMap((turn) => turn.blocks),
          blocks
            .filter((block) => block.kind === "tool_call" || saysAnything(block))
            .map((block) => (block.kind === "tool_call" ? { ...block, arguments: block.arguments || "{}" } : block)),
        );
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

/** Refusals stay, texts and thoughts only where they hold anything. */
function saysAnything(block: Block): boolean {
  if (block.kind === "thinking")
    return block.text !== "" || block.signature !== undefined || block.redacted !== undefined;
  return block.kind === "refusal" || (block.kind === "text" && block.text !== "");
}
