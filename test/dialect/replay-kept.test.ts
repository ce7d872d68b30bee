import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createCollector, mayBeKept, replayed, toldAsCached, usageIn } from "../../src/dialect/replay.ts";
import { textOf } from "../../src/dialect/event-json.ts";
import { saidIn } from "../../src/dialect/said.ts";
import type { Fields } from "../../src/dialect/shape.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";
import { createMutator } from "./mutate.ts";
import { APIS, bodyOf, bytesOf, changed, LIMITS, spoken, WHOLES } from "./replay-bodies.ts";

const PLAIN = { text: "It is 42.", thought: "Hm.", signature: "c2ln", usage: true };
const isKept = (api: ClientApi, body: unknown) => mayBeKept(api, bytesOf(body));

for (const api of APIS) {
  const body = WHOLES[api](PLAIN);

  test(`${api}: a finished answer in text is kept, with its thoughts, its usage or without`, () => {
    fc.assert(fc.property(spoken, (said) => assert.ok(isKept(api, WHOLES[api](said)))));
    assert.ok(mayBeKept(api, Buffer.from(JSON.stringify(body, null, 2))));
  });

  test(`${api}: what is no answer is not kept`, () => {
    const strange = ["", "null", "[]", "{}", '"text"', "{oops", '{"error":{"message":"no"}}', "data: [DONE]\n\n"];
    for (const text of strange) assert.ok(!mayBeKept(api, Buffer.from(text)), text);
    assert.ok(!isKept(api, { ...body, error: { message: "no", type: "server_error" } }));
    for (const other of APIS) if (other !== api) assert.ok(!isKept(other, body), other);
    assert.ok(!mayBeKept(api, Buffer.concat([bytesOf(body), Buffer.from([0xff])])));
    const whole = JSON.stringify(body);
    assert.ok(!mayBeKept(api, Buffer.from(`{"model":"other",${whole.slice(1)}`)), "a key that stands twice");
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    assert.ok(!mayBeKept(api, Buffer.from(`{"metadata":${deep},${whole.slice(1)}`)), "nested beyond all use");
    assert.ok(!mayBeKept(api, Buffer.from('{"type":"error","error":{"type":"overloaded_error","message":"no"}}')));
  });

  test(`${api}: an answer without words is not kept`, () => {
    for (const text of ["", " ", "\n\t"])
      assert.ok(!isKept(api, WHOLES[api]({ ...PLAIN, text })), JSON.stringify(text));
  });

  test(`${api}: of whatever a body is made into, what is kept is told again with the same words`, () => {
    const mutate = createMutator(7);
    let kept = 0;
    for (let round = 0; round < 4000; round++) {
      const whole = mutate(bytesOf(body));
      if (!mayBeKept(api, whole)) continue;
      kept += 1;
      const collector = createCollector(api, LIMITS);
      for (const event of replayed(api, toldAsCached(api, whole), { usage: true })) collector.push(event);
      const again = collector.whole()!;
      assert.equal(saidIn(api, again).text, saidIn(api, whole).text, textOf(whole));
      assert.ok(mayBeKept(api, again), textOf(whole));
    }
    assert.ok(kept > 100 && kept < 3500, `${kept} are kept`);
  });
}

const CHANGES: Readonly<Record<ClientApi, readonly (readonly [what: string, place: string, value: unknown])[]>> = {
  "openai-chat": [
    ["cut at its limit", "choices.0.finish_reason", "length"],
    ["filtered", "choices.0.finish_reason", "content_filter"],
    ["ended by a call", "choices.0.finish_reason", "tool_calls"],
    ["broken off", "choices.0.finish_reason", "error"],
    ["unfinished", "choices.0.finish_reason", null],
    [
      "with a call",
      "choices.0.message.tool_calls",
      [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }],
    ],
    ["with an old call", "choices.0.message.function_call", { name: "f", arguments: "{}" }],
    ["a refusal", "choices.0.message.refusal", "I will not."],
    [
      "with sources",
      "choices.0.message.annotations",
      [{ type: "url_citation", url_citation: { url: "https://a.example" } }],
    ],
    ["with sound", "choices.0.message.audio", { id: "a", data: "AAAA" }],
    [
      "with pictures",
      "choices.0.message.images",
      [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
    ],
    ["in parts", "choices.0.message.content", [{ type: "text", text: "It is 42." }]],
    [
      "with thoughts in a form of their own",
      "choices.0.message.reasoning_details",
      [{ type: "reasoning.text", text: "Hm." }],
    ],
    ["somebody else's", "choices.0.message.role", "user"],
    ["with probabilities", "choices.0.logprobs", { content: [{ token: "It", logprob: -0.5 }] }],
    [
      "with something that a filter took out",
      "choices.0.content_filter_results",
      { hate: { filtered: true, severity: "high" } },
    ],
    ["another choice", "choices.0.index", 1],
    ["without a choice", "choices", []],
    ["of a search", "citations", ["https://a.example"]],
    ["judged", "moderation", { results: [{ flagged: true }] }],
    ["with what a client wrote of itself", "metadata", { user: "ann" }],
    ["of another kind", "object", "text_completion"],
  ],
  "openai-responses": [
    ["cut short", "status", "incomplete"],
    ["failed", "status", "failed"],
    ["unfinished", "status", "in_progress"],
    ["with details of its being cut", "incomplete_details", { reason: "max_output_tokens" }],
    ["judged", "moderation", { results: [{ flagged: true }] }],
    ["without output", "output", []],
    [
      "a call alone",
      "output.1",
      { type: "function_call", id: "f", call_id: "c", name: "f", arguments: "{}", status: "completed" },
    ],
    ...[
      "web_search_call",
      "file_search_call",
      "code_interpreter_call",
      "image_generation_call",
      "mcp_call",
      "compaction",
    ].map((type) => [`with a ${type}`, "output.2", { type, id: "x", status: "completed" }] as const),
    ["a refusal", "output.1.content.0", { type: "refusal", refusal: "I will not." }],
    ["with sources", "output.1.content.0.annotations", [{ type: "url_citation", url: "https://a.example" }]],
    ["with probabilities", "output.1.content.0.logprobs", [{ token: "It", logprob: -0.5 }]],
    ["with an unfinished message", "output.1.status", "incomplete"],
    ["somebody else's", "output.1.role", "user"],
    ["with a strange summary", "output.0.summary", [{ type: "picture" }]],
  ],
  "anthropic-messages": [
    ["cut at its limit", "stop_reason", "max_tokens"],
    ["refused", "stop_reason", "refusal"],
    ["ended by a call", "stop_reason", "tool_use"],
    ["paused", "stop_reason", "pause_turn"],
    ["beyond its window", "stop_reason", "model_context_window_exceeded"],
    ["unfinished", "stop_reason", null],
    ["with a call", "content.3", { type: "tool_use", id: "t", name: "f", input: {} }],
    ["with a tool of the server", "content.3", { type: "server_tool_use", id: "t", name: "web_search", input: {} }],
    ["with what the server found", "content.3", { type: "web_search_tool_result", tool_use_id: "t", content: [] }],
    ["with citations", "content.2.citations", [{ type: "char_location", cited_text: "a" }]],
    ["with a place where code ran", "container", { id: "c", expires_at: "2026-01-01" }],
    ["with details of its stop", "stop_details", { type: "refusal", category: "bio" }],
    ["with something that is no block", "content.3", "text"],
    ["an error", "type", "error"],
    ["somebody else's", "role", "user"],
  ],
};

for (const api of APIS)
  for (const [what, place, value] of CHANGES[api])
    test(`${api}: an answer ${what} is not kept`, () => {
      const body = WHOLES[api](PLAIN);
      assert.ok(isKept(api, body));
      assert.ok(!isKept(api, changed(body, place, value)));
    });

test("several choices are not kept", () => {
  const body = WHOLES["openai-chat"](PLAIN);
  const [choice] = body["choices"] as Fields[];
  assert.ok(!isKept("openai-chat", { ...body, choices: [choice, { ...choice, index: 1 }] }));
});

test("an answer that a stop sequence ended is kept", () => {
  const body = { ...WHOLES["anthropic-messages"](PLAIN), stop_reason: "stop_sequence", stop_sequence: "END" };
  assert.ok(isKept("anthropic-messages", body));
  const collector = createCollector("anthropic-messages", LIMITS);
  for (const event of replayed("anthropic-messages", bytesOf(body), { usage: true })) collector.push(event);
  assert.deepEqual(bodyOf(collector.whole()), body);
});

test("what servers leave empty does not keep an answer from being kept", () => {
  const chat = WHOLES["openai-chat"](PLAIN);
  const quiet = { tool_calls: [], function_call: null, audio: null, reasoning: "Hm.", extra: { google: {} } };
  const [choice] = chat["choices"] as { message: Fields }[];
  const spoken = { ...choice, message: { ...choice!.message, ...quiet }, token_ids: null, stop_reason: null };
  assert.ok(isKept("openai-chat", { ...chat, choices: [spoken], prompt_logprobs: null, kv_transfer_params: null }));
  const message = {
    ...WHOLES["anthropic-messages"](PLAIN),
    context_management: { applied_edits: [] },
    diagnostics: null,
  };
  assert.ok(isKept("anthropic-messages", message));
});

test("told from a cache, all of the input was cached, and nothing else is told otherwise", () => {
  const usageOf = (api: ClientApi, usage: unknown) => {
    const whole = bytesOf({ ...WHOLES[api](PLAIN), usage });
    const told = toldAsCached(api, whole);
    assert.deepEqual({ ...bodyOf(told), usage: null }, { ...bodyOf(whole), usage: null });
    return bodyOf(told)["usage"];
  };
  assert.deepEqual(usageOf("openai-chat", WHOLES["openai-chat"](PLAIN)["usage"]), {
    prompt_tokens: 20,
    completion_tokens: 9,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 20, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 0 },
  });
  assert.deepEqual(
    usageOf("openai-chat", {
      prompt_tokens: 20,
      completion_tokens: 9,
      prompt_cache_hit_tokens: 5,
      prompt_cache_miss_tokens: 15,
      prompt_tokens_details: null,
    }),
    {
      prompt_tokens: 20,
      completion_tokens: 9,
      prompt_cache_hit_tokens: 20,
      prompt_cache_miss_tokens: 0,
      prompt_tokens_details: { cached_tokens: 20 },
    },
  );
  assert.deepEqual(usageOf("openai-responses", WHOLES["openai-responses"](PLAIN)["usage"]), {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 20, cache_write_tokens: 0 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 29,
  });
  assert.deepEqual(usageOf("anthropic-messages", WHOLES["anthropic-messages"](PLAIN)["usage"]), {
    input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 20,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 9,
    output_tokens_details: { thinking_tokens: 4 },
    server_tool_use: null,
    service_tier: "standard",
  });
  assert.deepEqual(usageOf("anthropic-messages", { input_tokens: 7, output_tokens: 2 }), {
    input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 7,
    output_tokens: 2,
  });
  for (const api of APIS) for (const usage of [null, {}, "many"]) assert.deepEqual(usageOf(api, usage), usage);
});

for (const api of APIS)
  test(`${api}: usage is read from a whole answer, and told from a cache it has the same input and output`, () => {
    const whole = bytesOf(WHOLES[api](PLAIN));
    const usage = { inputTokens: 20, outputTokens: 9, cachedInputTokens: 8, reasoningTokens: 4, estimated: false };
    assert.deepEqual(usageIn(api, whole), usage);
    const told = toldAsCached(api, whole);
    assert.deepEqual(usageIn(api, told), { ...usage, cachedInputTokens: 20 });
    assert.deepEqual(toldAsCached(api, told), told, "told twice it is the same");
    assert.equal(usageIn(api, Buffer.from("{}")), undefined);
    const collector = createCollector(api, LIMITS);
    for (const event of replayed(api, told, { usage: true })) collector.push(event);
    assert.deepEqual(usageIn(api, collector.whole()!), { ...usage, cachedInputTokens: 20 });
  });

test("told from a cache, no byte changes but the usage, whatever the form of the JSON", () => {
  const whole =
    '{ "id" : "c",\n "usage" : { "prompt_tokens" : 3 } ,\t"choices":[{"message":{"content":"\\u0041\\/"}}], "n": 1.0 }';
  const told = Buffer.from(toldAsCached("openai-chat", Buffer.from(whole))).toString();
  assert.equal(
    told,
    whole.replace('{ "prompt_tokens" : 3 }', '{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":3}}'),
  );
});

test("who asked first is not told to others", () => {
  const asker = { metadata: { user: "ann" }, user: "ann", safety_identifier: "h4sh", prompt_cache_key: "ann-1" };
  const whole = { ...WHOLES["openai-responses"](PLAIN), ...asker };
  const told = bodyOf(toldAsCached("openai-responses", bytesOf(whole)));
  const { metadata, user, safety_identifier: safety, prompt_cache_key: key } = told;
  assert.deepEqual([metadata, user, safety, key], [{}, null, null, null]);
});
