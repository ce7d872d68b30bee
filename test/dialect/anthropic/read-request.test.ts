import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { anthropicClient } from "../../../src/dialect/anthropic/codec.ts";
import { RouterError } from "../../../src/errors.ts";

const BODY = { model: "auto", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
const read = (fields: object) => anthropicClient.readRequest({ ...BODY, ...fields });
const readBlocks = (role: string, content: unknown) => read({ messages: [{ role, content }] }).turns[0]!.blocks;

/** The error of reading a body with these fields. */
function refusal(fields: object): RouterError {
  try {
    read(fields);
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
  return assert.fail("nothing was refused");
}
const inUser = (block: object) => ({ messages: [{ role: "user", content: [block] }] });
const inAssistant = (block: object) => ({ messages: [{ role: "assistant", content: [block] }] });

describe("requests of the Messages API", () => {
  test("the least of them", () => {
    assert.deepEqual(read({}), {
      model: "auto",
      stream: false,
      system: [],
      turns: [{ role: "user", blocks: [{ kind: "text", text: "hi" }] }],
      tools: [],
      maxOutputTokens: 100,
      sampling: {},
      hints: {},
    });
  });

  test("everything that has a place in the form", () => {
    const schema = { type: "object", properties: { city: { type: "string" } } };
    const inquiry = read({
      stream: true,
      system: [
        { type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } },
        { type: "text", text: "Be kind." },
      ],
      tools: [
        { name: "weather", description: "Tells it.", input_schema: schema, strict: true, eager_input_streaming: true },
        { type: "custom", name: "now", input_schema: { type: "object" }, cache_control: { type: "ephemeral" } },
      ],
      tool_choice: { type: "tool", name: "now", disable_parallel_tool_use: true },
      stop_sequences: ["END"],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      thinking: { type: "disabled" },
      output_config: { format: { type: "json_schema", schema } },
      metadata: { user_id: "u1" },
      service_tier: "standard_only",
      container: null,
      mcp_servers: [],
    });
    assert.deepEqual(inquiry, {
      model: "auto",
      stream: true,
      system: ["Be brief.", "Be kind."],
      turns: [{ role: "user", blocks: [{ kind: "text", text: "hi" }] }],
      tools: [
        { name: "weather", description: "Tells it.", schema, strict: true },
        { name: "now", schema: { type: "object" } },
      ],
      toolChoice: { name: "now" },
      parallelTools: false,
      maxOutputTokens: 100,
      sampling: { temperature: 0.5, topP: 0.9, topK: 40, stop: ["END"] },
      format: { kind: "schema", name: "answer", schema, strict: true },
      reasoning: { effort: "none" },
      hints: { user: "u1", serviceTier: "standard_only" },
    });
  });

  test("system messages before all others are system texts, later ones stay where they are", () => {
    const { system, turns } = read({
      system: "One.",
      messages: [
        { role: "system", content: "Two." },
        { role: "user", content: "hi" },
        { role: "system", content: [{ type: "text", text: "Three." }] },
      ],
    });
    assert.deepEqual(system, ["One.", "Two."]);
    assert.deepEqual(turns[1], { role: "system", blocks: [{ kind: "text", text: "Three." }] });
  });

  const image = { type: "base64", media_type: "image/png", data: "iVBO" };
  const BLOCKS: readonly (readonly [name: string, role: string, block: object, expected: object])[] = [
    ["text", "user", { text: "hi", citations: null }, { kind: "text", text: "hi" }],
    [
      "image",
      "user",
      { source: image, cache_control: { type: "ephemeral" }, transformations: { oversized_image: "downsize" } },
      { kind: "media", modality: "image", source: { kind: "base64", mime: "image/png", data: "iVBO" } },
    ],
    [
      "image",
      "user",
      { source: { type: "url", url: "https://a.example/b" } },
      { kind: "media", modality: "image", source: { kind: "url", url: "https://a.example/b" } },
    ],
    [
      "image",
      "user",
      { source: { type: "file", file_id: "file_1" } },
      { kind: "media", modality: "image", source: { kind: "file_id", id: "file_1" } },
    ],
    [
      "document",
      "user",
      { source: { type: "base64", media_type: "application/pdf", data: "JVBE" }, title: "Bill", citations: null },
      {
        kind: "media",
        modality: "file",
        source: { kind: "base64", mime: "application/pdf", data: "JVBE" },
        name: "Bill",
      },
    ],
    [
      "document",
      "user",
      { source: { type: "url", url: "https://a.example/b.pdf" }, citations: { enabled: false } },
      {
        kind: "media",
        modality: "file",
        source: { kind: "url", url: "https://a.example/b.pdf", mime: "application/pdf" },
      },
    ],
    [
      "document",
      "user",
      { source: { type: "text", media_type: "text/plain", data: "words" } },
      { kind: "media", modality: "file", source: { kind: "text", text: "words" } },
    ],
    [
      "document",
      "user",
      {
        source: {
          type: "content",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
        },
      },
      { kind: "media", modality: "file", source: { kind: "text", text: "a\nb" } },
    ],
    [
      "tool_use",
      "assistant",
      { id: "toolu_1", name: "weather", input: { city: "Rom", days: [1] }, caller: { type: "direct" } },
      { kind: "tool_call", id: "toolu_1", name: "weather", arguments: '{"city":"Rom","days":[1]}' },
    ],
    [
      "tool_result",
      "user",
      { tool_use_id: "toolu_1", content: "sunny" },
      { kind: "tool_result", id: "toolu_1", content: [{ kind: "text", text: "sunny" }], isError: false },
    ],
    [
      "tool_result",
      "user",
      {
        tool_use_id: "toolu_1",
        is_error: true,
        content: [
          { type: "text", text: "no" },
          { type: "image", source: image },
        ],
      },
      {
        kind: "tool_result",
        id: "toolu_1",
        content: [
          { kind: "text", text: "no" },
          { kind: "media", modality: "image", source: { kind: "base64", mime: "image/png", data: "iVBO" } },
        ],
        isError: true,
      },
    ],
    ["tool_result", "user", { tool_use_id: "t" }, { kind: "tool_result", id: "t", content: [], isError: false }],
    [
      "thinking",
      "assistant",
      { thinking: "Hm.", signature: "c2ln" },
      { kind: "thinking", text: "Hm.", signature: "c2ln" },
    ],
    ["thinking", "assistant", { thinking: "Hm.", signature: "" }, { kind: "thinking", text: "Hm." }],
    ["redacted_thinking", "assistant", { data: "ZGF0YQ" }, { kind: "thinking", text: "", redacted: "ZGF0YQ" }],
  ];
  BLOCKS.forEach(([type, role, block, expected], index) => {
    test(`block ${index}: ${type} of the ${role}`, () =>
      assert.deepEqual(readBlocks(role, [{ type, ...block }]), [expected]));
  });

  const REASONING: readonly (readonly [body: object, expected: object | undefined])[] = [
    [{ thinking: { type: "enabled", budget_tokens: 2048 } }, { budget: 2048 }],
    [{ thinking: { type: "enabled", budget_tokens: 2048, display: "omitted" } }, { budget: 2048, show: false }],
    [{ thinking: { type: "adaptive" } }, { budget: "dynamic" }],
    [
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "medium" } },
      { effort: "medium", show: true },
    ],
    [{ output_config: { effort: "max" } }, { effort: "xhigh" }],
    [{ thinking: { type: "disabled" }, output_config: { effort: "high" } }, { effort: "none" }],
    [{ thinking: null, output_config: { effort: null, format: null } }, undefined],
  ];
  for (const [body, expected] of REASONING) {
    test(JSON.stringify(body), () => assert.deepEqual(read(body).reasoning, expected));
  }

  const CHOICES: readonly (readonly [choice: object, expected: unknown])[] = [
    [{ type: "auto" }, "auto"],
    [{ type: "any" }, "required"],
    [{ type: "none" }, "none"],
    [{ type: "tool", name: "now" }, { name: "now" }],
  ];
  for (const [choice, expected] of CHOICES) {
    test(JSON.stringify(choice), () => assert.deepEqual(read({ tool_choice: choice }).toolChoice, expected));
  }

  test("what says nothing of the answer is left behind", () => {
    const inquiry = read({
      cache_control: { type: "ephemeral" },
      diagnostics: { previous_message_id: "msg_1" },
      speed: "fast",
      anthropic_version: "2023-06-01",
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    });
    assert.deepEqual(inquiry, read({}));
  });
});

describe("what no other API can be asked is refused by its name", () => {
  const UNSUPPORTED: readonly (readonly [fields: object, param: string, says: RegExp])[] = [
    [{ container: "c1" }, "container", /container/],
    [{ mcp_servers: [{ type: "url", url: "https://a.example", name: "a" }] }, "mcp_servers", /mcp_servers/],
    [{ context_management: { edits: [{ type: "clear_tool_uses_20250919" }] } }, "context_management.edits", /edit/],
    [{ inference_geo: "eu" }, "inference_geo", /inference_geo/],
    [{ thread: { type: "create" } }, "thread", /thread/],
    [{ max_tokens: 0 }, "max_tokens", /cache/],
    [{ thinking: { type: "between_tools" } }, "thinking.type", /between calls/],
    [{ "a b\nc": 1 }, "body", /unknown/],
    [{ tools: [{ type: "web_search_20250305", name: "web_search" }] }, "tools.0", /web_search_20250305/],
    [{ tools: [{ type: "bash_20250124", name: "bash" }] }, "tools.0", /bash_20250124/],
    [{ tools: [{ type: "text_editor_20250728", name: "e" }] }, "tools.0", /text_editor_20250728/],
    [{ tools: [{ type: "computer_toolset_20260801" }] }, "tools.0", /computer_toolset_20260801/],
    [{ tools: [{ name: "a", input_schema: {}, defer_loading: true }] }, "tools.0.defer_loading", /defer_loading/],
    [{ tools: [{ name: "a", input_schema: {}, input_examples: [{}] }] }, "tools.0.input_examples", /input_examples/],
    [
      { tools: [{ name: "a", input_schema: {}, allowed_callers: ["code_execution_20260120"] }] },
      "tools.0.allowed_callers",
      /call tools/,
    ],
    [inUser({ type: "search_result", source: "s", title: "t", content: [] }), "messages.0.content.0", /search_result/],
    [inUser({ type: "container_upload", file_id: "f" }), "messages.0.content.0", /container_upload/],
    [
      inAssistant({ type: "server_tool_use", id: "s", name: "web_search", input: {} }),
      "messages.0.content.0",
      /server_tool_use/,
    ],
    [
      inUser({ type: "document", source: { type: "text", data: "x" }, citations: { enabled: true } }),
      "messages.0.content.0.citations",
      /cite/,
    ],
    [
      inUser({ type: "document", source: { type: "text", data: "x" }, context: "From 1990." }),
      "messages.0.content.0.context",
      /context/,
    ],
    [
      inAssistant({ type: "text", text: "x", citations: [{ type: "char_location" }] }),
      "messages.0.content.0.citations",
      /citations/,
    ],
    [
      inUser({ type: "image", source: { type: "url", url: "u" }, transformations: { oversized_image: "error" } }),
      "messages.0.content.0.transformations",
      /transformations/,
    ],
    [
      inAssistant({ type: "tool_use", id: "t", name: "n", input: {}, caller: { type: "code_execution_20250825" } }),
      "messages.0.content.0.caller",
      /call tools/,
    ],
    [
      inAssistant({ type: "tool_use", id: "t", name: "n", input: {}, toolset_name: "browser" }),
      "messages.0.content.0.toolset_name",
      /toolset_name/,
    ],
    [
      inUser({ type: "tool_result", tool_use_id: "t", content: [{ type: "tool_reference", tool_name: "n" }] }),
      "messages.0.content.0.content.0",
      /tool_reference/,
    ],
  ];
  UNSUPPORTED.forEach(([fields, param, says], index) => {
    test(`${index}: ${param}`, () => {
      const error = refusal(fields);
      assert.equal(error.code, "unsupported_feature");
      assert.equal(error.param, param);
      assert.match(error.message, says);
    });
  });

  test("names and kinds that are no plain words are not repeated", () => {
    assert.doesNotMatch(refusal({ "my secret": 1 }).message, /secret/);
    assert.doesNotMatch(refusal(inUser({ type: "my secret" })).message, /secret/);
  });
});

describe("what the API itself would refuse is an invalid request", () => {
  const INVALID: readonly (readonly [fields: object, param: string])[] = [
    [{ max_tokens: undefined }, "max_tokens"],
    [{ max_tokens: 1.5 }, "max_tokens"],
    [{ messages: [] }, "messages"],
    [{ messages: ["hi"] }, "messages.0"],
    [{ messages: [{ role: "tool", content: "x" }] }, "messages.0.role"],
    [{ messages: [{ role: "user", content: 7 }] }, "messages.0.content"],
    [{ system: 7 }, "system"],
    [{ system: [{ type: "image", source: {} }] }, "system.0.type"],
    [inUser({ type: "tool_use", id: "t", name: "n", input: {} }), "messages.0.content.0.type"],
    [inAssistant({ type: "tool_use", id: "t", name: "n", input: "{}" }), "messages.0.content.0.input"],
    [inUser({ type: "text" }), "messages.0.content.0.text"],
    [inUser({ type: "image", source: { type: "text", data: "x" } }), "messages.0.content.0.source.type"],
    [{ tools: {} }, "tools"],
    [{ tools: [{ name: "a" }] }, "tools.0.input_schema"],
    [{ tool_choice: { type: "tool" } }, "tool_choice.name"],
    [{ tool_choice: "auto" }, "tool_choice"],
    [{ temperature: 1.5 }, "temperature"],
    [{ top_k: "4" }, "top_k"],
    [{ stop_sequences: [1] }, "stop_sequences"],
    [{ stream: "yes" }, "stream"],
    [{ thinking: { type: "enabled", budget_tokens: 100 } }, "thinking.budget_tokens"],
    [{ output_config: { effort: "some" } }, "output_config.effort"],
    [{ output_config: { format: { type: "json" } } }, "output_config.format.type"],
    [{ metadata: { user_id: 7 } }, "metadata.user_id"],
  ];
  INVALID.forEach(([fields, param], index) => {
    test(`${index}: ${param}`, () => {
      const error = refusal(fields);
      assert.equal(error.code, "invalid_request");
      assert.equal(error.param, param);
    });
  });
});
