import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DIALECTS } from "../../src/dialect/index.ts";
import { createChannel } from "../../src/events.ts";
import { route } from "../../src/route/index.ts";
import type { RouteInput } from "../../src/route/input.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState, type State } from "../../src/state.ts";
import { config, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const states: State[] = [];
after(() => Promise.all(states.map((state) => state.shutdown())));

type Message = { readonly role: string; readonly content: string | null; readonly [more: string]: unknown };
const user = (content: string): Message => ({ role: "user", content });
const assistant = (content: string): Message => ({ role: "assistant", content });
const HARD =
  "Prove, step by step, that the square root of two is irrational, derive a bound for approximations by fractions, and compare two proofs.";
/** So long that what is cached of it counts. */
const LONG = "The quick brown fox jumps over the lazy dog. ".repeat(400);
const CALLED = [
  user(HARD),
  {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }],
  },
  { role: "tool", tool_call_id: "c1", content: "done" },
];

interface Asking {
  readonly tenant?: string;
  readonly headers?: Record<string, string>;
  readonly body?: object;
  readonly preview?: boolean;
  readonly input?: Partial<RouteInput>;
}

/** Of the large model 95% of what is cached is free; by `shared`, several runtimes have one memory. */
async function setUp(more = "", decision = "") {
  let now = 0;
  const yaml = threeModels(urls, more)
    .replace("price: { input: 5, output: 15 }", "price: { input: 5, output: 15, cached_input: 0.05 }")
    .replace("price: { input: 1, output: 2 }", "price: { input: 4, output: 14 }")
    .replace("decision: { fallback: large }", `decision: { threshold: 0, tolerance: 0.15, ${decision} }`);
  const { config: whole, hash } = config(yaml);
  const state = createState(createChannel(), whole.breaker, () => now);
  states.push(state);
  const runtime = await createRuntime(whole, hash, state);
  return {
    runtime,
    wait: (ms: number) => void (now += ms),
    async ask(
      messages: readonly Message[],
      { tenant = "default", headers = {}, body, preview = false, input }: Asking = {},
    ) {
      const prompt = DIALECTS["openai-chat"].read({ model: "auto", messages, ...body }, {});
      const caller = { tenant, trusted: false };
      const { decision: made } = await route(runtime, { prompt, caller, headers, constraints: {}, preview, ...input });
      return `${made!.model} ${made!.reason}`;
    },
  };
}

/** A conversation that began hard, and went on with something that the medium model can do too. */
const SYSTEM = { role: "system", content: LONG };
const BEGUN = [SYSTEM, user(HARD)];
const EASIER = user("Compare the two.");
const GOES_ON = [...BEGUN, assistant("Here it is."), EASIER];

test("a later turn stays with the model that has its prefix cached, where that is adequate and no dearer", async () => {
  const fresh = await setUp();
  assert.match(await fresh.ask(GOES_ON), /^medium cheapest_adequate/u, "nobody knows this conversation");
  const { ask } = await setUp();
  assert.match(await ask(BEGUN), /^large /u);
  assert.equal(await ask(GOES_ON), "large held");
});

test("after five minutes the prefix is not cached any more, and after an hour nothing is remembered", async () => {
  const { ask, wait, runtime } = await setUp();
  await ask(BEGUN);
  wait(300_001);
  assert.equal(await ask(GOES_ON), "medium cheapest_adequate");
  wait(3_600_001);
  assert.equal(await ask(CALLED), "large cheapest_adequate");
  assert.ok(runtime.conversations);
});

test("a model that is not adequate any more is left, and so is one that may not answer", async () => {
  const { ask } = await setUp();
  const easy = [user("hello")];
  assert.equal(await ask(easy), "small cheapest_adequate");
  assert.match(await ask([...easy, assistant("Hello."), user(HARD)]), /^large /u);
  const other = await setUp();
  await other.ask(BEGUN);
  const caller = { tenant: "default", trusted: false, models: ["medium"] };
  assert.match(await other.ask(GOES_ON, { input: { caller } }), /^medium /u);
});

test("the result of a tool goes back to the model that called it, however easy the rest is", async () => {
  const more = "rules: [{ name: up, when: { metadata: { first: yes } }, then: { model: large } }]";
  const { ask } = await setUp(more);
  const loop = [user("hello"), ...CALLED.slice(1)];
  assert.equal(await ask([user("hello")], { body: { metadata: { first: "yes" } } }), "large pinned");
  assert.equal(await ask(loop), "large held");
  assert.equal(await ask([...loop, assistant("Done."), user("thanks")]), "small cheapest_adequate");
  const rerouting = await setUp(more, "keep: [turns]");
  await rerouting.ask([user("hello")], { body: { metadata: { first: "yes" } } });
  assert.equal(await rerouting.ask(loop), "small cheapest_adequate");
});

test("where turns are rerouted only tool loops are held, and nothing where those are too", async () => {
  const turns = await setUp("", "keep: [tools]");
  await turns.ask(BEGUN);
  assert.notEqual(await turns.ask(GOES_ON), "large held");
  const nothing = await setUp("", "keep: []");
  await nothing.ask(BEGUN);
  assert.equal(await nothing.ask(GOES_ON), "medium cheapest_adequate");
});

test("a pin, a rollout and a model asked for by name go before, and are not what is held", async () => {
  const { ask } = await setUp("rules: [{ name: pin, when: { text: PINNED }, then: { model: small } }]");
  await ask(BEGUN);
  assert.equal(await ask([...GOES_ON, assistant("So."), user("PINNED")]), "small pinned");
  const killed = await setUp("", "rollout: { mode: kill, default: small }");
  await killed.ask(BEGUN);
  assert.equal(await killed.ask(GOES_ON), "small kill_switch");
  const named = await setUp();
  await named.ask(BEGUN, { body: { model: "small" } });
  assert.equal(await named.ask(GOES_ON), "medium cheapest_adequate");
});

test("a conversation is known by its header, else by the key of its cache, else by how it began", async () => {
  const { ask } = await setUp();
  const headers = { "x-signalbox-conversation": "c-1" };
  const question = [SYSTEM, EASIER];
  await ask(BEGUN, { headers });
  assert.equal(await ask(question, { headers }), "large held", "nothing of its history is sent");
  assert.notEqual(await ask(question, { headers: { "x-signalbox-conversation": "c-2" } }), "large held");
  await ask(BEGUN, { body: { prompt_cache_key: "k-1" } });
  assert.equal(await ask(question, { body: { prompt_cache_key: "k-1" } }), "large held");
  assert.notEqual(await ask(question, { body: { prompt_cache_key: "k-2" } }), "large held");
  const again = await setUp();
  await again.ask(BEGUN);
  assert.notEqual(await again.ask(BEGUN), "large held", "the same beginning is another conversation");
});

test("tenants share no conversation, whatever they call it", async () => {
  const { ask } = await setUp();
  const headers = { "x-signalbox-conversation": "c-1" };
  await ask(BEGUN, { headers, tenant: "acme" });
  assert.equal(await ask(GOES_ON, { headers, tenant: "other" }), "medium cheapest_adequate");
  assert.equal(await ask(GOES_ON, { headers, tenant: "acme" }), "large held");
});

test("a preview goes by what is remembered, and is not remembered itself", async () => {
  const { ask } = await setUp();
  await ask(BEGUN, { preview: true });
  assert.equal(await ask(GOES_ON, { preview: true }), "medium cheapest_adequate");
  await ask(BEGUN);
  assert.equal(await ask(GOES_ON, { preview: true }), "large held");
});

test("as many conversations are remembered as fit: those that were silent longest are forgotten", async () => {
  const { runtime, ask } = await setUp();
  const headers = { "x-signalbox-conversation": "old" };
  await ask(BEGUN, { headers });
  const turn = { model: "large", at: 0, inputTokens: 1 };
  for (let i = 0; i < 60_000; i++) runtime.conversations.remember(`other ${i}`, turn);
  assert.equal(await ask(GOES_ON, { headers }), "medium cheapest_adequate");
  assert.ok(runtime.conversations.recall("other 59999"));
  assert.equal(runtime.conversations.recall("other 0"), undefined);
});
