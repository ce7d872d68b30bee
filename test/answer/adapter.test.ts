import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { createChannel, type RequestRecord } from "../../src/events.ts";
import { route } from "../../src/route/index.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState } from "../../src/state.ts";
import { readMessages } from "../../src/dialect/messages.ts";
import { startFakeModel } from "../fakes/model.ts";
import { config, startHouse, type House } from "../rig/house.ts";

const UNKNOWN = {
  status: 404,
  body: JSON.stringify({
    error: { message: "The model `legal` does not exist.", type: "NotFoundError", param: "model", code: 404 },
  }),
};
const hello = { model: "auto", messages: [{ role: "user", content: "hello" }] };

const oneAdapter = (url: string, kind = "vllm") => `
upstreams: { gpu: { kind: ${kind}, url: "${url}" } }
tiers: { all: { quality: 0.9 } }
models:
  lawyer: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: gpu, model: llama, adapter: legal }] }
breaker: { minimum_requests: 2 }
`;

async function start(t: TestContext) {
  const server = await startFakeModel();
  const house = await startHouse(oneAdapter(server.url));
  t.after(async () => {
    await house.stop();
    await server.close();
  });
  const asked = () => server.requests.map(({ json }) => (json as { model: string }).model);
  return { house, server, asked };
}

const results = (house: House) =>
  (house.events.findLast((event) => event.kind === "request") as RequestRecord).attempts.map(
    ({ target, result, status }) => `${target} ${result} ${status}`,
  );

test("a target that is an adapter is asked for by the adapter's name", async (t) => {
  const { house, asked } = await start(t);
  assert.equal((await house.post("/v1/chat/completions", hello)).status, 200);
  assert.deepEqual(asked(), ["legal"]);
  assert.deepEqual(results(house), ["gpu/legal ok 200"]);
});

test("an adapter that the server does not know is answered by its base, which is remembered", async (t) => {
  const { house, server, asked } = await start(t);
  server.next(UNKNOWN);
  assert.equal((await house.post("/v1/chat/completions", hello)).status, 200);
  assert.deepEqual(asked(), ["legal", "llama"]);
  assert.deepEqual(results(house), ["gpu/legal upstream_error 404", "gpu/legal ok 200"]);
  await house.post("/v1/chat/completions", hello);
  assert.deepEqual(asked(), ["legal", "llama", "llama"]);
  const plan = (await (await house.route({ chat: { messages: hello.messages } })).json()) as {
    targets: [{ id: string; upstreamModel: string }];
  };
  assert.deepEqual([plan.targets[0].id, plan.targets[0].upstreamModel], ["gpu/legal", "llama"]);
});

test("a stream falls back to the base too, in a body that another API wrote", async (t) => {
  const { house, server, asked } = await start(t);
  server.next(UNKNOWN);
  const body = { model: "auto", max_tokens: 50, stream: true, messages: hello.messages };
  const text = await (await house.post("/v1/messages", body)).text();
  assert.match(text, /message_stop/);
  assert.deepEqual(asked(), ["legal", "llama"]);
});

test("the base is asked once: where it is not known either, the client is told that nobody answered", async (t) => {
  const { house, server, asked } = await start(t);
  server.behave(UNKNOWN);
  for (let each = 0; each < 3; each++) {
    assert.equal((await house.post("/v1/chat/completions", hello)).status, 502);
  }
  assert.deepEqual(asked(), ["legal", "llama", "llama", "llama"]);
  assert.ok(!house.events.some((event) => event.kind === "breaker"), "a name that is not there is no outage");
});

test("a 404 that says nothing of a model is not answered by the base", async (t) => {
  const { house, server, asked } = await start(t);
  server.next({ status: 404, body: JSON.stringify({ detail: "Not Found" }) });
  assert.equal((await house.post("/v1/chat/completions", hello)).status, 502);
  assert.deepEqual(asked(), ["legal"]);
});

test("after a minute the adapter is asked for again", async (t) => {
  let now = 0;
  const { config: checked, hash } = config(oneAdapter("http://127.0.0.1:9/v1"));
  const state = createState(createChannel(), checked.breaker, () => now);
  t.after(() => state.shutdown());
  const runtime = await createRuntime(checked, hash, state);
  const upstreamModel = async () => {
    const prompt = readMessages({ messages: [{ role: "user", content: "hello" }] });
    const caller = { tenant: "default", trusted: true };
    const plan = await route(runtime, { prompt, caller, headers: {}, constraints: {}, preview: true });
    return plan.targets[0]!.target.upstreamModel;
  };
  runtime.targetState("gpu/legal")!.noteLackOfAdapter();
  now = 59_000;
  assert.equal(await upstreamModel(), "llama");
  now = 61_000;
  assert.equal(await upstreamModel(), "legal");
});

test("only vLLM has adapters: anywhere else the key is a mistake", () => {
  const checked = checkConfig(oneAdapter("http://127.0.0.1:9/v1", "openai"), { env: {}, readFile: () => "" });
  const [problem] = "problems" in checked ? checked.problems : [];
  assert.equal(problem?.path, "models.lawyer.targets[0].adapter");
  assert.match(problem.message, /^only an upstream of kind vllm has adapters/);
});
