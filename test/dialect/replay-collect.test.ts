import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createCollector, mayBeKept, replayed, usageIn } from "../../src/dialect/replay.ts";
import { CLIENTS, type ClientApi } from "../../src/dialect/speech.ts";
import type { Step } from "../../src/dialect/form.ts";
import type { Fields } from "../../src/dialect/shape.ts";
import { anthropic } from "../fakes/apis/anthropic.ts";
import type { Api, Asked } from "../fakes/apis/api.ts";
import { openaiChat } from "../fakes/apis/openai-chat.ts";
import { openaiResponses } from "../fakes/apis/openai-responses.ts";
import type { Answer } from "../fakes/apis/script.ts";
import { APIS, bodyOf, bytesOf, changed, HARD, LIMITS, WHOLES } from "./replay-bodies.ts";

const FAKES: Readonly<Record<ClientApi, Api>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropic,
};
/** Asks for everything that an answer may show. */
const ASKED: Asked = {
  model: "small",
  stream: true,
  number: 3,
  body: {
    stream_options: { include_usage: true },
    thinking: { type: "enabled", budget_tokens: 2000 },
    reasoning: { summary: "auto" },
    include: ["reasoning.encrypted_content"],
  },
};
const USAGE = { input: 20, cachedInput: 8, output: 9, reasoning: 4 };
const ANSWER: Answer = { text: HARD, finish: "stop", usage: USAGE };
const THOUGHT = { text: "Hm. 👍🏽", signature: "c2lnbmF0dXJl" };

function collect(api: ClientApi, ...pieces: readonly (string | Uint8Array)[]): Uint8Array | undefined {
  const collector = createCollector(api, LIMITS);
  for (const piece of pieces) collector.push(Buffer.from(piece));
  return collector.whole();
}

/** Events of a finished answer as this house tells it again: each API's own form is tested beside. */
const eventsOf = (api: ClientApi) =>
  [...replayed(api, bytesOf(WHOLES[api]({ text: "It is 42.", thought: "Hm.", usage: true })), { usage: true })].map(
    (event) => Buffer.from(event).toString(),
  );

for (const api of APIS) {
  const fake = FAKES[api];

  test(`${api}: what a server streams is put together as what it gives whole`, () => {
    for (const thinking of [undefined, THOUGHT]) {
      const answer: Answer = { ...ANSWER, ...(thinking && { thinking }) };
      const whole = collect(api, fake.stream(answer, ASKED).join(""));
      const body = fake.whole(answer, ASKED);
      // Chunks of chat know no annotations.
      const expected = api === "openai-chat" ? withoutAnnotations(body) : body;
      assert.deepEqual(bodyOf(whole), expected);
      assert.deepEqual(usageIn(api, whole!), usageIn(api, bytesOf(body)));
      assert.ok(mayBeKept(api, whole!));
    }
  });

  test(`${api}: what this house translates for a client is put together as what it says`, () => {
    const steps: readonly Step[] = [
      { kind: "start", id: "x", model: "m" },
      { kind: "block", index: 0, block: { kind: "thinking" } },
      { kind: "delta", index: 0, text: "Hm." },
      { kind: "signature", index: 0, signature: "sig" },
      { kind: "block_end", index: 0 },
      { kind: "block", index: 1, block: { kind: "text" } },
      { kind: "delta", index: 1, text: "It is " },
      { kind: "delta", index: 1, text: "42." },
      { kind: "block_end", index: 1 },
      { kind: "tokens", tokens: { input: 20, output: 9, cachedInput: 8, cacheWrite: 0, reasoning: 4 } },
      { kind: "finish", finish: "stop" },
    ];
    const options = { model: "small", usage: true, created: 1_700_000_000 };
    const writer = CLIENTS[api].writeStream(options);
    const whole = collect(api, ...steps.map((step) => writer.push(step)), writer.end());
    const reply = CLIENTS[api].writeReply(
      {
        id: "x",
        model: "m",
        blocks: [
          { kind: "thinking", text: "Hm.", signature: "sig" },
          { kind: "text", text: "It is 42." },
        ],
        finish: "stop",
        tokens: { input: 20, output: 9, cachedInput: 8, cacheWrite: 0, reasoning: 4 },
      },
      options,
    );
    assert.deepEqual(bodyOf(whole), reply);
    assert.ok(mayBeKept(api, whole!));
  });

  test(`${api}: a stream that is cut anywhere before its end is not put together`, () => {
    const events = eventsOf(api);
    for (let count = 0; count < events.length; count++)
      assert.equal(collect(api, ...events.slice(0, count)), undefined, `after ${count} events`);
    const stream = Buffer.from(events.join(""));
    assert.ok(collect(api, stream));
    // The line ends behind the last event say nothing.
    fc.assert(
      fc.property(fc.nat(stream.length - 3), (at) => assert.equal(collect(api, stream.subarray(0, at)), undefined)),
      { numRuns: 100 },
    );
  });

  test(`${api}: an error in the middle, or an event that is no JSON, loses the answer`, () => {
    const events = eventsOf(api);
    const strange = [
      ...fake.broken("server_error", ASKED, 4),
      "data: {oops\n\n",
      'event: error\ndata: {"message":"no"}\n\n',
      'event: error\ndata: {"type":"error","error":{"message":"no"}}\n\n',
    ];
    for (const one of strange) {
      for (const at of [1, 4, events.length])
        assert.equal(collect(api, ...events.toSpliced(at, 0, one)), undefined, `${one} at ${at}`);
    }
  });

  test(`${api}: comments, pings and stray line ends are no part of the answer`, () => {
    const events = eventsOf(api);
    const quiet = [
      ": keep-alive\n\n",
      "\n",
      "\r\n\r\n",
      ...(api === "anthropic-messages" ? ['event: ping\ndata: {"type":"ping"}\n\n'] : []),
    ];
    const noisy = events.flatMap((event) => [...quiet, event]);
    assert.deepEqual(collect(api, ...noisy, ...quiet), collect(api, ...events));
    assert.deepEqual(collect(api, events.join("").replaceAll("\n", "\r\n")), collect(api, ...events));
    assert.deepEqual(collect(api, events.join("").replaceAll("\n", "\r")), collect(api, ...events));
  });

  test(`${api}: an answer beyond the limits is not held on to`, () => {
    const text = "word ".repeat(1000);
    const whole = bytesOf(WHOLES[api]({ text, usage: true }));
    const within = (limits: { maxBytes: number; maxEventBytes: number }) => {
      const collector = createCollector(api, limits);
      for (const event of replayed(api, whole, { usage: true })) collector.push(event);
      return collector.whole();
    };
    assert.ok(within({ maxBytes: whole.length, maxEventBytes: 10_000 }));
    assert.equal(within({ maxBytes: 5000, maxEventBytes: 10_000 }), undefined);
    assert.equal(within({ maxBytes: whole.length, maxEventBytes: 100 }), undefined);
  });

  test(`${api}: no stream makes it throw, and none is put together that says something else than a server would`, () => {
    const events = eventsOf(api);
    const piece = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...events) },
      fc.json().map((json) => `data: ${json}\n\n`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const whole = collect(api, ...pieces);
        if (whole) assert.equal(typeof bodyOf(whole), "object");
      }),
      { numRuns: 300 },
    );
  });

  test(`${api}: calls, refusals and answers that were cut short are lost, or not kept`, () => {
    const call = { id: "c1", name: "look", input: { city: "Oslo" } };
    const answers: readonly Answer[] = [
      { tools: [call], finish: "tool_calls", usage: USAGE },
      { text: "Looking.", tools: [call], finish: "tool_calls", usage: USAGE },
      { text: "It is", finish: "length", usage: USAGE },
      { text: "It is", finish: "content_filter", usage: USAGE },
      { refusal: "I will not.", finish: "stop", usage: USAGE },
    ];
    for (const answer of answers) {
      // Messages have no refusal but a finish.
      if (answer.refusal !== undefined && api === "anthropic-messages") continue;
      assert.ok(!mayBeKept(api, bytesOf(fake.whole(answer, ASKED))), JSON.stringify(answer));
      const whole = collect(api, fake.stream(answer, ASKED).join(""));
      assert.ok(!whole || !mayBeKept(api, whole), JSON.stringify(answer));
    }
  });
}

function withoutAnnotations(body: Fields): Fields {
  const { annotations: _, ...message } = ((body["choices"] as Fields[])[0] as { message: Fields }).message;
  return changed(body, "choices.0.message", message);
}

const chunk = (choice: object | undefined, more: object = {}) =>
  `data: ${JSON.stringify({ id: "c", created: 7, model: "small", choices: choice ? [{ index: 0, ...choice }] : [], ...more })}\n\n`;
const DONE = "data: [DONE]\n\n";
const FINISH = chunk({ delta: {}, finish_reason: "stop" });

test("chat: what a server says behind its finish is part of the answer, its last usage counts, and empty names do not", () => {
  const whole = collect(
    "openai-chat",
    chunk(undefined, { id: "", created: 0, model: "", prompt_filter_results: [{ prompt_index: 0 }] }),
    chunk({ delta: { role: "assistant", content: "", tool_calls: [], refusal: null } }, { obfuscation: "x8" }),
    chunk(
      { delta: { content: "It is " }, content_filter_offsets: { start: 1 } },
      { usage: { prompt_tokens: 3, completion_tokens: 1 } },
    ),
    FINISH,
    chunk({ delta: { content: "42." } }),
    chunk(undefined, { usage: { prompt_tokens: 3, completion_tokens: 4 } }),
    DONE,
  );
  assert.deepEqual(bodyOf(whole), {
    id: "c",
    object: "chat.completion",
    created: 7,
    model: "small",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "It is 42.", refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 3, completion_tokens: 4 },
    prompt_filter_results: [{ prompt_index: 0 }],
  });
});

for (const [what, strange] of Object.entries({
  "a second choice": chunk({ index: 1, delta: { content: "b" } }),
  probabilities: chunk({ delta: { content: "b" }, logprobs: { content: [{ token: "b", logprob: -1 }] } }),
  sound: chunk({ delta: { audio: { id: "a" } } }),
  "an old call": chunk({ delta: { function_call: { name: "f" } } }),
  "content in parts": chunk({ delta: { content: [{ type: "text", text: "b" }] } }),
  sources: chunk({ delta: { annotations: [{ type: "url_citation" }] } }),
  "thoughts in a form of their own": chunk({
    delta: { reasoning_details: [{ type: "reasoning.encrypted", data: "x" }] },
  }),
  "a member that is unknown": chunk({ delta: { content: "b" } }, { citations: ["https://a.example"] }),
  "what a filter took out": chunk({ delta: {}, content_filter_results: { hate: { filtered: true } } }),
  "another role": chunk({ delta: { role: "tool", content: "b" } }),
  "an end without a finish": "",
}))
  test(`chat: ${what} cannot be put into a whole body`, () => {
    const finish = strange === "" ? "" : FINISH;
    const spoken = chunk({ delta: { content: "a" } });
    assert.ok(collect("openai-chat", spoken, FINISH, DONE));
    assert.equal(collect("openai-chat", spoken, strange, finish, DONE), undefined);
  });

const event = (data: { readonly type: string } & Fields) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const START = event({
  type: "message_start",
  message: { id: "m", type: "message", role: "assistant", content: [], usage: { input_tokens: 5, output_tokens: 1 } },
});
const block = (index: number, ...deltas: readonly Fields[]) =>
  event({ type: "content_block_start", index, content_block: { type: "text", text: "" } }) +
  deltas.map((delta) => event({ type: "content_block_delta", index, delta })).join("") +
  event({ type: "content_block_stop", index });
const TEXT = { type: "text_delta", text: "It is 42." };
const END =
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } }) +
  event({ type: "message_stop" });

test("messages: counters that a later event leaves out stay what they were", () => {
  const { usage, content, stop_reason: reason } = bodyOf(collect("anthropic-messages", START, block(0, TEXT), END));
  assert.deepEqual(usage, { input_tokens: 5, output_tokens: 9 });
  assert.deepEqual(content, [{ type: "text", text: "It is 42." }]);
  assert.equal(reason, "end_turn");
});

for (const [what, stream] of Object.entries({
  citations: START + block(0, TEXT, { type: "citations_delta", citation: {} }) + END,
  "a call":
    START +
    block(0, TEXT) +
    event({
      type: "content_block_start",
      index: 1,
      content_block: { type: "tool_use", id: "t", name: "f", input: {} },
    }) +
    END,
  "a tool of the server":
    START + event({ type: "content_block_start", index: 0, content_block: { type: "server_tool_use" } }) + END,
  "a block out of order": START + block(1, TEXT) + END,
  "a block before the message": block(0, TEXT) + START + END,
  "a block that stays open":
    START + event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "a" } }) + END,
  "a thought in a text": START + block(0, { type: "thinking_delta", thinking: "a" }) + END,
  "a second message": START + START + block(0, TEXT) + END,
  "an event that is unknown": START + block(0, TEXT) + event({ type: "message_revised" }) + END,
  "an end without a reason": START + block(0, TEXT) + event({ type: "message_stop" }),
}))
  test(`messages: ${what} cannot be put into a whole message`, () => {
    assert.equal(collect("anthropic-messages", stream), undefined);
  });

test("responses: pieces that say something else than the whole lose the answer; no pieces do not", () => {
  const body = WHOLES["openai-responses"]({ text: "It is 42.", usage: true });
  const completed = event({ type: "response.completed", response: body });
  const delta = (text: string) => event({ type: "response.output_text.delta", delta: text });
  assert.deepEqual(bodyOf(collect("openai-responses", completed)), body);
  assert.deepEqual(bodyOf(collect("openai-responses", delta("It is "), delta("42."), completed, DONE)), body);
  assert.equal(collect("openai-responses", delta("It was 42."), completed), undefined);
  assert.equal(collect("openai-responses", completed, completed), undefined);
  assert.equal(collect("openai-responses", event({ type: "response.incomplete", response: body })), undefined);
});
