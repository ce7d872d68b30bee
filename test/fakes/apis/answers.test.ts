import assert from "node:assert/strict";
import { test } from "node:test";
import { ASKS, CALLED, dataOf, messages, post, postStream } from "./sample.ts";
import type { Script } from "./script.ts";
import { startFakeApi } from "./server.ts";

test("Anthropic's answer is a message, and its stream the events that add up to it", async (t) => {
  const fake = await startFakeApi("anthropic", { script: CALLED });
  t.after(() => fake.close());
  const [path, body] = ASKS.anthropic;
  const thinking = { max_tokens: 4000, thinking: { type: "enabled", budget_tokens: 1024 } };
  const whole = (await (await post("anthropic", fake, path, { ...body, ...thinking })).json()) as object;
  const counted = {
    input_tokens: 12,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 8,
    output_tokens: 12,
    output_tokens_details: { thinking_tokens: 5 },
    server_tool_use: null,
  };
  assert.deepEqual(whole, {
    id: "msg_00018nKq2VdXw5TzLr7Ym3Hc",
    type: "message",
    role: "assistant",
    model: "m",
    container: null,
    diagnostics: null,
    content: [
      { type: "thinking", thinking: "Two cities are asked.", signature: "c2VhbGVk" },
      { type: "text", text: "I look.", citations: null },
      { type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Oslo" }, caller: { type: "direct" } },
      { type: "tool_use", id: "call_2", name: "get_time", input: {}, caller: { type: "direct" } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    stop_details: null,
    usage: {
      ...counted,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
      inference_geo: "not_available",
      service_tier: "standard",
      speed: "standard",
    },
  });

  const text = await (await postStream("anthropic", fake, thinking)).text();
  const [start, ...events] = dataOf(text) as { type: string }[];
  assert.equal(start?.type, "message_start");
  assert.deepEqual(events, [
    { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
    { type: "ping" },
    ...["Two cit", "ies are", " asked."].map((thinking) => delta(0, { type: "thinking_delta", thinking })),
    delta(0, { type: "signature_delta", signature: "c2VhbGVk" }),
    { type: "content_block_stop", index: 0 },
    { type: "content_block_start", index: 1, content_block: { type: "text", text: "", citations: null } },
    delta(1, { type: "text_delta", text: "I look." }),
    { type: "content_block_stop", index: 1 },
    toolStart(2, "call_1", "get_weather"),
    ...["", '{"city"', ':"Oslo"', "}"].map((piece) => delta(2, { type: "input_json_delta", partial_json: piece })),
    { type: "content_block_stop", index: 2 },
    toolStart(3, "call_2", "get_time"),
    delta(3, { type: "input_json_delta", partial_json: "" }),
    { type: "content_block_stop", index: 3 },
    {
      type: "message_delta",
      delta: { stop_reason: "tool_use", stop_sequence: null, stop_details: null, container: null },
      usage: counted,
    },
    { type: "message_stop" },
  ]);
  assert.deepEqual(
    [...text.matchAll(/^event: (.*)$/gmu)].map(([, name]) => name),
    [start, ...events].map(({ type }) => type),
  );
  const count = await post("anthropic", fake, "/messages/count_tokens", { model: "m", messages });
  assert.deepEqual(await count.json(), { input_tokens: 20 });
  assert.deepEqual(fake.violations, []);
});

const delta = (index: number, each: object) => ({ type: "content_block_delta", index, delta: each });
const toolStart = (index: number, id: string, name: string) => ({
  type: "content_block_start",
  index,
  content_block: { type: "tool_use", id, name, input: {}, caller: { type: "direct" } },
});

test("Gemini's answer has candidates, and its stream chunks of the same shape", async (t) => {
  let script: Script = CALLED;
  const fake = await startFakeApi("gemini", { script: () => script });
  t.after(() => fake.close());
  const body = { ...ASKS.gemini[1], generationConfig: { thinkingConfig: { includeThoughts: true } } };
  const whole = await post("gemini", fake, "/models/gemini-3-pro:generateContent", body);
  const calls = [
    { functionCall: { id: "call_1", name: "get_weather", args: { city: "Oslo" } }, thoughtSignature: "c2VhbGVk" },
    { functionCall: { id: "call_2", name: "get_time", args: {} } },
  ];
  const details = {
    promptTokensDetails: [{ modality: "TEXT", tokenCount: 20 }],
    cacheTokensDetails: [{ modality: "TEXT", tokenCount: 8 }],
  };
  const counted = {
    promptTokenCount: 20,
    candidatesTokenCount: 7,
    totalTokenCount: 32,
    cachedContentTokenCount: 8,
    thoughtsTokenCount: 5,
    ...details,
  };
  const rest = { modelVersion: "gemini-3-pro", responseId: "00018nKq2VdXw5TzLr7Ym3" };
  const thought = { text: "Two cities are asked.", thought: true };
  assert.deepEqual(await whole.json(), {
    candidates: [
      { content: { parts: [thought, { text: "I look." }, ...calls], role: "model" }, finishReason: "STOP", index: 0 },
    ],
    usageMetadata: counted,
    ...rest,
  });

  script = { ...CALLED, tools: [], finish: "length" };
  const text = await (await postStream("gemini", fake)).text();
  const half = { promptTokenCount: 20, totalTokenCount: 20, cachedContentTokenCount: 8, ...details };
  const named = { modelVersion: "gemini-2.5-pro", responseId: "00028nKq2VdXw5TzLr7Ym3" };
  const chunk = (part: object) => ({
    candidates: [{ content: { parts: [part], role: "model" }, index: 0 }],
    usageMetadata: half,
    ...named,
  });
  assert.deepEqual(dataOf(text.replaceAll("\r", "")), [
    chunk({ text: "I look." }),
    chunk({ text: "", thoughtSignature: "c2VhbGVk" }),
    {
      candidates: [{ content: { role: "model" }, finishReason: "MAX_TOKENS", index: 0 }],
      usageMetadata: counted,
      ...named,
    },
  ]);
  assert.deepEqual(fake.violations, []);
});
