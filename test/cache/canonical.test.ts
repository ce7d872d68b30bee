import assert from "node:assert/strict";
import { test } from "node:test";
import { type Asked, exactKey, NOT_SHAPING, type Owner, partitionOf } from "../../src/cache/canonical.ts";
import type { Api } from "../../src/contracts.ts";
import { seeded } from "../../src/statistics/sample.ts";

const OWNER: Owner = { tenant: "acme", policy: "p1" };
const ROUTED = { ...OWNER, route: "default" };

const BODIES: Readonly<Record<Api, Readonly<Record<string, unknown>>>> = {
  "openai-chat": {
    model: "auto",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What is the capital of France?" },
    ],
    temperature: 0.2,
    top_p: 0.9,
    max_tokens: 100,
    seed: 7,
    stop: ["END"],
    tools: [{ type: "function", function: { name: "find", parameters: { type: "object" } } }],
    tool_choice: "auto",
    response_format: { type: "json_object" },
    reasoning_effort: "low",
    stream: true,
    stream_options: { include_usage: true },
    user: "u1",
    metadata: { a: "b" },
    store: false,
    prompt_cache_key: "k",
    prompt_cache_retention: "24h",
    safety_identifier: "s",
    service_tier: "auto",
  },
  "openai-responses": {
    model: "auto",
    input: [{ role: "user", content: [{ type: "input_text", text: "Why is the sky blue?" }] }],
    instructions: "Be brief.",
    temperature: 0.2,
    max_output_tokens: 100,
    store: false,
    reasoning: { effort: "low" },
    stream: true,
    stream_options: {},
    user: "u1",
    metadata: { a: "b" },
    prompt_cache_key: "k",
    prompt_cache_retention: "24h",
    safety_identifier: "s",
    service_tier: "auto",
  },
  "anthropic-messages": {
    model: "auto",
    system: [{ type: "text", text: "Be brief." }],
    messages: [{ role: "user", content: [{ type: "text", text: "Why is the sky blue?" }] }],
    max_tokens: 100,
    temperature: 0.2,
    thinking: { type: "enabled", budget_tokens: 1024 },
    stream: true,
    metadata: { user_id: "u1" },
    service_tier: "auto",
    cache_control: { type: "ephemeral" },
  },
  gemini: {
    contents: [{ role: "user", parts: [{ text: "Why is the sky blue?" }] }],
    generationConfig: { temperature: 0.2 },
    labels: { a: "b" },
  },
  messages: { messages: [{ role: "user", content: "Why is the sky blue?" }] },
};
const APIS = Object.keys(BODIES) as Api[];

const hex = (key: Uint8Array | undefined) => key && Buffer.from(key).toString("hex");
const keyOf = (asked: Asked, owner: Owner = OWNER) => hex(exactKey(owner, asked));
const partOf = (asked: Asked, owner = ROUTED) => hex(partitionOf(owner, asked)?.key);

/** The value with every string and number in it another one, and every flag turned. */
function changed(value: unknown): unknown {
  if (typeof value === "string") return `${value}x`;
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return value.map(changed);
  return Object.fromEntries(Object.entries(value as object).map(([name, own]) => [name, changed(own)]));
}

/** Members of every object in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((element) => shuffled(element, random));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map((entry) => ({ entry, by: random() }))
      .toSorted((a, b) => a.by - b.by)
      .map(({ entry: [name, own] }) => [name, shuffled(own, random)]),
  );
}

test("a key is 32 bytes", () => {
  for (const api of APIS) {
    assert.equal(exactKey(OWNER, { api, body: BODIES[api] })?.length, 32);
    assert.equal(partitionOf(ROUTED, { api, body: BODIES[api] })?.key.length, 32);
  }
});

test("every field that is not named as not shaping changes the key, and the listed ones do not", () => {
  for (const api of APIS) {
    const body = BODIES[api];
    const key = keyOf({ api, body });
    for (const [name, value] of Object.entries(body)) {
      const isListed = Object.hasOwn(NOT_SHAPING[api], name);
      assert.equal(
        keyOf({ api, body: { ...body, [name]: changed(value) } }) === key,
        isListed,
        `${api} ${name} changed`,
      );
      const { [name]: _, ...rest } = body;
      assert.equal(keyOf({ api, body: rest }) === key, isListed, `${api} ${name} left out`);
    }
  }
});

test("the bodies above hold every field that is listed as not shaping", () => {
  for (const api of APIS)
    for (const name of Object.keys(NOT_SHAPING[api])) assert.ok(name in BODIES[api], `${api} ${name}`);
});

test("a field that nobody knows shapes the answer", () => {
  const body = BODIES["openai-chat"];
  assert.notEqual(keyOf({ api: "openai-chat", body }), keyOf({ api: "openai-chat", body: { ...body, new_knob: 1 } }));
});

test("one text changed anywhere changes the key", () => {
  const random = seeded(3);
  for (const api of APIS) {
    const text = JSON.stringify(
      Object.fromEntries(Object.entries(BODIES[api]).filter(([name]) => !(name in NOT_SHAPING[api]))),
    );
    const key = keyOf({ api, body: JSON.parse(text) });
    for (const match of text.matchAll(/:"([^"]+)"/gu)) {
      const at = match.index + 2 + Math.floor(random() * match[1]!.length);
      const other = `${text.slice(0, at)}~${text.slice(at)}`;
      assert.notEqual(keyOf({ api, body: JSON.parse(other) }), key, other);
    }
  }
});

test("tenant, policy, API and the model in a path are part of the key", () => {
  const asked: Asked = { api: "gemini", body: BODIES.gemini, model: "m" };
  const key = keyOf(asked);
  assert.notEqual(keyOf(asked, { ...OWNER, tenant: "other" }), key);
  assert.notEqual(keyOf(asked, { ...OWNER, policy: "p2" }), key);
  assert.notEqual(keyOf({ ...asked, model: "n" }), key);
  assert.notEqual(keyOf({ ...asked, api: "messages" }), key);
  assert.notEqual(keyOf(asked, { tenant: "acmep", policy: "1" }), keyOf(asked, { tenant: "acme", policy: "p1" }));
});

test("the order of members, and white space between them, say nothing", () => {
  const random = seeded(5);
  for (const api of APIS) {
    const key = keyOf({ api, body: BODIES[api] });
    for (let time = 0; time < 20; time++) {
      const body = JSON.parse(JSON.stringify(shuffled(BODIES[api], random), null, time % 4)) as unknown;
      assert.equal(keyOf({ api, body }), key);
      assert.equal(partOf({ api, body }), partOf({ api, body: BODIES[api] }));
    }
  }
});

test("white space in a text, and the order of a list, do", () => {
  const ask = (content: string, stop: string[]) =>
    keyOf({ api: "openai-chat", body: { model: "m", messages: [{ role: "user", content }], stop } });
  assert.notEqual(ask("a b", ["x", "y"]), ask("a  b", ["x", "y"]));
  assert.notEqual(ask("a b", ["x", "y"]), ask("a b", ["y", "x"]));
});

test("null and the API's own defaults are as good as absent; defaults of servers are not", () => {
  const body = BODIES["openai-chat"];
  const key = keyOf({ api: "openai-chat", body });
  for (const more of [{ top_k: null }, { n: 1 }, { logprobs: false }, { frequency_penalty: 0 }]) {
    assert.equal(keyOf({ api: "openai-chat", body: { ...body, ...more } }), key, JSON.stringify(more));
  }
  for (const more of [{ n: 2 }, { temperature: 1 }, { logprobs: true }, { parallel_tool_calls: true }]) {
    assert.notEqual(keyOf({ api: "openai-chat", body: { ...body, ...more } }), key, JSON.stringify(more));
  }
});

test("marks of what to keep count nowhere that Anthropic reads them, and everywhere else", () => {
  const ask = (block: object, tool: object) =>
    keyOf({
      api: "anthropic-messages",
      body: {
        model: "m",
        max_tokens: 5,
        tools: [{ name: "t", input_schema: { type: "object", properties: {} }, ...tool }],
        messages: [{ role: "user", content: [{ type: "text", text: "Hello", ...block }] }],
      },
    });
  const mark = { cache_control: { type: "ephemeral" } };
  assert.equal(ask({}, {}), ask(mark, mark));
  assert.notEqual(ask({}, {}), ask({}, { input_schema: { type: "object", properties: { cache_control: {} } } }));
});

test("no key where two requests could not be told apart, or ask for a state that changes", () => {
  const chat = (more: object) => exactKey(OWNER, { api: "openai-chat", body: { model: "m", messages: [], ...more } });
  assert.equal(chat({ seed: 2 ** 53 + 2 }), undefined);
  assert.equal(chat({ seed: Infinity }), undefined);
  assert.ok(chat({ seed: 2 ** 53 - 1 }));
  const deep = JSON.parse(`${"[".repeat(300)}1${"]".repeat(300)}`) as unknown;
  assert.equal(chat({ deep }), undefined);
  for (const body of [null, [], "text", 7]) assert.equal(exactKey(OWNER, { api: "openai-chat", body }), undefined);
  const responses = (more: object) =>
    exactKey(OWNER, { api: "openai-responses", body: { model: "m", input: "Hi", ...more } });
  assert.equal(responses({ conversation: "c1" }), undefined);
  assert.equal(responses({ background: true }), undefined);
  assert.ok(responses({ background: false }));
  assert.equal(exactKey(OWNER, { api: "anthropic-messages", body: { container: "c", messages: [] } }), undefined);
});

test("half characters are told apart, and __proto__ is a member like any other", () => {
  const ask = (text: string) =>
    keyOf({ api: "messages", body: JSON.parse(`{"messages":[{"role":"user","content":"${text}"}]}`) });
  assert.notEqual(ask("\\ud800"), ask("\\ud801"));
  const proto = (value: number) => keyOf({ api: "messages", body: JSON.parse(`{"__proto__":{"a":${value}}}`) });
  assert.notEqual(proto(1), proto(2));
});

test("a partition is the same for two turns, and another for anything else that differs", () => {
  const body = BODIES["openai-chat"];
  const ask = (turn: string, more: object = {}, system = "Be brief.") =>
    partitionOf(ROUTED, {
      api: "openai-chat",
      body: {
        ...body,
        messages: [
          { role: "system", content: system },
          { role: "user", content: turn },
        ],
        ...more,
      },
    });
  const [one, other] = [ask("Who was Ada?"), ask("Who was Ada Lovelace?")];
  assert.equal(one?.turn, "Who was Ada?");
  assert.equal(hex(one?.key), hex(other?.key));
  assert.notEqual(hex(ask("Who was Ada?", {}, "Be long.")?.key), hex(one?.key));
  assert.notEqual(hex(ask("Who was Ada?", { temperature: 0.3 })?.key), hex(one?.key));
  assert.notEqual(hex(ask("Who was Ada?", { tools: [] })?.key), hex(one?.key));
  assert.equal(hex(ask("Who was Ada?", { stream: false })?.key), hex(one?.key));
  const earlier = [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
  ];
  assert.notEqual(
    hex(ask("x", { messages: [...earlier, { role: "user", content: "Who was Ada?" }] })?.key),
    hex(one?.key),
  );
});

test("a partition is a tenant's, a route's and a policy's own", () => {
  const asked: Asked = { api: "messages", body: BODIES.messages };
  const part = partOf(asked);
  assert.notEqual(partOf(asked, { ...ROUTED, tenant: "other" }), part);
  assert.notEqual(partOf(asked, { ...ROUTED, route: "other" }), part);
  assert.notEqual(partOf(asked, { ...ROUTED, policy: "other" }), part);
});

test("there is no partition where the newest turn is more than a human's words", () => {
  const last = (content: unknown, role = "user") =>
    partitionOf(ROUTED, { api: "openai-chat", body: { model: "m", messages: [{ role, content }] } });
  assert.ok(last("Why?"));
  assert.ok(last([{ type: "text", text: "Why?" }]));
  assert.equal(
    last([
      { type: "text", text: "Why?" },
      { type: "image_url", image_url: { url: "u" } },
    ]),
    undefined,
  );
  assert.equal(
    last([
      { type: "text", text: "a" },
      { type: "text", text: "b" },
    ]),
    undefined,
  );
  assert.equal(last("Why?", "tool"), undefined);
  assert.equal(last("Why?", "assistant"), undefined);
  assert.equal(last("   "), undefined);
  assert.equal(last("<system-reminder>x</system-reminder>Why?"), undefined);
  assert.equal(partitionOf(ROUTED, { api: "openai-chat", body: { model: "m", messages: [] } }), undefined);
});
