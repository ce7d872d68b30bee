import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  createMessagesStream,
  passingMessages,
  readMessagesAnswer,
  stampMessagesModel,
} from "../../../src/dialect/anthropic/answer.ts";
import { RouterError } from "../../../src/errors.ts";

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

const ANSWER =
  ' {"id":"msg_1", "type":"message","role":"assistant","model" : "claude-x","content":[{"type":"thinking","thinking":"Hm.","signature":"long"},' +
  '{"type":"text","text":"hi"},{"type":"tool_use","id":"t","name":"now","input":{"a":1}}],"stop_reason":"tool_use","stop_sequence":null,' +
  '"usage":{"input_tokens":3,"cache_creation_input_tokens":null,"cache_read_input_tokens":8,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}}\n';
const TOLD = {
  usage: { inputTokens: 11, outputTokens: 9, cachedInputTokens: 8, reasoningTokens: 4, estimated: false },
  finish: "tool_use",
  outputChars: 15,
};

describe("whole answers that pass", () => {
  test("usage, finish, model and length are read", () => {
    assert.deepEqual(readMessagesAnswer(bytesOf(ANSWER)), { ...TOLD, model: "claude-x" });
    for (const text of ["", "<html>", "[]", '{"usage":7,"content":{},"model":3}']) {
      assert.deepEqual(readMessagesAnswer(bytesOf(text)), {});
    }
  });

  test("the model is stamped and no other byte changes", () => {
    const stamped = ANSWER.replace('"claude-x"', '"small"');
    assert.equal(textOf(stampMessagesModel(bytesOf(ANSWER), "small")), stamped);
    const bytes = bytesOf("<html>");
    assert.equal(stampMessagesModel(bytes, "small"), bytes);
    const { bytes: passed, ...told } = passingMessages({ model: "small", maxEventBytes: 100 }).whole(bytesOf(ANSWER));
    assert.equal(textOf(passed), stamped);
    assert.deepEqual(told, { ...TOLD, id: "msg_1" });
  });

  test("what is no message is the upstream's failure", () => {
    for (const text of ["<html>", "{}", '{"type":"error","error":{"type":"api_error","message":"x"}}']) {
      assert.throws(
        () => passingMessages({ model: "small", maxEventBytes: 100 }).whole(bytesOf(text)),
        (error) => error instanceof RouterError && error.code === "upstream_failed",
      );
    }
  });
});

const START =
  'event: message_start\ndata: {"type":"message_start", "message":{"id":"msg_1","model": "claude-x","content":[],"x":1.0,' +
  '"usage":{"input_tokens":3,"cache_creation_input_tokens":5,"cache_read_input_tokens":8,"output_tokens":1}}}\n\n';
const delta = (fields: string) =>
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{${fields}},"model":"claude-x"}\n\n`;
const STREAM = [
  START,
  'event: ping\ndata: {"type": "ping"}\n\n',
  ": comment\n\n",
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  delta('"type":"text_delta","text":"hél"'),
  delta('"type":"text_delta","text":"lo"'),
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":7}}\n\n',
  'event: message_stop\r\ndata: {"type":"message_stop"}\r\n\r\n',
].join("");
const PASSED = STREAM.replace('"model": "claude-x"', '"model": "small"');

const open = (maxEventBytes = 10_000) => createMessagesStream({ model: "small", maxEventBytes });
function run(text: string) {
  const stream = open();
  const out = textOf(stream.push(bytesOf(text))) + textOf(stream.end());
  return { stream, out };
}

describe("streamed answers that pass", () => {
  test("the model is stamped in the first event, every other byte stays", () => {
    const { stream, out } = run(STREAM);
    assert.equal(out, PASSED);
    assert.deepEqual(stream.usage, { inputTokens: 16, outputTokens: 7, cachedInputTokens: 8, estimated: false });
    assert.equal(stream.finish, "end_turn");
    assert.equal(stream.done, true);
    assert.equal(stream.error, undefined);
    assert.equal(stream.outputChars, 5);
  });

  test("wherever the upstream's bytes are cut, the client gets the same", () => {
    const bytes = bytesOf(STREAM);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 10 }), (marks) => {
        const cuts = [0, ...marks.sort((a, b) => a - b), bytes.length];
        const stream = open();
        const pieces = cuts.slice(1).map((cut, index) => stream.push(bytes.slice(cuts[index], cut)));
        assert.equal(textOf(Buffer.concat([...pieces, stream.end()])), PASSED);
        assert.equal(stream.usage?.outputTokens, 7);
        assert.equal(stream.outputChars, 5);
        assert.equal(stream.done, true);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  const begin = (block: string) => `data: {"type":"content_block_start","index":0,"content_block":{${block}}}\n\n`;
  const FIRSTS: readonly (readonly [event: string, first: boolean])[] = [
    [START, false],
    [begin('"type":"text","text":""'), false],
    [begin('"type":"thinking","thinking":"","signature":""'), false],
    [begin('"type":"tool_use","id":"t","name":"now","input":{}'), true],
    [begin('"type":"redacted_thinking","data":"ZGF0YQ"'), true],
    [delta('"type":"text_delta","text":"x"'), true],
    [delta('"type":"thinking_delta","thinking":"x"'), true],
    [delta('"type":"input_json_delta","partial_json":"{"'), true],
    [delta('"type":"signature_delta","signature":"x"'), false],
  ];
  for (const [event, first] of FIRSTS) {
    test(`${first ? "a" : "not a"} first token: ${event.slice(0, 90).replaceAll("\n", " ")}`, () =>
      assert.equal(run(event).stream.firstToken, first));
  }

  test("an error event is noticed and handed on", () => {
    const event = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
    const { stream, out } = run(event);
    assert.equal(stream.error, "Overloaded");
    assert.equal(out, event);
  });

  test("unknown events and broken JSON pass untouched", () => {
    const text = 'event: mood\ndata: {"model":"claude-x"}\n\ndata: {oops\n\ndata: [1]\n\nretry: 5\n\n';
    assert.equal(run(text).out, text);
  });

  test("a first event over several data lines keeps its meaning", () => {
    const { out } = run('event: message_start\ndata: {"type":"message_start",\ndata: "message":{"model":"u"}}\n\n');
    assert.equal(out, 'event: message_start\ndata: {"type":"message_start",\ndata: "message":{"model":"small"}}\n\n');
  });

  test("an event cut off by the end is not handed on, one that only lacks its blank line is", () => {
    const cut = run('event: ping\ndata: {"type":"ping"}\n\nevent: message_stop\ndata: {"type":"mess');
    assert.equal(cut.out, 'event: ping\ndata: {"type":"ping"}\n\n');
    assert.equal(cut.stream.done, false);
    const whole = run('data: {"type":"message_stop"}');
    assert.equal(whole.out, 'data: {"type":"message_stop"}\n\n');
    assert.equal(whole.stream.done, true);
  });

  test("an endless event is the upstream's failure", () => {
    assert.throws(
      () => open(100).push(bytesOf(`data: ${"x".repeat(200)}`)),
      (error) => error instanceof RouterError && error.code === "upstream_failed",
    );
  });

  test("our own error has the form of the API", () => {
    assert.equal(
      textOf(open().errorEvent(new RouterError("upstream_timeout", "Too slow."))),
      'event: error\ndata: {"type":"error","error":{"type":"timeout_error","message":"Too slow."}}\n\n',
    );
  });
});
