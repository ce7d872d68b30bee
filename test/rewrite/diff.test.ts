import assert from "node:assert/strict";
import { test } from "node:test";
import { modelMemberEdits } from "../../src/dialect/model-member.ts";
import { joinEdits } from "../../src/dialect/json.ts";
import { diffOf } from "../../src/rewrite/diff.ts";
import { resultEdits } from "../../src/rewrite/results.ts";
import { openBody } from "../../src/rewrite/body.ts";
import { composeEdits } from "../../src/rewrite/compose.ts";
import { rewrite } from "../../src/rewrite/index.ts";
import { limitEdits } from "../../src/rewrite/limits.ts";
import { systemEdits } from "../../src/rewrite/system.ts";
import { toolsEdits } from "../../src/rewrite/tools.ts";
import { bodyOf } from "./bodies.ts";
import { createRandom } from "../inference/random.ts";
import { conversation } from "./pii/conversations.ts";
import { redact } from "./pii/redacting.ts";

const tool = (name: string) => ({ type: "function", function: { name, description: "secret words" } });
const BODY = bodyOf("openai-chat", {
  model: "auto",
  messages: [
    { role: "system", content: "secret words" },
    { role: "user", content: "secret words" },
  ],
  tools: [tool("a"), tool("b"), tool("c")],
});
const ranker = { rank: (_: unknown, tools: readonly unknown[]) => tools.map((_each, at) => -at) };
const EDITS = joinEdits(
  modelMemberEdits(BODY.bytes)("large-v1"),
  systemEdits(BODY, [{ mode: "append", text: "Ours." }]),
  toolsEdits(BODY, ranker, { keep: 1, catalogue: [], question: { turn: "x", firstTurn: "x" } }).edits,
  limitEdits(BODY, { maxTokens: 9 }),
);

test("what changed is told by path, kind and length, in the order of the body", () => {
  assert.deepEqual(diffOf(BODY.bytes, EDITS), [
    { path: "model", kind: "replaced", before: 6, after: 10 },
    { path: "messages[0].content", kind: "added", before: 0, after: 9 },
    { path: "tools[1]", kind: "removed", before: 72, after: 0 },
    { path: "tools[2]", kind: "removed", before: 72, after: 0 },
    { path: "max_completion_tokens", kind: "added", before: 0, after: 26 },
  ]);
});

test("nothing of the prompt is in it, until somebody asks for so many characters of it", () => {
  assert.doesNotMatch(JSON.stringify(diffOf(BODY.bytes, EDITS)), /secret|Ours|large-v1/u);
  const texts = diffOf(BODY.bytes, EDITS, { textChars: 20 }).map(({ textBefore, textAfter }) => [
    textBefore,
    textAfter,
  ]);
  assert.deepEqual(texts, [
    ['"auto"', '"large-v1"'],
    ["", "\n\nOurs."],
    ["b", ""],
    ["c", ""],
    ["", "9"],
  ]);
});

test("long texts of ours are shortened, and nothing is said of the client's but its size", () => {
  const text = "Work step by step. ".repeat(20);
  const [added] = diffOf(BODY.bytes, systemEdits(BODY, [{ mode: "append", text }]), { textChars: 24 });
  assert.equal(added!.textAfter, "\n\nWork step by step. Wor... (382 characters)");
  const body = bodyOf("openai-chat", { messages: [{ role: "tool", content: "secret words ".repeat(500) }] });
  const [cut] = diffOf(body.bytes, resultEdits(body, 100), { textChars: 99 });
  assert.equal(cut!.path, "messages[0].content");
  assert.match(cut!.textBefore!, /^\[\d+ bytes\]$/u);
  assert.match(cut!.textAfter!, /^\n\[\.\.\. \d+ bytes left out \.\.\.\]\n$/u);
});

test("personal data is told by its entity and what stands for it, whatever is done about it and wherever it stands", async () => {
  const call = {
    type: "tool_use",
    id: "1",
    name: "dial",
    input: { phone: 4155552671, "ada@mail.dev": 1, ada_lovelace_1815: 2 },
  };
  const bytes = Buffer.from(
    JSON.stringify({
      messages: [
        { role: "user", content: "Write to ada@mail.dev about 4111 1111 1111 1111 and DE89 3704 0044 0532 0130 00" },
        { role: "assistant", content: [call] },
        { role: "tool", content: JSON.stringify({ to: "bo@mail.dev" }) },
      ],
    }),
  );
  const options = { action: "replace" as const, entities: { card: "mask" as const, iban: "hash" as const } };
  const made = await redact(bytes, options);
  assert.ok(!("blocked" in made));
  const changes = diffOf(bytes, made.edits, { textChars: 80, entities: Object.keys(made.counts) });
  const told = changes.map(({ path, textBefore, textAfter }) => `${path}: ${textBefore} -> ${textAfter}`);
  assert.deepEqual(
    told.map((line) => line.replace(/[\da-f]{16}/u, "HASH")),
    [
      "messages[0].content: [email] -> <EMAIL_1>",
      "messages[0].content: [card] -> **** **** **** 1111",
      "messages[0].content: [iban] -> <IBAN:HASH>",
      'messages[1].content[0].input.phone: [phone] -> "<PHONE_1>"',
      "messages[1].content[0].input: [email] -> <EMAIL_1>",
      "messages[2].content: [email] -> <EMAIL_2>",
    ],
  );
  for (const changed of [JSON.stringify(changes), JSON.stringify(diffOf(bytes, made.edits))])
    assert.doesNotMatch(changed, /ada|bo@|4155|4111|3704|lovelace/u);
});

test("no value is told of a thousand conversations, however they are redacted and rewritten at once", async () => {
  const random = createRandom(7);
  const ranker = { rank: (_: unknown, tools: readonly unknown[]) => tools.map(() => random()) };
  let told = 0;
  for (let at = 0; at < 1_000; at++) {
    const { api, body: bytes, values, names } = conversation(random);
    const entities = { email: "hash", person: "mask", address: "hash" } as const;
    const made = await redact(bytes, { action: at % 2 === 0 ? "replace" : "mask", entities }, { names });
    assert.ok(!("blocked" in made));
    const body = openBody(api, bytes, { bytes: 1 << 24, depth: 99, items: 99_999 });
    const question = { turn: "x", firstTurn: "x" };
    const asked = { system: [], tools: { keep: 1, catalogue: [], question }, resultTokens: 64 };
    const edits = composeEdits(
      rewrite(body, asked, ranker).edits,
      made.edits,
      limitEdits(body, { maxTokens: 9, stop: ["END"] }),
    );
    const changes = diffOf(bytes, edits, { textChars: 400, entities: Object.keys(made.counts) });
    const spoken = JSON.stringify(changes);
    for (const value of values) assert.ok(!spoken.includes(JSON.stringify(value).slice(1, -1)), `${api} ${at}`);
    told += changes.length;
  }
  assert.ok(told > 3_000, String(told));
});

test("what was masked within an encoding is personal data, and no more is said of it", async () => {
  const data = Buffer.from("Write to ada@mail.dev, please, and soon.").toString("base64");
  const bytes = Buffer.from(JSON.stringify({ messages: [{ content: `data:text/plain;base64,${data}` }] }));
  const made = await redact(bytes, { action: "mask" });
  assert.ok(!("blocked" in made));
  const [change] = diffOf(bytes, made.edits, { textChars: 8, entities: Object.keys(made.counts) });
  assert.equal(change!.textBefore, "[personal data]");
});

test("names of members that are no plain names are not shown, wherever they stand", () => {
  const bytes = Buffer.from('{"a secret":{"x":1},"b":2}');
  const edit = (offset: number, length: number, text: string) => ({ offset, length, bytes: Buffer.from(text) });
  const [first, second] = diffOf(bytes, [edit(17, 1, "7"), edit(25, 0, ',"other secret":1')]);
  assert.deepEqual([first!.path, second!.path], ["?.x", "?"]);
});

test("elements, new messages and whole bodies are told too", () => {
  const body = bodyOf("openai-chat", '{"messages":[{"role":"user","content":"x"}]}');
  const [added] = diffOf(body.bytes, systemEdits(body, [{ mode: "prepend", text: "Ours." }]), { textChars: 99 });
  const message = '{"role":"system","content":"Ours."}';
  assert.deepEqual(added, {
    path: "messages",
    kind: "added",
    before: 0,
    after: 36,
    textBefore: "",
    textAfter: message,
  });
  const whole = [{ offset: 0, length: body.bytes.length, bytes: Buffer.from("{}") }];
  assert.deepEqual(diffOf(body.bytes, whole), [{ path: "", kind: "replaced", before: 44, after: 2 }]);
  assert.deepEqual(diffOf(body.bytes, []), []);
});

test("an object that had no members has one, and is told by it", () => {
  const { bytes } = bodyOf("gemini", '{"generationConfig":{}}');
  const added = [{ offset: 21, length: 0, bytes: Buffer.from('"maxOutputTokens":9') }];
  const [change] = diffOf(bytes, added, { textChars: 9 });
  assert.deepEqual([change!.path, change!.textAfter], ["generationConfig.maxOutputTokens", "9"]);
});
