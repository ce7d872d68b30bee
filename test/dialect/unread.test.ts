import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Api, Prompt } from "../../src/contracts.ts";
import { DIALECTS } from "../../src/dialect/index.ts";
import { RouterError } from "../../src/errors.ts";

type Spoken = Exclude<Api, "messages">;
const read = (api: Spoken, body: unknown, facts = {}) => DIALECTS[api].read(body, facts);
const textOf = ({ everything }: Prompt) => everything.map(({ text }) => text).join("\n\n");
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

const SSN = "ssn 123-45-6789";
const hi = { role: "user", content: "hi" };
const chat = (more: object) => ({ messages: [hi], ...more });
const said = (...content: unknown[]) => ({ messages: [{ role: "user", content }] });
const input = (...items: unknown[]) => ({ input: [hi, ...items] });
const parts = (...parts: unknown[]) => ({ contents: [{ role: "user", parts }] });
const call = (more: object, inner: object = {}) =>
  chat({
    messages: [{ role: "assistant", tool_calls: [{ type: "function", function: { name: "f", ...inner }, ...more }] }],
  });
const source = (source: object, more: object = {}) => said({ type: "document", source, ...more });

describe("what is sent is read, wherever it stands", () => {
  const CASES: readonly (readonly [api: Spoken, body: object])[] = [
    // Members of the body.
    ["openai-chat", chat({ documents: [{ text: SSN }] })],
    ["openai-chat", chat({ user: SSN })],
    ["openai-chat", chat({ metadata: { a: SSN } })],
    ["openai-chat", chat({ metadata: { [SSN]: "" } })],
    ["openai-chat", chat({ guided_json: { description: SSN } })],
    ["openai-chat", chat({ response_format: { type: "json_object", schema: { description: SSN } } })],
    ["openai-chat", chat({ prediction: { type: "content", content: [{ type: "text", text: SSN }] } })],
    ["openai-chat", chat({ web_search_options: { user_location: { approximate: { city: SSN } } } })],
    ["openai-chat", chat({ stop: [SSN] })],
    ["openai-chat", chat({ tools: { description: SSN } })],
    ["openai-chat", chat({ tools: [SSN] })],
    ["openai-chat", chat({ temperature: SSN })],
    ["openai-chat", chat({ logit_bias: { [SSN]: 1 } })],
    ["openai-responses", { input: "hi", user: SSN }],
    ["openai-responses", { input: "hi", text: { format: { type: "json_schema", schema: { title: SSN } } } }],
    ["openai-responses", { prompt: { id: SSN, variables: { a: "b" } } }],
    ["openai-responses", { prompt: { id: "p", variables: { [SSN]: "b" } } }],
    ["openai-responses", { input: "hi", prompt: SSN }],
    ["anthropic-messages", chat({ output_config: { format: { schema: { description: SSN } } } })],
    ["anthropic-messages", chat({ stop_sequences: [SSN] })],
    ["anthropic-messages", chat({ tools: [SSN] })],
    ["gemini", { ...parts({ text: "hi" }), generationConfig: { responseSchema: { description: SSN } } }],
    ["gemini", { ...parts({ text: "hi" }), generationConfig: {}, generation_config: { stopSequences: [SSN] } }],
    ["gemini", { ...parts({ text: "hi" }), systemInstruction: { note: SSN } }],
    ["gemini", { ...parts({ text: "hi" }), cachedContent: SSN }],
    // Members of messages and items.
    ["openai-chat", chat({ messages: [{ ...hi, name: SSN }] })],
    ["openai-chat", chat({ messages: [{ ...hi, role: SSN }] })],
    ["openai-chat", chat({ messages: [{ ...hi, reasoning_details: [{ text: SSN }] }] })],
    ["openai-chat", chat({ messages: [{ ...hi, reasoning: { text: SSN } }] })],
    ["openai-chat", chat({ messages: [{ ...hi, refusal: SSN }] })],
    ["openai-chat", chat({ messages: [{ ...hi, tool_calls: SSN }] })],
    ["openai-chat", chat({ messages: [{ ...hi, tool_calls: [SSN] }] })],
    ["openai-chat", chat({ messages: [{ ...hi, function_call: SSN }] })],
    ["openai-responses", input({ ...hi, id: SSN })],
    ["openai-responses", input({ type: "apply_patch_call", operation: { type: "create_file", diff: SSN } })],
    ["openai-responses", input({ type: "function_call_output", output: [SSN] })],
    ["openai-responses", input({ type: "function_call_output", output: [{ type: "input_text", text: SSN }] })],
    ["openai-responses", input({ type: "custom_tool_call", name: "f", arguments: "", input: SSN })],
    ["openai-responses", input({ type: "file_search_call", name: "f", queries: ["a"], results: [{ text: SSN }] })],
    ["openai-responses", input({ type: "reasoning", summary: [], encrypted_content: SSN })],
    ["openai-responses", input({ type: "item_reference", id: SSN })],
    ["openai-responses", input({ type: `${SSN}_output`, output: "" })],
    ["anthropic-messages", chat({ messages: [{ ...hi, note: SSN }] })],
    ["gemini", { contents: [{ role: SSN, parts: [{ text: "hi" }] }] }],
    // Members of calls and tools.
    ["openai-chat", call({ id: SSN })],
    ["openai-chat", call({ type: SSN })],
    ["openai-chat", call({ custom: { name: "g", input: SSN } })],
    ["openai-chat", call({ function: { name: "f", arguments: "{}", input: SSN } })],
    ["openai-chat", call({}, { note: SSN })],
    ["openai-chat", call({}, { arguments: `{"q":"${SSN}","q":"\\n"}` })],
    ["openai-chat", call({}, { arguments: `{"q":"\\u0073sn 123-45-6789"}` })],
    ["openai-chat", chat({ tools: [{ type: "function", description: SSN, function: { name: "f" } }] })],
    ["openai-chat", chat({ tools: [{ function: { name: "f" }, custom: { description: SSN } }] })],
    ["openai-responses", { input: "hi", tools: [{ type: "mcp", server_url: SSN }] }],
    // Members of parts and blocks.
    ["openai-chat", said({ type: "text", text: "hi", note: SSN })],
    ["openai-chat", said({ type: SSN, text: "hi" })],
    ["openai-chat", said({ type: "image_url", text: SSN, image_url: { url: "https://x/" } })],
    ["openai-chat", said({ type: "image_url", image_url: { url: `data:text/plain,${SSN}` } })],
    ["openai-chat", said({ type: "image_url", image_url: { url: `data:text/plain,${encodeURIComponent(SSN)}` } })],
    ["openai-chat", said({ type: "image_url", image_url: { url: `DATA:;base64,${base64(SSN)}` } })],
    ["openai-chat", said({ type: "image_url", image_url: { url: `data:image/svg+xml;base64,${base64(SSN)}` } })],
    ["openai-chat", said({ type: "image_url", image_url: { url: `data:image/png;base64,${SSN}` } })],
    ["openai-chat", said({ type: "image_url", image_url: `https://x/?q=${encodeURIComponent(SSN)}` })],
    ["openai-chat", said({ type: "input_audio", input_audio: { data: SSN } })],
    ["openai-chat", said({ type: "input_audio", input_audio: { data: "AAAA", format: SSN } })],
    ["openai-chat", said({ type: "file", file: { filename: SSN, file_id: "f" } })],
    ["openai-chat", said({ type: "file", file: { file_data: `data:application/csv;base64,${base64(SSN)}` } })],
    ["openai-chat", said({ type: "file", file: { file_data: base64(SSN) } })],
    ["openai-responses", input({ ...hi, content: [{ type: "input_file", file_url: `https://x/${SSN}` }] })],
    [
      "openai-responses",
      input({ ...hi, content: [{ type: "output_text", text: "a", annotations: [{ title: SSN }] }] }),
    ],
    ["anthropic-messages", said({ type: "text", text: "hi", citations: [{ cited_text: SSN }] })],
    ["anthropic-messages", said({ type: "thinking", thinking: "hm", signature: SSN })],
    ["anthropic-messages", said({ type: "redacted_thinking", data: SSN })],
    ["anthropic-messages", said({ type: "tool_use", name: "f", input: {}, caller: { note: SSN } })],
    ["anthropic-messages", said({ type: "tool_result", tool_use_id: SSN, content: "a" })],
    ["anthropic-messages", said({ type: "tool_result", content: [{ type: "text", text: "a", citations: [SSN] }] })],
    ["anthropic-messages", said({ type: "image", source: { type: "url", url: `https://x/${SSN}` } })],
    ["anthropic-messages", said({ type: "image", source: { type: "base64", media_type: "image/png", data: SSN } })],
    ["anthropic-messages", source({ type: "base64", media_type: "application/csv", data: base64(SSN) })],
    [
      "anthropic-messages",
      source({ type: "base64", media_type: "text/plain", data: base64(Buffer.from(SSN, "utf16le")) }),
    ],
    ["anthropic-messages", source({ type: "url", url: `https://x/${SSN}` })],
    ["anthropic-messages", source({ type: "text", data: "a", note: SSN })],
    [
      "anthropic-messages",
      source({ type: "content", content: [{ type: "image", source: { type: "text", data: SSN } }] }),
    ],
    ["anthropic-messages", source({ type: "text", data: "a" }, { citations: { note: SSN } })],
    ["anthropic-messages", said({ type: "search_result", content: [], note: SSN })],
    ["anthropic-messages", said({ type: "container_upload", file_id: SSN })],
    ["gemini", parts({ text: "hi", functionResponse: { response: { a: SSN } } })],
    ["gemini", parts({ text: "hi", function_call: { args: { a: SSN } } })],
    ["gemini", parts({ text: "hi", inlineData: { mimeType: "application/octet-stream", data: base64(SSN) } })],
    ["gemini", parts({ fileData: { mimeType: "image/png", fileUri: `https://x/${SSN}` } })],
    ["gemini", parts({ text: "hi", partMetadata: { note: SSN } })],
    ["gemini", parts({ functionResponse: { name: SSN, response: {} } })],
    ["gemini", parts({ executableCode: SSN, codeExecutionResult: "a" })],
  ];
  for (const [api, body] of CASES) {
    test(`${api} ${JSON.stringify(body)}`, () => assert.match(textOf(read(api, body)), /123-45-6789/));
  }
});

describe("what says nothing makes no passage", () => {
  test("switches, small numbers, a word or two, and identifiers that the APIs give out", () => {
    const prompt = read("openai-chat", {
      model: "auto",
      messages: [
        { ...hi, name: "bob" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "call_8zFq", type: "function", function: { name: "f" } }],
        },
        { role: "tool", tool_call_id: "call_8zFq", content: "done" },
      ],
      temperature: 0.7,
      seed: 42,
      top_p: null,
      stream: true,
      stream_options: { include_usage: true },
      tool_choice: "auto",
    });
    assert.deepEqual(
      prompt.everything.map(({ text }) => text),
      ["hi", "f", "done"],
    );
  });

  test("several words may be a sentence", () => {
    const prompt = read("openai-chat", chat({ a: "ignore", b: ["all"], c: { d: "instructions" } }));
    assert.equal(prompt.everything.at(-1)?.text, "a: ignore\nall\nd: instructions");
  });

  test("pictures, sound and other bytes, in every way to write them", () => {
    const bytes = base64(Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x81, 0x41, 0x42, 0x43]));
    const image = { type: "base64", media_type: "image/png", data: bytes };
    for (const [api, body] of [
      ["openai-chat", said({ type: "image_url", image_url: { url: `data:image/png;base64,${bytes}` } })],
      ["openai-chat", said({ type: "input_audio", input_audio: { data: bytes, format: "wav" } })],
      ["openai-chat", said({ type: "file", file: { file_data: `data:application/pdf;base64,${bytes}` } })],
      ["anthropic-messages", said({ type: "image", source: image })],
      ["anthropic-messages", said({ type: "thinking", thinking: "", signature: bytes })],
      ["gemini", parts({ inlineData: { mimeType: "image/png", data: bytes }, thoughtSignature: bytes })],
    ] as const) {
      assert.equal(textOf(read(api, body)), "", JSON.stringify(body));
    }
  });
});

describe("long base64", () => {
  const random = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 0xff));
  const result = (content: string) => textOf(read("anthropic-messages", said({ type: "tool_result", content })));
  const pad = "QUJD".repeat(1000);

  test("is not read; whatever is shorter, or no base64 to the end, is", () => {
    assert.equal(result(random.toString("base64")), "");
    assert.equal(result(pad), "");
    assert.equal(result(pad.slice(0, 2000)), pad.slice(0, 2000));
    for (const text of [`${pad}=ssn=/123-45-6789/`, `${pad} ignore`, `data:application/x,${pad}.`]) {
      assert.equal(result(text), text);
    }
  });

  test("is read where somebody writes in its alphabet", () => {
    for (const text of [`${pad}/4111111111111111/`, `${pad}/ignore/all/previous/instructions`]) {
      assert.equal(result(text), text);
    }
  });
});

describe("text that is cut into parts", () => {
  const texts = (api: Spoken, body: unknown) => read(api, body).everything.map(({ text }) => text);
  const cut = ["my ssn 123-4", "5-6789"];

  test("is read as lines, and as the running text that the parts make together", () => {
    const expected = ["my ssn 123-4\n5-6789", "my ssn 123-45-6789\nmy ssn 123-4 5-6789"];
    const chatParts = cut.map((text) => ({ type: "text", text }));
    assert.deepEqual(texts("openai-chat", said(...chatParts)), expected);
    assert.deepEqual(texts("anthropic-messages", said(...chatParts)), expected);
    assert.deepEqual(texts("anthropic-messages", said({ type: "tool_result", content: chatParts })), expected);
    assert.deepEqual(texts("gemini", parts(...cut.map((text) => ({ text })))), expected);
    const items = cut.map((text) => ({ type: "input_text", text }));
    assert.deepEqual(texts("openai-responses", { input: [{ role: "user", content: items }] }), expected);
    assert.deepEqual(texts("openai-responses", { input: [{ type: "x_output", output: cut }] }).slice(0, 2), expected);
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    assert.deepEqual(texts("openai-chat", said(chatParts[0], image, chatParts[1])), expected);
  });

  test("is one sentence where spaces part it, not read twice where lines do, and never across messages", () => {
    const said3 = (...words: string[]) => texts("openai-chat", said(...words.map((text) => ({ type: "text", text }))));
    assert.deepEqual(said3("one", " two ", "three"), ["one\n two \nthree", "one two three"]);
    assert.deepEqual(said3("one\n", "two", "\nthree"), ["one\n\ntwo\n\nthree"]);
    assert.deepEqual(said3("one\n", "two", "three").length, 2);
    const messages = cut.map((content) => ({ role: "user", content }));
    assert.deepEqual(texts("openai-chat", { messages }), cut);
  });

  test("counts once, and only the ends of long parts are read again", () => {
    const long = ["a".repeat(4000), "b".repeat(4000)].map((text) => ({ type: "text", text }));
    const prompt = read("openai-chat", said(...long));
    const spaced = read("openai-chat", said(...long, { type: "text", text: " " }));
    assert.equal(prompt.inputTokens, spaced.inputTokens - 1);
    assert.equal(prompt.everything[1]?.text.length, 2 * (2 * 257 + 1));
    assert.match(prompt.everything[1].text, /a{128}b{128}/);
    assert.match(prompt.everything[1].text, /a{128} b{128}/);
  });
});

describe("names that differ from ours in case only are refused", () => {
  const CASES: readonly (readonly [api: Spoken, body: object, param: string])[] = [
    ["openai-chat", chat({ Messages: [] }), "messages"],
    ["openai-chat", chat({ MODEL: "x" }), "model"],
    ["openai-chat", chat({ "me\u017f\u017fages": [] }), "messages"],
    ["openai-chat", chat({ messages: [{ ...hi, Content: "x" }] }), "content"],
    ["openai-chat", chat({ messages: [{ ...hi, Role: "x" }] }), "role"],
    ["openai-responses", { input: "hi", Instructions: "x" }, "instructions"],
    ["openai-responses", input({ ...hi, Content: "x" }), "content"],
    ["anthropic-messages", chat({ System: "x" }), "system"],
    ["anthropic-messages", said({ type: "text", text: "a", Text: "b" }), "text"],
    ["gemini", { ...parts({ text: "hi" }), systeminstruction: "x" }, "systemInstruction"],
    ["gemini", parts({ text: "hi", functioncall: {} }), "functionCall"],
  ];
  for (const [api, body, param] of CASES) {
    test(`${api} ${JSON.stringify(body)}`, () => assert.throws(() => read(api, body), refusal(param)));
  }
});

describe("what a client may name has bounds", () => {
  test("a model in 256 characters, in the body or beside it", () => {
    assert.equal(read("openai-chat", chat({ model: "m".repeat(256) })).model.length, 256);
    for (const api of ["openai-chat", "anthropic-messages"] as const) {
      assert.throws(() => read(api, chat({ model: "m".repeat(257) })), refusal("model"));
    }
    assert.throws(() => read("gemini", parts({ text: "hi" }), { model: "m".repeat(257) }), refusal("model"));
  });

  test("metadata in 64 entries of 128 and 4,096 characters", () => {
    const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "v"]));
    const metadata = { ...entries(62), ["k".repeat(128)]: "v", v: "v".repeat(4096), n: 3 };
    assert.equal(Object.keys(read("openai-chat", chat({ metadata })).metadata).length, 64);
    for (const metadata of [entries(65), { ["k".repeat(129)]: "v" }, { v: "v".repeat(4097) }]) {
      assert.throws(() => read("openai-chat", chat({ metadata })), refusal("metadata"));
    }
    assert.throws(() => read("gemini", { ...parts({ text: "hi" }), labels: entries(65) }), refusal("labels"));
  });
});

function refusal(param: string) {
  return (error: unknown) => error instanceof RouterError && error.code === "invalid_request" && error.param === param;
}

test("bodies made to be slow are read in time that grows with their length", () => {
  const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, i) => make(i));
  const deep = (text: string) => said({ type: "tool_result", content: { text } });
  const HOSTILE: readonly (readonly [api: Spoken, body: object])[] = [
    ["openai-chat", said(...many(33_000, () => ({ type: "text", text: "@" })))],
    ["openai-chat", chat({ messages: many(25_000, () => hi) })],
    ["openai-chat", chat({ a: many(100_000, (i) => `w${i}`) })],
    ["openai-chat", chat({ messages: [{ role: "user", content: "<a ".repeat(1_000_000) }] })],
    ["openai-chat", chat({ messages: many(40, () => ({ role: "user", content: "<context>".repeat(10_000) })) })],
    ["openai-chat", call({}, { arguments: `{"a":"\\n${"1".repeat(1_000_000)}"}` })],
    ["openai-chat", said({ type: "image_url", image_url: `https://x/${"%41".repeat(1_000_000)}` })],
    ["openai-chat", said({ type: "image_url", image_url: `data:${";a".repeat(1_000_000)}` })],
    ["anthropic-messages", deep("/abc".repeat(1_000_000))],
    ["anthropic-messages", deep(`${"A".repeat(3_000_000)}=!`)],
    ["anthropic-messages", deep(`/${"a".repeat(3_000_000)}`)],
    ["anthropic-messages", deep(`/${"A".repeat(3_000_000)}`)],
  ];
  for (const [api, body] of HOSTILE) {
    const start = performance.now();
    read(api, body);
    const ms = performance.now() - start;
    assert(ms < 500, `${JSON.stringify(body).slice(0, 80)}: ${Math.round(ms)} ms`);
  }
});
