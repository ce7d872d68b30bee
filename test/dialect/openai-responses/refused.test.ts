import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { readResponsesRequest } from "../../../src/dialect/openai-responses/read-request.ts";
import { RouterError } from "../../../src/errors.ts";

const read = (body: object) => readResponsesRequest({ model: "m", input: "hi", ...body });
const refusal = (body: object): RouterError => {
  try {
    read(body);
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
  return assert.fail(`accepted: ${JSON.stringify(body)}`);
};

describe("what no other API has is refused by name", () => {
  const user = (part: object) => ({ input: [{ role: "user", content: [part] }] });
  const CASES: readonly (readonly [body: object, param: string, named?: RegExp])[] = [
    [{ store: true }, "store"],
    [{ background: true }, "background"],
    [{ truncation: "auto" }, "truncation"],
    [{ top_logprobs: 3 }, "top_logprobs"],
    [{ max_tool_calls: 3 }, "max_tool_calls"],
    [{ previous_response_id: "resp_1" }, "previous_response_id"],
    [{ conversation: "conv_1" }, "conversation"],
    [{ prompt: { id: "pmpt_1" } }, "prompt"],
    [{ moderation: { model: "x" } }, "moderation"],
    [{ context_management: [{ type: "compaction" }] }, "context_management"],
    [{ include: ["reasoning.encrypted_content", "file_search_call.results"] }, "include.1"],
    [{ stream_options: { include_obfuscation: true } }, "stream_options.include_obfuscation"],
    [{ text: { verbosity: "low" } }, "text.verbosity"],
    [{ text: { format: { type: "grammar" } } }, "text.format"],
    [{ reasoning: { effort: "max" } }, "reasoning.effort"],
    [{ reasoning: { context: "all_turns" } }, "reasoning.context"],
    [{ reasoning: { mode: "pro" } }, "reasoning.mode"],
    [{ frobnicate: 1 }, "frobnicate"],
    [{ "what\nis this": 1 }, "body"],
    [{ tools: [{ type: "web_search" }] }, "tools.0", /web_search/],
    [{ tools: [{ type: "file_search", vector_store_ids: [] }] }, "tools.0", /file_search/],
    [{ tools: [{ type: "mcp", server_label: "x" }] }, "tools.0", /mcp/],
    [{ tools: [{ type: "code_interpreter", container: "c" }] }, "tools.0", /code_interpreter/],
    [{ tools: [{ type: "computer_use_preview" }] }, "tools.0", /computer_use_preview/],
    [{ tools: [{ type: "image_generation" }] }, "tools.0", /image_generation/],
    [{ tools: [{ type: "local_shell" }] }, "tools.0", /local_shell/],
    [{ tools: [{ type: "custom", name: "x" }] }, "tools.0", /custom/],
    [{ tools: [{ type: "function", name: "f", defer_loading: true }] }, "tools.0.defer_loading"],
    [{ tools: [{ type: "function", name: "f", output_schema: {} }] }, "tools.0.output_schema"],
    [{ tools: [{ type: "function", name: "f", allowed_callers: ["programmatic"] }] }, "tools.0.allowed_callers"],
    [{ tool_choice: { type: "allowed_tools", mode: "auto", tools: [] } }, "tool_choice", /allowed_tools/],
    [{ tool_choice: { type: "web_search_preview" } }, "tool_choice", /web_search_preview/],
    [{ input: [{ type: "item_reference", id: "msg_1" }] }, "input.0"],
    [{ input: [{ id: "msg_1" }] }, "input.0"],
    [{ input: [{ type: "web_search_call", id: "ws_1" }] }, "input.0", /web_search_call/],
    [{ input: [{ type: "custom_tool_call", call_id: "c", name: "n", input: "" }] }, "input.0", /custom_tool_call/],
    [{ input: [{ type: "compaction", encrypted_content: "x" }] }, "input.0", /compaction/],
    [{ input: [{ type: "reasoning", summary: [], encrypted_content: "gAAAA" }] }, "input.0.encrypted_content"],
    [
      { input: [{ type: "function_call", call_id: "c", name: "n", arguments: "", namespace: "x" }] },
      "input.0.namespace",
    ],
    [user({ type: "input_audio", input_audio: {} }), "input.0.content.0", /input_audio/],
    [user({ type: "input_text", text: "x", colour: 1 }), "input.0.content.0.colour"],
    [user({ type: "refusal", refusal: "x" }), "input.0.content.0"],
    [user({ type: "input_file", filename: "a.docx", file_data: "AAAA" }), "input.0.content.0.file_data"],
    [user({ type: "output_text", text: "x", annotations: [{}] }), "input.0.content.0.annotations"],
    [{ input: [{ role: "system", content: [{ type: "input_image", file_id: "f" }] }] }, "input.0.content.0"],
  ];
  for (const [body, param, named] of CASES) {
    test(JSON.stringify(body), () => {
      const { code, param: at, message } = refusal(body);
      assert.deepEqual({ code, at }, { code: "unsupported_feature", at: param });
      if (named) assert.match(message, named);
    });
  }

  test("types and names that nobody knows are not quoted", () => {
    for (const body of [{ tools: [{ type: "my secret" }] }, { input: [{ type: "my secret" }] }, { "my secret": 1 }]) {
      assert.doesNotMatch(refusal(body).message, /secret/);
    }
  });
});

describe("what the API itself would refuse", () => {
  const CASES: readonly (readonly [body: object, param: string])[] = [
    [{ input: undefined }, "input"],
    [{ input: [] }, "input"],
    [{ input: [3] }, "input.0"],
    [{ input: [{ role: "tool", content: "x" }] }, "input.0.role"],
    [{ input: [{ role: "user", content: 3 }] }, "input.0.content"],
    [{ input: [{ role: "user", content: ["x"] }] }, "input.0.content.0"],
    [{ input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input.0.content.0.text"],
    [{ input: [{ role: "user", content: [{ type: "input_image" }] }] }, "input.0.content.0"],
    [{ input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] }, "input.0.content.0.image_url"],
    [{ input: [{ type: "function_call", name: "n", arguments: "" }] }, "input.0.call_id"],
    [{ input: [{ type: "function_call_output", output: "x" }] }, "input.0.call_id"],
    [{ instructions: 3 }, "instructions"],
    [{ model: 3 }, "model"],
    [{ stream: "yes" }, "stream"],
    [{ max_output_tokens: 1.5 }, "max_output_tokens"],
    [{ temperature: 3 }, "temperature"],
    [{ top_p: -1 }, "top_p"],
    [{ tools: {} }, "tools"],
    [{ tools: [{ type: "function" }] }, "tools.0.name"],
    [{ tool_choice: "maybe" }, "tool_choice"],
    [{ text: { format: { type: "json_schema", name: "x" } } }, "text.format.schema"],
    [{ reasoning: "high" }, "reasoning"],
    [{ include: "all" }, "include"],
  ];
  for (const [body, param] of CASES) {
    test(`${param} of ${JSON.stringify(body)}`, () => {
      const { code, param: at } = refusal(body);
      assert.deepEqual({ code, at }, { code: "invalid_request", at: param });
    });
  }

  test("whatever the fields hold, a request is read or refused with a type", () => {
    const FIELDS = [
      "input instructions tools tool_choice text reasoning include stream_options metadata",
      "type role content output call_id name arguments summary encrypted_content file_data image_url format",
    ];
    const keys = FIELDS.join(" ").split(" ");
    const words = [
      "message",
      "function_call",
      "reasoning",
      "input_image",
      "input_file",
      "json_schema",
      "user",
      "data:,",
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(...words, null, 3, true, ""),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), tree), (body) => {
        try {
          readResponsesRequest(body);
        } catch (error) {
          assert(error instanceof RouterError, String(error));
        }
      }),
      { seed: 11, numRuns: 2000 },
    );
  });
});
