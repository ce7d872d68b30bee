import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { applyEdits } from "../../../src/dialect/json.ts";
import {
  createAnswerStream,
  errorEvent,
  readAnswer,
  stampModel,
  usageEdits,
} from "../../../src/dialect/openai-chat/answer.ts";
import { RouterError } from "../../../src/errors.ts";

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("asking for usage", () => {
  const CASES: readonly (readonly [before: string, after: string])[] = [
    ['{"stream":true}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream":true, "stream_options" : { } }', '{"stream":true, "stream_options" : {"include_usage":true } }'],
    ['{"stream":true,"stream_options":null}', '{"stream":true,"stream_options":{"include_usage":true}}'],
    [
      '{"stream_options":{"a":1.0,"include_usage":false },"stream":true}',
      '{"stream_options":{"a":1.0,"include_usage":true },"stream":true}',
    ],
    [
      '{"stream_options":{"include_usage":true},"stream":true,"stream_options":{"a":{}}}',
      '{"stream_options":{"include_usage":true},"stream":true,"stream_options":{"a":{},"include_usage":true}}',
    ],
    [
      '{"stream":true,"stream_options":{"include_usage":true}}',
      '{"stream":true,"stream_options":{"include_usage":true}}',
    ],
    ['{"stream":false}', '{"stream":false}'],
    ['{"messages":[]}', '{"messages":[]}'],
  ];
  for (const [before, after] of CASES) {
    test(before, () =>
      assert.equal(textOf(applyEdits(bytesOf(before), usageEdits(bytesOf(before), JSON.parse(before)))), after),
    );
  }
});

describe("whole answers", () => {
  test("usage, finish and model are read", () => {
    const answer =
      '{"id":"c1","model":"llama","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],' +
      '"usage":{"prompt_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8}}}';
    assert.deepEqual(readAnswer(bytesOf(answer)), {
      usage: { inputTokens: 12, outputTokens: 3, cachedInputTokens: 8, estimated: false },
      finish: "stop",
      model: "llama",
      outputChars: 2,
    });
  });

  test("what was said is measured: text, messages and calls of every choice; vectors say nothing", () => {
    const chars = (body: object) => readAnswer(bytesOf(JSON.stringify(body))).outputChars;
    assert.equal(chars({ choices: [{ text: "abc" }, { text: "de" }] }), 5);
    assert.equal(chars({ choices: [{ message: { content: null, reasoning: "abc", refusal: "d" } }] }), 4);
    const call = { function: { name: "now", arguments: "{}" } };
    assert.equal(chars({ choices: [{ message: { tool_calls: [call] } }] }), 5);
    assert.equal(chars({ data: [{ embedding: [0.1, 0.2] }], usage: { prompt_tokens: 2 } }), undefined);
  });

  test("anything else says nothing", () => {
    const nothings = [
      "",
      "<html>",
      "[]",
      "7",
      '{"usage":null,"choices":{},"model":3}',
      '{"choices":[null,{"finish_reason":null}]}',
    ];
    for (const text of nothings) assert.deepEqual(readAnswer(bytesOf(text)), {});
  });

  test("the model is stamped and no other byte changes", () => {
    const answer = ' {"model" : "meta/llama", "x":{"model":"y"},"n":1.0,"choices":[],"mod\\u0065l":null}\n';
    assert.equal(
      textOf(stampModel(bytesOf(answer), 'a"b')),
      ' {"model" : "a\\"b", "x":{"model":"y"},"n":1.0,"choices":[],"mod\\u0065l":"a\\"b"}\n',
    );
    for (const text of ['{"id":1}', "<html>", "[]", "", '{"model":"x"']) {
      const bytes = bytesOf(text);
      assert.equal(stampModel(bytes, "m"), bytes);
    }
  });
});

const chunk = (choice: object, rest: object = {}) =>
  `data: ${JSON.stringify({ id: "c1", model: "upstream-1", choices: [{ index: 0, ...choice }], ...rest })}\n\n`;
const USAGE =
  'data: {"id":"c1","model":"upstream-1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\n';
const STREAM = [
  ": ping\n\n",
  chunk({ delta: { role: "assistant", content: "" }, finish_reason: null }, { usage: null }),
  chunk({ delta: { content: "hél" } }),
  chunk({ delta: { content: "lo" } }),
  chunk({ delta: {}, finish_reason: "stop" }),
  USAGE,
  "data: [DONE]\n\n",
];

const open = (options: { stripUsage?: boolean; maxEventBytes?: number } = {}) =>
  createAnswerStream({ model: "small", stripUsage: false, maxEventBytes: 10_000, ...options });
const run = (text: string, options = {}) => {
  const stream = open(options);
  const out = textOf(stream.push(bytesOf(text))) + textOf(stream.end());
  return { stream, out };
};

describe("streamed answers", () => {
  test("each chunk is stamped, everything else stays byte for byte", () => {
    const { stream, out } = run(STREAM.join(""));
    assert.equal(out, STREAM.join("").replaceAll('"model":"upstream-1"', '"model":"small"'));
    assert.deepEqual(stream.usage, { inputTokens: 5, outputTokens: 2, cachedInputTokens: 0, estimated: false });
    assert.equal(stream.finish, "stop");
    assert.equal(stream.done, true);
    assert.equal(stream.error, undefined);
    assert.equal(stream.outputChars, 5);
  });

  test("the usage chunk is read and dropped for clients that did not ask for it", () => {
    const { stream, out } = run(STREAM.join(""), { stripUsage: true });
    assert.equal(
      out,
      STREAM.filter((event) => event !== USAGE)
        .join("")
        .replaceAll("upstream-1", "small"),
    );
    assert.equal(stream.usage?.outputTokens, 2);
  });

  test("usage on a chunk with a choice is read and not dropped", () => {
    const { stream, out } = run(
      chunk({ delta: { content: "x" } }, { usage: { prompt_tokens: 1, completion_tokens: 1 } }),
      {
        stripUsage: true,
      },
    );
    assert.match(out, /"usage"/);
    assert.equal(stream.usage?.inputTokens, 1);
  });

  test("wherever the upstream's bytes are cut, the client gets the same", () => {
    const whole = run(STREAM.join(""), { stripUsage: true });
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.join("").length), { maxLength: 10 }), (marks) => {
        const bytes = bytesOf(STREAM.join(""));
        const cuts = [0, ...marks.sort((a, b) => a - b), bytes.length];
        const stream = open({ stripUsage: true });
        const pieces = cuts.slice(1).map((cut, i) => stream.push(bytes.slice(cuts[i], cut)));
        assert.equal(textOf(Buffer.concat([...pieces, stream.end()])), whole.out);
        assert.deepEqual(stream.usage, whole.stream.usage);
        assert.equal(stream.outputChars, whole.stream.outputChars);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  const FIRSTS: readonly (readonly [name: string, delta: object, first: boolean])[] = [
    ["content", { content: "x" }, true],
    ["reasoning_content", { reasoning_content: "x" }, true],
    ["reasoning", { reasoning: "x" }, true],
    ["a refusal", { refusal: "no" }, true],
    ["a tool call", { tool_calls: [{ index: 0, id: "t", function: { name: "f", arguments: "" } }] }, true],
    ["only the role", { role: "assistant", content: "" }, false],
    ["null content", { content: null }, false],
  ];
  for (const [name, delta, first] of FIRSTS) {
    test(`${name} ${first ? "is" : "is not"} a first token`, () =>
      assert.equal(run(chunk({ delta })).stream.firstToken, first));
  }

  test("an error event is noticed and handed on", () => {
    const event = 'data: {"error":{"message":"out of memory","code":500}}\n\n';
    const { stream, out } = run(chunk({ delta: { content: "x" } }) + event);
    assert.equal(stream.error, "out of memory");
    assert(out.endsWith(event));
  });

  test("unknown events, broken JSON and other fields of an event pass untouched", () => {
    const text = 'event: mood\ndata: {"mood":1}\n\ndata: {oops\n\ndata: [1]\n\nretry: 5\n\n';
    assert.equal(run(text).out, text);
    assert.equal(
      run('id: 3\ndata:{"model":"u","n":1e2}\r\nx: y\r\n\r\n').out,
      'id: 3\ndata:{"model":"small","n":1e2}\r\nx: y\r\n\r\n',
    );
    assert.equal(run('\uFEFFdata: {"model":"u"}\n\n').out, '\uFEFFdata: {"model":"small"}\n\n');
  });

  test("JSON over several data lines keeps its meaning", () => {
    const { out } = run('event: e\ndata: {"model":\ndata: "u"}\n\n');
    assert.equal(out, 'event: e\ndata: {"model":\ndata: "small"}\n\n');
  });

  test("an event cut off by the end is not handed on, one that only lacks its blank line is", () => {
    const cut = run(`${chunk({ delta: { content: "x" } })}data: {"choices":[{"del`);
    assert.equal(cut.out, chunk({ delta: { content: "x" } }).replace("upstream-1", "small"));
    assert.equal(cut.stream.done || cut.stream.finish !== undefined, false);
    const whole = run("data: [DONE]");
    assert.equal(whole.out, "data: [DONE]\n\n");
    assert.equal(whole.stream.done, true);
  });

  test("an endless event is the upstream's failure", () => {
    const stream = open({ maxEventBytes: 100 });
    assert.throws(
      () => stream.push(bytesOf(`data: ${"x".repeat(200)}`)),
      (error) => error instanceof RouterError && error.code === "upstream_failed",
    );
  });

  test("our own error is an event that OpenAI clients raise", () => {
    const event = textOf(errorEvent(new RouterError("upstream_failed", "The upstream went away.")));
    assert.equal(
      event,
      'data: {"error":{"message":"The upstream went away.","type":"api_error","param":null,"code":"upstream_failed"}}\n\n',
    );
  });
});
