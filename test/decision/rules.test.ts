/* oxlint-disable unicorn/no-thenable -- `then` is a word of the config file; its value is never a function */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Caller, Prompt } from "../../src/contracts.ts";
import { rulesOptions } from "../../src/decision/options.ts";
import { applyRules, compileRules, type RuleFacts } from "../../src/decision/rules.ts";

const prompt: Prompt = {
  api: "openai-chat",
  model: "auto",
  turn: "How do I write a will?",
  firstTurn: "How do I write a will?",
  system: "",
  everything: [],
  needs: { modalities: ["text"], tools: ["get_weather"], parameters: [] },
  stream: false,
  inputTokens: 100,
  metadata: { plan: "gold" },
};
const caller: Caller = { tenant: "acme", trusted: true };
const facts: RuleFacts = { prompt, caller, headers: { "x-team": "legal" } };

function apply(rules: unknown, change: { prompt?: Partial<Prompt>; caller?: Partial<Caller> } = {}) {
  const changed = { ...facts, prompt: { ...prompt, ...change.prompt }, caller: { ...caller, ...change.caller } };
  return applyRules(compileRules(rulesOptions.parse(rules)), changed);
}
const matches = (when: unknown, change: Parameters<typeof apply>[1] = {}) =>
  apply([{ name: "r", when, then: { location: "internal" } }], change).matched.length === 1;

test("each condition compares with its own fact", () => {
  const pairs: ReadonlyArray<readonly [holds: unknown, fails: unknown]> = [
    [{ tenant: ["acme", "other"] }, { tenant: ["other"] }],
    [{ headers: { "X-Team": "legal" } }, { headers: { "x-team": "sales" } }],
    [{ metadata: { plan: "gold" } }, { metadata: { plan: "gold", constructor: "x" } }],
    [{ api: ["openai-chat"] }, { api: ["gemini"] }],
    [{ tools: ["get_weather", "x"] }, { tools: ["x"] }],
    [{ modalities: ["text"] }, { modalities: ["image", "audio"] }],
    [{ min_tokens: 100 }, { min_tokens: 101 }],
    [{ max_tokens: 100 }, { max_tokens: 99 }],
    [{ language: ["zh", "en"] }, { language: ["zh"] }],
    [{ text: "(?i)WILL\\?$" }, { text: "^will" }],
    [{}, { tenant: ["acme"], api: ["gemini"] }],
  ];
  for (const [holds, fails] of pairs) {
    assert.equal(matches(holds), true, JSON.stringify(holds));
    assert.equal(matches(fails), false, JSON.stringify(fails));
  }
});

test("headers match only when a trusted gateway sent them", () => {
  assert.equal(matches({ headers: { "x-team": "legal" } }, { caller: { trusted: false } }), false);
});

test("of several rules that match, the first pin and the first block win and the rest adds up", () => {
  const verdict = apply([
    { name: "a", then: { models: ["x", "y", "z"], forbid: ["q"] } },
    { name: "b", then: { tier: "small", models: ["y", "z", "w"], location: "internal" } },
    { name: "never", when: { tenant: ["other"] }, then: { model: "m", forbid: ["n"] } },
    { name: "c", then: { model: "large", forbid: ["q", "r"], skip_signals: true } },
    { name: "d", then: { block: "first" } },
    { name: "e", then: { block: "second" } },
  ]);
  assert.deepEqual(verdict, {
    matched: ["a", "b", "c", "d", "e"],
    pin: { tier: "small" },
    only: ["y", "z"],
    forbid: ["q", "r"],
    internal: true,
    skipSignals: true,
    block: { rule: "d", message: "first" },
  });
});

test("no rule matches: nothing is demanded", () => {
  assert.deepEqual(apply([]), { matched: [], forbid: [], internal: false, skipSignals: false });
});

test("a very long turn is searched at its head and its tail", () => {
  const filler = "lorem ipsum ".repeat(20_000);
  const text = "secret template";
  assert.equal(matches({ text }, { prompt: { turn: text + filler } }), true);
  assert.equal(matches({ text }, { prompt: { turn: filler + text } }), true);
  assert.equal(matches({ text }, { prompt: { turn: filler } }), false);
});

test("an expression that runs in linear time stays fast on what stalls others", () => {
  const start = performance.now();
  assert.equal(matches({ text: "^(a+)+$" }, { prompt: { turn: `${"a".repeat(50_000)}!` } }), false);
  assert.ok(performance.now() - start < 2_000);
});

test("a rule needs a name and an effect, one pin at most, and an expression that RE2 can run", () => {
  const refused = [
    { name: "r", then: {} },
    { then: { location: "internal" } },
    { name: "r", then: { model: "a", tier: "b" } },
    { name: "r", when: { text: "(?=look)ahead" }, then: { location: "internal" } },
    { name: "r", when: { text: "(" }, then: { location: "internal" } },
    { name: "r", when: { tenants: ["a"] }, then: { location: "internal" } },
    { name: "r", when: { language: ["xx"] }, then: { location: "internal" } },
    { name: "r", then: { block: "" } },
  ];
  for (const rule of refused) assert.equal(rulesOptions.safeParse([rule]).success, false, JSON.stringify(rule));
});
