import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readResponsesRequest } from "../../../src/dialect/openai-responses/read-request.ts";

const read = (body: object) => readResponsesRequest({ model: "m", input: "hi", ...body });

describe("what is asked", () => {
  test("a text alone", () => {
    assert.deepEqual(readResponsesRequest({ model: "gpt-5", input: "hi" }), {
      model: "gpt-5",
      stream: false,
      system: [],
      turns: [{ role: "user", blocks: [{ kind: "text", text: "hi" }] }],
      tools: [],
      sampling: {},
      hints: {},
    });
  });

  test("every field that has a place in another API", () => {
    const asked = read({
      instructions: "Be brief.",
      stream: true,
      stream_options: { include_obfuscation: false },
      tools: [
        {
          type: "function",
          name: "now",
          description: "The time",
          parameters: { type: "object", properties: {} },
          strict: true,
        },
        { type: "function", name: "bare", parameters: null, strict: null, allowed_callers: ["direct"] },
      ],
      tool_choice: { type: "function", name: "now" },
      parallel_tool_calls: false,
      max_output_tokens: 99,
      temperature: 0.5,
      top_p: 0.9,
      text: {
        verbosity: "medium",
        format: {
          type: "json_schema",
          name: "answer",
          schema: { type: "object" },
          strict: true,
          description: "An answer",
        },
      },
      reasoning: { effort: "high", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      metadata: { team: "a" },
      safety_identifier: "u1",
      prompt_cache_key: "k",
      prompt_cache_retention: "24h",
      service_tier: "auto",
    });
    assert.deepEqual(asked, {
      model: "m",
      stream: true,
      system: ["Be brief."],
      turns: [{ role: "user", blocks: [{ kind: "text", text: "hi" }] }],
      tools: [
        { name: "now", description: "The time", schema: { type: "object", properties: {} }, strict: true },
        { name: "bare" },
      ],
      toolChoice: { name: "now" },
      parallelTools: false,
      maxOutputTokens: 99,
      sampling: { temperature: 0.5, topP: 0.9 },
      format: { kind: "schema", name: "answer", schema: { type: "object" }, strict: true, description: "An answer" },
      reasoning: { effort: "high", show: true },
      hints: { user: "u1", metadata: { team: "a" }, cacheKey: "k", serviceTier: "auto" },
    });
  });

  test("values that ask for nothing are accepted", () => {
    const idle = {
      store: false,
      background: false,
      truncation: "disabled",
      top_logprobs: 0,
      previous_response_id: null,
      conversation: null,
      prompt: null,
      max_tool_calls: null,
      context_management: [],
      include: [],
      tools: [],
      parallel_tool_calls: true,
      text: { format: { type: "text" } },
      reasoning: { effort: null, summary: null },
      metadata: null,
    };
    assert.deepEqual(read(idle), read({}));
  });

  test("the simpler formats and choices", () => {
    assert.deepEqual(read({ text: { format: { type: "json_object" } } }).format, { kind: "json" });
    for (const choice of ["auto", "none", "required"]) assert.equal(read({ tool_choice: choice }).toolChoice, choice);
    assert.deepEqual(read({ reasoning: { effort: "none" } }).reasoning, { effort: "none" });
  });
});

describe("the conversation", () => {
  test("an agent's loop: instructions, messages with and without a type, thoughts, parallel calls and their results", () => {
    const { system, turns } = read({
      instructions: "One.",
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "Two." }] },
        { role: "system", content: "Three." },
        { role: "user", content: "Weather in Oslo and Rome?" },
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Two calls." }] },
        {
          type: "message",
          id: "msg_1",
          status: "completed",
          role: "assistant",
          phase: "commentary",
          content: [{ type: "output_text", text: "Looking.", annotations: [], logprobs: [] }],
        },
        { type: "function_call", id: "fc_1", status: "completed", call_id: "c1", name: "w", arguments: '{"q":"Oslo"}' },
        { type: "function_call", call_id: "c2", name: "w", arguments: "" },
        { type: "function_call_output", call_id: "c1", output: "rain" },
        { type: "function_call_output", call_id: "c2", output: [{ type: "input_text", text: "sun" }] },
        { role: "developer", content: "Be quick now." },
        { role: "user", content: "" },
      ],
    });
    assert.deepEqual(system, ["One.", "Two.", "Three."]);
    assert.deepEqual(turns, [
      { role: "user", blocks: [{ kind: "text", text: "Weather in Oslo and Rome?" }] },
      {
        role: "assistant",
        blocks: [
          { kind: "thinking", text: "Two calls." },
          { kind: "text", text: "Looking." },
          { kind: "tool_call", id: "c1", name: "w", arguments: '{"q":"Oslo"}' },
          { kind: "tool_call", id: "c2", name: "w", arguments: "" },
        ],
      },
      {
        role: "user",
        blocks: [
          { kind: "tool_result", id: "c1", content: [{ kind: "text", text: "rain" }], isError: false },
          { kind: "tool_result", id: "c2", content: [{ kind: "text", text: "sun" }], isError: false },
        ],
      },
      { role: "system", blocks: [{ kind: "text", text: "Be quick now." }] },
    ]);
  });

  const SOURCES: readonly (readonly [part: object, block: object])[] = [
    [
      { type: "input_image", image_url: "data:image/PNG;base64,AAAA", detail: "low" },
      { modality: "image", source: { kind: "base64", mime: "image/png", data: "AAAA" }, detail: "low" },
    ],
    [
      { type: "input_image", image_url: "https://x.example/a.png", detail: "auto", file_id: null },
      { modality: "image", source: { kind: "url", url: "https://x.example/a.png" } },
    ],
    [
      { type: "input_image", file_id: "file-1", detail: "high" },
      { modality: "image", source: { kind: "file_id", id: "file-1" }, detail: "high" },
    ],
    [
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" },
      { modality: "file", source: { kind: "base64", mime: "application/pdf", data: "BBBB" }, name: "a.pdf" },
    ],
    [
      { type: "input_file", filename: "a.PDF", file_data: "BBBB" },
      { modality: "file", source: { kind: "base64", mime: "application/pdf", data: "BBBB" }, name: "a.PDF" },
    ],
    [
      { type: "input_file", file_url: "https://x.example/a.pdf" },
      { modality: "file", source: { kind: "url", url: "https://x.example/a.pdf" } },
    ],
    [
      { type: "input_file", file_id: "file-2" },
      { modality: "file", source: { kind: "file_id", id: "file-2" } },
    ],
  ];
  for (const [part, block] of SOURCES) {
    test(`${JSON.stringify(part)} in a message and in a result`, () => {
      const { turns } = read({
        input: [
          { role: "user", content: [part] },
          { type: "function_call_output", call_id: "c", output: [part] },
        ],
      });
      assert.deepEqual(turns[0]!.blocks, [{ kind: "media", ...block }]);
      const result = turns[1]!.blocks[0]!;
      assert.deepEqual(result.kind === "tool_result" && result.content, [{ kind: "media", ...block }]);
    });
  }

  test("thoughts spelled out count more than their summary, and an item that holds nothing is left out", () => {
    const thought = {
      type: "reasoning",
      summary: [{ type: "summary_text", text: "s" }],
      content: [
        { type: "reasoning_text", text: "a" },
        { type: "reasoning_text", text: "b" },
      ],
    };
    const { turns } = read({ input: [thought, { type: "reasoning", id: "rs_2", summary: [] }] });
    assert.deepEqual(turns, [{ role: "assistant", blocks: [{ kind: "thinking", text: "a\n\nb" }] }]);
  });

  test("a refusal of an earlier answer is carried", () => {
    const { turns } = read({ input: [{ role: "assistant", content: [{ type: "refusal", refusal: "No." }] }] });
    assert.deepEqual(turns, [{ role: "assistant", blocks: [{ kind: "refusal", text: "No." }] }]);
  });
});
