import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI, { AzureOpenAI } from "openai";
import type { Script } from "./apis/script.ts";
import { type ApiKind, startFakeApi } from "./apis/server.ts";
import { ASKS, CALLED, KINDS, SAID, dataOf, messages, post, postStream, usage } from "./apis/sample.ts";

test("the official client reads the fake's chat completions, whole and streamed", async (t) => {
  let script: Script = SAID;
  const fake = await startFakeApi("openai", { script: () => script });
  t.after(() => fake.close());
  const client = new OpenAI({ baseURL: fake.url, apiKey: "k", maxRetries: 0 });
  const ask = { model: "m", messages };
  const streamed = () =>
    client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } }).finalChatCompletion();

  for (const answer of [await client.chat.completions.create(ask), await streamed()]) {
    assert.equal(answer.choices[0]?.message.content, "Swifts sleep aloft. 🐦");
    assert.equal(answer.choices[0]?.finish_reason, "stop");
    assert.equal(answer.usage?.total_tokens, 32);
    assert.equal(answer.usage?.prompt_tokens_details?.cached_tokens, 8);
    assert.equal(answer.usage?.completion_tokens_details?.reasoning_tokens, 5);
    assert.equal(answer.system_fingerprint, "fp_8d2e41c07a");
  }
  script = CALLED;
  for (const answer of [await client.chat.completions.create(ask), await streamed()])
    assert.deepEqual(
      answer.choices[0]?.message.tool_calls?.map((call) => call.type === "function" && [call.id, call.function]),
      [
        ["call_1", { name: "get_weather", arguments: '{"city":"Oslo"}' }],
        ["call_2", { name: "get_time", arguments: "{}" }],
      ],
    );
  script = { refusal: "I will not.", finish: "stop", usage };
  for (const answer of [await client.chat.completions.create(ask), await streamed()])
    assert.deepEqual([answer.choices[0]?.message.content, answer.choices[0]?.message.refusal], [null, "I will not."]);
  assert.deepEqual(fake.bill, { requests: 6, input: 120, cachedInput: 48, output: 72, reasoning: 30 });
  assert.deepEqual(fake.violations, []);
  assert.equal(fake.requests[0]?.path, "/v1/chat/completions");
});

test("the official client reads the fake's responses, whole and streamed", async (t) => {
  let script: Script = CALLED;
  const fake = await startFakeApi("openai", { script: () => script });
  t.after(() => fake.close());
  const client = new OpenAI({ baseURL: fake.url, apiKey: "k", maxRetries: 0 });
  const ask = {
    model: "m",
    input: "hi",
    reasoning: { summary: "auto" as const },
    include: ["reasoning.encrypted_content" as const],
  };
  const streamed = () => client.responses.stream(ask).finalResponse();

  for (const answer of [await client.responses.create(ask), await streamed()]) {
    const [thought, said, first, second] = answer.output;
    assert.ok(thought?.type === "reasoning" && said?.type === "message");
    assert.ok(first?.type === "function_call" && second?.type === "function_call");
    assert.deepEqual([thought.summary[0]?.text, thought.encrypted_content], ["Two cities are asked.", "c2VhbGVk"]);
    assert.equal(answer.output_text, "I look.");
    assert.deepEqual([first.call_id, first.name, first.arguments], ["call_1", "get_weather", '{"city":"Oslo"}']);
    assert.deepEqual([second.call_id, second.name, second.arguments], ["call_2", "get_time", "{}"]);
    assert.deepEqual([answer.usage?.input_tokens_details.cached_tokens, answer.usage?.total_tokens], [8, 32]);
  }
  script = { text: "Swifts", finish: "length", usage };
  for (const answer of [await client.responses.create(ask), await streamed()])
    assert.deepEqual([answer.status, answer.incomplete_details?.reason], ["incomplete", "max_output_tokens"]);
  script = { refusal: "I will not.", finish: "stop", usage };
  const types: string[] = [];
  for await (const { type, sequence_number } of await client.responses.create({ ...ask, stream: true })) {
    assert.equal(sequence_number, types.length);
    types.push(type);
  }
  assert.deepEqual(types, [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.refusal.delta",
    "response.refusal.delta",
    "response.refusal.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  assert.deepEqual(fake.violations, []);
});

test("the official client reads Azure's form of chat completions", async (t) => {
  const fake = await startFakeApi("azure", { script: SAID });
  t.after(() => fake.close());
  const client = new AzureOpenAI({ endpoint: fake.url, apiKey: "k", apiVersion: "2024-10-21", maxRetries: 0 });
  const whole = await client.chat.completions.create({ model: "d", messages });
  assert.equal(whole.choices[0]?.message.content, "Swifts sleep aloft. 🐦");
  let text = "";
  for await (const { choices } of await client.chat.completions.create({ model: "d", messages, stream: true }))
    text += choices[0]?.delta.content ?? "";
  assert.equal(text, "Swifts sleep aloft. 🐦");
  const [first] = dataOf(await (await postStream("azure", fake)).text()) as { id: string; choices: unknown[] }[];
  assert.deepEqual([first?.id, first?.choices], ["", []], "a first chunk with nothing but the filter's results");
  const newest = await post("azure", fake, "/openai/v1/chat/completions", { model: "d", messages });
  assert.ok("content_filter_results" in ((await newest.json()) as { choices: [object] }).choices[0]);
  assert.deepEqual(fake.violations, []);
});

test("a fault is answered in the API's own form", async (t) => {
  const statuses: Readonly<Record<ApiKind, readonly number[]>> = {
    openai: [429, 503, 400, 400, 401, 500],
    vllm: [429, 503, 400, 400, 401, 500],
    anthropic: [429, 529, 400, 400, 401, 500],
    // A blocked prompt is an answer without candidates there.
    gemini: [429, 503, 400, 200, 400, 500],
    azure: [429, 503, 400, 400, 401, 500],
  };
  const faults = ["rate_limit", "overloaded", "context_length", "content_filter", "bad_key", "server_error"] as const;
  for (const kind of KINDS) {
    let script: Script = SAID;
    const fake = await startFakeApi(kind, { script: () => script });
    t.after(() => fake.close());
    for (const [index, error] of faults.entries()) {
      script = { error, retryAfter: 3 };
      const response = await post(kind, fake, ASKS[kind][0], ASKS[kind][1]);
      assert.equal(response.status, statuses[kind][index], `${kind} ${error}`);
      const body = (await response.json()) as { error?: object; promptFeedback?: object };
      assert.ok(body.error ?? body.promptFeedback, `${kind} ${error}`);
      if (response.status === 429) assert.equal(response.headers.get("retry-after"), "3");
    }
    assert.equal(fake.bill.requests, 0);
  }
});

test("a stream that breaks ends without the API's last event, and is not billed", async (t) => {
  const last = {
    openai: /\[DONE\]/u,
    vllm: /\[DONE\]/u,
    anthropic: /message_stop/u,
    gemini: /"finishReason"/u,
    azure: /\[DONE\]/u,
  };
  for (const kind of KINDS) {
    let script: Script = SAID;
    const fake = await startFakeApi(kind, { script: () => script });
    t.after(() => fake.close());
    assert.match(await (await postStream(kind, fake)).text(), last[kind]);
    for (const breaks of ["server_error", "overloaded", "end"] as const) {
      script = { ...SAID, breaks };
      const text = await (await postStream(kind, fake)).text();
      assert.doesNotMatch(text, last[kind]);
      assert.equal(/"error"/u.test(text), breaks !== "end", `${kind} ${breaks}`);
    }
    script = { ...SAID, breaks: "cut" };
    await assert.rejects(postStream(kind, fake).then((response) => response.text()));
    await assert.rejects(post(kind, fake, ASKS[kind][0], ASKS[kind][1]).then((response) => response.text()));
    assert.equal(fake.bill.requests, 1);
  }
});

test("a failure in a stream of responses is an error event, or a response that failed", async (t) => {
  let script: Script = { ...SAID, breaks: "overloaded" };
  const fake = await startFakeApi("openai", { script: () => script });
  t.after(() => fake.close());
  const ask = async () => {
    const response = await post("openai", fake, "/responses", { model: "m", input: "hi", stream: true });
    return (dataOf(await response.text()) as { type: string; sequence_number: number }[]).at(-1);
  };
  assert.equal((await ask())?.type, "error");
  script = { ...SAID, breaks: "server_error" };
  const failed = await ask();
  assert.deepEqual([failed?.type, failed?.sequence_number], ["response.failed", 6]);
});

test("wherever a stream is cut into pieces, its bytes are the same", async (t) => {
  const texts = new Set<string>();
  for (const seed of [1, 2, 3]) {
    const fake = await startFakeApi("gemini", { script: SAID, seed });
    t.after(() => fake.close());
    texts.add(await (await postStream("gemini", fake)).text());
  }
  assert.equal(texts.size, 1);
});
