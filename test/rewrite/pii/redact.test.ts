import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { placeholdersOf } from "../../../src/rewrite/pii/placeholders.ts";
import { restoreWhole } from "../../../src/rewrite/pii/restore.ts";
import { chat, redact, redacted } from "./redacting.ts";

const EMAIL = "ada.l@mail.dev";
const CARD = "4111 1111 1111 1111";

/** Bodies of every API, with the value where a model would see it. */
const PLACES: Readonly<Record<string, (value: string) => unknown>> = {
  "a chat message": (value) => chat(`Mail ${value}.`),
  "a part": (value) => chat([{ type: "text", text: `Mail ${value}.` }]),
  "the system text": (value) => ({ messages: [{ role: "system", content: value }] }),
  "a result in chat": (value) => ({ messages: [{ role: "tool", tool_call_id: "c", content: value }] }),
  "a result that is JSON": (value) => ({ messages: [{ role: "tool", content: JSON.stringify([{ to: value }]) }] }),
  "a key of a result": (value) => ({ messages: [{ role: "tool", content: JSON.stringify({ [value]: 1 }) }] }),
  "arguments of a call": (value) => ({
    messages: [
      { role: "assistant", tool_calls: [{ function: { name: "f", arguments: JSON.stringify({ to: value }) } }] },
    ],
  }),
  "JSON in arguments": (value) => ({
    messages: [
      {
        role: "assistant",
        tool_calls: [{ function: { arguments: JSON.stringify({ x: JSON.stringify({ to: `\n${value}` }) }) } }],
      },
    ],
  }),
  "thoughts of before": (value) => ({ messages: [{ role: "assistant", reasoning_content: value }] }),
  "a refusal": (value) => ({ messages: [{ role: "assistant", refusal: value }] }),
  "a tool's description": (value) => ({ tools: [{ function: { name: "f", description: `Mails ${value}` } }] }),
  "a system block": (value) => ({ system: [{ type: "text", text: value }] }),
  "a tool_use block": (value) => ({
    messages: [
      { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: { id: value, type: [value] } }] },
    ],
  }),
  "a tool_result block": (value) => ({
    messages: [
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: value }] }] },
    ],
  }),
  "a document of text": (value) => ({
    messages: [{ content: [{ type: "document", source: { type: "text", media_type: "text/plain", data: value } }] }],
  }),
  "a document in base64": (value) => ({
    messages: [
      {
        content: [
          {
            type: "document",
            source: {
              type: "base64",
              media_type: "text/plain",
              data: Buffer.from(`Dear ${value}, é`).toString("base64"),
            },
          },
        ],
      },
    ],
  }),
  "a file as a data URL": (value) => ({
    input: [
      {
        content: [
          { type: "input_file", file_data: `data:text/csv;base64,${Buffer.from(`a,${value}`).toString("base64")}` },
        ],
      },
    ],
  }),
  instructions: (value) => ({ instructions: value, input: "x" }),
  "the input": (value) => ({ input: value }),
  "an item": (value) => ({ input: [{ role: "user", content: [{ type: "input_text", text: value }] }] }),
  "an item's arguments": (value) => ({ input: [{ type: "function_call", arguments: JSON.stringify({ to: value }) }] }),
  "an item's output": (value) => ({ input: [{ type: "function_call_output", call_id: "c", output: value }] }),
  "a variable": (value) => ({ prompt: { id: "p", variables: { who: value } } }),
  "contents of Gemini": (value) => ({ contents: [{ parts: [{ text: value }] }] }),
  "a call of Gemini": (value) => ({ contents: [{ parts: [{ functionCall: { name: "f", args: { to: value } } }] }] }),
  "a result of Gemini": (value) => ({
    contents: [{ parts: [{ functionResponse: { response: { [value]: value } } }] }],
  }),
  metadata: (value) => ({ metadata: { [value]: value }, user: value }),
};

describe("nothing that was found is sent", () => {
  for (const [place, bodyOf] of Object.entries(PLACES)) {
    void test(`in ${place}`, async () => {
      for (const value of [EMAIL, CARD, "+49 30 901820", "sk-proj-abcdefghijklmnopqrstuvwx"]) {
        const { sent, made } = await redacted(bodyOf(value) as object);
        const open = sent.replaceAll(
          /[\w+/]{12,}={0,2}/g,
          (text) => `${text} ${Buffer.from(text, "base64").toString()}`,
        );
        assert.ok(!open.includes(value), open);
        assert.match(open, /<[A-Z]+_1>/);
        assert.deepEqual(
          made.placeholders.reveal().map((entry) => entry.value),
          [value],
        );
      }
    });
  }
});

test("every byte that is not personal stays, escapes and spaces too", async () => {
  const body = String.raw`{ "messages" : [ {"role":"user","content":"Jos\u00e9 \/ \ud83d\ude00 <${EMAIL}>\t\u003c"} ], "seed":1.0e2,"model":"x" }`;
  const { sent } = await redacted(body);
  assert.equal(sent, body.replace(EMAIL, "<EMAIL_1>"));
});

test("what an API reads itself stays: names of models and tools, ids, seals, pictures", async () => {
  const number = "4111111111111111";
  const body = {
    model: number,
    previous_response_id: number,
    tools: [{ type: "function", function: { name: EMAIL } }],
    messages: [
      { role: "assistant", tool_calls: [{ id: number, function: { name: EMAIL, arguments: "{}" } }] },
      { role: "tool", tool_call_id: number, content: [{ type: "thinking", thinking: "", signature: number }] },
      { role: "user", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${number}` } }] },
    ],
  };
  const { made } = await redacted(body);
  assert.deepEqual(made.edits, []);
});

test("a number in data becomes a string, and a number of the API stays", async () => {
  const { sent } = await redacted({
    max_tokens: 4111111111111111,
    messages: [{ role: "tool", content: '{"card": 4111111111111111, "n": 12345678}' }],
  });
  assert.deepEqual(JSON.parse(sent), {
    max_tokens: 4111111111111111,
    messages: [{ role: "tool", content: '{"card": "<CARD_1>", "n": 12345678}' }],
  });
});

test("the key beside a value tells what it is", async () => {
  const { sent } = await redacted(chat('{"ssn": "078051120"}'));
  assert.match(sent, /ssn.*<US_SSN_1>/);
  const { made } = await redacted(chat('{"order": "078051120"}'));
  assert.deepEqual(made.edits, []);
});

test("what was read in one place is found again where no word tells what it is", async () => {
  const { sent } = await redacted(chat("My ssn is 078051120. Again: 078051120! But 1078051120 is an order."));
  assert.match(sent, /ssn is <US_SSN_1>\. Again: <US_SSN_1>! But 1078051120 is/);
});

test("an escape in quoted code is no letter of the value behind it", async () => {
  const names = [{ entity: "person", value: "Ada Lovelace", score: 1 }];
  const { sent } = await redacted(
    chat('{"a":"x\\n078-05-1120"}\n{"b":"\\tada.l@mail.dev\\nAda Lovelace"}'),
    undefined,
    { names },
  );
  const { messages } = JSON.parse(sent) as { messages: { content: string }[] };
  assert.equal(messages[0]!.content, '{"a":"x\\n<US_SSN_1>"}\n{"b":"\\t<EMAIL_1>\\n<PERSON_1>"}');
});

test("spellings of one value share a placeholder, other values never do", async () => {
  const { sent } = await redacted(
    chat("+49 30 901820, +4930901820, 0049 30 901820; ADA.L@mail.dev, ada.l@MAIL.dev; 030 90182011; bob@mail.dev"),
  );
  assert.match(sent, /<PHONE_1>, <PHONE_1>, <PHONE_1>; <EMAIL_1>, <EMAIL_1>; <PHONE_2>; <EMAIL_2>/);
});

test("a placeholder that the client wrote itself, in whatever form, is not given out", async () => {
  const { sent, made } = await redacted({
    ...chat(`<EMAIL_1> is mine, "email 2", ${EMAIL}`),
    tools: [{ function: { name: "EMAIL_3" } }],
  });
  assert.match(sent, /<EMAIL_1> is mine.*<EMAIL_4>/);
  assert.deepEqual(
    made.placeholders.reveal().map(({ placeholder }) => placeholder),
    ["<EMAIL_4>"],
  );
});

test("as a conversation grows, what is sent of its beginning stays the same", async () => {
  const turns = [`I am ${EMAIL}.`, "My card: 4111111111111111", "And bob@mail.dev pays with 5555555555554444."];
  const messages = turns.map((content) => ({ role: "user", content }));
  const sent = await Promise.all(turns.map((_, at) => redacted({ messages: messages.slice(0, at + 1) })));
  for (const [at, { sent: short }] of sent.slice(0, -1).entries()) {
    assert.ok(sent[at + 1]!.sent.startsWith(short.slice(0, -2)));
  }
});

test("a conversation's placeholders are used again, unless the client wrote one of them since", async () => {
  const known = placeholdersOf([
    { placeholder: "<EMAIL_7>", value: EMAIL, entity: "email" },
    { placeholder: "<EMAIL_8>", value: "bob@mail.dev", entity: "email" },
  ]);
  const { sent, made } = await redacted(chat(`${EMAIL} and bob@mail.dev and new@mail.dev, not <email_8>`), undefined, {
    known,
  });
  assert.match(sent, /<EMAIL_7> and <EMAIL_9> and <EMAIL_10>, not <email_8>/);
  assert.deepEqual(
    made.placeholders.reveal().map(({ placeholder, value }) => [placeholder, value]),
    [
      ["<EMAIL_7>", EMAIL],
      ["<EMAIL_9>", "bob@mail.dev"],
      ["<EMAIL_10>", "new@mail.dev"],
    ],
  );
});

test("where part of a conversation lies with its upstream, placeholders that nobody knows any more are not used again", async () => {
  const numberOf = async () => {
    const { made } = await redacted({ previous_response_id: "resp_1", input: EMAIL }, undefined, { refers: true });
    return Number(/\d+/.exec(made.placeholders.reveal()[0]!.placeholder)![0]);
  };
  const [one, other] = [await numberOf(), await numberOf()];
  assert.ok(one >= 100_000 && other >= 100_000 && one !== other);
  const known = placeholdersOf([{ placeholder: "<EMAIL_1>", value: "bob@mail.dev", entity: "email" }]);
  const { sent } = await redacted({ previous_response_id: "resp_1", input: EMAIL }, undefined, { refers: true, known });
  assert.match(sent, /<EMAIL_2>/);
});

test("names that somebody else read are replaced wherever they stand as words", async () => {
  const names = [
    { entity: "person", value: "Ada Lovelace", score: 1 },
    { entity: "person", value: "Bo", score: 0.5 },
    { entity: "person", value: "王小明", score: 1 },
  ];
  const { sent } = await redacted(
    chat("Ada Lovelace, Adalbert and Bo in Bonn: 我叫王小明。"),
    { action: "replace", threshold: 0.8 },
    { names },
  );
  assert.match(sent, /<PERSON_1>, Adalbert and Bo in Bonn: 我叫<PERSON_2>。/);
});

test("each action does what it says", async () => {
  const options = { entities: { card: "mask", email: "hash", phone: "replace", iban: "allow" } } as const;
  const body = chat(`${CARD}; ${EMAIL}; +49 30 901820; DE89370400440532013000; 3782 822463 10005`);
  const { sent, made } = await redacted(body, options);
  assert.match(
    sent,
    /\*{4} \*{4} \*{4} 1111; <EMAIL:[0-9a-f]{16}>; <PHONE_1>; DE89370400440532013000; \*{4} \*{6} \*0005/,
  );
  assert.deepEqual(made.counts, { card: 2, email: 1, phone: 1 });
  assert.equal(made.placeholders.size, 1);
});

test("a hash is the same for a tenant's same value, and another for another tenant", async () => {
  const hash = async (value: string, tenant: string) =>
    (await redacted(chat(value), { action: "hash" }, { here: { route: "", tenant, domains: [] } })).sent;
  assert.equal(await hash("4111 1111 1111 1111", "acme"), await hash("4111-1111-1111-1111", "acme"));
  assert.notEqual(await hash(CARD, "acme"), await hash(CARD, "other"));
});

test("routes, domains and tenants may have actions of their own; the first rule that has one decides", async () => {
  const options = {
    action: "allow",
    entities: { email: "replace" },
    rules: [
      { when: { tenant: ["strict"] }, action: "block" },
      { when: { domain: ["health"], route: ["care"] }, entities: { email: "mask" } },
    ],
  } as const;
  const ask = (here: { route: string; tenant: string; domains: string[] }) =>
    redact(Buffer.from(JSON.stringify(chat(EMAIL))), options, { here });
  assert.deepEqual(await ask({ route: "x", tenant: "strict", domains: ["health"] }), { blocked: "email" });
  const [masked, replaced] = await Promise.all([
    ask({ route: "care", tenant: "acme", domains: ["health"] }),
    ask({ route: "care", tenant: "acme", domains: [] }),
  ]);
  assert.ok(!("blocked" in masked) && !("blocked" in replaced));
  assert.equal(Buffer.from(masked.edits[0]!.bytes).toString(), "a***@mail.dev");
  assert.equal(Buffer.from(replaced.edits[0]!.bytes).toString(), "<EMAIL_1>");
});

test("what could be anybody's is left alone where only the personal counts", async () => {
  const { sent } = await redacted(chat(`support@mail.dev and ${EMAIL}`), { action: "replace", threshold: 1 });
  assert.match(sent, /support@mail\.dev and <EMAIL_1>/);
});

test("the map shows nothing of itself where it is printed, logged or written as JSON", async () => {
  const { made } = await redacted(chat(`${EMAIL} ${CARD}`));
  const { placeholders } = made;
  assert.equal(placeholders.size, 2);
  for (const shown of [
    String(placeholders),
    JSON.stringify({ placeholders }),
    inspect(made, { depth: 9, showHidden: true }),
  ]) {
    assert.ok(!shown.includes(EMAIL) && !shown.includes("1111"), shown);
  }
});

test("one value in very many places is replaced in all of them", async () => {
  const { sent } = await redacted(chat(`${EMAIL} `.repeat(200_000)));
  assert.equal(sent.split("<EMAIL_1>").length, 200_001);
});

test("more values than anybody has are refused, and the error holds none of them", async () => {
  const many = Array.from({ length: 10_001 }, (_, at) => `a${at}@mail.dev`).join(" ");
  await assert.rejects(redact(Buffer.from(JSON.stringify(chat(many)))), (error: Error) => {
    assert.equal((error as { code?: string }).code, "too_many_items");
    return !error.message.includes("mail.dev");
  });
});

test("whatever text stands around values, in however many layers of JSON, only they are changed", async () => {
  const values = fc.constantFrom(EMAIL, CARD, "AB 12 34 56 C", "x@y.dev");
  const noise = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll(/[\d@]/gu, ""));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(noise, values), { maxLength: 5 }), fc.nat(3), async (parts, depth) => {
      const text = parts.map(([before, value]) => `${before} \n"${value}" `).join("");
      let content: string = text;
      for (let layer = 0; layer < depth; layer++) content = JSON.stringify({ [`k${layer}`]: content });
      const { sent, made } = await redacted(chat(content));
      const body = JSON.parse(sent) as { messages: { content: string }[] };
      let inner = body.messages[0]!.content;
      for (let layer = depth - 1; layer >= 0; layer--)
        inner = (JSON.parse(inner) as Record<string, string>)[`k${layer}`]!;
      for (const { placeholder, value } of made.placeholders.reveal())
        inner = inner.replaceAll(placeholder, () => value);
      assert.equal(inner, text);
      for (const [, value] of parts) assert.ok(!sent.includes(value));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("any body comes back as it was, to the byte, where its placeholders are restored in it", async () => {
  const text = fc
    .tuple(fc.string({ unit: "grapheme", maxLength: 8 }), fc.constantFrom("", EMAIL, "a@b.dev", "AB123456C"))
    .map(([noise, value]) => `${noise.replaceAll(/[\d@<>&\\]/gu, "")} ${value} `);
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      text,
      fc.constantFrom(null, true, 12),
      tie("list"),
      tie("fields"),
      tie("nested"),
    ),
    list: fc.array(tie("value"), { maxLength: 3 }),
    fields: fc.dictionary(text, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    nested: tie("value").map((value) => JSON.stringify(value)),
  }));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(text, json.value, { maxKeys: 4, noNullPrototype: true }), async (body) => {
      const bytes = JSON.stringify(body);
      const { sent, made } = await redacted(bytes);
      for (const { value } of made.placeholders.reveal()) assert.ok(!sent.includes(value), sent);
      assert.equal(Buffer.from(restoreWhole(Buffer.from(sent), made.placeholders)).toString(), bytes);
    }),
    { seed: 8, numRuns: 400 },
  );
});
