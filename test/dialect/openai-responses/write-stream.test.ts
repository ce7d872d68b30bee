import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Step } from "../../../src/dialect/form.ts";
import { openaiResponsesClient } from "../../../src/dialect/openai-responses/codec.ts";
import { writeResponsesReply } from "../../../src/dialect/openai-responses/write-reply.ts";
import { RouterError } from "../../../src/errors.ts";
import { eventsOf, streamOf, TOKENS, type Event } from "./events.ts";

const START: Step = { kind: "start", id: "r1", model: "upstream" };
const typesOf = (steps: readonly Step[]) => eventsOf(streamOf(steps)).map((event) => event.type);
const open = () => openaiResponsesClient.writeStream({ model: "small", usage: true, created: 1_700_000_000 });
const failure = new RouterError("upstream_failed", "The upstream went away.");

describe("streamed answers", () => {
  test("a short text, event by event", () => {
    const bytes = streamOf([
      START,
      { kind: "block", index: 0, block: { kind: "text" } },
      { kind: "delta", index: 0, text: "Hel" },
      { kind: "delta", index: 0, text: "lo" },
      { kind: "block_end", index: 0 },
      { kind: "finish", finish: "stop" },
      { kind: "tokens", tokens: TOKENS },
    ]);
    const place = { item_id: "msg_r1_0", output_index: 0, content_index: 0 };
    const item = { id: "msg_r1_0", type: "message", role: "assistant" };
    const part = (text: string) => ({ type: "output_text", text, annotations: [], logprobs: [] });
    const [created, inProgress, ...rest] = eventsOf(bytes);
    assert.deepEqual([created!.type, inProgress!.type], ["response.created", "response.in_progress"]);
    assert.deepEqual(created!["response"], inProgress!["response"]);
    const last = rest.pop()!;
    const whole = writeResponsesReply(
      { id: "r1", model: "u", blocks: [{ kind: "text", text: "Hello" }], finish: "stop", tokens: TOKENS },
      { model: "small", usage: true, created: 1_700_000_000 },
    );
    assert.deepEqual(created!["response"], { ...whole, status: "in_progress", output: [], usage: null });
    assert.deepEqual(last, { type: "response.completed", sequence_number: 9, response: whole });
    assert.deepEqual(
      rest,
      [
        { type: "response.output_item.added", output_index: 0, item: { ...item, status: "in_progress", content: [] } },
        { type: "response.content_part.added", ...place, part: part("") },
        { type: "response.output_text.delta", ...place, delta: "Hel", logprobs: [] },
        { type: "response.output_text.delta", ...place, delta: "lo", logprobs: [] },
        { type: "response.output_text.done", ...place, text: "Hello", logprobs: [] },
        { type: "response.content_part.done", ...place, part: part("Hello") },
        {
          type: "response.output_item.done",
          output_index: 0,
          item: { ...item, status: "completed", content: [part("Hello")] },
        },
      ].map((event, index) => ({ ...event, sequence_number: index + 2 })),
    );
    assert(
      bytes.toString().startsWith('event: response.created\ndata: {"type":"response.created","sequence_number":0,'),
    );
    assert(!bytes.toString().includes("[DONE]"));
  });

  test("thoughts begin their summary with the first word, and what their server wants back comes at their end", () => {
    const steps: Step[] = [
      START,
      { kind: "block", index: 0, block: { kind: "thinking" } },
      { kind: "delta", index: 0, text: "H" },
      { kind: "delta", index: 0, text: "m" },
      { kind: "signature", index: 0, signature: "sig" },
      { kind: "block_end", index: 0 },
      { kind: "block", index: 1, block: { kind: "thinking" } },
      { kind: "redacted", index: 1, data: "xyz" },
      { kind: "block_end", index: 1 },
      { kind: "finish", finish: "stop" },
    ];
    const events = eventsOf(streamOf(steps)).slice(2);
    assert.deepEqual(
      events.map((event) => event.type.replace("response.", "")),
      [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "output_item.done",
        "completed",
      ],
    );
    assert.deepEqual(events[6]!["item"], {
      id: "rs_r1_0",
      type: "reasoning",
      summary: [{ type: "summary_text", text: "Hm" }],
      encrypted_content: "sb1.signature.sig",
    });
    assert.deepEqual(events[8]!["item"], {
      id: "rs_r1_1",
      type: "reasoning",
      summary: [],
      encrypted_content: "sb1.redacted.xyz",
    });
  });

  test("pieces of parallel calls carry the place of their own item", () => {
    const call = (index: number, id: string): Step => ({
      kind: "block",
      index,
      block: { kind: "tool_call", id, name: "w" },
    });
    const events = eventsOf(
      streamOf([
        START,
        call(0, "a"),
        call(1, "b"),
        { kind: "delta", index: 1, text: "{1" },
        { kind: "delta", index: 0, text: "{0" },
        { kind: "delta", index: 1, text: "}" },
        { kind: "delta", index: 0, text: "}" },
        { kind: "block_end", index: 0 },
        { kind: "block_end", index: 1 },
        { kind: "finish", finish: "tool_calls" },
      ]),
    );
    const deltas = events.filter((event) => event.type === "response.function_call_arguments.delta");
    assert.deepEqual(
      deltas.map((event) => [event["output_index"], event["item_id"], event["delta"]]),
      [
        [1, "fc_r1_1", "{1"],
        [0, "fc_r1_0", "{0"],
        [1, "fc_r1_1", "}"],
        [0, "fc_r1_0", "}"],
      ],
    );
    const done = events.filter((event) => event.type === "response.function_call_arguments.done");
    assert.deepEqual(
      done.map((event) => [event["output_index"], event["name"], event["arguments"]]),
      [
        [0, "w", "{0}"],
        [1, "w", "{1}"],
      ],
    );
  });

  test("a call without arguments has an empty object, so that every client can parse it", () => {
    const steps: Step[] = [
      START,
      { kind: "block", index: 0, block: { kind: "tool_call", id: "a", name: "now" } },
      { kind: "block_end", index: 0 },
      { kind: "finish", finish: "tool_calls" },
    ];
    const done = eventsOf(streamOf(steps)).find((event) => event.type === "response.function_call_arguments.done");
    assert.equal(done?.["arguments"], "{}");
  });

  test("an answer that was cut off is incomplete, and so is its last item", () => {
    const steps: Step[] = [
      START,
      { kind: "block", index: 0, block: { kind: "text" } },
      { kind: "delta", index: 0, text: "Hel" },
      { kind: "block_end", index: 0 },
      { kind: "finish", finish: "length" },
    ];
    const [done, last] = eventsOf(streamOf(steps)).slice(-2) as [Event, Event];
    assert.equal(last.type, "response.incomplete");
    assert.partialDeepStrictEqual(last["response"], {
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [{ status: "incomplete" }],
    });
    assert.partialDeepStrictEqual(done, { type: "response.output_item.done", item: { status: "incomplete" } });
  });

  test("of calls that end together where an answer was cut off, only the last is incomplete", () => {
    const calls = [0, 1].map((index): Step => {
      return { kind: "block", index, block: { kind: "tool_call", id: `c${index}`, name: "w" } };
    });
    const ends = [0, 1].map((index): Step => ({ kind: "block_end", index }));
    const last = eventsOf(streamOf([START, ...calls, ...ends, { kind: "finish", finish: "length" }])).at(-1)!;
    assert.partialDeepStrictEqual(last["response"], { output: [{ status: "completed" }, { status: "incomplete" }] });
  });

  test("an answer that says nothing is whole all the same", () => {
    const types = ["response.created", "response.in_progress", "response.completed"];
    assert.deepEqual(typesOf([START, { kind: "finish", finish: "stop" }]), types);
    assert.deepEqual(typesOf([{ kind: "finish", finish: "stop" }]), types);
  });

  test("an error is the error event and the failed response, with what was said until then", () => {
    const writer = open();
    writer.push(START);
    writer.push({ kind: "block", index: 0, block: { kind: "text" } });
    writer.push({ kind: "delta", index: 0, text: "Hel" });
    const [error, failed] = eventsOf(writer.error(failure)) as [Event, Event];
    const body = { code: "upstream_failed", message: "The upstream went away.", param: null };
    assert.deepEqual(error, { type: "error", sequence_number: 5, ...body, error: { type: "api_error", ...body } });
    assert.partialDeepStrictEqual(failed, {
      type: "response.failed",
      sequence_number: 6,
      response: {
        id: "resp_r1",
        status: "failed",
        error: { code: "server_error", message: "The upstream went away." },
        output: [{ status: "incomplete", content: [{ text: "Hel" }] }],
      },
    });
  });

  test("an error before anything else is the error event alone", () => {
    assert.deepEqual(
      eventsOf(open().error(failure)).map((event) => [event.type, event.sequence_number]),
      [["error", 0]],
    );
  });

  test("an answer that never ends is the upstream's failure", () => {
    const writer = open();
    writer.push(START);
    writer.push({ kind: "block", index: 0, block: { kind: "text" } });
    const text = "x".repeat(4 * 1024 * 1024);
    assert.throws(
      () => {
        for (let i = 0; i < 10; i++) writer.push({ kind: "delta", index: 0, text });
      },
      (error) => error instanceof RouterError && error.code === "upstream_failed",
    );
  });
});
