import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { anthropicClient, anthropicServer } from "../../../src/dialect/anthropic/codec.ts";
import type { BlockStart, Step, Tokens } from "../../../src/dialect/form.ts";
import { createSseReader } from "../../../src/dialect/sse.ts";
import { RouterError } from "../../../src/errors.ts";

const event = (fields: { readonly type: string; readonly [name: string]: unknown }) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;

/** Steps of a stream whose bytes are cut at `cuts`. */
function read(stream: string, cuts: readonly number[] = []): Step[] {
  const bytes = Buffer.from(stream);
  const sse = createSseReader({ maxEventBytes: 1_000_000 });
  const reader = anthropicServer.readStream();
  const marks = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const events = marks.slice(1).flatMap((mark, index) => sse.push(bytes.subarray(marks[index], mark)));
  return [...[...events, ...sse.end()].flatMap((each) => reader.push(each)), ...reader.end()];
}

const open = () => anthropicClient.writeStream({ model: "small", usage: true, created: 0 });

function write(steps: readonly Step[]): string {
  const writer = open();
  const pieces = steps.map((step) => writer.push(step));
  return Buffer.concat([...pieces, writer.end()]).toString();
}

/** What each event of a stream says, without the first. */
const saidAfterStart = (stream: string) =>
  stream
    .split("\n\n")
    .filter((block) => block !== "")
    .slice(1)
    .map((block) => JSON.parse(block.slice(block.indexOf("data: ") + 6)) as Record<string, unknown>);

const start = event({
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-4-7",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, cache_creation_input_tokens: 5, cache_read_input_tokens: 100, output_tokens: 1 },
  },
});
const ping = event({ type: "ping" });
const begin = (index: number, content_block: object) => event({ type: "content_block_start", index, content_block });
const delta = (index: number, fields: object) => event({ type: "content_block_delta", index, delta: fields });
const stop = (index: number) => event({ type: "content_block_stop", index });
const finish = (reason: string, usage: object = { output_tokens: 20 }) =>
  event({ type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage });
const end = event({ type: "message_stop" });
const FIRST: readonly Step[] = [
  { kind: "start", id: "msg_1", model: "claude-opus-4-7" },
  { kind: "tokens", tokens: { input: 115, output: 1, cachedInput: 100, cacheWrite: 5, reasoning: 0 } },
];

describe("streams of the Messages API, read", () => {
  test("a recorded one with thoughts, text and a call", () => {
    const stream = [
      start,
      ping,
      begin(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "thinking_delta", thinking: "Hm" }),
      delta(0, { type: "thinking_delta", thinking: "." }),
      delta(0, { type: "signature_delta", signature: "c2ln" }),
      stop(0),
      begin(1, { type: "redacted_thinking", data: "ZGF0YQ" }),
      stop(1),
      begin(2, { type: "text", text: "" }),
      delta(2, { type: "text_delta", text: "Let me see." }),
      delta(2, { type: "citations_delta", citation: { type: "char_location" } }),
      stop(2),
      begin(3, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
      delta(3, { type: "input_json_delta", partial_json: '{"query":' }),
      stop(3),
      begin(4, { type: "tool_use", id: "toolu_1", name: "weather", input: {} }),
      delta(4, { type: "input_json_delta", partial_json: "" }),
      delta(4, { type: "input_json_delta", partial_json: '{"city":' }),
      delta(4, { type: "input_json_delta", partial_json: '"Rom"}' }),
      stop(4),
      event({ type: "mood", mood: "good" }),
      finish("tool_use", { output_tokens: 20, output_tokens_details: { thinking_tokens: 7 } }),
      end,
    ].join("");
    assert.deepEqual(read(stream), [
      ...FIRST,
      { kind: "block", index: 0, block: { kind: "thinking" } },
      { kind: "delta", index: 0, text: "Hm" },
      { kind: "delta", index: 0, text: "." },
      { kind: "signature", index: 0, signature: "c2ln" },
      { kind: "block_end", index: 0 },
      { kind: "block", index: 1, block: { kind: "thinking" } },
      { kind: "redacted", index: 1, data: "ZGF0YQ" },
      { kind: "block_end", index: 1 },
      { kind: "block", index: 2, block: { kind: "text" } },
      { kind: "delta", index: 2, text: "Let me see." },
      { kind: "block_end", index: 2 },
      { kind: "block", index: 3, block: { kind: "tool_call", id: "toolu_1", name: "weather" } },
      { kind: "delta", index: 3, text: '{"city":' },
      { kind: "delta", index: 3, text: '"Rom"}' },
      { kind: "block_end", index: 3 },
      { kind: "tokens", tokens: { input: 115, output: 20, cachedInput: 100, cacheWrite: 5, reasoning: 7 } },
      { kind: "finish", finish: "tool_calls" },
    ]);
  });

  test("text and arguments that come with the beginning of their block are not lost", () => {
    const steps = read(
      begin(0, { type: "text", text: "a" }) +
        stop(0) +
        begin(1, { type: "tool_use", id: "t", name: "n", input: { a: 1 } }),
    );
    assert.deepEqual(steps, [
      { kind: "start", id: "", model: "" },
      { kind: "block", index: 0, block: { kind: "text" } },
      { kind: "delta", index: 0, text: "a" },
      { kind: "block_end", index: 0 },
      { kind: "block", index: 1, block: { kind: "tool_call", id: "t", name: "n" } },
    ]);
    const whole = read(
      start + begin(0, { type: "tool_use", id: "t", name: "n", input: { a: 1 } }) + finish("tool_use"),
    );
    assert.deepEqual(whole.filter((step) => "index" in step).slice(1), [
      { kind: "delta", index: 0, text: '{"a":1}' },
      { kind: "block_end", index: 0 },
    ]);
  });

  test("a message that stops without a reason has stopped", () => {
    const reader = anthropicServer.readStream();
    const [last] = createSseReader({ maxEventBytes: 1000 }).push(Buffer.from(end));
    assert.equal(reader.done, false);
    assert.deepEqual(reader.push(last!).at(-1), { kind: "finish", finish: "stop" });
    assert.equal(reader.done, true);
  });

  test("a stream that is cut off has no finish", () => {
    const steps = read(start + begin(0, { type: "text", text: "" }) + delta(0, { type: "text_delta", text: "a" }));
    assert.equal(steps.at(-1)?.kind, "delta");
  });

  test("an error event is a step, and the last one", () => {
    const failed = event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    assert.deepEqual(read(start + failed + begin(0, { type: "text", text: "a" })), [
      ...FIRST,
      { kind: "error", message: "Overloaded" },
    ]);
  });

  test("odd events are skipped and never thrown at", () => {
    const odd = [
      "data: {oops\n\n",
      "data: [DONE]\n\n",
      "data: 7\n\n",
      ": comment\n\n",
      event({ type: "content_block_delta", index: 9, delta: { type: "text_delta", text: "x" } }),
      event({ type: "content_block_delta", index: 0, delta: null }),
      event({ type: "content_block_start", index: 0 }),
      event({ type: "content_block_stop", index: {} }),
      event({ type: "message_delta", delta: 7, usage: { input_tokens: "x" } }),
    ];
    assert.deepEqual(
      read(start + odd.join("") + finish("end_turn") + end + start).map((step) => step.kind),
      ["start", "tokens", "tokens", "finish"],
    );
    assert.ok(
      read(Array.from({ length: 500 }, (_, at) => begin(at, { type: "text", text: "" })).join("")).length < 200,
    );
  });
});

const begun = (index: number, block: BlockStart): Step => ({ kind: "block", index, block });
const more = (index: number, text: string): Step => ({ kind: "delta", index, text });
const ended = (index: number): Step => ({ kind: "block_end", index });
const call = (id: string): BlockStart => ({ kind: "tool_call", id, name: "now" });
const STARTED: Step = { kind: "start", id: "msg_1", model: "llama" };

describe("streams of the Messages API, written", () => {
  test("the bytes of a short one", () => {
    const stream = write([
      STARTED,
      begun(0, { kind: "text" }),
      more(0, "Hé"),
      ended(0),
      { kind: "finish", finish: "stop" },
      { kind: "tokens", tokens: { input: 9, output: 2, cachedInput: 4, cacheWrite: 1, reasoning: 0 } },
    ]);
    assert.equal(
      stream,
      [
        'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"small","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"output_tokens_details":null,"server_tool_use":null,"cache_creation":null,"inference_geo":null,"service_tier":null,"speed":null}}}',
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":null}}',
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}}',
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}',
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"container":null},"usage":{"input_tokens":4,"cache_creation_input_tokens":1,"cache_read_input_tokens":4,"output_tokens":2,"output_tokens_details":null,"server_tool_use":null}}',
        'event: message_stop\ndata: {"type":"message_stop"}',
        "",
      ].join("\n\n"),
    );
  });

  test("thoughts with a signature, thoughts that nobody can read, and a call", () => {
    const stream = write([
      STARTED,
      begun(0, { kind: "thinking" }),
      more(0, "Hm."),
      { kind: "signature", index: 0, signature: "c2ln" },
      ended(0),
      begun(1, { kind: "thinking" }),
      { kind: "redacted", index: 1, data: "ZGF0YQ" },
      ended(1),
      begun(2, { kind: "text" }),
      ended(2),
      begun(3, call("t")),
      more(3, "{}"),
      ended(3),
      { kind: "finish", finish: "tool_calls" },
    ]);
    const tool = { type: "tool_use", id: "t", name: "now", input: {}, caller: { type: "direct" } };
    assert.deepEqual(saidAfterStart(stream).slice(0, -2), [
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "Hm." } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2ln" } },
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "redacted_thinking", data: "ZGF0YQ" } },
      { type: "content_block_stop", index: 1 },
      { type: "content_block_start", index: 2, content_block: tool },
      { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: "{}" } },
      { type: "content_block_stop", index: 2 },
    ]);
  });

  test("a second call waits until the first has whole arguments, and no longer", () => {
    const writer = open();
    const push = (step: Step) => Buffer.from(writer.push(step)).toString();
    push(STARTED);
    push(begun(0, call("a")));
    assert.match(push(more(0, '{"x":"}')), /partial_json/);
    assert.equal(push(begun(1, call("b"))), "");
    assert.equal(push(more(1, '{"y"')), "");
    const joined = push(more(0, '"}'));
    assert.match(joined, /content_block_stop.*"index":1.*"id":"b".*\{\\"y\\"/s);
    assert.match(push(more(1, ":1}")), /"index":1.*:1\}/);
    assert.equal(push(ended(0)), "");
    assert.match(push(ended(1)), /content_block_stop/);
  });

  test("our own error is an event that clients of this API raise", () => {
    assert.equal(
      Buffer.from(open().error(new RouterError("upstream_failed", "The upstream went away."))).toString(),
      'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"The upstream went away."}}\n\n',
    );
  });
});

/** A block of a streamed answer: how it begins, and the steps between that and its end. */
interface Told {
  readonly block: BlockStart;
  readonly parts: readonly ((index: number) => Step)[];
}

const pieces = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.array(fc.nat(200), { maxLength: 4 }))
    .map(([whole, marks]) => {
      const cuts = [0, ...marks.map((mark) => mark % (whole.length + 1)).sort((a, b) => a - b), whole.length];
      return cuts.slice(1).map((cut, at) => whole.slice(cuts[at], cut));
    })
    .map((texts) => texts.filter((text) => text !== "").map((text) => (index: number) => more(index, text)));
// Bytes of half a surrogate pair do not exist.
const words = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 30 });
const json = fc.oneof(
  fc.constant(""),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).map((value) => JSON.stringify(value)),
  fc
    .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .map((value) => JSON.stringify(value, null, 1) + " \n"),
);
const told: fc.Arbitrary<Told> = fc.oneof(
  pieces(words).map((parts): Told => ({ block: { kind: "text" }, parts })),
  fc.tuple(pieces(words), words).map(([parts, signature]): Told => ({
    block: { kind: "thinking" },
    parts: [...parts, (index) => ({ kind: "signature", index, signature })],
  })),
  words.map((data): Told => ({ block: { kind: "thinking" }, parts: [(index) => ({ kind: "redacted", index, data })] })),
  fc.tuple(words, pieces(json)).map(([id, parts]): Told => ({ block: call(id), parts })),
);

/** Blocks whose steps interleave as `turns` say, each number naming one of those that are open or next to begin. */
function interleave(blocks: readonly Told[], turns: readonly number[]): Step[] {
  const steps: Step[] = [];
  const open: { index: number; rest: ((index: number) => Step)[] }[] = [];
  let next = 0;
  for (let at = 0; next < blocks.length || open.length > 0; at++) {
    const choice = (turns[at % turns.length] ?? 0) % (open.length + (next < blocks.length ? 1 : 0));
    if (choice === open.length) {
      steps.push(begun(next, blocks[next]!.block));
      open.push({ index: next, rest: [...blocks[next]!.parts] });
      next += 1;
      continue;
    }
    const { index, rest } = open[choice]!;
    const part = rest.shift();
    steps.push(part ? part(index) : ended(index));
    if (!part) open.splice(choice, 1);
  }
  return steps;
}

/** What steps say, block by block in the order in which they began. */
function said(steps: readonly Step[]) {
  const blocks: { start: BlockStart; text: string; signature?: string; redacted?: string; ended: boolean }[] = [];
  let tokens: Tokens | undefined;
  let finished: Step | undefined;
  for (const step of steps) {
    if (step.kind === "block") blocks.push({ start: step.block, text: "", ended: false });
    else if (step.kind === "delta") blocks[step.index]!.text += step.text;
    else if (step.kind === "signature") blocks[step.index]!.signature = step.signature;
    else if (step.kind === "redacted") blocks[step.index]!.redacted = step.data;
    else if (step.kind === "block_end") blocks[step.index]!.ended = true;
    else if (step.kind === "tokens") tokens = step.tokens;
    else if (step.kind === "finish") finished = step;
  }
  const meaning = blocks.map((block) =>
    block.start.kind === "tool_call" ? { ...block, text: JSON.parse(block.text || "{}") as unknown } : block,
  );
  return { blocks: meaning, tokens, finished };
}

test("any answer that is written is read as the same, wherever its bytes are cut", () => {
  const count = fc.nat(100_000);
  const scenario = fc.record({
    blocks: fc.array(told, { maxLength: 6 }),
    turns: fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }),
    tokens: fc.record({ fresh: count, output: count, cachedInput: count, cacheWrite: count, reasoning: count }),
    tokensLast: fc.boolean(),
    cuts: fc.array(fc.nat(100_000), { maxLength: 12 }),
  });
  fc.assert(
    fc.property(scenario, ({ blocks, turns, tokens: { fresh, ...rest }, tokensLast, cuts }) => {
      const calls = blocks.some(({ block }) => block.kind === "tool_call");
      const spent: Step = { kind: "tokens", tokens: { ...rest, input: fresh + rest.cachedInput + rest.cacheWrite } };
      const finished: Step = calls
        ? { kind: "finish", finish: "tool_calls" }
        : { kind: "finish", finish: "stop_sequence", stopSequence: "END" };
      const steps = [
        { kind: "start", id: "msg_1", model: "small" } as const,
        ...interleave(blocks, turns),
        ...(tokensLast ? [finished, spent] : [spent, finished]),
      ];
      assert.deepEqual(said(read(write(steps), cuts)), said(steps));
    }),
    { seed: 6, numRuns: 400 },
  );
});
