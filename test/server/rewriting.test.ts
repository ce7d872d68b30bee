import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ApiKind } from "../fakes/apis/server.ts";
import { startFakeApi } from "../fakes/apis/server.ts";
import { startHouse } from "../rig/house.ts";

const USAGE = { input: 10, cachedInput: 0, output: 20, reasoning: 0 };
const tool = (name: string, description: string) => ({
  type: "function",
  function: { name, description, parameters: { type: "object", properties: {} } },
});
const TOOLS = [
  tool("weather", "The weather forecast for a city"),
  tool("mail", "Send an email to somebody"),
  tool("stocks", "Prices of stocks at the exchange"),
  tool("lights", "Switch the lights of a room on or off"),
];

interface Sent {
  readonly messages: { role: string; content: unknown }[];
  readonly tools?: { function: { name: string } }[];
  readonly max_completion_tokens?: number;
  readonly max_tokens?: number;
  readonly stop?: unknown;
  readonly system?: unknown;
}

async function start(t: TestContext, kind: ApiKind, more: string, tier = "") {
  const fake = await startFakeApi(kind, { script: { text: "Yes.", finish: "stop", usage: USAGE } });
  t.after(() => fake.close());
  const house = await startHouse(`
upstreams: { u: { kind: ${kind}, url: "${fake.url}", key: secret-key } }
tiers: { all: { quality: 0.9${tier} } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
signals: { complexity: { learned: false } }
${more}`);
  t.after(() => house.stop());
  return {
    fake,
    house,
    async ask(path: string, body: object): Promise<Sent> {
      const reply = await house.post(path, { model: "auto", ...body });
      assert.equal(reply.status, 200, await reply.text());
      assert.deepEqual(fake.violations, []);
      return fake.requests.at(-1)!.json as Sent;
    },
  };
}

const CHAT = "/v1/chat/completions";
const user = (content: string) => ({ role: "user", content });

test("a route's system text goes to the model in each API, behind the client's own", async (t) => {
  const more = "routes: { default: { system: { mode: append, text: Answer in one word. } } }";
  const chat = await start(t, "vllm", more);
  const sent = await chat.ask(CHAT, { messages: [{ role: "system", content: "Be kind." }, user("Hi")] });
  const told = sent.messages.filter(({ role }) => role !== "user").map(({ content }) => JSON.stringify(content));
  assert.match(told.join(" "), /Be kind\..*Answer in one word\./u);
  const messages = await start(t, "anthropic", more);
  const body = { max_tokens: 99, system: "Be kind.", messages: [user("Hi")] };
  assert.match(JSON.stringify((await messages.ask("/v1/messages", body)).system), /Be kind\..*Answer in one word\./u);
});

test("of many tools those that fit are offered, one that was called before always", async (t) => {
  const { ask } = await start(t, "vllm", "routes: { default: { tools: { keep: 2 } } }");
  const call = { id: "c1", type: "function", function: { name: "lights", arguments: "{}" } };
  const sent = await ask(CHAT, {
    tools: TOOLS,
    messages: [
      user("Lights off"),
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "c1", content: "done" },
      user("What will the weather be in Paris?"),
    ],
  });
  assert.deepEqual(
    sent.tools!.map(({ function: { name } }) => name),
    ["weather", "lights"],
  );
});

test("tools of the catalogue are added where a route asks for it", async (t) => {
  const { ask } = await start(
    t,
    "vllm",
    `tools: { ${["weather", "stocks"].map((name) => `${name}: { text: "About ${name} and its forecast" }`).join(", ")} }
routes: { default: { tools: { tools: 1 } } }`,
  );
  const sent = await ask(CHAT, { messages: [user("What will the weather be in Paris?")] });
  assert.deepEqual(
    sent.tools!.map(({ function: { name } }) => name),
    ["weather"],
  );
});

test("a tier bounds the length of replies and where they stop; what the client bounds more tightly stays", async (t) => {
  const { ask } = await start(t, "vllm", "", ", max_tokens: 200, stop: ['###']");
  const wide = await ask(CHAT, { messages: [user("Hi")], max_tokens: 5000 });
  assert.deepEqual([wide.max_tokens, wide.stop], [200, ["###"]]);
  const tight = await ask(CHAT, { messages: [user("Hi")], max_tokens: 50 });
  assert.equal(tight.max_tokens, 50);
});

test("what is rewritten and what is taken out go together, and a preview shows both to a gateway", async (t) => {
  const { house } = await start(
    t,
    "vllm",
    "pii: { action: replace }\nroutes: { default: { system: { text: Answer in one word. } } }",
  );
  const json = JSON.stringify({ model: "auto", messages: [user("Write to a@example.org")] });
  const reply = await house.route({ raw: { api: "API_KIND_OPENAI_CHAT", json }, includeBody: true, preview: true });
  const { targets } = (await reply.json()) as { targets: { body: string }[] };
  const body = JSON.parse(targets[0]!.body) as Sent & { model: string };
  assert.equal(body.model, "m");
  assert.deepEqual(
    body.messages.map(({ content }) => content),
    ["Answer in one word.", "Write to <EMAIL_1>"],
  );
});
