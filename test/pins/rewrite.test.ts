/**
 * The exact bytes that each family of upstream is sent for one request and one decision. They change only on purpose:
 * every changed byte of a prefix is a prefix that no upstream has cached.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Effort, ReasoningFamily, WireApi } from "../../src/contracts.ts";
import { DIALECTS } from "../../src/dialect/index.ts";
import { applyEdits } from "../../src/dialect/json.ts";
import { translate, type ClientApi } from "../../src/dialect/speech.ts";
import { openBody } from "../../src/rewrite/body.ts";
import { composeEdits } from "../../src/rewrite/compose.ts";
import { rewrite } from "../../src/rewrite/index.ts";
import { limitEdits } from "../../src/rewrite/limits.ts";

const BUDGETS: Readonly<Record<Effort, number>> = { off: 0, low: 1024, medium: 4096, high: 16_384 };

/** What each API's client asks: two tools of which one fits, a result of a tool, a limit. */
const ASKED: Readonly<Record<WireApi, string>> = {
  "openai-chat":
    '{"model":"auto","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"book_flight","description":"Books."}},{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":9000}',
  "openai-responses":
    '{"model":"auto","instructions":"Be kind.","input":"Sort 3, 1, 2.","tools":[{"type":"function","name":"book_flight","description":"Books.","strict":false},{"type":"function","name":"sort_list","description":"Sorts.","strict":false}],"max_output_tokens":9000}',
  "anthropic-messages":
    '{"model":"auto","max_tokens":9000,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"}},{"name":"book_flight","description":"Books.","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Sort 3, 1, 2."}]}',
  gemini:
    '{"systemInstruction":{"parts":[{"text":"Be kind."}]},"contents":[{"role":"user","parts":[{"text":"Sort 3, 1, 2."}]}],"tools":[{"functionDeclarations":[{"name":"book_flight","description":"Books."},{"name":"sort_list","description":"Sorts."}]}],"generationConfig":{"temperature":0.5,"maxOutputTokens":9000,"stopSequences":["###"]}}',
};

interface Sent {
  readonly from: WireApi;
  readonly speaks: readonly WireApi[];
  readonly family: ReasoningFamily;
  readonly model: string;
  readonly effort?: Effort;
}

function sent({ from, speaks, family, model, effort = "medium" }: Sent): string {
  const body = openBody(from, Buffer.from(ASKED[from]), { bytes: 1 << 20, depth: 64, items: 10_000 });
  const passes = speaks.includes(from);
  const maxTokens = 8000;
  const told = { family, model, effort, budgetTokens: BUDGETS[effort], passes, maxTokens };
  const ranker = {
    rank: (_: unknown, tools: readonly { name: string }[]) => tools.map(({ name }) => Number(name === "sort_list")),
  };
  const asked = {
    system: [{ mode: "append" as const, text: "Work step by step." }],
    tools: { keep: 1, catalogue: [], question: { turn: "Sort 3, 1, 2.", firstTurn: "Sort 3, 1, 2." } },
    resultTokens: 1000,
  };
  const edits = composeEdits(
    rewrite(body, asked, ranker).edits,
    DIALECTS[from].modelEdits(body.bytes)(model),
    DIALECTS[from].effortEdits(body.bytes)(told),
    limitEdits(body, { maxTokens, ...(from === "gemini" && { stop: ["END"] }) }),
  );
  const bytes = applyEdits(body.bytes, edits);
  const options = { model: "m", usage: false, maxEventBytes: 1024, created: 0 };
  const listener = { speaks, takesThoughts: true, family, budgetTokens: told.budgetTokens };
  return Buffer.from(passes ? bytes : translate(from as ClientApi, bytes, listener, model, options).body).toString(
    "utf8",
  );
}

const OPENAI = { speaks: ["openai-chat", "openai-responses"] as const };
const VLLM = { speaks: ["openai-chat"] as const };
const ANTHROPIC = { speaks: ["anthropic-messages"] as const };
const GEMINI = { speaks: ["gemini"] as const };
/** Bodies of Gemini's are not translated, and the path names the model. */
const from = {
  gemini: "gemini",
  chat: "openai-chat",
  responses: "openai-responses",
  messages: "anthropic-messages",
} as const;

const CASES: readonly (readonly [name: string, asked: Sent, bytes: string])[] = [
  [
    "OpenAI, chat",
    { from: from.chat, ...OPENAI, family: "openai", model: "o4-mini" },
    '{"model":"o4-mini","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":8000,"reasoning_effort":"medium"}',
  ],
  [
    "OpenAI, chat, off",
    { from: from.chat, ...OPENAI, family: "openai-none", model: "gpt-5.1", effort: "off" },
    '{"model":"gpt-5.1","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":8000,"reasoning_effort":"none"}',
  ],
  [
    "OpenAI, responses",
    { from: from.responses, ...OPENAI, family: "openai-minimal", model: "gpt-5", effort: "off" },
    '{"model":"gpt-5","instructions":"Be kind.\\n\\nWork step by step.","input":"Sort 3, 1, 2.","tools":[{"type":"function","name":"sort_list","description":"Sorts.","strict":false}],"max_output_tokens":8000,"reasoning":{"effort":"minimal"}}',
  ],
  [
    "Azure, chat",
    { from: from.chat, ...OPENAI, family: "openai", model: "my-deployment", effort: "high" },
    '{"model":"my-deployment","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":8000,"reasoning_effort":"high"}',
  ],
  [
    "Azure, asked in Anthropic's API",
    { from: from.messages, ...OPENAI, family: "openai", model: "my-deployment", effort: "off" },
    '{"model":"my-deployment","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts.","parameters":{"type":"object"}}}],"max_completion_tokens":8000,"reasoning_effort":"low"}',
  ],
  [
    "Anthropic with budgets",
    { from: from.messages, ...ANTHROPIC, family: "anthropic", model: "claude-haiku-4-5" },
    '{"model":"claude-haiku-4-5","max_tokens":8000,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Work step by step."}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Sort 3, 1, 2."}],"thinking":{"type":"enabled","budget_tokens":4000}}',
  ],
  [
    "Anthropic with budgets, high",
    { from: from.messages, ...ANTHROPIC, family: "anthropic", model: "claude-haiku-4-5", effort: "high" },
    '{"model":"claude-haiku-4-5","max_tokens":8000,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Work step by step."}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Sort 3, 1, 2."}],"thinking":{"type":"enabled","budget_tokens":4000}}',
  ],
  [
    "Anthropic with efforts",
    { from: from.messages, ...ANTHROPIC, family: "anthropic", model: "claude-opus-4-8" },
    '{"model":"claude-opus-4-8","max_tokens":8000,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Work step by step."}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Sort 3, 1, 2."}],"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}}',
  ],
  [
    "Anthropic with efforts, off",
    { from: from.messages, ...ANTHROPIC, family: "anthropic", model: "claude-opus-5-5", effort: "off" },
    '{"model":"claude-opus-5-5","max_tokens":8000,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Work step by step."}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Sort 3, 1, 2."}],"output_config":{"effort":"low"}}',
  ],
  [
    "Anthropic, asked in chat",
    { from: from.chat, ...ANTHROPIC, family: "anthropic", model: "claude-haiku-4-5" },
    '{"model":"claude-haiku-4-5","max_tokens":8000,"system":[{"type":"text","text":"Be kind.\\n\\nWork step by step."}],"messages":[{"role":"user","content":[{"type":"text","text":"Sort 3, 1, 2."}]}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"}}],"thinking":{"type":"enabled","budget_tokens":4096}}',
  ],
  [
    "Anthropic, asked in responses",
    { from: from.responses, ...ANTHROPIC, family: "anthropic", model: "claude-opus-4-8" },
    '{"model":"claude-opus-4-8","max_tokens":8000,"system":[{"type":"text","text":"Be kind.\\n\\nWork step by step."}],"messages":[{"role":"user","content":[{"type":"text","text":"Sort 3, 1, 2."}]}],"tools":[{"name":"sort_list","description":"Sorts.","input_schema":{"type":"object"}}],"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}}',
  ],
  [
    "Gemini with budgets, asked in chat",
    { from: from.chat, ...GEMINI, family: "gemini", model: "gemini-2.5-flash" },
    '{"contents":[{"role":"user","parts":[{"text":"Sort 3, 1, 2."}]}],"systemInstruction":{"parts":[{"text":"Be kind.\\n\\nWork step by step."}]},"tools":[{"functionDeclarations":[{"name":"sort_list","description":"Sorts."}]}],"generationConfig":{"maxOutputTokens":8000,"thinkingConfig":{"thinkingBudget":4096}}}',
  ],
  [
    "Gemini with levels, asked in messages, off",
    { from: from.messages, ...GEMINI, family: "gemini", model: "gemini-3-pro", effort: "off" },
    '{"contents":[{"role":"user","parts":[{"text":"Sort 3, 1, 2."}]}],"systemInstruction":{"parts":[{"text":"Be kind."},{"text":"Work step by step."}]},"tools":[{"functionDeclarations":[{"name":"sort_list","description":"Sorts.","parametersJsonSchema":{"type":"object"}}]}],"generationConfig":{"maxOutputTokens":8000,"thinkingConfig":{"thinkingLevel":"LOW"}}}',
  ],
  [
    "Gemini with budgets, in its own API",
    { from: from.gemini, ...GEMINI, family: "gemini", model: "gemini-2.5-flash" },
    '{"systemInstruction":{"parts":[{"text":"Be kind."},{"text":"Work step by step."}]},"contents":[{"role":"user","parts":[{"text":"Sort 3, 1, 2."}]}],"tools":[{"functionDeclarations":[{"name":"sort_list","description":"Sorts."}]}],"generationConfig":{"temperature":0.5,"maxOutputTokens":8000,"stopSequences":["###","END"],"thinkingConfig":{"thinkingBudget":4096}}}',
  ],
  [
    "Gemini with levels, in its own API, off",
    { from: from.gemini, ...GEMINI, family: "gemini", model: "gemini-3-pro", effort: "off" },
    '{"systemInstruction":{"parts":[{"text":"Be kind."},{"text":"Work step by step."}]},"contents":[{"role":"user","parts":[{"text":"Sort 3, 1, 2."}]}],"tools":[{"functionDeclarations":[{"name":"sort_list","description":"Sorts."}]}],"generationConfig":{"temperature":0.5,"maxOutputTokens":8000,"stopSequences":["###","END"],"thinkingConfig":{"thinkingLevel":"LOW"}}}',
  ],
  [
    "vLLM with Qwen3",
    { from: from.chat, ...VLLM, family: "qwen3", model: "Qwen/Qwen3-8B" },
    '{"model":"Qwen/Qwen3-8B","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":8000,"chat_template_kwargs":{"enable_thinking":true}}',
  ],
  [
    "vLLM with Qwen3, asked in responses, off",
    { from: from.responses, ...VLLM, family: "qwen3", model: "Qwen/Qwen3-8B", effort: "off" },
    '{"model":"Qwen/Qwen3-8B","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts.","strict":false}}],"max_completion_tokens":8000,"chat_template_kwargs":{"enable_thinking":false}}',
  ],
  [
    "vLLM with DeepSeek",
    { from: from.chat, ...VLLM, family: "deepseek", model: "deepseek-v3.1", effort: "off" },
    '{"model":"deepseek-v3.1","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":8000,"chat_template_kwargs":{"thinking":false}}',
  ],
  [
    "vLLM with DeepSeek, asked in messages",
    { from: from.messages, ...VLLM, family: "deepseek", model: "deepseek-v3.1" },
    '{"model":"deepseek-v3.1","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts.","parameters":{"type":"object"}}}],"max_completion_tokens":8000,"chat_template_kwargs":{"thinking":true}}',
  ],
  [
    "vLLM with gpt-oss",
    { from: from.chat, ...VLLM, family: "gpt-oss", model: "gpt-oss-20b", effort: "off" },
    '{"model":"gpt-oss-20b","messages":[{"role":"system","content":"Be kind.\\n\\nWork step by step."},{"role":"user","content":"Sort 3, 1, 2."}],"tools":[{"type":"function","function":{"name":"sort_list","description":"Sorts."}}],"max_completion_tokens":8000,"reasoning_effort":"low"}',
  ],
];
describe("what each family of upstream is sent", () => {
  for (const [name, asked, bytes] of CASES) test(name, () => assert.equal(sent(asked), bytes));
});
