import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { anthropicClient, anthropicServer } from "../../../src/dialect/anthropic/codec.ts";
import type { Block, Inquiry } from "../../../src/dialect/form.ts";
import type { Fields } from "../../../src/dialect/shape.ts";
import { RouterError } from "../../../src/errors.ts";

const NEW = "claude-opus-4-7";
const OLD = "claude-sonnet-4-5-20250929";
const text = (words: string): Block => ({ kind: "text", text: words });
const INQUIRY: Inquiry = {
  model: "auto",
  stream: false,
  system: [],
  turns: [{ role: "user", blocks: [text("hi")] }],
  tools: [],
  sampling: {},
  hints: {},
};
const ask = (inquiry: Partial<Inquiry>, model = NEW) => anthropicServer.writeRequest({ ...INQUIRY, ...inquiry }, model);
const body = (inquiry: Partial<Inquiry>, model = NEW) => ask(inquiry, model).body;
const messages = (turns: Inquiry["turns"]) => body({ turns })["messages"];
const said = (block: Block) => (messages([{ role: "user", blocks: [block] }]) as Fields[])[0]!["content"];

function refusal(inquiry: Partial<Inquiry>, model = NEW): RouterError {
  try {
    body(inquiry, model);
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
  return assert.fail("nothing was refused");
}

describe("requests to the Messages API", () => {
  test("the least of them has a limit, which the API requires", () => {
    assert.deepEqual(ask({}), {
      path: "/messages",
      body: { model: NEW, max_tokens: 4096, messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] },
    });
  });

  test("everything that the API can be asked", () => {
    const schema = { properties: { city: { type: "string" } } };
    const written = body({
      stream: true,
      system: ["Be brief.", "  ", "Be kind."],
      tools: [
        { name: "weather", description: "Tells it.", schema, strict: true },
        { name: "now", strict: false },
      ],
      toolChoice: "auto",
      parallelTools: false,
      maxOutputTokens: 50,
      sampling: { temperature: 0, topP: 0.5, topK: 3, stop: ["END"] },
      format: { kind: "schema", name: "s", schema: { type: "object" }, description: "A city." },
      hints: { user: "u1", serviceTier: "standard_only", cacheKey: "k", metadata: { a: "b" } },
    });
    assert.deepEqual(written, {
      model: NEW,
      max_tokens: 50,
      system: [
        { type: "text", text: "Be brief." },
        { type: "text", text: "Be kind." },
      ],
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      tools: [
        {
          name: "weather",
          description: "Tells it.",
          input_schema: { type: "object", properties: { city: { type: "string" } } },
          strict: true,
        },
        { name: "now", input_schema: { type: "object" } },
      ],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      stop_sequences: ["END"],
      output_config: { format: { type: "json_schema", schema: { type: "object", description: "A city." } } },
      metadata: { user_id: "u1" },
      service_tier: "standard_only",
      stream: true,
    });
  });

  test("roles alternate, system turns are the user's, results of calls come first and empty texts nowhere", () => {
    const turns: Inquiry["turns"] = [
      { role: "user", blocks: [text("a")] },
      { role: "user", blocks: [text("b"), text(" ")] },
      { role: "assistant", blocks: [{ kind: "refusal", text: "no" }] },
      { role: "assistant", blocks: [{ kind: "tool_call", id: "t1", name: "now", arguments: '{"a":1}' }] },
      { role: "system", blocks: [text("quick")] },
      { role: "user", blocks: [{ kind: "tool_result", id: "t1", content: [text("12:00")], isError: true }] },
      { role: "assistant", blocks: [text("")] },
      { role: "user", blocks: [text("c")] },
    ];
    assert.deepEqual(messages(turns), [
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "no" },
          { type: "tool_use", id: "t1", name: "now", input: { a: 1 } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "12:00" }], is_error: true },
          { type: "text", text: "quick" },
          { type: "text", text: "c" },
        ],
      },
    ]);
  });

  test("ids that the API refuses are mapped to ones that it takes, the same in call and result", () => {
    const written = messages([
      { role: "assistant", blocks: [{ kind: "tool_call", id: "functions.now:0", name: "now", arguments: "" }] },
      { role: "user", blocks: [{ kind: "tool_result", id: "functions.now:0", content: [], isError: false }] },
    ]) as { content: Fields[] }[];
    const { id, input } = written[0]!.content[0]!;
    assert.match(String(id), /^call_[0-9a-f]{32}$/);
    assert.deepEqual(input, {});
    assert.deepEqual(written[1]!.content, [{ type: "tool_result", tool_use_id: id }]);
  });

  test("thoughts go back where they are signed or redacted, and only there", () => {
    const blocks: Block[] = [
      { kind: "thinking", text: "Hm.", signature: "c2ln" },
      { kind: "thinking", text: "Not ours." },
      { kind: "thinking", text: "", redacted: "ZGF0YQ" },
      text("a"),
    ];
    assert.deepEqual(messages([{ role: "assistant", blocks }]), [
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm.", signature: "c2ln" },
          { type: "redacted_thinking", data: "ZGF0YQ" },
          { type: "text", text: "a" },
        ],
      },
    ]);
  });

  const media = (
    modality: "image" | "file",
    source: Extract<Block, { kind: "media" }>["source"],
    name?: string,
  ): Block => ({
    kind: "media",
    modality,
    source,
    ...(name === undefined ? {} : { name }),
  });
  const MEDIA: readonly (readonly [block: Block, expected: object])[] = [
    [
      media("image", { kind: "base64", mime: "image/webp", data: "AA" }),
      { type: "image", source: { type: "base64", media_type: "image/webp", data: "AA" } },
    ],
    [
      media("image", { kind: "url", url: "https://a.example" }),
      { type: "image", source: { type: "url", url: "https://a.example" } },
    ],
    [
      media("file", { kind: "base64", mime: "application/pdf", data: "AA" }, "Bill"),
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AA" }, title: "Bill" },
    ],
    [
      media("file", { kind: "url", url: "https://a.example" }),
      { type: "document", source: { type: "url", url: "https://a.example" } },
    ],
    [
      media("file", { kind: "text", text: "words" }),
      { type: "document", source: { type: "text", media_type: "text/plain", data: "words" } },
    ],
    [
      media("file", { kind: "base64", mime: "text/csv", data: "YSxi" }),
      { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } },
    ],
  ];
  MEDIA.forEach(([block, expected], index) => {
    test(`media ${index}`, () => assert.deepEqual(said(block), [expected]));
  });

  test("choices of tools", () => {
    const tools = [{ name: "now" }];
    const choice = (fields: Partial<Inquiry>) => body({ tools, ...fields })["tool_choice"];
    assert.equal(choice({}), undefined);
    assert.deepEqual(choice({ toolChoice: "auto" }), { type: "auto" });
    assert.deepEqual(choice({ toolChoice: "none", parallelTools: false }), { type: "none" });
    assert.deepEqual(choice({ toolChoice: "required" }), { type: "any" });
    assert.deepEqual(choice({ toolChoice: { name: "now" }, parallelTools: false }), {
      type: "tool",
      name: "now",
      disable_parallel_tool_use: true,
    });
    assert.equal(choice({ tools: [], toolChoice: "auto", parallelTools: false }), undefined);
  });

  test("sampling that is the API's own is not written: newer models refuse the fields", () => {
    assert.deepEqual(body({ sampling: { temperature: 1, topP: 1 } }), body({}));
  });
});

describe("how much the model may think", () => {
  const CASES: readonly (readonly [Partial<Inquiry>, model: string, expected: Fields])[] = [
    [{ reasoning: { effort: "high" } }, NEW, { thinking: { type: "adaptive" }, effort: "high", max_tokens: 28_672 }],
    [
      { reasoning: { effort: "minimal", show: true }, maxOutputTokens: 9 },
      "some-alias",
      {
        thinking: { type: "adaptive", display: "summarized" },
        effort: "low",
        max_tokens: 9,
      },
    ],
    [
      { reasoning: { budget: "dynamic", show: false } },
      "claude-sonnet-4-6",
      {
        thinking: { type: "adaptive", display: "omitted" },
        effort: undefined,
        max_tokens: 28_672,
      },
    ],
    [{ reasoning: { budget: 5000 } }, NEW, { thinking: { type: "adaptive" }, effort: "medium", max_tokens: 12_288 }],
    [{ reasoning: { budget: 90_000 } }, NEW, { thinking: { type: "adaptive" }, effort: "high", max_tokens: 28_672 }],
    [{ reasoning: { effort: "none" } }, NEW, { thinking: { type: "disabled" }, effort: undefined, max_tokens: 4096 }],
    [{ reasoning: { budget: 0 } }, OLD, { thinking: { type: "disabled" }, effort: undefined, max_tokens: 4096 }],
    [
      { reasoning: { effort: "medium" } },
      OLD,
      {
        thinking: { type: "enabled", budget_tokens: 8192 },
        effort: undefined,
        max_tokens: 12_288,
      },
    ],
    [
      { reasoning: { effort: "high" }, maxOutputTokens: 8000 },
      "claude-3-7-sonnet-latest",
      {
        thinking: { type: "enabled", budget_tokens: 4000 },
        effort: undefined,
        max_tokens: 8000,
      },
    ],
    [
      { reasoning: { budget: 500, show: false }, maxOutputTokens: 1025 },
      "anthropic.claude-opus-4-20250514-v1:0",
      {
        thinking: { type: "enabled", budget_tokens: 1024, display: "omitted" },
        effort: undefined,
        max_tokens: 1025,
      },
    ],
    [{ reasoning: { show: true } }, NEW, { thinking: undefined, effort: undefined, max_tokens: 4096 }],
  ];
  CASES.forEach(([inquiry, model, expected], index) => {
    test(`${index}: ${JSON.stringify(inquiry.reasoning)} of ${model}`, () => {
      const { thinking, output_config, max_tokens } = body(inquiry, model);
      assert.deepEqual({ thinking, effort: (output_config as Fields | undefined)?.["effort"], max_tokens }, expected);
    });
  });

  const call: Block = { kind: "tool_call", id: "t", name: "now", arguments: "{}" };
  const result: Block = { kind: "tool_result", id: "t", content: [], isError: false };
  const loop = (...blocks: Block[]): Partial<Inquiry> => ({
    reasoning: { effort: "low" },
    turns: [
      { role: "user", blocks: [text("hi")] },
      { role: "assistant", blocks: [...blocks, call] },
      { role: "user", blocks: [result] },
    ],
  });
  test("a model with budgets does not think on where the thoughts before its calls are lost", () => {
    const thinking = (inquiry: Partial<Inquiry>, model: string) => (body(inquiry, model)["thinking"] as Fields)["type"];
    assert.equal(thinking(loop(), OLD), "disabled");
    assert.equal(thinking(loop({ kind: "thinking", text: "not signed" }), OLD), "disabled");
    assert.equal(thinking(loop({ kind: "thinking", text: "Hm.", signature: "s" }), OLD), "enabled");
    assert.equal(thinking(loop(), NEW), "adaptive");
  });
});

describe("what the API cannot be asked is refused by its name", () => {
  const part = (block: Block): Partial<Inquiry> => ({ turns: [{ role: "user", blocks: [block] }] });
  const data = { kind: "base64", mime: "audio/wav", data: "AA" } as const;
  const thinks = { reasoning: { effort: "low" } } as const;
  const tools = [{ name: "now" }];
  const UNSUPPORTED: readonly (readonly [Partial<Inquiry>, param: string, model?: string])[] = [
    [part({ kind: "media", modality: "audio", source: data }), "audio"],
    [part({ kind: "media", modality: "video", source: { kind: "url", url: "u" } }), "video"],
    [part({ kind: "media", modality: "image", source: { ...data, mime: "image/tiff" } }), "image"],
    [part({ kind: "media", modality: "image", source: { kind: "file_id", id: "f" } }), "image"],
    [part({ kind: "media", modality: "file", source: { ...data, mime: "application/zip" } }), "file"],
    [part({ kind: "media", modality: "file", source: { kind: "file_id", id: "f" } }), "file"],
    [part({ kind: "media", modality: "file", source: { kind: "url", url: "u", mime: "text/html" } }), "file"],
    [
      {
        turns: [
          { role: "assistant", blocks: [{ kind: "media", modality: "image", source: { kind: "url", url: "u" } }] },
        ],
      },
      "image",
    ],
    [{ sampling: { seed: 1 } }, "seed"],
    [{ sampling: { frequencyPenalty: 1 } }, "frequency_penalty"],
    [{ sampling: { presencePenalty: 1 } }, "presence_penalty"],
    [{ sampling: { temperature: 1.2 } }, "temperature"],
    [{ sampling: { stop: ["\n"] } }, "stop"],
    [{ format: { kind: "json" } }, "response_format"],
    [{ tools: [{ name: "a.b" }] }, "tools.0"],
    [{ ...thinks, sampling: { temperature: 0.5 } }, "temperature"],
    [{ ...thinks, sampling: { topK: 5 } }, "top_k"],
    [{ ...thinks, sampling: { topP: 0.9 } }, "top_p"],
    [{ ...thinks, tools, toolChoice: "required" }, "tool_choice"],
    [{ ...thinks, tools, toolChoice: { name: "now" } }, "tool_choice", OLD],
    [{ ...thinks, maxOutputTokens: 1024 }, "reasoning", OLD],
  ];
  UNSUPPORTED.forEach(([inquiry, param, model], index) => {
    test(`${index}: ${param}`, () => {
      const error = refusal(inquiry, model);
      assert.equal(error.code, "unsupported_feature");
      assert.equal(error.param, param);
    });
  });

  test("arguments that are no object, an empty conversation and a choice without tools are invalid", () => {
    for (const written of ["[1]", "{", '"x"', "7"]) {
      const error = refusal({
        turns: [{ role: "assistant", blocks: [{ kind: "tool_call", id: "t", name: "n", arguments: written }] }],
      });
      assert.equal(error.code, "invalid_request");
    }
    assert.equal(refusal({ turns: [{ role: "user", blocks: [text(" ")] }] }).param, "messages");
    assert.equal(refusal({ toolChoice: "required" }).param, "tool_choice");
  });
});

test("what is written is read as the same inquiry", () => {
  const inquiries: readonly Partial<Inquiry>[] = [
    {},
    { stream: true, system: ["a", "b"], sampling: { temperature: 0.3, topK: 2, stop: ["x"] }, hints: { user: "u" } },
    {
      reasoning: { effort: "xhigh", show: true },
      format: { kind: "schema", name: "answer", schema: {}, strict: true },
    },
    {
      tools: [{ name: "now", description: "d", schema: { type: "object" }, strict: true }],
      toolChoice: "required",
      parallelTools: false,
      turns: [
        {
          role: "user",
          blocks: [
            text("a"),
            { kind: "media", modality: "image", source: { kind: "base64", mime: "image/png", data: "AA" } },
            { kind: "media", modality: "file", source: { kind: "text", text: "t" }, name: "n" },
          ],
        },
        {
          role: "assistant",
          blocks: [
            { kind: "thinking", text: "t", signature: "s" },
            { kind: "thinking", text: "", redacted: "r" },
            text("b"),
            { kind: "tool_call", id: "t1", name: "now", arguments: '{"a":[1,null]}' },
          ],
        },
        { role: "user", blocks: [{ kind: "tool_result", id: "t1", content: [text("c")], isError: false }] },
      ],
    },
  ];
  for (const each of inquiries) {
    const inquiry: Inquiry = { ...INQUIRY, maxOutputTokens: 77, ...each };
    assert.deepEqual(anthropicClient.readRequest(body(inquiry, "auto")), { ...inquiry, model: "auto" });
  }
  const budgeted: Inquiry = { ...INQUIRY, maxOutputTokens: 9000, reasoning: { budget: 2000 } };
  assert.deepEqual(anthropicClient.readRequest(body(budgeted, OLD)), { ...budgeted, model: OLD });
});
