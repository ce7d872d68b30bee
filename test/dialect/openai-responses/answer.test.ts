import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  createResponsesStream,
  passingResponses,
  readResponsesAnswer,
  responsesErrorEvent,
  stampResponsesModel,
} from "../../../src/dialect/openai-responses/answer.ts";
import { RouterError } from "../../../src/errors.ts";
import { eventsOf, streamOf, told } from "./events.ts";

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const failure = new RouterError("upstream_failed", "The upstream went away.");

const USAGE =
  '"usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":8},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":47}';
const ANSWER =
  '{"id":"resp_67c","object":"response","created_at":1741476777,"status":"completed","error":null,"incomplete_details":null,' +
  '"model":"gpt-5-2025","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm"}]},' +
  '{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]},' +
  `{"type":"function_call","id":"fc_1","call_id":"call_1","name":"now","arguments":"{}"}],${USAGE},"metadata":{}}`;
const TOLD = { inputTokens: 36, outputTokens: 11, cachedInputTokens: 8, reasoningTokens: 5, estimated: false };

describe("whole answers", () => {
  test("usage, finish, model and how much was said are read", () => {
    assert.deepEqual(readResponsesAnswer(bytesOf(ANSWER)), {
      id: "resp_67c",
      usage: TOLD,
      finish: "completed",
      model: "gpt-5-2025",
      outputChars: 9,
    });
  });

  test("an incomplete answer says why, one that still runs has no finish", () => {
    const finish = (body: object) => readResponsesAnswer(bytesOf(JSON.stringify(body))).finish;
    assert.equal(
      finish({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }),
      "max_output_tokens",
    );
    assert.equal(finish({ status: "incomplete" }), "incomplete");
    assert.equal(finish({ status: "failed" }), "failed");
    assert.equal(finish({ status: "queued" }), undefined);
  });

  test("anything else says nothing", () => {
    for (const text of [
      "",
      "<html>",
      "[]",
      "7",
      '{"usage":null,"output":{},"model":3,"status":4}',
      '{"output":[null]}',
    ]) {
      assert.deepEqual(readResponsesAnswer(bytesOf(text)), {});
    }
  });

  test("the model is stamped and no other byte changes", () => {
    const stamped = textOf(stampResponsesModel(bytesOf(ANSWER), "small"));
    assert.equal(stamped, ANSWER.replace("gpt-5-2025", "small"));
  });

  test("an answer passes stamped, what is none or failed is the upstream's failure", () => {
    const { whole } = passingResponses({ model: "small", maxEventBytes: 100 });
    const { bytes, ...rest } = whole(bytesOf(ANSWER));
    assert.equal(textOf(bytes), ANSWER.replace("gpt-5-2025", "small"));
    assert.deepEqual(rest, { id: "resp_67c", usage: TOLD, finish: "completed", outputChars: 9 });
    const failed = '{"object":"response","status":"failed","output":[],"error":{"code":"server_error","message":"x"}}';
    for (const text of ["<html>", "{}", failed]) {
      assert.throws(
        () => whole(bytesOf(text)),
        (error) => error instanceof RouterError && error.code === "upstream_failed",
      );
    }
  });
});

const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const response = (status: string, more: object = {}) => ({
  response: { id: "resp_1", object: "response", status, model: "gpt-5", output: [], ...more },
});
const PLACE = { item_id: "msg_1", output_index: 0, content_index: 0 };
const STREAM = [
  ": hello\n\n",
  event("response.created", { sequence_number: 0, ...response("in_progress") }),
  event("response.in_progress", { sequence_number: 1, ...response("in_progress") }),
  event("response.output_item.added", {
    output_index: 0,
    item: { id: "msg_1", type: "message", content: [] },
    sequence_number: 2,
  }),
  event("response.output_text.delta", { ...PLACE, delta: "hél", sequence_number: 3, obfuscation: "aBcD" }),
  event("response.output_text.delta", { ...PLACE, delta: "lo", sequence_number: 4 }),
  event("response.output_item.done", {
    output_index: 0,
    item: { id: "msg_1", type: "message", content: [{ type: "output_text", text: "héllo", model: "gpt-5" }] },
    sequence_number: 5,
  }),
  `event: response.completed\ndata: {"type":"response.completed","sequence_number":6,"response":${ANSWER}}\n\n`,
];
const STAMPED = STREAM.join("")
  .replaceAll('"model":"gpt-5","output"', '"model":"small","output"')
  .replace("gpt-5-2025", "small");

const open = (maxEventBytes = 10_000) => createResponsesStream({ model: "small", maxEventBytes });
const run = (text: string) => {
  const stream = open();
  const out = textOf(stream.push(bytesOf(text))) + textOf(stream.end());
  return { stream, out };
};

describe("streamed answers", () => {
  test("the model of every response is stamped, everything else stays byte for byte", () => {
    const { stream, out } = run(STREAM.join(""));
    assert.equal(out, STAMPED);
    const { usage, finish, done, error, firstToken, outputChars } = stream;
    assert.deepEqual(
      { usage, finish, done, error, firstToken, outputChars },
      { usage: TOLD, finish: "completed", done: true, error: undefined, firstToken: true, outputChars: 9 },
    );
  });

  test("wherever the upstream's bytes are cut, the client gets the same", () => {
    const bytes = bytesOf(STREAM.join(""));
    const whole = run(STREAM.join("")).stream;
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 10 }), (marks) => {
        const cuts = [0, ...marks.sort((a, b) => a - b), bytes.length];
        const stream = open();
        const pieces = cuts.slice(1).map((cut, i) => stream.push(bytes.slice(cuts[i], cut)));
        assert.equal(textOf(Buffer.concat([...pieces, stream.end()])), STAMPED);
        assert.deepEqual(
          [stream.usage, stream.finish, stream.outputChars],
          [whole.usage, whole.finish, whole.outputChars],
        );
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test("whatever our own writer says passes through with another name, and as much is heard as was said", () => {
    fc.assert(
      fc.property(told, ({ steps, reply }) => {
        const stream = createResponsesStream({ model: "other", maxEventBytes: 1e6 });
        const out = stream.push(streamOf(steps, "upstream-1"));
        assert.equal(textOf(out), textOf(streamOf(steps, "other")));
        const said = reply.blocks.map((block) => {
          if (block.kind === "tool_call") return block.name.length + (block.arguments || "{}").length;
          return "text" in block ? block.text.length : 0;
        });
        assert.equal(
          stream.outputChars,
          said.reduce((sum, length) => sum + length, 0),
        );
        assert.equal(stream.done, true);
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  const FIRSTS: readonly (readonly [name: string, type: string, fields: object, first: boolean])[] = [
    ["text", "response.output_text.delta", { delta: "x" }, true],
    ["a refusal", "response.refusal.delta", { delta: "x" }, true],
    ["thoughts", "response.reasoning_text.delta", { delta: "x" }, true],
    ["a summary of thoughts", "response.reasoning_summary_text.delta", { delta: "x" }, true],
    ["arguments", "response.function_call_arguments.delta", { delta: "{" }, true],
    [
      "a call's name",
      "response.output_item.added",
      { item: { type: "function_call", name: "f", arguments: "" } },
      true,
    ],
    ["a search by the server", "response.output_item.added", { item: { type: "web_search_call" } }, true],
    [
      "an item that comes whole",
      "response.output_item.done",
      { item: { type: "message", content: [{ type: "output_text", text: "x" }] } },
      true,
    ],
    ["an empty delta", "response.output_text.delta", { delta: "" }, false],
    ["an empty message", "response.output_item.added", { item: { type: "message", content: [] } }, false],
    [
      "encrypted thoughts",
      "response.output_item.added",
      { item: { type: "reasoning", summary: [], encrypted_content: "gAAA" } },
      false,
    ],
    ["the beginning", "response.created", response("in_progress"), false],
  ];
  for (const [name, type, fields, first] of FIRSTS) {
    test(`${name} ${first ? "is" : "is not"} a first token`, () =>
      assert.equal(run(event(type, fields)).stream.firstToken, first));
  }

  test("sound is a piece of the answer, however long it is", () => {
    assert.equal(run(event("response.audio.delta", { delta: "AAAAAAAA" })).stream.outputChars, 1);
  });

  test("how it ended is known by the last event", () => {
    const incomplete = run(
      event("response.incomplete", response("incomplete", { incomplete_details: { reason: "content_filter" } })),
    ).stream;
    assert.deepEqual([incomplete.done, incomplete.finish], [true, "content_filter"]);
    const cut = run(STREAM.slice(0, 5).join("")).stream;
    assert.deepEqual([cut.done, cut.finish], [false, undefined]);
  });

  const ERRORS: readonly (readonly [event: string, message: string])[] = [
    [event("error", { code: "server_error", message: "out of memory", param: null }), "out of memory"],
    [event("error", { error: { type: "too_many_requests", message: "slow down" } }), "slow down"],
    [event("response.failed", response("failed", { error: { code: "server_error", message: "lost" } })), "lost"],
    [event("response.failed", response("failed")), "The upstream's answer failed."],
    ['data: {"error":"broken"}\n\n', "broken"],
    ["event: error\ndata: {}\n\n", "The upstream sent an error event."],
  ];
  for (const [text, message] of ERRORS) {
    test(`an error is noticed and handed on: ${message}`, () => {
      const { stream, out } = run(text);
      assert.equal(stream.error, message);
      assert.equal(out, text.replace("gpt-5", "small"));
    });
  }

  test("unknown events, broken JSON and other fields of an event pass untouched", () => {
    const text =
      'event: mood\ndata: {"mood":1,"model":"gpt-5"}\n\ndata: {oops\n\ndata: [1]\n\nretry: 5\n\ndata: [DONE]\n\n';
    assert.equal(run(text).out, text);
    assert.equal(run(text).stream.done, false);
    assert.equal(
      run('\uFEFFid: 3\r\ndata:{"response" : {"model":"u","n":1e2}}\r\nx: y\r\n\r\n').out,
      '\uFEFFid: 3\r\ndata:{"response" : {"model":"small","n":1e2}}\r\nx: y\r\n\r\n',
    );
    assert.equal(
      run('event: e\ndata: {"response":\ndata: {"model":"u"}}\n\n').out,
      'event: e\ndata: {"response":\ndata: {"model":"small"}}\n\n',
    );
  });

  test("an event cut off by the end is not handed on, one that only lacks its blank line is", () => {
    assert.equal(run(STREAM[4]! + STREAM[5]!.slice(0, 60)).out, STREAM[4]);
    const whole = run(STREAM[7]!.trimEnd());
    assert.equal(whole.out, STREAM[7]!.replace("gpt-5-2025", "small"));
    assert.equal(whole.stream.done, true);
  });

  test("an endless event is the upstream's failure", () => {
    assert.throws(
      () => open(100).push(bytesOf(`data: ${"x".repeat(200)}`)),
      (error) => error instanceof RouterError && error.code === "upstream_failed",
    );
  });

  test("our own error has the number after the last that came", () => {
    const { stream } = run(STREAM.slice(0, 5).join(""));
    assert.equal(eventsOf(stream.errorEvent(failure))[0]!.sequence_number, 4);
    assert.equal(eventsOf(open().errorEvent(failure))[0]!.sequence_number, 0);
    assert.equal(
      textOf(responsesErrorEvent(failure)),
      'event: error\ndata: {"type":"error","sequence_number":0,"code":"upstream_failed","message":"The upstream went away.","param":null,' +
        '"error":{"type":"api_error","code":"upstream_failed","message":"The upstream went away.","param":null}}\n\n',
    );
  });
});
