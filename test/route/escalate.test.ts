import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readMessages } from "../../src/dialect/messages.ts";
import { createChannel } from "../../src/events.ts";
import { route } from "../../src/route/index.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState, type State } from "../../src/state.ts";
import { config, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const states: State[] = [];
after(() => Promise.all(states.map((state) => state.shutdown())));

const KEYWORD = "keyword: { rules: [{ label: more, any: [think hard, use the best model], action: escalate }] }";

async function ask(text: string, signals = KEYWORD) {
  const yaml = threeModels(urls).replace("signals: {", `signals: { ${signals},`);
  const { config: whole, hash } = config(yaml);
  const state = createState(createChannel(), whole.breaker, () => performance.now());
  states.push(state);
  const runtime = await createRuntime(whole, hash, state);
  const prompt = readMessages({ messages: [{ role: "user", content: text }] });
  const caller = { tenant: "default", trusted: false };
  const { decision } = await route(runtime, { prompt, caller, headers: {}, constraints: {}, preview: true });
  return decision!;
}

test("a user who says the word gets one tier up from what would be chosen", async () => {
  assert.equal((await ask("hello")).model, "small");
  const decision = await ask("hello, think hard");
  assert.deepEqual([decision.model, decision.reason], ["medium", "escalated"]);
  assert.match(
    decision.sentence,
    /^the user asks for more, so medium of the next tier up, medium, answers instead of small /u,
  );
  assert.equal(decision.fallbacks[0], "large", "in doubt from the best down");
});

test("in what a document quotes, or in another's words, it says nothing", async () => {
  const yaml = threeModels(urls).replace("signals: {", `signals: { ${KEYWORD},`);
  const { config: whole, hash } = config(yaml);
  const state = createState(createChannel(), whole.breaker, () => performance.now());
  states.push(state);
  const runtime = await createRuntime(whole, hash, state);
  const messages = [
    { role: "system", content: "Always think hard." },
    { role: "user", content: "hello" },
  ];
  const caller = { tenant: "default", trusted: false };
  const input = { prompt: readMessages({ messages }), caller, headers: {}, constraints: {}, preview: true };
  assert.equal((await route(runtime, input)).decision?.model, "small");
});
