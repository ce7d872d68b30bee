import assert from "node:assert/strict";
import { test } from "node:test";
import { type Door, asksOf } from "./asks.ts";
import { KEYS, SAID, messages, post } from "./sample.ts";
import { type ApiKind, startFakeApi } from "./server.ts";

/** Fields laid over a request that keeps the rules, and the rule that it breaks then. */
type Breaks = readonly (readonly [over: object, rule: RegExp])[];

const user = { role: "user", content: "hi" };
const png = "iVBORw0KGgo=";

async function eachIsRefused(kind: ApiKind, path: string, body: object, cases: Breaks, form: (body: never) => boolean) {
  const fake = await startFakeApi(kind, { script: SAID, signatures: ["c2VhbGVk", "YQ=="] });
  try {
    assert.equal((await post(kind, fake, path, body)).status, 200, "the request itself keeps the rules");
    for (const [over, rule] of cases) {
      const response = await post(kind, fake, path, { ...body, ...over });
      assert.equal(response.status, 400, String(rule));
      assert.match(fake.violations.at(-1) ?? "", rule);
      assert.ok(form((await response.json()) as never), `the API's error form: ${String(rule)}`);
    }
    assert.equal(fake.violations.length, cases.length);
    assert.equal(fake.bill.requests, 1);
  } finally {
    await fake.close();
  }
}

const openaiForm = ({ error }: { error: { type: string; code: string } }) =>
  error.type === "invalid_request_error" && error.code !== null;

const chatCall = (id: string, args: unknown = "{}") => ({
  id,
  type: "function",
  function: { name: "f", arguments: args },
});
const chatTurns = (...turns: readonly object[]) => ({ messages: [user, ...turns] });
const calling = { role: "assistant", content: null, tool_calls: [chatCall("a"), chatCall("b")] };
const chatResult = (id: string, content: unknown = "1") => ({ role: "tool", tool_call_id: id, content });
const open = { type: "object", properties: { a: { type: "string" } } };
const chatTools = [{ type: "function", function: { name: "f", parameters: open } }];

const CHAT: Breaks = [
  [{ messages: undefined }, /^messages: is required/u],
  [{ model: 1 }, /^model: must be a string/u],
  [{ temprature: 1 }, /^temprature: is no field/u],
  [{ messages: [] }, /^messages: needs 1/u],
  [{ messages: [{ ...user, color: "red" }] }, /^messages\.0\.color: is no field/u],
  [{ temperature: "1" }, /^temperature: must be a number/u],
  [{ temperature: 3 }, /^temperature: must be between/u],
  [{ stop: ["a", "b", "c", "d", "e"] }, /^stop: allows 4/u],
  [{ stream_options: { include_usage: true } }, /^stream_options: is allowed only with stream/u],
  [{ tool_choice: "auto" }, /^tool_choice: is allowed only with tools/u],
  [{ parallel_tool_calls: true }, /^parallel_tool_calls: is allowed only with tools/u],
  [{ tools: [] }, /^tools: needs 1/u],
  [{ tools: chatTools, tool_choice: { type: "function", function: { name: "g" } } }, /^tool_choice: names no tool/u],
  [{ tools: [{ type: "function", function: { name: "a b" } }] }, /name: must match/u],
  [{ tools: [{ type: "function", function: { name: "f", strict: true, parameters: open } }] }, /strict schema/u],
  [{ response_format: { type: "json_object" } }, /^messages: must hold the word json/u],
  [{ top_logprobs: 2 }, /^top_logprobs: is allowed only with logprobs/u],
  [{ max_tokens: 9, max_completion_tokens: 9 }, /^max_tokens: stands beside/u],
  [{ model: "o3", max_tokens: 9 }, /^max_tokens: is not supported/u],
  [chatTurns({ role: "assistant" }), /^messages\.1\.content: is required/u],
  [chatTurns({ role: "assistant", tool_calls: [chatCall("a", {})] }), /arguments: must be a string/u],
  [chatTurns({ role: "assistant", tool_calls: [chatCall("a".repeat(41))] }), /id: is longer than 40/u],
  [chatTurns(chatResult("a")), /answers no preceding tool call/u],
  [chatTurns(calling, chatResult("a")), /without an answer: b/u],
  [chatTurns(calling, chatResult("a"), user, chatResult("b")), /messages\.3: tool calls without an answer: b/u],
  [
    chatTurns(calling, chatResult("a"), chatResult("b", [{ type: "image_url" }])),
    /content\.0\.type: must be one of text/u,
  ],
  [
    { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "swift.png" } }] }] },
    /url: must match/u,
  ],
  [
    { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,?" } }] }] },
    /url: must match/u,
  ],
];

test("OpenAI's chat completions refuse what breaks a rule", async () => {
  const body = { model: "m", messages };
  await eachIsRefused("openai", "/chat/completions", body, CHAT, openaiForm);
  await eachIsRefused("azure", "/openai/v1/chat/completions", body, CHAT, openaiForm);
});

const reply = { type: "function_call", call_id: "a", name: "f", arguments: "{}" };
const output = { type: "function_call_output", call_id: "a", output: "1" };
const thought = { type: "reasoning", id: "rs_1", summary: [] };

const RESPONSES: Breaks = [
  [{ model: undefined }, /^model: is required/u],
  [{ stop: "x" }, /^stop: is no field/u],
  [{ messages }, /^messages: is no field/u],
  [{ input: undefined }, /^input: is required/u],
  [{ input: 7 }, /^input: must be an array/u],
  [{ max_output_tokens: 8 }, /^max_output_tokens: must be between 16/u],
  [
    { input: [{ role: "assistant", content: [{ type: "input_text", text: "x" }] }] },
    /type: must be one of output_text/u,
  ],
  [{ input: [{ role: "user", content: [{ type: "output_text", text: "x" }] }] }, /type: must be one of input_text/u],
  [{ input: [user, reply] }, /no tool output was found for a/u],
  [{ input: [user, output] }, /no tool call was found/u],
  [{ input: [user, { ...reply, id: "call_1" }, output] }, /id: must match \^fc_/u],
  [{ input: [user, { ...reply, arguments: {} }, output] }, /arguments: must be a string/u],
  [{ input: [user, thought] }, /needs the item that followed/u],
  [{ input: [user, { ...thought, id: "x" }, reply, output] }, /id: must match \^rs_/u],
  [{ input: [user, { ...thought, encrypted_content: "b3RoZXI=" }, reply, output] }, /not given here/u],
  [{ tools: [{ type: "function", function: { name: "f" } }] }, /tools\.0\.name: is required/u],
  [{ tool_choice: "required" }, /^tool_choice: is allowed only with tools/u],
  [{ reasoning: { effort: "huge" } }, /^reasoning\.effort: must be one of/u],
  [{ include: ["thoughts"] }, /^include\.0: must be one of/u],
  [{ text: { format: { type: "json_schema", name: "b", strict: true, schema: open } } }, /strict schema/u],
];

test("OpenAI's responses refuse what breaks a rule", async () => {
  await eachIsRefused("openai", "/responses", { model: "m", input: "hi" }, RESPONSES, openaiForm);
});

const use = (id: string, input: unknown = {}) => ({ type: "tool_use", id, name: "f", input });
const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "1" });
const says = (...content: readonly object[]) => ({ role: "assistant", content });
const gives = (...content: readonly object[]) => ({ role: "user", content });
const turns = (...list: readonly object[]) => ({ messages: [user, ...list] });
const words = { type: "text", text: "x" };
const thinks = (more: object = {}) => ({
  max_tokens: 4000,
  thinking: { type: "enabled", budget_tokens: 2000 },
  ...more,
});
const tools = [{ name: "f", input_schema: { type: "object" } }];

const MESSAGES: Breaks = [
  [{ max_tokens: undefined }, /^max_tokens: is required/u],
  [{ max_tokens: 0 }, /^max_tokens: must be between/u],
  [{ messages: undefined }, /^messages: is required/u],
  [{ n: 1 }, /^n: is no field/u],
  [{ temperature: 1.5 }, /^temperature: must be between/u],
  [{ stream: "yes" }, /^stream: must be a boolean/u],
  [turns(user), /roles must alternate/u],
  [{ messages: [says(words)] }, /roles must alternate/u],
  [{ messages: [{ role: "system", content: "x" }] }, /role: must be one of user, assistant/u],
  [{ messages: [gives({ type: "text", text: "" })] }, /text: must not be empty/u],
  [turns(says({ type: "text", text: "so " })), /must not end with whitespace/u],
  [turns(says(use("a")), gives(words, result("a"))), /must stand first/u],
  [turns(says(use("a"), use("b")), gives(result("a"))), /without a tool_result right after it: b/u],
  [turns(says(use("a"))), /without a tool_result right after it: a/u],
  [turns(says(words), gives(result("a"))), /no tool_use of the previous turn/u],
  [turns(says(use("a"), use("a")), gives(result("a"))), /must be unique/u],
  [turns(says(use("call:1")), gives(result("call:1"))), /id: must match/u],
  [turns(says(use("a", "{}")), gives(result("a"))), /input: must be an object/u],
  [turns(says({ type: "thinking", thinking: "x" }, words)), /signature: is required/u],
  [{ messages: [gives({ type: "thinking", thinking: "x", signature: "y" })] }, /type: must be one of/u],
  [turns(says({ type: "thinking", thinking: "x", signature: "b3RoZXI=" }, words), user), /not given here/u],
  [thinks({ max_tokens: 2000 }), /^thinking\.budget_tokens: must be less/u],
  [{ thinking: { type: "enabled", budget_tokens: 100 } }, /^thinking\.budget_tokens: must be between 1024/u],
  [thinks({ temperature: 0.5 }), /^temperature: must be 1/u],
  [thinks({ top_k: 5 }), /^top_k: must not be set/u],
  [thinks({ top_p: 0.5 }), /^top_p: must be 0\.95/u],
  [thinks({ tools, tool_choice: { type: "any" } }), /^tool_choice: must not force/u],
  [thinks(turns(says(use("a")), gives(result("a")))), /must begin with its thoughts/u],
  [{ tool_choice: { type: "auto" } }, /^tool_choice: is allowed only with tools/u],
  [{ tools: [{ name: "f", parameters: {} }] }, /input_schema: is required/u],
  [{ tools: [{ name: "f", input_schema: {} }] }, /input_schema\.type: must be a string/u],
  [
    { messages: [gives({ type: "image", source: { type: "base64", media_type: "image/bmp", data: png } })] },
    /media_type/u,
  ],
  [
    { messages: [gives({ type: "image", source: { type: "base64", media_type: "image/png", data: "?" } })] },
    /data: must/u,
  ],
];

test("Anthropic's messages refuse what breaks a rule", async () => {
  const body = { model: "m", max_tokens: 2000, messages };
  const form = ({ type, error }: { type: string; error: { type: string } }) =>
    type === "error" && error.type === "invalid_request_error";
  await eachIsRefused("anthropic", "/messages", body, MESSAGES, form);
});

test("Anthropic's version of October 2026 takes no sampling and no citations of users", async (t) => {
  const fake = await startFakeApi("anthropic", { script: SAID });
  t.after(() => fake.close());
  const headers = { authorization: "Bearer k", "anthropic-version": "2026-10-21" };
  const body = { model: "m", max_tokens: 9, messages };
  const cited = { messages: [gives({ ...words, citations: [{ type: "char_location" }] })] };
  assert.equal((await post("anthropic", fake, "/messages", body, headers)).status, 200);
  for (const over of [{ temperature: 1 }, { top_p: 1 }, { top_k: 5 }, cited]) {
    assert.equal((await post("anthropic", fake, "/messages", { ...body, ...over })).status, 200);
    assert.equal((await post("anthropic", fake, "/messages", { ...body, ...over }, headers)).status, 400);
  }
});

const says3 = (...parts: readonly object[]) => ({ role: "model", parts });
const asks3 = (...parts: readonly object[]) => ({ role: "user", parts });
const hi = asks3({ text: "hi" });
const call = (name: string) => ({ functionCall: { name, args: {} }, thoughtSignature: "c2VhbGVk" });
const answer = (name: string, response: unknown = {}) => ({ functionResponse: { name, response } });
const contents = (...list: readonly object[]) => ({ contents: [hi, ...list] });
const config = (generationConfig: object) => ({ generationConfig });

const GEMINI: Breaks = [
  [{ contents: undefined }, /^contents: is required/u],
  [{ messages }, /^messages: is no field/u],
  [{ max_tokens: 1 }, /^max_tokens: is no field/u],
  [{ contents: [{ ...hi, role: "assistant" }] }, /role: must be one of user, model/u],
  [{ contents: [says3({ text: "x" })] }, /the first turn must be a user's/u],
  [{ contents: [asks3({ text: "x", inlineData: { mimeType: "image/png", data: png } })] }, /exactly one kind/u],
  [{ contents: [asks3({ inlineData: { mimeType: "image/png", data: "data:x" } })] }, /data: must match/u],
  [{ contents: [asks3({ inlineData: { data: png } })] }, /mimeType: is required/u],
  [{ contents: [asks3({ text: "x", thoughtSignature: "no base64!" })] }, /thoughtSignature: must match/u],
  [contents(says3(call("f"))), /have no responses/u],
  [contents(says3(call("f")), asks3(answer("g"))), /must have the names/u],
  [contents(says3(call("f"), call("f")), asks3(answer("f"))), /as many function responses/u],
  [contents(says3(call("f")), hi, asks3(answer("f"))), /as many function responses/u],
  [contents(says3(call("f")), asks3(answer("f", "17 degrees"))), /response: must be an object/u],
  [contents(says3({ functionCall: { name: "f", args: "{}" } }), asks3(answer("f"))), /args: must be an object/u],
  [
    contents(says3({ functionCall: { name: "f", id: "a" }, thoughtSignature: "YQ==" }), asks3(answer("f"))),
    /id of the call/u,
  ],
  [contents(says3({ text: "x", thoughtSignature: "b3RoZXI=" }), hi), /signature that was not given here/u],
  [contents(says3({ functionCall: { name: "f" } }), asks3(answer("f"))), /missing its thoughtSignature/u],
  [config({ maxTokens: 3 }), /maxTokens: is no field/u],
  [config({ responseSchema: { type: "object" } }), /responseMimeType: must be application\/json/u],
  [config({ responseSchema: { type: "object", additionalProperties: false } }), /additionalProperties: is no field/u],
  [config({ thinkingConfig: { thinkingBudget: 1, thinkingLevel: "LOW" } }), /exclude each other/u],
  [config({ stopSequences: ["a", "b", "c", "d", "e", "f"] }), /allows 5/u],
  [{ toolConfig: { functionCallingConfig: { mode: "AUTO", allowedFunctionNames: ["f"] } } }, /needs the mode ANY/u],
  [{ toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } } }, /f is not declared/u],
  [{ systemInstruction: "Be brief." }, /^systemInstruction: must be an object/u],
];

test("Gemini refuses what breaks a rule", async () => {
  const form = ({ error }: { error: { code: number; status: string } }) =>
    error.code === 400 && error.status === "INVALID_ARGUMENT";
  await eachIsRefused("gemini", "/models/gemini-3-pro:generateContent", { contents: [hi] }, GEMINI, form);
});

test("a request without its key, its version or its path is refused", async (t) => {
  const cases: readonly (readonly [ApiKind, string, Readonly<Record<string, string>>, number])[] = [
    ["openai", "/chat/completions", {}, 401],
    ["openai", "/completion", KEYS.openai, 404],
    ["anthropic", "/messages", { "anthropic-version": "2023-06-01" }, 401],
    ["anthropic", "/messages", { "x-api-key": "k" }, 400],
    ["gemini", "/models/gemini-3-pro:generateContent", {}, 403],
    ["gemini", "/models/gemini-3-pro:streamGenerateContent", KEYS.gemini, 404],
    ["azure", "/openai/v1/chat/completions", {}, 401],
    ["azure", "/openai/deployments/d/chat/completions", KEYS.azure, 404],
  ];
  for (const [kind, path, headers, status] of cases) {
    const fake = await startFakeApi(kind, { script: SAID });
    t.after(() => fake.close());
    assert.equal((await post(kind, fake, path, { model: "m", messages }, headers)).status, status, `${kind} ${path}`);
    assert.equal(fake.violations.length, 1);
  }
});

test("what clients ask through each door keeps the rules of that door's API", async (t) => {
  const kinds = { "openai-chat": "openai", "openai-responses": "openai", "anthropic-messages": "anthropic" } as const;
  for (const [door, kind] of Object.entries(kinds)) {
    const fake = await startFakeApi(kind, { script: SAID, signatures: ["c2VhbGVkIHRob3VnaHQ="] });
    t.after(() => fake.close());
    const asks = asksOf(door as Door, "auto");
    assert.ok(asks.length >= 12);
    for (const { feature, path, body, expects } of asks) {
      const response = await post(kind, fake, path.replace("/v1", ""), body);
      assert.equal(response.status, 200, `${door} ${feature}: ${fake.violations.join()}`);
      const sent = JSON.stringify(body);
      for (const text of [
        ...expects.texts,
        ...(expects.tools ?? []),
        ...(expects.calls ?? []).map(({ result }) => result),
      ])
        assert.ok(sent.includes(text), `${door} ${feature} holds what is expected of it`);
    }
  }
});
