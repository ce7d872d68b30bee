import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { openaiChatClient, openaiChatServer } from "../../../src/dialect/openai-chat/codec.ts";
import type { Finish, Step, Tokens } from "../../../src/dialect/form.ts";
import { isFields, type Fields } from "../../../src/dialect/shape.ts";
import { createSseReader } from "../../../src/dialect/sse.ts";
import { RouterError } from "../../../src/errors.ts";

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (choice: Fields, rest: Fields = {}) =>
  data({ id: "r1", model: "m-1", choices: [{ index: 0, finish_reason: null, ...choice }], ...rest });
const delta = (delta: Fields, finish: string | null = null) => chunk({ delta, finish_reason: finish });
const calls = (...pieces: readonly Fields[]) => delta({ tool_calls: pieces });
const piece = (index: number | undefined, id: string | undefined, name: string | undefined, input: string): Fields => ({
  ...(index === undefined ? {} : { index }),
  ...(id === undefined ? {} : { id, type: "function" }),
  function: { ...(name === undefined ? {} : { name }), arguments: input },
});
const USAGE = data({ id: "r1", choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
const TOKENS: Tokens = { input: 5, output: 2, cachedInput: 0, cacheWrite: 0, reasoning: 0 };
const DONE = "data: [DONE]\n\n";
const START: Step = { kind: "start", id: "r1", model: "m-1" };

const readBytes = (pieces: readonly Uint8Array[]): { steps: Step[]; done: boolean } => {
  const events = createSseReader({ maxEventBytes: 100_000 });
  const reader = openaiChatServer.readStream();
  const steps = pieces.flatMap((bytes) => events.push(bytes).flatMap((event) => reader.push(event)));
  steps.push(...events.end().flatMap((event) => reader.push(event)));
  const { done } = reader;
  return { steps: [...steps, ...reader.end()], done };
};
const read = (...events: readonly string[]) => readBytes([Buffer.from(events.join(""))]);

/** What steps say, `between` one thought and the next; fails where they do not keep to their contract. */
const sumOf = (steps: readonly Step[], between = "") => {
  const open = new Map<number, string>();
  const told = { text: "", refusal: "", thinking: "" };
  const calls: { index: number; id: string; name: string; arguments: string }[] = [];
  let begun = 0;
  let thought: number | undefined;
  let finish: string | undefined;
  let tokens: Tokens | undefined;
  for (const step of steps) {
    if (step.kind === "block") {
      assert.equal(step.index, begun++, "blocks are numbered as they begin");
      assert.equal(finish, undefined, "a block begins before the finish");
      open.set(step.index, step.block.kind);
      const { block, index } = step;
      if (block.kind === "tool_call") calls.push({ index, id: block.id, name: block.name, arguments: "" });
    } else if (step.kind === "delta") {
      const kind = open.get(step.index);
      assert.ok(kind !== undefined && step.text !== "", "a delta has a block and says something");
      if (kind === "thinking" && thought !== undefined && thought !== step.index) told.thinking += between;
      if (kind === "thinking") thought = step.index;
      if (kind === "tool_call") calls.find(({ index }) => index === step.index)!.arguments += step.text;
      else told[kind as keyof typeof told] += step.text;
    } else if (step.kind === "block_end") {
      assert.ok(open.delete(step.index), "a block ends once");
    } else if (step.kind === "finish") {
      assert.equal(finish, undefined, "there is one finish");
      assert.equal(open.size, 0, "every block ends before the finish");
      finish = step.finish;
    } else if (step.kind === "tokens") {
      tokens = step.tokens;
    }
  }
  return { ...told, calls: calls.map(({ id, name, arguments: input }) => ({ id, name, input })), finish, tokens };
};

describe("streams that are read", () => {
  test("a stream as OpenAI sends it", () => {
    const { steps, done } = read(
      ": keep-alive\n\n",
      delta({ role: "assistant", content: "", refusal: null }),
      delta({ content: "Hel" }),
      ": keep-alive\n\n",
      delta({ content: "lo" }),
      delta({}, "stop"),
      USAGE,
      DONE,
      DONE,
      delta({ content: "late" }),
    );
    assert.deepEqual(steps, [
      START,
      { kind: "block", index: 0, block: { kind: "text" } },
      { kind: "delta", index: 0, text: "Hel" },
      { kind: "delta", index: 0, text: "lo" },
      { kind: "block_end", index: 0 },
      { kind: "finish", finish: "stop" },
      { kind: "tokens", tokens: TOKENS },
    ]);
    assert.equal(done, true);
  });

  test("thoughts, text, a refusal and interleaved calls are blocks of their own", () => {
    const { steps } = read(
      delta({ role: "assistant", reasoning_content: "h", reasoning: "h" }),
      delta({ reasoning: "m" }),
      delta({ content: "We" }),
      delta({ content: "ll", refusal: "no" }),
      calls(piece(0, "c1", "f", ""), piece(1, "c2", "g", "")),
      calls(piece(1, undefined, undefined, "{")),
      calls(piece(0, undefined, undefined, "{}")),
      delta({ content: "." }),
      calls(piece(1, undefined, undefined, "}")),
      delta({}, "tool_calls"),
      DONE,
    );
    assert.deepEqual(
      steps.filter((step) => step.kind === "block").map(({ block }) => block.kind),
      ["thinking", "text", "refusal", "tool_call", "tool_call", "text"],
    );
    assert.deepEqual(sumOf(steps), {
      thinking: "hm",
      text: "Well.",
      refusal: "no",
      calls: [
        { id: "c1", name: "f", input: "{}" },
        { id: "c2", name: "g", input: "{}" },
      ],
      finish: "tool_calls",
      tokens: undefined,
    });
  });

  const TWO = [
    { id: "c1", name: "f", input: "{1}" },
    { id: "c2", name: "g", input: "{2}" },
  ];
  const HABITS: Readonly<Record<string, readonly string[]>> = {
    "whole calls at once": [calls(piece(0, "c1", "f", "{1}"), piece(1, "c2", "g", "{2}"))],
    "whole calls without an index": [
      calls(piece(undefined, "c1", "f", "{1}")),
      calls(piece(undefined, "c2", "g", "{2}")),
    ],
    "the index 0 for every call": [calls(piece(0, "c1", "f", "{1}")), calls(piece(0, "c2", "g", "{2}"))],
    "id and name in every piece": [
      calls(piece(0, "c1", "f", "{")),
      calls(piece(0, "c1", "f", "1}")),
      calls(piece(1, "c2", "g", "{2")),
      calls(piece(1, "c2", "g", "}")),
    ],
    "another id in every piece": [
      calls(piece(0, "c1", "f", "{")),
      calls(piece(0, "other", undefined, "1}")),
      calls(piece(1, "c2", "g", "{2")),
      calls(piece(1, "another", undefined, "}")),
    ],
    "pieces without index and id": [
      calls(piece(undefined, "c1", "f", "{")),
      calls(piece(undefined, undefined, undefined, "1}")),
      calls(piece(undefined, "c2", "g", "")),
      calls(piece(undefined, undefined, undefined, "{2}")),
    ],
    "empty strings for what is not new": [
      calls(piece(0, "c1", "f", "")),
      calls(piece(0, "", "", "{1}")),
      calls(piece(1, "c2", "g", "{2}")),
    ],
    "a finish with the last piece": [
      calls(piece(0, "c1", "f", "{1}")),
      chunk({ delta: { tool_calls: [piece(1, "c2", "g", "{2}")] }, finish_reason: "stop" }),
    ],
  };
  for (const [habit, events] of Object.entries(HABITS)) {
    test(`calls are told apart: ${habit}`, () => {
      const { calls, finish } = sumOf(read(...events, DONE).steps);
      assert.deepEqual(calls, TWO);
      assert.equal(finish, "tool_calls");
    });
  }

  test("calls without an id, or with one that is taken, get their own", () => {
    const { steps } = read(calls(piece(0, "x", "f", ""), piece(1, "x", "g", ""), piece(2, undefined, "h", "")), DONE);
    const ids = sumOf(steps).calls.map(({ id }) => id);
    assert.equal(ids[0], "x");
    assert.equal(new Set(ids).size, 3);
    assert.ok(!ids.includes(""));
  });

  test("a function_call is a call", () => {
    const { calls, finish } = sumOf(
      read(
        delta({ function_call: { name: "f", arguments: "{" } }),
        delta({ function_call: { arguments: "}" } }),
        delta({}, "function_call"),
        DONE,
      ).steps,
    );
    assert.deepEqual(
      calls.map(({ name, input }) => [name, input]),
      [["f", "{}"]],
    );
    assert.equal(finish, "tool_calls");
  });

  test("text behind the first finish is not lost, behind the usage it is none", () => {
    const { text, finish } = sumOf(
      read(delta({ content: "a" }, "stop"), delta({ content: "b" }, "length"), USAGE, delta({ content: "c" })).steps,
    );
    assert.deepEqual([text, finish], ["ab", "length"]);
  });

  test("a stream that says [DONE] is whole, one that only stops is not", () => {
    assert.equal(sumOf(read(delta({ content: "a" }), DONE).steps).finish, "stop");
    assert.equal(sumOf(read(delta({ content: "a" }, "stop")).steps).finish, "stop");
    const cut = read(delta({ content: "a" }));
    assert.equal(cut.done, false);
    assert.deepEqual(cut.steps.at(-1), { kind: "block_end", index: 0 });
    assert.deepEqual(read(DONE).steps, [], "nothing began");
  });

  test("usage may come with every chunk, and Azure's first one has no choice", () => {
    const azure = data({ id: "", model: "", choices: [], prompt_filter_results: [] });
    const usage = { prompt_tokens: 5, completion_tokens: 1 };
    const { steps } = read(azure, chunk({ delta: { content: "a" } }, { usage }), delta({}, "stop"), USAGE, DONE);
    assert.deepEqual(steps[0], START);
    assert.deepEqual(
      steps.filter((step) => step.kind === "tokens").map(({ tokens }) => tokens.output),
      [1, 2],
    );
  });

  test("an error event ends the stream, in each form there is", () => {
    const errors = [
      data({ error: { message: "over capacity", code: 503 } }),
      data({ error: "over capacity" }),
      data({ object: "error", message: "over capacity" }),
      `event: error\n${data({ message: "over capacity" })}`,
      `event: error\n${data({ error: { message: "over capacity" } })}`,
      "event: error\ndata: over capacity\n\n",
    ];
    for (const error of errors) {
      const { steps, done } = read(delta({ content: "a" }), error, delta({ content: "b" }), DONE);
      assert.deepEqual(steps.at(-1), { kind: "error", message: "over capacity" });
      assert.equal(done, true);
      assert.equal(sumOf(steps).text, "a");
    }
    const broken = read(delta({ content: "a" }, "insufficient_system_resource"), DONE);
    assert.equal(broken.steps.at(-1)?.kind, "error");
  });

  test("other choices, nonsense and more calls than anybody makes do no harm", () => {
    const { text } = sumOf(
      read(
        delta({ content: "a" }),
        "data: {\n\n",
        "data: 7\n\n",
        "event: ping\ndata: {}\n\n",
        data({ choices: [{ index: 1, delta: { content: "other" } }] }),
        data({ choices: [null, "x", { delta: null }] }),
        delta({ content: 7, tool_calls: [null, {}, { index: 9, function: { arguments: "lost" } }] }),
        delta({ content: "b" }),
        DONE,
      ).steps,
    );
    assert.equal(text, "ab");
    const many = Array.from({ length: 1100 }, (_, i) => piece(i, `c${i}`, "f", ""));
    assert.equal(read(calls(...many.slice(0, 600)), calls(...many.slice(600)), DONE).steps.at(-1)?.kind, "error");
  });
});

const write = (steps: readonly Step[], usage = true) => {
  const writer = openaiChatClient.writeStream({ model: "auto", usage, created: 7 });
  return [...steps.map((step) => writer.push(step)), writer.end()];
};
const parsed = (bytes: readonly Uint8Array[]) =>
  Buffer.concat(bytes)
    .toString()
    .split("\n\n")
    .filter((event) => event !== "" && event !== "data: [DONE]")
    .map((event) => JSON.parse(event.slice("data: ".length)) as Fields);
const deltas = (bytes: readonly Uint8Array[]) =>
  parsed(bytes).flatMap(({ choices }) =>
    (choices as { delta: Fields; finish_reason: unknown }[]).map(({ delta, finish_reason }) => finish_reason ?? delta),
  );

describe("streams that are written", () => {
  test("chunks as OpenAI sends them, to the last byte", () => {
    const steps: readonly Step[] = [
      START,
      { kind: "block", index: 0, block: { kind: "text" } },
      { kind: "delta", index: 0, text: "Hi" },
      { kind: "tokens", tokens: { ...TOKENS, output: 1 } },
      { kind: "block_end", index: 0 },
      { kind: "finish", finish: "stop_sequence", stopSequence: "END" },
      { kind: "tokens", tokens: TOKENS },
    ];
    const head = '{"id":"r1","object":"chat.completion.chunk","created":7,"model":"auto","choices":[';
    const choice = (delta: string, finish = "null") =>
      `data: ${head}{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]`;
    const body = (tail: string) => [
      `${choice('{"role":"assistant","content":"","refusal":null}')}${tail}`,
      `${choice('{"content":"Hi"}')}${tail}`,
      `${choice("{}", '"stop"')}${tail}`,
    ];
    const usage =
      '{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,' +
      '"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}';
    const text = (bytes: readonly Uint8Array[]) => Buffer.concat(bytes).toString();
    assert.equal(
      text(write(steps)),
      [...body(',"usage":null}'), `data: ${head}],"usage":${usage}}`, "data: [DONE]", ""].join("\n\n"),
    );
    assert.equal(text(write(steps, false)), [...body("}"), "data: [DONE]", ""].join("\n\n"));
  });

  test("calls carry index, id and name once, and arguments that can be parsed", () => {
    const steps: readonly Step[] = [
      START,
      { kind: "block", index: 0, block: { kind: "thinking" } },
      { kind: "delta", index: 0, text: "a" },
      { kind: "signature", index: 0, signature: "s" },
      { kind: "block_end", index: 0 },
      { kind: "block", index: 1, block: { kind: "thinking" } },
      { kind: "redacted", index: 1, data: "r" },
      { kind: "block_end", index: 1 },
      { kind: "block", index: 2, block: { kind: "thinking" } },
      { kind: "delta", index: 2, text: "b" },
      { kind: "block_end", index: 2 },
      { kind: "block", index: 3, block: { kind: "tool_call", id: "c1", name: "f", signature: "S" } },
      { kind: "block", index: 4, block: { kind: "tool_call", id: "c2", name: "g" } },
      { kind: "delta", index: 4, text: "[]" },
      { kind: "block_end", index: 3 },
      { kind: "block_end", index: 4 },
      { kind: "finish", finish: "tool_calls" },
    ];
    const head = (index: number, id: string, name: string, rest: Fields = {}) => ({
      tool_calls: [{ index, id, type: "function", ...rest, function: { name, arguments: "" } }],
    });
    const input = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    assert.deepEqual(deltas(write(steps)), [
      { role: "assistant", content: "", refusal: null },
      { reasoning_content: "a" },
      { reasoning_content: "\n\nb" },
      head(0, "c1", "f", { extra_content: { google: { thought_signature: "S" } } }),
      head(1, "c2", "g"),
      input(1, "[]"),
      input(0, "{}"),
      "tool_calls",
    ]);
  });

  test("an error event has the form of OpenAI's errors, and an upstream's own words stay inside", () => {
    const writer = openaiChatClient.writeStream({ model: "auto", usage: false, created: 7 });
    assert.equal(writer.push({ kind: "error", message: "secret" }).length, 0);
    const [body] = parsed([writer.error(new RouterError("upstream_failed", "It failed."))]);
    assert.ok(isFields(body) && isFields(body["error"]));
    assert.equal(body["error"]["code"], "upstream_failed");
  });
});

const word = fc.string({ minLength: 1, maxLength: 8, unit: "binary" });
type Shape = readonly { kind: "text" | "refusal" | "thinking" | "tool_call"; pieces: readonly string[] }[];
const shape: fc.Arbitrary<Shape> = fc.array(
  fc.record({
    kind: fc.constantFrom("text", "refusal", "thinking", "tool_call"),
    pieces: fc.array(word, { maxLength: 4 }),
  }),
  { maxLength: 6 },
);
/** Blocks that begin in order and end in any; each number moves one of those that are open. */
const interleave = (shape: Shape, turns: readonly number[]): Step[] => {
  const steps: Step[] = [];
  const open: { index: number; pieces: string[] }[] = [];
  const move = (turn: number): void => {
    const at = turn % open.length;
    const { index, pieces } = open[at]!;
    const text = pieces.shift();
    if (text !== undefined) steps.push({ kind: "delta", index, text });
    else {
      steps.push({ kind: "block_end", index });
      open.splice(at, 1);
    }
  };
  shape.forEach(({ kind, pieces }, index) => {
    const block = kind === "tool_call" ? { kind, id: `c${index}`, name: `f${index}` } : { kind };
    steps.push({ kind: "block", index, block });
    open.push({ index, pieces: [...pieces] });
    for (const turn of turns) if (open.length > 0) move(turn);
  });
  while (open.length > 0) move(turns[0] ?? 0);
  return steps;
};
const FINISHES: readonly Finish[] = ["stop", "stop_sequence", "length", "tool_calls", "content_filter"];

test("what is written for a chat client says what the steps said, wherever its bytes are cut", () => {
  const run = fc.property(
    shape,
    fc.array(fc.nat({ max: 9 }), { maxLength: 4 }),
    fc.constantFrom(...FINISHES),
    fc.boolean(),
    fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 5 }),
    (shape, turns, finish, isTokensLast, cuts) => {
      const last: readonly Step[] = [
        { kind: "finish", finish },
        { kind: "tokens", tokens: TOKENS },
      ];
      const steps = [START, ...interleave(shape, turns), ...(isTokensLast ? last : last.toReversed())];
      const bytes = Buffer.concat(write(steps));
      const pieces: Uint8Array[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = at + 1 + cuts[i % cuts.length]!;
        pieces.push(bytes.subarray(at, end));
        at = end;
      }
      const { steps: again, done } = readBytes(pieces);
      const said = sumOf(steps, "\n\n");
      const calls = said.calls.map((call) => ({ ...call, input: call.input || "{}" }));
      const plain = finish === "stop_sequence" ? "stop" : finish;
      assert.deepEqual(sumOf(again), {
        ...said,
        calls,
        finish: plain === "stop" && calls.length > 0 ? "tool_calls" : plain,
      });
      assert.deepEqual(again[0], { kind: "start", id: "r1", model: "auto" });
      assert.equal(done, true);
    },
  );
  fc.assert(run, { numRuns: 300 });
});

test("no stream breaks the reader, and its steps keep to their contract", () => {
  const name = fc.option(fc.constantFrom("", "a", "b"), { nil: undefined });
  const pieces = fc.array(
    fc.record({
      index: fc.option(fc.constantFrom(0, 1, -1, 0.5), { nil: undefined }),
      id: name,
      function: fc.record({ name, arguments: name }),
    }),
    { maxLength: 3 },
  );
  const said = fc.oneof(name, fc.anything());
  const event = fc.oneof(
    fc
      .record({ content: said, reasoning: said, tool_calls: fc.oneof(pieces, fc.anything()) })
      .map((said) => delta(said)),
    fc.constantFrom("stop", "length", "", "abort").map((reason) => delta({}, reason)),
    fc.constantFrom(USAGE, DONE, ": ping\n\n", "data: {\n\n", "event: x\ndata: []\n\n"),
    fc.json().map((json) => `data: ${json}\n\n`),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      sumOf(read(...events).steps);
    }),
    { numRuns: 300 },
  );
});
