import assert from "node:assert/strict";
import { test } from "node:test";
import { composeEdits } from "../../src/rewrite/compose.ts";
import { limitEdits, type Limits } from "../../src/rewrite/limits.ts";
import { bodyOf, made, read } from "./bodies.ts";

const limited = (api: Parameters<typeof bodyOf>[0], json: string, limits: Limits, parameters?: readonly string[]) => {
  const body = bodyOf(api, json);
  return made(body, limitEdits(body, limits, parameters));
};
const cap = (api: Parameters<typeof bodyOf>[0], json: string, parameters?: readonly string[]) =>
  limited(api, json, { maxTokens: 100 }, parameters);

test("a longer reply than the tier's is not asked for, by whatever name the client used", () => {
  assert.equal(cap("openai-chat", '{"max_tokens":500}'), '{"max_tokens":100}');
  assert.equal(cap("openai-chat", '{"max_completion_tokens": 500}'), '{"max_completion_tokens": 100}');
  assert.equal(cap("openai-responses", '{"max_output_tokens":101}'), '{"max_output_tokens":100}');
  assert.equal(cap("anthropic-messages", '{"max_tokens":101}'), '{"max_tokens":100}');
});

test("a shorter one is the client's own affair", () => {
  assert.equal(cap("openai-chat", '{"max_tokens":100}'), '{"max_tokens":100}');
  assert.equal(cap("anthropic-messages", '{"max_tokens":7}'), '{"max_tokens":7}');
});

test("where the client sets none, or null, the limit is added, by a name that the model knows", () => {
  assert.equal(cap("openai-chat", '{"a":1}'), '{"a":1,"max_completion_tokens":100}');
  assert.equal(cap("openai-chat", '{"a":1}', ["max_tokens"]), '{"a":1,"max_tokens":100}');
  assert.equal(cap("openai-chat", '{"max_completion_tokens":null}'), '{"max_completion_tokens":100}');
  assert.equal(cap("openai-responses", '{"a":1}'), '{"a":1,"max_output_tokens":100}');
});

test("Claude's budget for thoughts stays below the limit", () => {
  const json = '{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":2000}}';
  assert.equal(cap("anthropic-messages", json), json.replace("9000", "2001"));
});

test("sequences to stop at come behind the client's own, four at most, none twice", () => {
  const stop = (api: Parameters<typeof bodyOf>[0], json: string, parameters?: readonly string[]) =>
    limited(api, json, { stop: ["\n\n", "END"] }, parameters);
  assert.equal(stop("openai-chat", '{"a":1}'), '{"a":1,"stop":["\\n\\n","END"]}');
  assert.equal(stop("openai-chat", '{"stop":"END"}'), '{"stop":["END","\\n\\n"]}');
  assert.equal(stop("openai-chat", '{"stop":["1","2","3"]}'), '{"stop":["1","2","3","\\n\\n"]}');
  const full = '{"stop":["1","2","3","4"]}';
  assert.equal(stop("openai-chat", full), full);
  assert.equal(stop("anthropic-messages", '{"stop_sequences":["x"]}'), '{"stop_sequences":["x","\\n\\n","END"]}');
});

test("what the client's own sequences are, whoever changes them too stays as they made it", () => {
  for (const json of ['{"stop":"ada@mail.dev"}', '{"stop":["ada@mail.dev"],"a":1}']) {
    const body = bodyOf("openai-chat", json);
    const redacted = [{ offset: json.indexOf("ada"), length: 12, bytes: Buffer.from("<EMAIL_1>") }];
    const edits = composeEdits(redacted, limitEdits(body, { maxTokens: 9, stop: ["END"] }));
    const { stop, max_completion_tokens: most } = read(made(body, edits));
    assert.deepEqual([stop, most], [["<EMAIL_1>", "END"], 9]);
  }
});

test("what an API or a model cannot be told is not sent", () => {
  assert.equal(limited("openai-responses", '{"input":"x"}', { stop: ["END"] }), '{"input":"x"}');
  assert.equal(limited("openai-chat", '{"a":1}', { stop: ["END"] }, ["temperature"]), '{"a":1}');
});
