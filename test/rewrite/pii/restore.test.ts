import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { ClientApi } from "../../../src/dialect/speech.ts";
import { placeholdersIn, resolves } from "../../../src/rewrite/pii/cached.ts";
import type { Placeholder } from "../../../src/contracts.ts";
import { placeholdersOf } from "../../../src/rewrite/pii/placeholders.ts";
import { restoreWhole } from "../../../src/rewrite/pii/restore.ts";
import { createRestorer } from "../../../src/rewrite/pii/stream.ts";

const entry = (placeholder: string, value: string): Placeholder => ({ placeholder, value, entity: "x" });
const PLAIN = placeholdersOf([
  entry("<EMAIL_1>", "ada@mail.dev"),
  entry("<EMAIL_10>", "bob@mail.dev"),
  entry("<US_SSN_1>", "078-05-1120"),
]);
/** With values that must be escaped. */
const QUOTED = placeholdersOf([...PLAIN.reveal(), entry("<ADDRESS_1>", '1 "Big" St\nFlat\\2')]);
const LIMITS = { maxEventBytes: 100_000 };

const whole = (content: string, map = PLAIN): string => {
  const body = Buffer.from(JSON.stringify({ choices: [{ message: { content } }] }));
  const value = JSON.parse(Buffer.from(restoreWhole(body, map)).toString()) as {
    choices: { message: { content: string } }[];
  };
  return value.choices[0]!.message.content;
};

const RESTORED: Readonly<Record<string, string>> = {
  "<EMAIL_1>": "ada@mail.dev",
  "<EMAIL_10>0<EMAIL_1>": "bob@mail.dev0ada@mail.dev",
  "<email_1> <Email_1> <us_ssn_1>": "ada@mail.dev ada@mail.dev 078-05-1120",
  "< EMAIL_1 > <EMAIL 1> <EMAIL-1> <EMAIL1> <US SSN 1>":
    "ada@mail.dev ada@mail.dev ada@mail.dev ada@mail.dev 078-05-1120",
  "&lt;EMAIL_1&gt; ＜EMAIL_1＞": "ada@mail.dev ada@mail.dev",
  "**<EMAIL_1>** `<EMAIL_1>` [<EMAIL_1>](mailto:<EMAIL_1>)":
    "**ada@mail.dev** `ada@mail.dev` [ada@mail.dev](mailto:ada@mail.dev)",
  "\\<EMAIL\\_1\\> <US\\_SSN\\_1>": "ada@mail.dev 078-05-1120",
  "\\u003cEMAIL_1\\u003e": "ada@mail.dev",
  "C:\\<EMAIL_1> and \\\\<EMAIL_1>": "C:\\ada@mail.dev and \\\\ada@mail.dev",
  "<<EMAIL_1>>": "<ada@mail.dev>",
};
describe("restores what a model may make of a placeholder", () => {
  for (const [text, restored] of Object.entries(RESTORED)) {
    void test(text, () => assert.equal(whole(text), restored));
  }
});

const KEPT = [
  "EMAIL_1",
  "<EMAIL_2> <EMAIL_100> <EMAIL> <EMAIL_> <EMAIL_01>",
  "<EMAIL_1",
  "<XEMAIL_1> <EMAIL_1x> <EMAIL_1 2> <EMAIL_1 0> <E MAIL_1>",
  "a < b && c > d, <div class='EMAIL_1'>",
  "<EMAIL_    1>",
  "[EMAIL_1]",
];
for (const text of KEPT)
  test(`leaves alone what is none, or not for sure: ${text}`, () => assert.equal(whole(text), text));

test("a whole answer keeps every other byte, and bytes that are no JSON come back", () => {
  const body = Buffer.from(String.raw`{ "a" : "\u00e9 \u003cEMAIL_1\u003e \/ \ud83d\ude00", "<EMAIL_1>":[1.0e3] }`);
  assert.equal(
    Buffer.from(restoreWhole(body, PLAIN)).toString(),
    String.raw`{ "a" : "\u00e9 ada@mail.dev \/ \ud83d\ude00", "ada@mail.dev":[1.0e3] }`,
  );
  const broken = Buffer.from('{"a": "<EMAIL_1>"');
  assert.equal(restoreWhole(broken, PLAIN), broken);
  const other = Buffer.from('{"a": "nothing"}');
  assert.equal(restoreWhole(other, PLAIN), other);
});

test("in JSON inside of text a value is escaped as deep as it stands", () => {
  const value = '1 "Big" St\nFlat\\2';
  const nested = JSON.stringify({ a: "<ADDRESS_1>", b: JSON.stringify({ c: ["x <ADDRESS_1>"] }) });
  const { a, b } = JSON.parse(whole(nested, QUOTED)) as { a: string; b: string };
  assert.deepEqual([a, JSON.parse(b)], [value, { c: [`x ${value}`] }]);
  assert.equal(whole('[note] "<ADDRESS_1>"', QUOTED), `[note] "${value}"`);
  assert.equal(whole("{x} <ADDRESS_1>", QUOTED), `{x} ${value}`);
});

const event = (fields: object, name?: string): Buffer =>
  Buffer.from(`${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(fields)}\n\n`);

/** How each API tells a piece of text, and that there is no more; and the text of what a client got. */
const STREAMS: Readonly<
  Record<ClientApi, { piece: (text: string) => Buffer; end: Buffer; textOf: (data: never) => string | undefined }>
> = {
  "openai-chat": {
    piece: (content) => event({ id: "c", choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    end: Buffer.concat([
      event({ id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
      Buffer.from("data: [DONE]\n\n"),
    ]),
    textOf: ({ choices }: { choices: { delta: { content?: string } }[] }) => choices[0]?.delta.content,
  },
  "openai-responses": {
    piece: (delta) =>
      event(
        { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta, logprobs: [] },
        "x",
      ),
    end: event({ type: "response.output_text.done", item_id: "m", output_index: 0, content_index: 0 }, "y"),
    textOf: ({ delta }: { delta?: string }) => delta,
  },
  "anthropic-messages": {
    piece: (text) =>
      event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }, "content_block_delta"),
    end: event({ type: "content_block_stop", index: 0 }, "content_block_stop"),
    textOf: ({ delta }: { delta?: { text?: string } }) => delta?.text,
  },
};
const APIS = Object.keys(STREAMS) as ClientApi[];

function told(api: ClientApi, bytes: Uint8Array): string {
  const datas = Buffer.from(bytes)
    .toString()
    .matchAll(/^data: (\{.*)$/gm);
  return Array.from(datas, ([, data]) => STREAMS[api].textOf(JSON.parse(data!) as never) ?? "").join("");
}

for (const api of APIS) {
  const { piece, end } = STREAMS[api];

  test(`${api}: a stream that is cut at any byte is restored all the same`, () => {
    const stream = Buffer.concat([..."Hi <EM|AIL_1>, <us_|ssn_1> and <d|iv> <".split("|").map(piece), end]);
    for (let cut = 0; cut <= stream.length; cut++) {
      const restorer = createRestorer(api, PLAIN, LIMITS);
      const parts = [restorer.push(stream.subarray(0, cut)), restorer.push(stream.subarray(cut)), restorer.end()];
      assert.equal(told(api, Buffer.concat(parts)), "Hi ada@mail.dev, 078-05-1120 and <div> <", `cut at ${cut}`);
    }
  });

  test(`${api}: only what may become a placeholder is held back, and no longer than it may`, () => {
    const restorer = createRestorer(api, PLAIN, LIMITS);
    const push = (text: string) => told(api, restorer.push(piece(text)));
    assert.equal(push("Hello <"), "Hello ");
    assert.equal(push("d"), "<d");
    assert.equal(push("iv> <EMA"), "iv> ");
    assert.equal(push("IL"), "");
    assert.equal(push("S>"), "<EMAILS>");
    assert.equal(push("<EMAIL_1"), "");
    assert.equal(push(">!"), "ada@mail.dev!");
    assert.equal(push("<EMAIL_1"), "");
    assert.equal(told(api, restorer.push(end)), "<EMAIL_1");
    assert.equal(restorer.end().length, 0);
  });

  test(`${api}: what is held back when a stream breaks off is told at its end`, () => {
    const restorer = createRestorer(api, PLAIN, LIMITS);
    const bytes = Buffer.concat([restorer.push(piece("so <EMA")), restorer.end()]);
    assert.equal(told(api, bytes), "so <EMA");
  });

  test(`${api}: events without a placeholder pass as they are, and are not even looked at`, () => {
    const restorer = createRestorer(api, PLAIN, LIMITS);
    const plain = piece("just words");
    assert.equal(restorer.push(plain), plain);
    const bracket = Buffer.concat([Buffer.from(": ping\n\n"), piece("a <b> &amp; \u003e c"), end]);
    assert.deepEqual(Buffer.from(restorer.push(bracket)), bracket);
  });

  test(`${api}: however a text is cut into pieces and bytes, its client reads what a whole answer would say`, () => {
    const words = fc.constantFrom(
      "<EMAIL_1>",
      "<EMAIL_10>",
      "<",
      "EMAIL_1",
      ">",
      "&lt;",
      "US_SSN_1",
      "\\",
      " ",
      "é😀",
      '"',
      "\n",
      "<ADDRESS_1>",
      "{",
      "x",
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        (parts, cuts, size) => {
          const text = parts.join("");
          const letters = Array.from(text);
          const pieces: Buffer[] = [];
          for (let at = 0; letters.length > 0; at++)
            pieces.push(piece(letters.splice(0, cuts[at % cuts.length]).join("")));
          const stream = Buffer.concat([...pieces, end]);
          const restorer = createRestorer(api, QUOTED, LIMITS);
          const out: Uint8Array[] = [];
          for (let at = 0; at < stream.length; at += size) out.push(restorer.push(stream.subarray(at, at + size)));
          assert.equal(told(api, Buffer.concat([...out, restorer.end()])), whole(text, QUOTED));
        },
      ),
      { seed: 3, numRuns: 400 },
    );
  });
}

test("several choices and calls are restored side by side", () => {
  const chunk = (index: number, delta: object) => event({ choices: [{ index, delta, finish_reason: null }] });
  const call = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
  const stream = Buffer.concat([
    chunk(0, { content: "a <EMA" }),
    chunk(1, { content: "b <US_" }),
    chunk(0, { content: "IL_1>" }),
    chunk(1, { content: "SSN_1>" }),
    chunk(0, call(0, '{"a":"<EMAIL')),
    chunk(0, call(1, '{"b":"<EMA')),
    chunk(0, call(0, '_10>"}')),
    chunk(0, call(1, 'IL_1>"}')),
  ]);
  const restorer = createRestorer("openai-chat", PLAIN, LIMITS);
  const out = Buffer.concat([restorer.push(stream), restorer.end()]).toString();
  const texts: Record<string, string> = {};
  for (const [, data] of out.matchAll(/^data: (.*)$/gm)) {
    const { index, delta } = (JSON.parse(data!) as { choices: { index: number; delta: Record<string, never> }[] })
      .choices[0]!;
    const calls = delta["tool_calls"] as { index: number; function: { arguments: string } }[] | undefined;
    const name = calls ? `${index} call ${calls[0]!.index}` : `${index}`;
    texts[name] = (texts[name] ?? "") + String(calls ? calls[0]!.function.arguments : delta["content"]);
  }
  assert.deepEqual(texts, {
    "0": "a ada@mail.dev",
    "1": "b 078-05-1120",
    "0 call 0": '{"a":"bob@mail.dev"}',
    "0 call 1": '{"b":"ada@mail.dev"}',
  });
});

test("events of Responses stay numbered one after another, and their repetitions are restored too", () => {
  let number = 0;
  const numbered = (type: string, fields: object) => event({ type, sequence_number: number++, ...fields }, type);
  const stream = Buffer.concat([
    numbered("response.output_text.delta", { item_id: "m", output_index: 0, content_index: 0, delta: "<EMAIL_1> <EM" }),
    numbered("response.output_text.done", { text: "<EMAIL_1> <EM" }),
    numbered("response.completed", { response: { output: [{ content: [{ text: "<EMAIL_1> <EM" }] }] } }),
  ]);
  const restorer = createRestorer("openai-responses", PLAIN, LIMITS);
  const out = Buffer.concat([restorer.push(stream), restorer.end()]).toString();
  assert.equal(
    out,
    `event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":0,"item_id":"m","output_index":0,"content_index":0,"delta":"ada@mail.dev "}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":1,"item_id":"m","output_index":0,"content_index":0,"delta":"<EM"}

event: response.output_text.done
data: {"type":"response.output_text.done","sequence_number":2,"text":"ada@mail.dev <EM"}

event: response.completed
data: {"type":"response.completed","sequence_number":3,"response":{"output":[{"content":[{"text":"ada@mail.dev <EM"}]}]}}

`,
  );
});

test("an empty map touches nothing", () => {
  const restorer = createRestorer("openai-chat", placeholdersOf([]), LIMITS);
  const bytes = Buffer.from("data: {\n");
  assert.equal(restorer.push(bytes), bytes);
  assert.equal(restorer.end().length, 0);
});

test("a cached answer is served to whom its placeholders belong", () => {
  const answer = (content: string) => Buffer.from(JSON.stringify({ content }));
  const held = answer("Write to <EMAIL_1>, < us\\_ssn\\_1 > and \u003cEMAIL_10>");
  assert.deepEqual(placeholdersIn(held), ["<EMAIL_1>", "<US_SSN_1>", "<EMAIL_10>"]);
  assert.ok(resolves(PLAIN, held));
  assert.ok(!resolves(placeholdersOf(PLAIN.reveal().slice(0, 2)), held));
  assert.ok(!resolves(placeholdersOf([]), Buffer.from(String.raw`{"a":"\u003cEMAIL_1\u003e"}`)));
  for (const text of ["<h1>", "<div>", "a < b_1 and c > d", "EMAIL_1", "List<int_32_t>"]) {
    assert.ok(resolves(placeholdersOf([]), answer(text)), text);
  }
});
