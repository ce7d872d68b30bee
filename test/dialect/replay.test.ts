import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createCollector, mayBeKept, replayed } from "../../src/dialect/replay.ts";
import { createEar, saidIn } from "../../src/dialect/said.ts";
import type { Fields } from "../../src/dialect/shape.ts";
import { saysNothing } from "../../src/dialect/silence.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";
import { createSseReader } from "../../src/dialect/sse.ts";
import { APIS, bodyOf, bytesOf, changed, HARD, LIMITS, spoken, WHOLES } from "./replay-bodies.ts";

const WITH_USAGE = { usage: true };
const streamOf = (api: ClientApi, body: Fields, options: Parameters<typeof replayed>[2] = WITH_USAGE) =>
  Buffer.concat([...replayed(api, bytesOf(body), options)]);

function collect(api: ClientApi, pieces: Iterable<Uint8Array>): Uint8Array | undefined {
  const collector = createCollector(api, LIMITS);
  for (const piece of pieces) collector.push(piece);
  return collector.whole();
}

/** Events of a stream, as its frames and its data name them. */
function eventsOf(stream: Uint8Array): { readonly name: string; readonly data: Fields | undefined }[] {
  return createSseReader(LIMITS)
    .push(stream)
    .map(({ event, data }) => ({ name: event, data: data === "[DONE]" ? undefined : (JSON.parse(data) as Fields) }));
}

/** Without what tells nothing: a stream leaves it out. */
function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => !saysNothing(member));
  return Object.fromEntries(entries.map(([name, member]) => [name, told(member)]));
}

const EMOJI = { text: HARD, thought: `Hm. ${HARD}`, signature: "c2ln", usage: true };

for (const api of APIS) {
  test(`${api}: an answer that is told again and put together is the same answer`, () => {
    fc.assert(
      fc.property(spoken, (said) => {
        const body = WHOLES[api](said);
        assert.ok(mayBeKept(api, bytesOf(body)));
        assert.deepEqual(told(bodyOf(collect(api, replayed(api, bytesOf(body), WITH_USAGE)))), told(body));
      }),
      { numRuns: 150 },
    );
  });

  test(`${api}: it does not matter where the bytes of the stream are cut`, () => {
    const body = WHOLES[api](EMOJI);
    const stream = streamOf(api, body);
    const whole = told(body);
    const each = Array.from(stream, (_, at) => stream.subarray(at, at + 1));
    assert.deepEqual(told(bodyOf(collect(api, each))), whole);
    const short = streamOf(api, WHOLES[api]({ text: "né 👍🏽\r\n", usage: true }));
    const expected = collect(api, [short]);
    for (let at = 0; at <= short.length; at++)
      assert.deepEqual(collect(api, [short.subarray(0, at), short.subarray(at)]), expected, `cut at ${at}`);
  });

  test(`${api}: an ear hears of the stream what the whole answer says, to the character`, () => {
    fc.assert(
      fc.property(spoken, (said) => {
        const body = WHOLES[api](said);
        const ear = createEar(api, LIMITS);
        for (const event of replayed(api, bytesOf(body), WITH_USAGE)) ear.push(event);
        assert.deepEqual(ear.said, saidIn(api, bytesOf(body)));
        assert.equal(ear.said.text, said.text);
        assert.equal(ear.said.thoughts, said.thought?.length ?? 0);
      }),
      { numRuns: 100 },
    );
  });

  test(`${api}: a text comes in pieces of some words, none of which cuts a character in two`, () => {
    const deltas = eventsOf(streamOf(api, WHOLES[api]({ text: "👍".repeat(500), usage: false })))
      .map(({ data }) => JSON.stringify(data ?? null))
      .filter((data) => data.includes("👍") && !data.includes("👍".repeat(100)));
    assert.ok(deltas.length >= 10 && deltas.length <= 100, `${deltas.length} pieces`);
    assert.ok(deltas.every((data) => !data.includes("\\ud83d") && !data.includes("\\udc4d")));
  });

  test(`${api}: half a character that a server sent stays what it is`, () => {
    const text = `${"a".repeat(47)}\ud83d${"b".repeat(47)}\ud83d\ud83d\udc4d\udc4d`;
    const ear = createEar(api, LIMITS);
    for (const event of replayed(api, bytesOf(WHOLES[api]({ text, usage: false })), WITH_USAGE)) ear.push(event);
    assert.equal(ear.said.text, text);
  });

  test(`${api}: each piece that is taken is a whole event, and is written when it is taken`, () => {
    const body = WHOLES[api](EMOJI);
    for (const piece of replayed(api, bytesOf(body), WITH_USAGE)) assert.equal(eventsOf(piece).length, 1);
    const long = WHOLES[api]({ text: "word ".repeat(100_000), usage: false });
    const [first] = replayed(api, bytesOf(long), WITH_USAGE);
    assert.ok(first && first.length < 2000);
  });

  test(`${api}: what is no JSON object cannot be told again`, () => {
    assert.throws(() => replayed(api, Buffer.from("[]"), WITH_USAGE), RangeError);
  });
}

test("chat sends the role, thoughts, text, the finish, usage where it is wanted, and [DONE]", () => {
  const body = WHOLES["openai-chat"]({ text: "It is 42.", thought: "Hm.", usage: true });
  const events = eventsOf(streamOf("openai-chat", body));
  assert.deepEqual(
    events.map(({ data }) => data && [data["choices"], data["usage"] === null]),
    [
      [
        [{ index: 0, delta: { role: "assistant", content: "", refusal: null }, logprobs: null, finish_reason: null }],
        true,
      ],
      [[{ index: 0, delta: { reasoning_content: "Hm." }, logprobs: null, finish_reason: null }], true],
      [[{ index: 0, delta: { content: "It is 42." }, logprobs: null, finish_reason: null }], true],
      [[{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }], true],
      [[], false],
      undefined,
    ],
  );
  assert.deepEqual(events.at(-2)!.data!["usage"], body["usage"]);
  for (const { data } of events.slice(0, -1)) {
    const { id, object, created, model, service_tier: tier, system_fingerprint: print } = data!;
    assert.deepEqual(
      [id, object, created, model, tier, print],
      ["chatcmpl-9", "chat.completion.chunk", 1_700_000_000, "small", "default", "fp_1"],
    );
  }
  const silent = eventsOf(streamOf("openai-chat", body, { usage: false }));
  assert.equal(silent.length, 5);
  assert.ok(silent.every(({ data }) => !data || !("usage" in data)));
});

test("thoughts that a server told under two names are heard once under each", () => {
  const plain = WHOLES["openai-chat"]({ text: "It is 42.", thought: "Hm. ".repeat(40), usage: false });
  const body = changed(plain, "choices.0.message.reasoning", "Hm. ".repeat(40));
  const ear = createEar("openai-chat", LIMITS);
  ear.push(streamOf("openai-chat", body));
  assert.equal(ear.thoughts, 160);
  assert.deepEqual(told(bodyOf(collect("openai-chat", [streamOf("openai-chat", body)]))), told(body));
});

test("what servers tell beside an answer of chat is told again", () => {
  const plain = WHOLES["openai-chat"]({ text: "It is 42.", usage: true });
  const beside = {
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false } } }],
  };
  const made = { metadata: { weight_version: "default" }, x_groq: { id: "req_1" } };
  const body = changed({ ...plain, ...beside, ...made }, "choices.0.content_filter_results", {
    hate: { filtered: false, severity: "safe" },
  });
  assert.ok(mayBeKept("openai-chat", bytesOf(body)));
  assert.deepEqual(told(bodyOf(collect("openai-chat", [streamOf("openai-chat", body)]))), told(body));
});

test("messages sends each block between its start and its stop, and a thought's signature last", () => {
  const body = WHOLES["anthropic-messages"]({ text: "It is 42.", thought: "Hm.", signature: "c2ln", usage: true });
  const events = eventsOf(streamOf("anthropic-messages", body));
  assert.ok(events.every(({ name, data }) => name === data!["type"]));
  const start = events[0]!.data!["message"] as Fields;
  assert.deepEqual([start["content"], start["stop_reason"], start["id"], start["model"]], [[], null, "msg_9", "small"]);
  const usage = start["usage"] as Fields;
  assert.deepEqual([usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]], [9, 8, 0]);
  assert.deepEqual(
    events.slice(1).map(({ data }) => data),
    [
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm." } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2ln" } },
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "redacted_thinking", data: "c2ln" } },
      { type: "content_block_stop", index: 1 },
      { type: "content_block_start", index: 2, content_block: { type: "text", text: "", citations: null } },
      { type: "content_block_delta", index: 2, delta: { type: "text_delta", text: "It is 42." } },
      { type: "content_block_stop", index: 2 },
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null, stop_details: null, container: null },
        usage: {
          input_tokens: 9,
          cache_creation_input_tokens: 3,
          cache_read_input_tokens: 8,
          output_tokens: 9,
          output_tokens_details: { thinking_tokens: 4 },
          server_tool_use: null,
        },
      },
      { type: "message_stop" },
    ],
  );
});

test("responses sends items and their parts in order, and the whole object at the end as it was", () => {
  const body = WHOLES["openai-responses"]({ text: "It is 42.", thought: "Hm.", signature: "c2ln", usage: true });
  const events = eventsOf(streamOf("openai-responses", body));
  assert.ok(events.every(({ name, data }, at) => name === data!["type"] && data!["sequence_number"] === at));
  assert.deepEqual(
    events.map(({ name }) => name.slice("response.".length)),
    [
      "created in_progress",
      "output_item.added reasoning_summary_part.added reasoning_summary_text.delta",
      "reasoning_summary_text.done reasoning_summary_part.done output_item.done",
      "output_item.added content_part.added output_text.delta",
      "output_text.done content_part.done output_item.done",
      "completed",
    ].flatMap((names) => names.split(" ")),
  );
  const [created] = events;
  const { status, output, usage, completed_at: ended } = created!.data!["response"] as Fields;
  assert.deepEqual([status, output, usage, ended], ["in_progress", [], null, null]);
  assert.deepEqual(events.at(-1)!.data!["response"], body);
  assert.deepEqual(collect("openai-responses", [streamOf("openai-responses", body)]), bytesOf(body));
});

test("thoughts that responses tell in the open come as parts of their item", () => {
  const plain = WHOLES["openai-responses"]({ text: "It is 42.", thought: "Hm.", usage: true });
  const item = { id: "rs_9", type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Hm." }] };
  const body = changed(plain, "output.0", item);
  const events = eventsOf(streamOf("openai-responses", body)).map(({ data }) => data!);
  assert.deepEqual(
    events
      .slice(3, 7)
      .map(({ type, item_id: id, content_index: at, part, delta, text }) => [type, id, at, part ?? delta ?? text]),
    [
      ["response.content_part.added", "rs_9", 0, { type: "reasoning_text", text: "" }],
      ["response.reasoning_text.delta", "rs_9", 0, "Hm."],
      ["response.reasoning_text.done", "rs_9", 0, "Hm."],
      ["response.content_part.done", "rs_9", 0, { type: "reasoning_text", text: "Hm." }],
    ],
  );
});

test("another time of making is told where the API tells one", () => {
  const chat = streamOf("openai-chat", WHOLES["openai-chat"]({ text: "a", usage: true }), { usage: true, created: 5 });
  assert.ok(eventsOf(chat).every(({ data }) => !data || data["created"] === 5));
  const made = { usage: true, created: 5 };
  const response = streamOf("openai-responses", WHOLES["openai-responses"]({ text: "a", usage: true }), made);
  const times = eventsOf(response).flatMap(({ data }) =>
    data!["response"] ? [(data!["response"] as Fields)["created_at"]] : [],
  );
  assert.deepEqual(times, [5, 5, 5]);
});
