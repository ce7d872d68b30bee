import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startFakeApi, type FakeApi } from "../fakes/apis/server.ts";
import { startHouse, type House } from "../rig/house.ts";

const ANSWER = {
  text: "Paris.",
  finish: "stop",
  usage: { input: 9, cachedInput: 0, output: 3, reasoning: 0 },
} as const;

let house: House;
let fakes: Record<"first" | "second" | "claude", FakeApi>;
before(async () => {
  const [first, second, claude] = await Promise.all([
    startFakeApi("openai", { script: ANSWER }),
    startFakeApi("openai", { script: ANSWER }),
    startFakeApi("anthropic", { script: ANSWER }),
  ]);
  fakes = { first, second, claude };
  const model = (upstream: string, price: number) =>
    `{ tier: all, price: { input: ${price}, output: ${price} }, modalities: [text, image, file], targets: [{ upstream: ${upstream}, model: ${upstream}-model }] }`;
  house = await startHouse(`
upstreams:
  first: { kind: openai, url: "${first.url}", key: k }
  second: { kind: openai, url: "${second.url}", key: k }
  claude: { kind: anthropic, url: "${claude.url}", key: k }
tiers: { all: { quality: 0.9 } }
models: { one: ${model("first", 1)}, two: ${model("second", 2)}, three: ${model("claude", 3)} }
`);
});
after(async () => {
  await house.stop();
  await Promise.all(Object.values(fakes).map((fake) => fake.close()));
});

const counts = () => Object.values(fakes).map(({ requests }) => requests.length);
interface Heard {
  readonly status: number;
  readonly json: { readonly id?: string; readonly error?: { message: string; code: string; param: string } };
  /** Requests that each fake got. */
  readonly by: readonly number[];
}
async function asked(path: string, body: object): Promise<Heard> {
  const earlier = counts();
  const reply = await house.post(path, body);
  const json = (await reply.json()) as Heard["json"];
  return { status: reply.status, json, by: counts().map((count, at) => count - earlier[at]!) };
}

test("an answer is continued by the target that gave it, whatever is cheaper", async () => {
  const given = await asked("/v1/responses", { model: "two", input: "What is the capital of France?" });
  assert.deepEqual([given.status, given.by], [200, [0, 1, 0]]);
  const body = { model: "auto", input: "And of Spain?", previous_response_id: given.json.id };
  const next = await asked("/v1/responses", body);
  assert.deepEqual([next.status, next.by], [200, [0, 1, 0]]);
});

test("an answer that nobody here gave needs the model named, and then goes to that one", async () => {
  const body = { input: "And of Spain?", previous_response_id: "resp_of_somebody" };
  const auto = await asked("/v1/responses", { ...body, model: "auto" });
  assert.equal(auto.status, 400);
  assert.deepEqual([auto.json.error?.code, auto.json.error?.param], ["unsupported_feature", "previous_response_id"]);
  assert.deepEqual(auto.by, [0, 0, 0]);
  assert.deepEqual((await asked("/v1/responses", { ...body, model: "two" })).by, [0, 1, 0]);
});

test("a file of an account goes where its API is spoken by one upstream alone", async () => {
  const content = [
    { type: "document", source: { type: "file", file_id: "file_1" } },
    { type: "text", text: "Sum it up." },
  ];
  const body = { model: "auto", max_tokens: 100, messages: [{ role: "user", content }] };
  const { by } = await asked("/v1/messages", body);
  assert.deepEqual(by, [0, 0, 1]);
});

test("thoughts that Anthropic signed go back to Anthropic while their tools are at work, and nowhere else", async () => {
  const loop = (signature: string) => ({
    model: "auto",
    max_tokens: 2000,
    tools: [{ name: "look", input_schema: { type: "object" } }],
    messages: [
      { role: "user", content: "Look." },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "I should look.", signature },
          { type: "tool_use", id: "t1", name: "look", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "a cat" }] },
    ],
  });
  assert.deepEqual((await asked("/v1/messages", loop("c2lnbmVk"))).by, [0, 0, 1]);
  const unsigned = await asked("/v1/messages", loop("signalbox.sealed.nobody."));
  assert.deepEqual([unsigned.status, unsigned.by], [200, [1, 0, 0]], JSON.stringify(unsigned.json));
  const gemini = await asked("/v1/messages", loop("signalbox.sealed.gemini.abc"));
  assert.equal(gemini.status, 400);
  assert.match(gemini.json.error!.message, /gemini/);
  const named = await asked("/v1/messages", { ...loop("c2lnbmVk"), model: "one" });
  assert.equal(named.status, 400, "the named model's server cannot read them");
});
