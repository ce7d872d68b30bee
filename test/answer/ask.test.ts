import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAsk } from "../../src/answer/ask.ts";
import type { Question } from "../../src/contracts.ts";
import { createChannel } from "../../src/events.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState } from "../../src/state.ts";
import { startFakeApi } from "../fakes/apis/server.ts";
import { startFakeModel } from "../fakes/model.ts";
import { KINDS } from "../matrix/world.ts";
import { config } from "../rig/house.ts";

const question: Question = {
  model: "judge",
  system: "Reply with pong.",
  user: "ping",
  maxOutputTokens: 32,
  deadlineMs: 2_000,
  internalOnly: false,
};

/** How a model with these targets is asked; each upstream as YAML. */
async function asking(
  t: TestContext,
  upstreams: readonly string[],
  model: string,
  abort = new AbortController().signal,
) {
  const { config: whole, hash } = config(`
upstreams:
${upstreams.map((upstream, at) => `  u${at}: { ${upstream} }`).join("\n")}
breaker: { minimum_requests: 1, reset_ms: 60000 }
tiers: { only: { quality: 0.5 } }
models:
  judge:
    tier: only
    price: { input: 1, output: 10 }
    targets: [${upstreams.map((_, at) => `{ upstream: u${at}, model: ${model} }`).join(", ")}]
`);
  const state = createState(createChannel(), whole.breaker, () => performance.now());
  const runtime = await createRuntime(whole, hash, state);
  t.after(() => state.shutdown());
  return createAsk(runtime, "default", abort);
}

for (const { name, fake, model, config: options } of KINDS) {
  test(`a model behind an upstream of kind ${name} is asked in its own API`, async (t) => {
    const usage = { input: 100, cachedInput: 0, output: 4, reasoning: 0 };
    const api = await startFakeApi(fake, { script: { text: "pong", finish: "stop", usage } });
    t.after(() => api.close());
    const ask = await asking(t, [`${options}, url: "${api.url}", key: key-of-judge`], model);
    const { text, attempt } = await ask(question);
    assert.deepEqual([text, attempt?.result, api.violations], ["pong", "ok", []]);
    assert.ok(Math.abs(attempt!.costUsd! - 0.00014) < 1e-12, String(attempt!.costUsd));
    assert.equal(api.requests.length, 1);
  });
}

test("one target is asked once: what fails is neither repeated nor asked of another", async (t) => {
  const [first, second] = await Promise.all([startFakeModel({ behave: "error500" }), startFakeModel()]);
  t.after(() => Promise.all([first.close(), second.close()]));
  const ask = await asking(t, [`kind: vllm, url: "${first.url}"`, `kind: vllm, url: "${second.url}"`], "m");
  const { text, attempt } = await ask(question);
  assert.deepEqual([text, attempt?.result, second.requests.length], [undefined, "upstream_error", 0]);
  // Its circuit is open now, so the first that may be called is the second.
  const again = await ask(question);
  assert.deepEqual([again.attempt?.target, first.requests.length], ["u1/m", 1]);
});

test("the deadline holds against a server that says nothing, and its circuit opens", async (t) => {
  const silent = await startFakeModel({ behave: "hang" });
  t.after(() => silent.close());
  const ask = await asking(t, [`kind: vllm, url: "${silent.url}"`], "m");
  const started = performance.now();
  const { text, attempt } = await ask({ ...question, deadlineMs: 100 });
  assert.deepEqual([text, attempt?.result], [undefined, "timeout"]);
  const spent = performance.now() - started;
  assert.ok(spent >= 90 && spent < 1_500, String(spent));
  const shut = await ask(question);
  assert.deepEqual([shut.attempt?.result, silent.requests.length], ["circuit_open", 1]);
});

test("a question for internal servers goes to no other, and a client that left is not waited for", async (t) => {
  const outside = await startFakeModel();
  t.after(() => outside.close());
  const ask = await asking(t, [`kind: openai, key: key-of-judge, url: "${outside.url}"`], "m");
  assert.deepEqual(await ask({ ...question, internalOnly: true }), {});
  const gone = await asking(t, [`kind: openai, key: key-of-judge, url: "${outside.url}"`], "m", AbortSignal.abort());
  assert.equal((await gone(question)).attempt?.result, "client_gone");
  assert.equal(outside.requests.length, 0);
});
