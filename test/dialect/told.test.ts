import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Effort, ReasoningFamily, WireApi } from "../../src/contracts.ts";
import { canBeTold, wordFor, type EffortAsk } from "../../src/dialect/effort.ts";
import { DIALECTS } from "../../src/dialect/index.ts";
import { applyEdits } from "../../src/dialect/json.ts";
import { translate, type ClientApi } from "../../src/dialect/speech.ts";

const TURN = { role: "user", content: "x" };
const BODIES: Readonly<Record<WireApi, object>> = {
  "openai-chat": { messages: [TURN] },
  "openai-responses": { input: "x" },
  "anthropic-messages": { max_tokens: 9000, messages: [TURN] },
  gemini: { contents: [] },
};
const OLD = "claude-sonnet-4-5";
const MIDDLE = "claude-opus-4-8";
const NEW = "claude-opus-5-5";
const BUDGETS: Readonly<Record<Effort, number>> = { off: 0, low: 1024, medium: 4096, high: 16_384 };

/** What is added to a body of this API, or changed in it. */
function added(api: WireApi, family: ReasoningFamily, effort: Effort, more: object = {}, ask: Partial<EffortAsk> = {}) {
  const body = { ...BODIES[api], ...more };
  const bytes = Buffer.from(JSON.stringify(body));
  const edits = DIALECTS[api].effortEdits(bytes)({
    family,
    model: "m",
    effort,
    budgetTokens: BUDGETS[effort],
    passes: true,
    ...ask,
  });
  const after = JSON.parse(Buffer.from(applyEdits(bytes, edits)).toString("utf8")) as Record<string, unknown>;
  const before: Record<string, unknown> = { ...body };
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value)),
  );
}

describe("OpenAI's words", () => {
  test("each family knows its own; the nearest one above stands for what it lacks", () => {
    const words = (family: ReasoningFamily) =>
      ["none", "minimal", "low", "high", "xhigh"].map((word) => wordFor(family, word)).join(" ");
    assert.equal(words("openai"), "low low low high high");
    assert.equal(words("openai-minimal"), "minimal minimal low high high");
    assert.equal(words("openai-none"), "none low low high xhigh");
    assert.equal(words("gpt-oss"), "low low low high high");
  });

  test("gpt-oss hears them in both of OpenAI's APIs", () => {
    assert.deepEqual(added("openai-chat", "gpt-oss", "off"), { reasoning_effort: "low" });
    assert.deepEqual(added("openai-responses", "gpt-oss", "high"), { reasoning: { effort: "high" } });
  });
});

describe("switches of chat templates", () => {
  test("Qwen3 and DeepSeek have one each, beside what the client put into the template", () => {
    const kwargs = { chat_template_kwargs: { documents: [1] } };
    assert.deepEqual(added("openai-chat", "qwen3", "low", kwargs), {
      chat_template_kwargs: { documents: [1], enable_thinking: true },
    });
    assert.deepEqual(added("openai-chat", "deepseek", "off"), { chat_template_kwargs: { thinking: false } });
    assert.deepEqual(added("openai-chat", "qwen3", "off", { chat_template_kwargs: null }), {
      chat_template_kwargs: { enable_thinking: false },
    });
  });

  test("an API that has none hears nothing, unless it is translated", () => {
    for (const api of ["openai-responses", "anthropic-messages"] as const)
      assert.deepEqual(added(api, "qwen3", "high"), {});
    const translated = { passes: false };
    assert.deepEqual(added("openai-responses", "qwen3", "off", {}, translated), { reasoning: { effort: "none" } });
    assert.deepEqual(added("anthropic-messages", "qwen3", "off", {}, translated), { thinking: { type: "disabled" } });
  });
});

describe("Claude", () => {
  const told = (effort: Effort, model: string, more: object = {}, ask: Partial<EffortAsk> = {}) =>
    added("anthropic-messages", "anthropic", effort, more, { model, ...ask });

  test("before 4.6 it gets a budget of at least 1,024 tokens, and never more than half of the limit", () => {
    assert.deepEqual(told("medium", OLD), { thinking: { type: "enabled", budget_tokens: 4096 } });
    assert.deepEqual(told("high", OLD), { thinking: { type: "enabled", budget_tokens: 4500 } });
    assert.deepEqual(told("low", OLD, {}, { budgetTokens: 10 }), {
      thinking: { type: "enabled", budget_tokens: 1024 },
    });
    assert.deepEqual(told("high", OLD, {}, { maxTokens: 4000 }), {
      thinking: { type: "enabled", budget_tokens: 2000 },
    });
  });

  test("from 4.6 on it gets an effort", () => {
    assert.deepEqual(told("high", MIDDLE), { thinking: { type: "adaptive" }, output_config: { effort: "high" } });
    const format = { format: { type: "json_schema", schema: {} } };
    assert.deepEqual(told("low", MIDDLE, { output_config: format, thinking: null }), {
      thinking: { type: "adaptive" },
      output_config: { ...format, effort: "low" },
    });
  });

  test("one that thinks only when asked is not asked to stop, one that thinks unasked is told to think least", () => {
    assert.deepEqual(told("off", OLD), {});
    assert.deepEqual(told("off", MIDDLE), {});
    assert.deepEqual(told("off", NEW), { output_config: { effort: "low" } });
    assert.deepEqual(told("off", "an-alias"), { output_config: { effort: "low" } });
  });

  const FORBIDDEN: readonly (readonly [string, object])[] = [
    ["another temperature", { temperature: 0.2 }],
    ["top_k", { top_k: 5 }],
    ["a low top_p", { top_p: 0.5 }],
    ["any tool prescribed", { tool_choice: { type: "any" } }],
    ["one tool prescribed", { tool_choice: { type: "tool", name: "t" } }],
    ["an answer begun for it", { messages: [TURN, { role: "assistant", content: "So" }] }],
    ["a limit that leaves no room", { max_tokens: 2047 }],
  ];
  for (const [what, more] of FORBIDDEN)
    test(`it is not made to think beside ${what}, in whichever API that is said`, () => {
      assert.deepEqual([told("high", OLD, more), told("high", MIDDLE, more)], [{}, {}]);
      assert.deepEqual(told("high", NEW, more), { output_config: { effort: "high" } });
      const { tool_choice: prescribed, max_tokens: limit, ...rest } = more as Record<string, unknown>;
      const chat = {
        ...rest,
        ...(prescribed !== undefined && { tool_choice: "required" }),
        ...(limit !== undefined && { max_completion_tokens: limit }),
      };
      assert.deepEqual(added("openai-chat", "anthropic", "high", chat, { passes: false, model: OLD }), {});
    });

  test("what changes nothing does not keep it from thinking", () => {
    const more = { temperature: 1, top_p: 0.99, top_k: null, tool_choice: { type: "auto" } };
    assert.equal("thinking" in told("high", MIDDLE, more), true);
  });

  test("within calls of tools a model with budgets goes on as it began", () => {
    const loop = { messages: [TURN, { role: "user", content: [{ type: "tool_result", tool_use_id: "1" }] }] };
    assert.deepEqual(told("high", OLD, loop), {});
    assert.equal("thinking" in told("high", MIDDLE, loop), true);
  });
});

describe("Gemini", () => {
  const told = (effort: Effort, model: string, more: object = {}) => added("gemini", "gemini", effort, more, { model });

  test("2.5 gets a budget within the range of its kind, 3 a level, in whichever case the body is written", () => {
    const budget = (thinkingBudget: number) => ({ generationConfig: { thinkingConfig: { thinkingBudget } } });
    assert.deepEqual(told("medium", "gemini-2.5-flash"), budget(4096));
    assert.deepEqual(told("off", "gemini-2.5-flash-lite"), budget(0));
    assert.deepEqual(told("off", "gemini-2.5-pro"), budget(128));
    assert.deepEqual(told("high", "gemini-3-pro"), { generationConfig: { thinkingConfig: { thinkingLevel: "HIGH" } } });
    assert.deepEqual(told("off", "gemini-3.1-flash-lite", { generation_config: { seed: 1 } }), {
      generation_config: { seed: 1, thinking_config: { thinkingLevel: "MINIMAL" } },
    });
  });

  test("a body of its own tells no other family", () => {
    assert.deepEqual(added("gemini", "openai", "high"), {});
  });

  test("through OpenAI's API it is told in OpenAI's words, and not to stop where it cannot", () => {
    const word = (model: string) => added("openai-chat", "gemini", "off", {}, { model })["reasoning_effort"];
    assert.deepEqual(["gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-flash"].map(word), [
      "none",
      "minimal",
      "minimal",
    ]);
  });
});

test("a model that knows none of the fields cannot be told", () => {
  assert.ok(canBeTold("openai", undefined) && canBeTold("openai", ["reasoning_effort"]));
  assert.ok(!canBeTold("openai", ["temperature"]) && !canBeTold("qwen3", ["reasoning_effort"]));
});

describe("an effort survives translation, with its budget where the target takes one", () => {
  const CASES: readonly (readonly [ClientApi, ReasoningFamily, model: string, WireApi, high: object, off: object])[] = [
    [
      "openai-chat",
      "anthropic",
      OLD,
      "anthropic-messages",
      { type: "enabled", budget_tokens: 5000 },
      { type: "disabled" },
    ],
    ["openai-responses", "anthropic", MIDDLE, "anthropic-messages", { type: "adaptive" }, { type: "disabled" }],
    ["openai-chat", "gemini", "gemini-2.5-flash", "gemini", { thinkingBudget: 5000 }, { thinkingBudget: 0 }],
    ["anthropic-messages", "gemini", "gemini-3-pro", "gemini", { thinkingLevel: "HIGH" }, { thinkingLevel: "LOW" }],
    ["anthropic-messages", "openai", "o3", "openai-chat", ["high"], ["low"]],
    ["anthropic-messages", "openai-none", "gpt-5.1", "openai-chat", ["high"], ["none"]],
    ["openai-responses", "gpt-oss", "gpt-oss", "openai-chat", ["high"], ["low"]],
    ["openai-responses", "qwen3", "qwen", "openai-chat", { enable_thinking: true }, { enable_thinking: false }],
    ["anthropic-messages", "deepseek", "ds", "openai-chat", { thinking: true }, { thinking: false }],
  ];
  for (const [api, family, model, target, high, off] of CASES)
    test(`${api} to ${model}`, () => {
      const sent = (effort: Effort) => {
        const bytes = Buffer.from(JSON.stringify({ ...BODIES[api], model }));
        const budgetTokens = effort === "off" ? 0 : 5000;
        const edits = DIALECTS[api].effortEdits(bytes)({ family, model, effort, budgetTokens, passes: false });
        const listener = { speaks: [target], takesThoughts: true, family, budgetTokens };
        const options = { model, usage: false, maxEventBytes: 1024, created: 0 };
        const { body } = translate(api, applyEdits(bytes, edits), listener, model, options);
        const { thinking, generationConfig, chat_template_kwargs, reasoning_effort } = JSON.parse(
          Buffer.from(body).toString("utf8"),
        ) as Record<string, unknown>;
        const config = generationConfig as { thinkingConfig?: object } | undefined;
        return thinking ?? config?.thinkingConfig ?? chat_template_kwargs ?? [reasoning_effort];
      };
      assert.deepEqual([sent("high"), sent("off")], [high, off]);
    });

  test("a thinking Claude that is asked for no thoughts, and thinks unasked, is asked for the least", () => {
    const bytes = Buffer.from(JSON.stringify({ ...BODIES["openai-chat"], reasoning_effort: "none" }));
    const options = { model: NEW, usage: false, maxEventBytes: 1024, created: 0 };
    const { body } = translate(
      "openai-chat",
      bytes,
      { speaks: ["anthropic-messages"], takesThoughts: false },
      NEW,
      options,
    );
    const { thinking, output_config } = JSON.parse(Buffer.from(body).toString("utf8")) as Record<string, unknown>;
    assert.deepEqual([thinking, output_config], [undefined, { effort: "low" }]);
  });
});
