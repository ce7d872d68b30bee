import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { openaiChatClient, openaiChatServer } from "../../../src/dialect/openai-chat/codec.ts";
import type { Block, Inquiry, Turn } from "../../../src/dialect/form.ts";
import type { Fields } from "../../../src/dialect/shape.ts";
import { RouterError } from "../../../src/errors.ts";

const HI = [{ role: "user", content: "hi" }];
const read = (body: Fields) => openaiChatClient.readRequest({ model: "auto", messages: HI, ...body });
const readTurns = (...messages: Fields[]) => read({ messages }).turns;
const refusalOf = (run: () => unknown): RouterError => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof RouterError);
    return error;
  }
  throw new Error("It was not refused.");
};

const PLAIN: Inquiry = { model: "auto", stream: false, system: [], turns: [], tools: [], sampling: {}, hints: {} };
const write = (inquiry: Partial<Inquiry>) => openaiChatServer.writeRequest({ ...PLAIN, ...inquiry }, "gpt").body;
const writeTurns = (...turns: Turn[]) => write({ turns })["messages"];

describe("messages that are read", () => {
  test("leading system and developer texts stand apart; later ones are turns", () => {
    const { system, turns } = read({
      messages: [
        { role: "system", content: "a" },
        { role: "developer", content: [{ type: "text", text: "b", cache_control: { type: "ephemeral" } }] },
        { role: "user", content: "hi" },
        { role: "system", content: "c" },
      ],
    });
    assert.deepEqual(system, ["a", "b"]);
    assert.deepEqual(turns, [
      { role: "user", blocks: [{ kind: "text", text: "hi" }] },
      { role: "system", blocks: [{ kind: "text", text: "c" }] },
    ]);
  });

  test("parts become text and media, wherever the media is", () => {
    const parts = [
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
      { type: "image_url", image_url: { url: "https://x/y.png", detail: "auto" } },
      { type: "video_url", video_url: { url: "https://x/y.mp4" } },
      { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } },
      { type: "file", file: { filename: "a.txt", file_data: "data:text/plain;base64,CCCC" } },
      { type: "file", file: { file_data: "DDDD" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "text", text: "" },
    ];
    assert.deepEqual(readTurns({ role: "user", content: parts }), [
      {
        role: "user",
        blocks: [
          { kind: "text", text: "look" },
          {
            kind: "media",
            modality: "image",
            source: { kind: "base64", mime: "image/png", data: "AAAA" },
            detail: "low",
          },
          { kind: "media", modality: "image", source: { kind: "url", url: "https://x/y.png" } },
          { kind: "media", modality: "video", source: { kind: "url", url: "https://x/y.mp4" } },
          { kind: "media", modality: "audio", source: { kind: "base64", mime: "audio/mpeg", data: "BBBB" } },
          {
            kind: "media",
            modality: "file",
            source: { kind: "base64", mime: "text/plain", data: "CCCC" },
            name: "a.txt",
          },
          { kind: "media", modality: "file", source: { kind: "base64", mime: "application/pdf", data: "DDDD" } },
          { kind: "media", modality: "file", source: { kind: "file_id", id: "file-1" } },
        ],
      },
    ]);
  });

  test("an assistant's message as the API answered it: thoughts, text, refusal, calls", () => {
    const call = { index: 0, id: "c1", type: "function", function: { name: "now", arguments: "{}" } };
    const google = { google: { thought_signature: "S" } };
    const message = {
      role: "assistant",
      content: [{ type: "text", text: "well" }],
      reasoning_content: "hm",
      refusal: "no",
      annotations: [],
      audio: null,
      function_call: null,
      tool_calls: [call, { ...call, id: "c2", extra_content: google }],
    };
    assert.deepEqual(readTurns(message), [
      {
        role: "assistant",
        blocks: [
          { kind: "thinking", text: "hm" },
          { kind: "text", text: "well" },
          { kind: "refusal", text: "no" },
          { kind: "tool_call", id: "c1", name: "now", arguments: "{}" },
          { kind: "tool_call", id: "c2", name: "now", arguments: "{}", signature: "S" },
        ],
      },
    ]);
    assert.deepEqual(readTurns({ role: "assistant", content: null, reasoning: "hm" }), [
      { role: "assistant", blocks: [{ kind: "thinking", text: "hm" }] },
    ]);
  });

  test("results of tools, and calls of the time before tools", () => {
    const result = (id: string, name?: string): Block => ({
      kind: "tool_result",
      id,
      ...(name ? { name } : {}),
      content: [{ kind: "text", text: "7" }],
      isError: false,
    });
    assert.deepEqual(readTurns({ role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "7" }] }), [
      { role: "user", blocks: [result("c1")] },
    ]);
    assert.deepEqual(
      readTurns(
        { role: "assistant", content: null, function_call: { name: "now", arguments: "{}" } },
        { role: "function", name: "now", content: "7" },
      ),
      [
        { role: "assistant", blocks: [{ kind: "tool_call", id: "function_call_0", name: "now", arguments: "{}" }] },
        { role: "user", blocks: [result("function_call_0", "now")] },
      ],
    );
  });
});

describe("fields that are read", () => {
  test("tools, choice, format, limit, sampling, reasoning and hints", () => {
    const parameters = { type: "object", properties: {} };
    const inquiry = read({
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      tools: [
        { type: "function", function: { name: "now", description: "d", parameters, strict: true } },
        { type: "function", function: { name: "then", parameters: null, strict: null } },
      ],
      tool_choice: { type: "function", function: { name: "now" } },
      parallel_tool_calls: false,
      max_tokens: 5,
      max_completion_tokens: 7,
      temperature: 1,
      top_p: 0.5,
      top_k: 40,
      frequency_penalty: 0.1,
      presence_penalty: -0.1,
      seed: 0,
      stop: "END",
      response_format: { type: "json_schema", json_schema: { name: "n", schema: parameters, strict: false } },
      reasoning_effort: "minimal",
      safety_identifier: "u1",
      user: "u2",
      metadata: { team: "a", n: 3 },
      prompt_cache_key: "k",
      service_tier: "flex",
    });
    assert.deepEqual(inquiry, {
      model: "auto",
      stream: true,
      system: [],
      turns: [{ role: "user", blocks: [{ kind: "text", text: "hi" }] }],
      tools: [{ name: "now", description: "d", schema: parameters, strict: true }, { name: "then" }],
      toolChoice: { name: "now" },
      parallelTools: false,
      maxOutputTokens: 7,
      sampling: {
        temperature: 1,
        topP: 0.5,
        topK: 40,
        frequencyPenalty: 0.1,
        presencePenalty: -0.1,
        seed: 0,
        stop: ["END"],
      },
      format: { kind: "schema", name: "n", schema: parameters, strict: false },
      reasoning: { effort: "minimal" },
      hints: { user: "u1", metadata: { team: "a" }, cacheKey: "k", serviceTier: "flex" },
    });
  });

  test("values that ask for nothing leave nothing", () => {
    const idle = {
      n: 1,
      logprobs: false,
      top_logprobs: 0,
      logit_bias: {},
      modalities: ["text"],
      store: false,
      verbosity: "medium",
      functions: [],
      function_call: "auto",
      audio: null,
      prediction: null,
      top_p: 1,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      parallel_tool_calls: true,
      stop: [],
      tools: [],
      tool_choice: null,
      response_format: { type: "text" },
      reasoning_effort: null,
      stream_options: null,
      service_tier: "auto",
      prompt_cache_retention: "24h",
      anything: null,
    };
    assert.deepEqual(read(idle), read({}));
  });

  test("the switch of DeepSeek's templates is reasoning too", () => {
    const reasoning = (thinking: boolean) => read({ chat_template_kwargs: { thinking } }).reasoning;
    assert.deepEqual([reasoning(false), reasoning(true)], [{ effort: "none" }, { budget: "dynamic" }]);
  });

  test("the switch of Qwen's templates is reasoning", () => {
    const reasoning = (thinks: boolean, effort?: string) =>
      read({ chat_template_kwargs: { enable_thinking: thinks }, reasoning_effort: effort ?? null }).reasoning;
    assert.deepEqual(reasoning(false, "high"), { effort: "none" });
    assert.deepEqual(reasoning(true), { budget: "dynamic" });
    assert.deepEqual(reasoning(true, "high"), { effort: "high", budget: "dynamic" });
  });

  const UNSUPPORTED: readonly (readonly [param: string, body: Fields])[] = [
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["logit_bias", { logit_bias: { 7: -100 } }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["audio", { audio: { voice: "alloy", format: "wav" } }],
    ["prediction", { prediction: { type: "content", content: "x" } }],
    ["web_search_options", { web_search_options: {} }],
    ["verbosity", { verbosity: "low" }],
    ["store", { store: true }],
    ["functions", { functions: [{ name: "now" }] }],
    ["function_call", { function_call: { name: "now" } }],
    ["min_p", { min_p: 0.1 }],
    ["some_new_field", { some_new_field: 1 }],
    ["body", { "a secret, and no name of a field": 1 }],
    ["reasoning_effort", { reasoning_effort: "max" }],
    ["chat_template_kwargs.documents", { chat_template_kwargs: { documents: [1] } }],
    ["stream_options.continuous_usage_stats", { stream_options: { continuous_usage_stats: true } }],
    ["tool_choice.type", { tool_choice: { type: "allowed_tools", allowed_tools: {} } }],
    ["tools.0.type", { tools: [{ type: "custom", custom: { name: "x" } }] }],
    ["response_format.type", { response_format: { type: "grammar", grammar: "x" } }],
    ["response_format.grammar", { response_format: { type: "text", grammar: "x" } }],
    ["messages.0.name", { messages: [{ role: "user", name: "bob", content: "hi" }] }],
    ["messages.0.audio", { messages: [{ role: "assistant", audio: { id: "a1" } }] }],
    ["messages.0.content.0.type", { messages: [{ role: "user", content: [{ type: "hologram" }] }] }],
    [
      "messages.0.tool_calls.0.type",
      { messages: [{ role: "assistant", tool_calls: [{ id: "c", type: "custom", custom: {} }] }] },
    ],
  ].map(([param, body]) => [param as string, body as Fields]);
  for (const [param, body] of UNSUPPORTED) {
    test(`unsupported: ${JSON.stringify(body).slice(0, 70)}`, () => {
      const { code, param: told, message } = refusalOf(() => read(body));
      assert.deepEqual([code, told], ["unsupported_feature", param]);
      assert.doesNotMatch(message, /secret|bob|hologram/);
    });
  }

  const INVALID: readonly (readonly [param: string, body: Fields])[] = [
    ["messages", { messages: [] }],
    ["messages.0.role", { messages: [{ role: "robot", content: "x" }] }],
    ["messages.0.role", { messages: [{ role: "function", name: "f", content: "x" }] }],
    ["messages.0.role", { messages: [{ role: "toString", content: "x" }] }],
    ["messages.0.content", { messages: [{ role: "user", content: 7 }] }],
    ["messages.0.content.0.type", { messages: [{ role: "user", content: [{}] }] }],
    [
      "messages.0.content.0.type",
      { messages: [{ role: "assistant", content: [{ type: "image_url", image_url: { url: "https://x" } }] }] },
    ],
    [
      "messages.0.content.0.image_url.url",
      {
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/svg+xml,<svg/>" } }] }],
      },
    ],
    ["messages.0.tool_call_id", { messages: [{ role: "tool", content: "x" }] }],
    [
      "messages.0.tool_calls.0.function.arguments",
      { messages: [{ role: "assistant", tool_calls: [{ id: "c", function: { name: "f", arguments: {} } }] }] },
    ],
    ["stream", { stream: "yes" }],
    ["max_completion_tokens", { max_completion_tokens: 0 }],
    ["temperature", { temperature: "hot" }],
    ["stop", { stop: [null] }],
    ["tools.0.function.parameters", { tools: [{ type: "function", function: { name: "f", parameters: "x" } }] }],
    ["tool_choice", { tool_choice: "sometimes" }],
    ["reasoning_effort", { reasoning_effort: "huge" }],
  ].map(([param, body]) => [param as string, body as Fields]);
  for (const [param, body] of INVALID) {
    test(`invalid: ${JSON.stringify(body).slice(0, 70)}`, () => {
      const { code, param: told } = refusalOf(() => read(body));
      assert.deepEqual([code, told], ["invalid_request", param]);
    });
  }
});

const PICTURE: Block = {
  kind: "media",
  modality: "image",
  source: { kind: "base64", mime: "image/png", data: "AAAA" },
};
const call = (id: string): Block => ({ kind: "tool_call", id, name: "look", arguments: "" });
const result = (id: string, content: readonly Block[], isError = false): Block => ({
  kind: "tool_result",
  id,
  content,
  isError,
});
const text = (text: string): Block => ({ kind: "text", text });
const CALLED = { id: "c1", type: "function", function: { name: "look", arguments: "{}" } };

describe("requests that are written", () => {
  test("a stream asks for its usage, and every field has the name that all servers know", () => {
    assert.deepEqual(
      write({
        stream: true,
        system: ["a", "b"],
        turns: [{ role: "user", blocks: [text("hi")] }],
        tools: [{ name: "now", schema: { type: "object" }, strict: false }, { name: "then" }],
        toolChoice: { name: "now" },
        parallelTools: false,
        maxOutputTokens: 9,
        sampling: { temperature: 0.5, topP: 0.9, frequencyPenalty: 1, presencePenalty: 2, seed: 3, stop: ["x"] },
        format: { kind: "schema", name: "n", schema: {}, description: "d" },
        hints: { user: "u", cacheKey: "k", serviceTier: "flex", metadata: { a: "b" } },
      }),
      {
        model: "gpt",
        messages: [
          { role: "system", content: "a\n\nb" },
          { role: "user", content: "hi" },
        ],
        stream: true,
        stream_options: { include_usage: true },
        tools: [
          { type: "function", function: { name: "now", parameters: { type: "object" }, strict: false } },
          { type: "function", function: { name: "then" } },
        ],
        tool_choice: { type: "function", function: { name: "now" } },
        parallel_tool_calls: false,
        max_completion_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        frequency_penalty: 1,
        presence_penalty: 2,
        seed: 3,
        stop: ["x"],
        response_format: { type: "json_schema", json_schema: { name: "n", description: "d", schema: {} } },
      },
    );
    assert.deepEqual(write({ toolChoice: "auto", parallelTools: false, format: { kind: "json" } }), {
      model: "gpt",
      messages: [],
      response_format: { type: "json_object" },
    });
  });

  test("an effort passes, a budget becomes one", () => {
    const effort = (reasoning: Inquiry["reasoning"]) => write({ reasoning: reasoning! })["reasoning_effort"];
    assert.equal(effort({ effort: "xhigh", budget: 10 }), "xhigh");
    assert.deepEqual(
      [0, 1, 4096, 4097, 16_384, 16_385].map((budget) => effort({ budget })),
      ["none", "low", "low", "medium", "medium", "high"],
    );
    assert.equal(effort({ budget: "dynamic", show: true }), undefined);
  });

  test("results stand right behind the calls, and what they show in the user message behind those", () => {
    assert.deepEqual(
      writeTurns(
        { role: "assistant", blocks: [call("c1"), call("c2"), call("c3")] },
        { role: "system", blocks: [text("careful")] },
        { role: "user", blocks: [text("and"), result("c1", [text("one"), PICTURE]), result("c2", [PICTURE])] },
        { role: "user", blocks: [result("c3", [text("no such file")], true)] },
      ),
      [
        { role: "assistant", content: null, tool_calls: ["c1", "c2", "c3"].map((id) => ({ ...CALLED, id })) },
        { role: "tool", tool_call_id: "c1", content: "one" },
        { role: "tool", tool_call_id: "c2", content: "The result is in the user message that follows." },
        { role: "tool", tool_call_id: "c3", content: "[tool error]\nno such file" },
        { role: "system", content: "careful" },
        {
          role: "user",
          content: [
            { type: "text", text: "From the result of tool call c1:" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            { type: "text", text: "From the result of tool call c2:" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            { type: "text", text: "and" },
          ],
        },
      ],
    );
    assert.deepEqual(writeTurns({ role: "user", blocks: [result("c1", [], true)] }), [
      { role: "tool", tool_call_id: "c1", content: "[tool error]" },
    ]);
  });

  test("calls that nobody answered keep nothing back", () => {
    assert.deepEqual(
      writeTurns(
        { role: "assistant", blocks: [call("c1")] },
        { role: "user", blocks: [text("never mind")] },
        { role: "assistant", blocks: [text("fine")] },
        { role: "user", blocks: [text("bye")] },
      ),
      [
        { role: "assistant", content: null, tool_calls: [CALLED] },
        { role: "user", content: "never mind" },
        { role: "assistant", content: "fine" },
        { role: "user", content: "bye" },
      ],
    );
  });

  test("open thoughts go back, signed and closed ones do not", () => {
    const thinking = (text: string, rest: object = {}): Block => ({ kind: "thinking", text, ...rest });
    assert.deepEqual(
      writeTurns(
        { role: "assistant", blocks: [thinking("a"), thinking("b", { signature: "s" }), thinking("c"), text("x")] },
        { role: "assistant", blocks: [thinking("", { redacted: "r" })] },
        { role: "assistant", blocks: [text("y"), { kind: "refusal", text: "no" }] },
      ),
      [
        { role: "assistant", content: "x", reasoning_content: "a\n\nc" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "y" },
            { type: "refusal", refusal: "no" },
          ],
        },
      ],
    );
  });

  test("documents and sound", () => {
    const media = (modality: "audio" | "file", source: object, name?: string) =>
      ({ kind: "media", modality, source, ...(name ? { name } : {}) }) as Block;
    assert.deepEqual(
      writeTurns({
        role: "user",
        blocks: [
          media("file", { kind: "base64", mime: "application/pdf", data: "AAAA" }),
          media("file", { kind: "text", text: "plain" }, "n.txt"),
          media("audio", { kind: "base64", mime: "audio/x-wav", data: "BBBB" }),
        ],
      }),
      [
        {
          role: "user",
          content: [
            { type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,AAAA" } },
            { type: "text", text: "n.txt\n\nplain" },
            { type: "input_audio", input_audio: { data: "BBBB", format: "wav" } },
          ],
        },
      ],
    );
  });

  test("what chat completions cannot be asked is named", () => {
    const media = (modality: string, source: object, rest: object = {}) => ({
      turns: [{ role: "user", blocks: [{ kind: "media", modality, source, ...rest }] }] as unknown as Turn[],
    });
    const url = { kind: "url", url: "https://x" };
    const cases: readonly (readonly [string, Partial<Inquiry>])[] = [
      ["top_k", { sampling: { topK: 3 } }],
      ["video", media("video", url)],
      ["audio", media("audio", url)],
      ["audio", media("audio", { kind: "base64", mime: "audio/ogg", data: "A" })],
      ["file", media("file", url)],
      ["file_id", media("image", { kind: "file_id", id: "f" })],
      ["detail", media("image", url, { detail: "original" })],
      ["media", { turns: [{ role: "assistant", blocks: [PICTURE] }] }],
    ];
    for (const [feature, inquiry] of cases) {
      const { code, param } = refusalOf(() => write(inquiry));
      assert.deepEqual([code, param], ["unsupported_feature", feature]);
    }
  });
});

const filled = fc.string({ minLength: 1, maxLength: 12 });
const said = filled.map(text);
const image: fc.Arbitrary<Block> = fc
  .record({ data: fc.base64String({ minLength: 4, maxLength: 8 }), low: fc.boolean() })
  .map(({ data, low }) => ({
    kind: "media",
    modality: "image",
    source: { kind: "base64", mime: "image/png", data },
    ...(low ? { detail: "low" } : {}),
  }));
const asked: fc.Arbitrary<Turn> = fc
  .array(fc.oneof(said, image), { minLength: 1, maxLength: 3 })
  .map((blocks) => ({ role: "user", blocks }));
/** One exchange with tools: what the assistant thinks, says and calls, and an answer to each call. */
const exchange: fc.Arbitrary<readonly Turn[]> = fc
  .record({
    thought: fc.option(filled),
    texts: fc.array(said, { maxLength: 2 }),
    answers: fc.array(fc.array(said, { minLength: 1, maxLength: 2 }), { maxLength: 3 }),
    input: fc.json({ maxDepth: 1 }),
  })
  .map(({ thought, texts, answers, input }) => [
    {
      role: "assistant",
      blocks: [
        ...(thought === null ? [] : [{ kind: "thinking", text: thought } as const]),
        ...texts,
        ...answers.map((_, i): Block => ({ kind: "tool_call", id: `c${i}`, name: "look", arguments: input })),
      ],
    },
    { role: "user", blocks: answers.map((content, i) => result(`c${i}`, content)) },
  ]);
const inquiry: fc.Arbitrary<Inquiry> = fc
  .record({
    stream: fc.boolean(),
    system: fc.array(filled, { maxLength: 1 }),
    asked: fc.array(fc.tuple(asked, exchange), { minLength: 1, maxLength: 3 }),
    rest: fc.record(
      {
        parallelTools: fc.constant(false as const),
        toolChoice: fc.constantFrom("auto", "required", { name: "look" }),
        maxOutputTokens: fc.integer({ min: 1, max: 1e6 }),
        reasoning: fc.constantFrom({ effort: "low" as const }, { effort: "none" as const }),
        format: fc.constantFrom(
          { kind: "json" as const },
          { kind: "schema" as const, name: "n", schema: { type: "object" }, strict: true, description: "d" },
        ),
      },
      { requiredKeys: [] },
    ),
    sampling: fc.record(
      {
        temperature: fc.double({ min: 0, max: 2, noNaN: true }),
        topP: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        seed: fc.integer(),
        stop: fc.array(filled, { minLength: 1, maxLength: 4 }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ stream, system, asked, rest, sampling }) => ({
    ...PLAIN,
    stream,
    system,
    turns: asked.flat(2),
    tools: [{ name: "look", description: "d", schema: { type: "object" } }],
    sampling,
    ...(rest as Partial<Inquiry>),
  }));

/** Neighbours of one role joined, and turns that hold nothing left out. */
const joined = (turns: readonly Turn[]): readonly Turn[] =>
  turns.reduce<Turn[]>((all, turn) => {
    const last = all.at(-1);
    if (turn.blocks.length === 0) return all;
    if (last?.role !== turn.role) return [...all, turn];
    return [...all.slice(0, -1), { role: turn.role, blocks: [...last.blocks, ...turn.blocks] }];
  }, []);

test("what is written for a chat server is read back as what was asked", () => {
  fc.assert(
    fc.property(inquiry, (asked) => {
      const body = JSON.parse(JSON.stringify(openaiChatServer.writeRequest(asked, "auto").body)) as Fields;
      const again = openaiChatClient.readRequest(body);
      const plain = (value: Inquiry): unknown => JSON.parse(JSON.stringify({ ...value, turns: joined(value.turns) }));
      assert.deepEqual(plain(again), plain(asked));
    }),
    { numRuns: 200 },
  );
});

test("no body breaks the reader", () => {
  const key = fc.constantFrom("role", "content", "type", "text", "image_url", "url", "tool_calls", "function", "name");
  const value = fc.anything({ maxDepth: 4, key });
  const message = fc.record({ role: fc.constantFrom("user", "assistant", "tool", "function"), content: value });
  const field = fc.constantFrom("tools", "tool_choice", "stop", "response_format", "stream_options", "metadata", "n");
  fc.assert(
    fc.property(fc.array(fc.oneof(message, value)), field, value, (messages, field, value) => {
      try {
        read({ messages, [field]: value });
      } catch (error) {
        assert.ok(error instanceof RouterError);
      }
    }),
    { numRuns: 300 },
  );
});
