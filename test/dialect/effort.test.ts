import assert from "node:assert/strict";
import { test } from "node:test";
import { DIALECTS } from "../../src/dialect/index.ts";
import { applyEdits, joinEdits } from "../../src/dialect/json.ts";

type Name = keyof typeof DIALECTS;

const BODIES: Readonly<Record<Name, object>> = {
  "openai-chat": { messages: [{ role: "user", content: "hello" }] },
  "openai-responses": { input: "hello" },
  "anthropic-messages": { max_tokens: 9, messages: [{ role: "user", content: "hello" }] },
  gemini: { contents: [{ role: "user", parts: [{ text: "hello" }] }] },
};
/** How a client of each API says how much is thought, and how it says nothing of it. */
const SAYS: Readonly<Record<Name, readonly [says: object, silent: object]>> = {
  "openai-chat": [{ reasoning_effort: "low" }, { reasoning_effort: null }],
  "openai-responses": [{ reasoning: { effort: "low" } }, { reasoning: { summary: "auto" } }],
  "anthropic-messages": [{ thinking: { type: "disabled" } }, { thinking: null, output_config: { format: {} } }],
  gemini: [{ generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }, { generationConfig: {} }],
};

for (const [name, [says, silent]] of Object.entries(SAYS) as [Name, (typeof SAYS)[Name]][]) {
  test(`${name}: a client that says how much is thought is told from one that does not`, () => {
    const read = (more: object) => DIALECTS[name].read({ model: "auto", ...BODIES[name], ...more }, {}).saysReasoning;
    assert.deepEqual([read(says), read(silent), read({})], [true, undefined, undefined]);
  });
}

const HIGH = { family: "openai", model: "m", effort: "high", budgetTokens: 16_384, passes: true } as const;

test("an effort is written beside a model that has to be added too", () => {
  const edited = (name: Name, json: string) => {
    const bytes = Buffer.from(json);
    const edits = joinEdits(DIALECTS[name].modelEdits(bytes)("m"), DIALECTS[name].effortEdits(bytes)(HIGH));
    return JSON.parse(Buffer.from(applyEdits(bytes, edits)).toString()) as unknown;
  };
  assert.deepEqual(edited("openai-chat", '{"messages":[]}'), { messages: [], model: "m", reasoning_effort: "high" });
  assert.deepEqual(edited("openai-responses", '{"input":"x"}'), {
    input: "x",
    model: "m",
    reasoning: { effort: "high" },
  });
  assert.deepEqual(edited("openai-responses", '{"input":"x","reasoning":{}}'), {
    input: "x",
    model: "m",
    reasoning: { effort: "high" },
  });
});

test("the name of a prefix in the upstream's cache is read where an API has one", () => {
  const named = { prompt_cache_key: "thread-7" };
  for (const name of ["openai-chat", "openai-responses"] as const)
    assert.equal(DIALECTS[name].read({ model: "auto", ...BODIES[name], ...named }, {}).cacheKey, "thread-7");
});

test("a switch of a chat template, and an effort of Claude's, say it too", () => {
  const chat = (kwargs: object) =>
    DIALECTS["openai-chat"].read({ ...BODIES["openai-chat"], chat_template_kwargs: kwargs }, {}).saysReasoning;
  assert.deepEqual(
    [chat({ enable_thinking: false }), chat({ thinking: true }), chat({ other: 1 })],
    [true, true, undefined],
  );
  const body = { ...BODIES["anthropic-messages"], output_config: { effort: "low" } };
  assert.equal(DIALECTS["anthropic-messages"].read(body, {}).saysReasoning, true);
});
