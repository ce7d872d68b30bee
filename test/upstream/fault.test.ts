import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOfRefusal, refusesKey } from "../../src/upstream/fault.ts";

const openai = (code: string | null, message = "", type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string) => ({ type: "error", error: { type, message }, request_id: "r" });
const gemini = (code: number, status: string, message: string, details: unknown[] = []) => ({
  error: { code, message, status, details },
});

for (const [what, status, body, wanted] of [
  ["OpenAI: too long", 400, openai("context_length_exceeded"), "context_length"],
  ["OpenAI: content filter", 400, openai("content_filter"), "content_filter"],
  ["OpenAI: content policy", 400, openai("content_policy_violation"), "content_filter"],
  ["OpenAI: flagged prompt", 400, openai("invalid_prompt"), "content_filter"],
  ["OpenAI: parameter", 400, openai("unsupported_parameter"), "unsupported"],
  ["OpenAI: value", 400, openai("unsupported_value"), "unsupported"],
  ["OpenAI: money", 429, openai("insufficient_quota", "", "insufficient_quota"), "quota"],
  ["OpenAI: rate", 429, openai("rate_limit_exceeded", "", "tokens"), "rate"],
  ["OpenAI: anything else", 400, openai("invalid_type", "Invalid type for 'messages'."), "other"],
  [
    "Azure: content filter",
    400,
    { error: { code: "x", innererror: { code: "ResponsibleAIPolicyViolation" } } },
    "content_filter",
  ],
  [
    "Azure: content filter by its own code",
    400,
    openai("content_filter", "The response was filtered"),
    "content_filter",
  ],
  [
    "vLLM: too long",
    400,
    {
      object: "error",
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
      type: "BadRequestError",
      code: 400,
    },
    "context_length",
  ],
  [
    "vLLM: too long, newer",
    400,
    {
      error: {
        message: "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        type: "BadRequestError",
        code: 400,
      },
    },
    "context_length",
  ],
  [
    "vLLM: no tools",
    400,
    { message: "This model does not support tool calling.", type: "BadRequestError", code: 400 },
    "unsupported",
  ],
  [
    "llama.cpp: too long",
    400,
    {
      error: {
        code: 400,
        message: "the request exceeds the available context size",
        type: "exceed_context_size_error",
      },
    },
    "context_length",
  ],
  [
    "Anthropic: too long",
    400,
    anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "context_length",
  ],
  [
    "Anthropic: too long with its answer",
    400,
    anthropic("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
    "context_length",
  ],
  [
    "Anthropic: too many bytes",
    413,
    anthropic("request_too_large", "Request exceeds the maximum size"),
    "context_length",
  ],
  [
    "Anthropic: content filter",
    400,
    anthropic("invalid_request_error", "Output blocked by content filtering policy"),
    "content_filter",
  ],
  [
    "Anthropic: money",
    400,
    anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "quota",
  ],
  ["Anthropic: bill", 402, anthropic("billing_error", "x"), "quota"],
  ["Anthropic: rate", 429, anthropic("rate_limit_error", "x"), "rate"],
  [
    "Gemini: too long",
    400,
    gemini(
      400,
      "INVALID_ARGUMENT",
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    "context_length",
  ],
  ["Gemini: rate", 429, gemini(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota"), "rate"],
  [
    "Gemini's compatible API: a list",
    400,
    [gemini(400, "INVALID_ARGUMENT", "Image input is not supported")],
    "unsupported",
  ],
  ["a proxy: too large", 413, "<html>413</html>", "context_length"],
  ["a proxy: anything else", 400, "<html>bad</html>", "other"],
] as const) {
  test(`what a refusal is about: ${what}`, () => {
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    assert.equal(kindOfRefusal(status, bytes), wanted);
  });
}

test("whatever a refusal holds, it is read in bounds and without a throw", () => {
  const texts = [
    "",
    "null",
    "0",
    '"context_length_exceeded"',
    "[]",
    "[null]",
    '{"error":null}',
    '{"error":[]}',
    '{"error":{"code":{}}}',
    '{"error":{"code":"__proto__","details":[null,1,{"reason":{}}]}}',
    '{"error":{"code":"constructor"}}',
    "\uFFFD{",
  ];
  for (const text of texts) assert.equal(kindOfRefusal(400, Buffer.from(text)), "other", text);
  assert.equal(kindOfRefusal(400, Buffer.from([0xff, 0xfe, 0x00])), "other");
  assert.equal(kindOfRefusal(400, Buffer.from('{"error":"prompt is too long"}')), "context_length");
  const long = { error: { code: "context_length_exceeded", message: "x".repeat(100_000) } };
  assert.equal(kindOfRefusal(400, Buffer.from(JSON.stringify(long))), "other", "errors are short");
  const slow = { error: { message: "api key ".repeat(400) + "exceeds ".repeat(100) } };
  const started = performance.now();
  kindOfRefusal(403, Buffer.from(JSON.stringify(slow)));
  refusesKey(403, Buffer.from(JSON.stringify(slow)));
  assert.ok(performance.now() - started < 500);
});

test("a key is refused by 401, and by 400 and 403 only where they say so", () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  const invalid = gemini(400, "INVALID_ARGUMENT", "API key not valid.", [{ reason: "API_KEY_INVALID" }]);
  const forbidden = anthropic("permission_error", "Your API key does not have permission to use the model.");
  assert.equal(refusesKey(401, Buffer.from("")), true);
  assert.equal(refusesKey(400, bytes(invalid)), true);
  assert.equal(refusesKey(403, bytes(openai("invalid_api_key"))), true);
  assert.equal(refusesKey(403, bytes(forbidden)), false);
  assert.equal(refusesKey(400, bytes(openai(null, "the text says: api key expired"))), false, "a client's words");
  assert.equal(refusesKey(500, bytes(invalid)), false);
});
