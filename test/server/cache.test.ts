import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../src/events.ts";
import type { Door } from "../fakes/apis/asks.ts";
import { type ApiKind, type FakeApiOptions, startFakeApi } from "../fakes/apis/server.ts";
import { heardIn, wholeOf } from "../matrix/heard.ts";
import { config, startHouse, withPorts } from "../rig/house.ts";

const DOORS: readonly Door[] = ["openai-chat", "anthropic-messages", "openai-responses"];
const QUESTION = "How does a heat pump work?";
const SAID = "It moves heat from where it is cold to where it is warm, as a refrigerator does.";
const USAGE = { input: 40, cachedInput: 0, output: 20, reasoning: 0 };
const ANSWER = { text: SAID, finish: "stop", usage: USAGE } as const;
const EXACT = "cache: { kind: memory, mode: exact }";
/** A busy machine's second look is waited for. */
const SEMANTIC = "cache: { kind: memory }\nencoder: { deadline_ms: 10000 }";

const ASKS: Readonly<Record<Door, (text: string) => readonly [path: string, body: object]>> = {
  "openai-chat": (text) => ["/v1/chat/completions", { messages: [{ role: "user", content: text }] }],
  "anthropic-messages": (text) => ["/v1/messages", { max_tokens: 300, messages: [{ role: "user", content: text }] }],
  "openai-responses": (text) => ["/v1/responses", { input: text }],
};

interface Kitchen {
  readonly kind?: ApiKind;
  readonly script?: FakeApiOptions["script"];
  readonly waitMs?: number;
  readonly cache?: string;
  readonly more?: string;
  readonly server?: string;
}

async function start(
  t: TestContext,
  { kind = "openai", script = ANSWER, waitMs = 0, cache = EXACT, more = "", server = "" }: Kitchen = {},
) {
  const fake = await startFakeApi(kind, { script, waitMs });
  t.after(() => fake.close());
  const yaml = `
upstreams: { u: { kind: ${kind}, url: "${fake.url}", key: secret-key } }
tiers: { all: { quality: 0.9 } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
${more.includes("signals:") ? "" : "signals: { complexity: { learned: false } }"}
${cache}
${more}`;
  const house = await startHouse(yaml, server);
  t.after(() => house.stop());
  const ask = async (door: Door, text: string, { stream = false, body = {}, headers = {} }: Asking = {}) => {
    const [path, asked] = ASKS[door](text);
    const usage = door === "openai-chat" && stream ? { stream_options: { include_usage: true } } : {};
    const reply = await house.post(path, { model: "auto", ...asked, ...usage, stream, ...body }, headers);
    const raw = await reply.text();
    return {
      status: reply.status,
      headers: reply.headers,
      found: reply.headers.get("x-signalbox-cache"),
      raw,
      heard: () => heardIn(door, wholeOf(door, raw, stream)),
    };
  };
  const records = () => house.events.filter((event): event is RequestRecord => event.kind === "request");
  return { house, fake, ask, records, yaml };
}

interface Asking {
  readonly stream?: boolean;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

for (const door of DOORS)
  for (const kind of ["openai", "anthropic", "gemini"] as const)
    test(`${door} over ${kind}: what was given once is given again, whole and as a stream, and costs nothing`, async (t) => {
      const { fake, ask, records } = await start(t, { kind });
      for (const first of [false, true]) {
        const text = `${QUESTION} ${first}`;
        const given = await ask(door, text, { stream: first });
        assert.equal(given.found, "miss", given.raw);
        for (const stream of [false, true]) {
          const again = await ask(door, text, { stream });
          assert.deepEqual([again.status, again.found], [200, "exact"], again.raw);
          assert.match(again.headers.get("content-type")!, stream ? /^text\/event-stream/u : /^application\/json/u);
          const heard = again.heard();
          assert.deepEqual([heard.text, heard.finish], [SAID, given.heard().finish]);
          assert.equal(heard.usage?.input, USAGE.input, "as much was read as before");
          assert.deepEqual([heard.usage?.cachedInput, heard.usage?.output], [USAGE.input, USAGE.output]);
          assert.equal(again.headers.get("x-signalbox-model"), "one");
          assert.equal(again.headers.get("x-signalbox-cache-similarity"), "1.000");
          assert.match(again.headers.get("x-signalbox-cache-id")!, /^[\w-]{22}$/u);
          if (!stream) assert.equal(again.headers.get("x-signalbox-cost-usd"), "0.00000000");
        }
      }
      assert.equal(fake.requests.length, 2);
      const last = records().at(-1)!;
      assert.equal(last.cache?.result, "exact");
      assert.equal(last.costUsd, 0);
      assert.ok(Math.abs(last.baselineUsd! - 60e-6) < 1e-12, "what the baseline would have cost is saved");
      assert.deepEqual(last.attempts, []);
    });

test("the same question in other words is answered from the cache, another question is not", async (t) => {
  const { fake, ask, records } = await start(t, { cache: SEMANTIC });
  assert.equal((await ask("openai-chat", "How does a heat pump work?")).found, "miss");
  const again = await ask("openai-chat", "Can you explain how a heat pump works?");
  assert.equal(again.found, "semantic");
  assert.equal(again.heard().text, SAID);
  const similarity = Number(again.headers.get("x-signalbox-cache-similarity"));
  assert.ok(similarity > 0.3 && similarity < 1, `${similarity}`);
  const record = records().at(-1)!;
  assert.deepEqual([record.cache?.result, record.cache?.model, record.cache?.route], ["semantic", "one", "default"]);
  assert.equal(record.plan?.decision?.model, "one");
  for (const other of [
    "How does a water pump work?",
    "Can you explain how a heat pump does not work?",
    "Wie funktioniert eine Wärmepumpe?",
  ])
    assert.equal((await ask("openai-chat", other)).found, "miss", other);
  assert.equal(fake.requests.length, 4);
});

test("who asks for an answer of its own gets one: no-cache asks anew and keeps, no-store does neither, max-age may find it too old", async (t) => {
  const { fake, ask } = await start(t);
  const saying = (control: string) => ask("openai-chat", QUESTION, { headers: { "cache-control": control } });
  assert.equal((await saying("no-store")).found, null);
  assert.equal((await ask("openai-chat", QUESTION)).found, "miss", "nothing was stored");
  assert.equal((await saying("no-cache")).found, "miss");
  assert.equal((await saying("no-store")).found, null);
  assert.equal((await saying("max-age=3600")).found, "exact");
  await sleep(20);
  assert.equal((await saying("max-age=0")).found, "miss");
  assert.equal(fake.requests.length, 5);
});

test("one tenant never gets what another was answered", async (t) => {
  const { ask } = await start(t, { server: "  auth: { trusted: [127.0.0.1], tenant_header: x-team }" });
  const by = (team: string) => ask("openai-chat", QUESTION, { headers: { "x-team": team } });
  assert.equal((await by("red")).found, "miss");
  assert.equal((await by("blue")).found, "miss");
  assert.equal((await by("red")).found, "exact");
});

const CALL = {
  tools: [{ id: "call_1", name: "search", input: { q: "x" } }],
  finish: "tool_calls",
  usage: USAGE,
} as const;
const TOOLS = [{ type: "function", function: { name: "search", parameters: { type: "object", properties: {} } } }];

test("what is not to be kept is not: calls, refusals, answers cut short, errors, questions of now, hot sampling", async (t) => {
  let script: object = ANSWER;
  const { ask } = await start(t, {
    script: () => script as never,
    more: "routes: { default: { cache: { temperature: 0.7 } } }",
  });
  const twice = async (name: string, text: string, asking: Asking = {}) => {
    for (const stream of [false, true]) {
      const first = await ask("openai-chat", text, { ...asking, stream });
      const second = await ask("openai-chat", text, { ...asking, stream });
      assert.deepEqual([first.found === "exact", second.found === "exact"], [false, false], name);
    }
  };
  script = CALL;
  await twice("a call", "Search for x", { body: { tools: TOOLS } });
  script = { ...ANSWER, finish: "length" };
  await twice("cut short", "Say much");
  script = { ...ANSWER, finish: "content_filter" };
  await twice("filtered", "Say bad things");
  script = ANSWER;
  await twice("of now", "What is the weather in Oslo today?");
  await twice("hot", "Write a poem about a heat pump", { body: { temperature: 0.9 } });
  const cool = { body: { temperature: 0.6 } };
  await ask("openai-chat", "Write a poem about a heat pump", cool);
  assert.equal(
    (await ask("openai-chat", "Write a poem about a heat pump", cool)).found,
    "exact",
    "the test can see a hit",
  );
});

test("a route has a time and a way of its own, and may have none", async (t) => {
  const rules = `
rules: [{ name: fresh, when: { text: fresh }, then: { route: fresh } }, { name: short, when: { text: short }, then: { route: short } }]
routes: { fresh: { cache: { mode: "off" } }, short: { cache: { window_ms: 3000 } } }`;
  const { ask } = await start(t, { more: rules });
  for (const _ of [1, 2]) assert.equal((await ask("openai-chat", "something fresh")).found, null);
  assert.equal((await ask("openai-chat", "something short")).found, "miss");
  assert.equal((await ask("openai-chat", "something short")).found, "exact");
  await sleep(3100);
  assert.equal((await ask("openai-chat", "something short")).found, "miss");
});

test("what changes how requests are answered changes what is found; what does not, does not", async (t) => {
  const { house, ask, fake } = await start(t);
  const yaml = (price: number, quality: number, drain: number) => `
server: { listen: "127.0.0.1:0", drain_ms: ${drain}, admin: { listen: "127.0.0.1:0" } }
upstreams: { u: { kind: openai, url: "${fake.url}", key: secret-key } }
tiers: { all: { quality: ${quality} } }
models: { one: { tier: all, price: { input: ${price}, output: 1 }, targets: [{ upstream: u, model: m }] } }
signals: { complexity: { learned: false } }
${EXACT}`;
  await ask("openai-chat", QUESTION);
  await house.apply(config(yaml(1, 0.9, 700)));
  assert.equal((await ask("openai-chat", QUESTION)).found, "exact");
  await house.apply(config(yaml(1, 0.8, 700)));
  assert.equal((await ask("openai-chat", QUESTION)).found, "miss");
});

for (const stream of [false, true])
  test(`a hundred who ask the same at the same time are given one answer${stream ? ", streamed" : ""}; one pays`, async (t) => {
    const { fake, ask, records, house } = await start(t, { waitMs: 200 });
    const asked = await Promise.all(Array.from({ length: 100 }, () => ask("openai-chat", QUESTION, { stream })));
    assert.equal(fake.requests.length, 1);
    for (const each of asked) assert.equal(each.heard().text, SAID);
    const found = Map.groupBy(asked, (each) => each.found);
    assert.equal(found.get("miss")?.length, 1);
    await until(() => records().length === 100);
    assert.equal(records().filter(({ costUsd }) => costUsd! > 0).length, 1);
    assert.match(await house.metrics.text(), /signalbox_cache_lookups_total\{result="shared"\} \d\d/u);
  });

test("the one who pays may leave: the others get their answer, and what it cost is booked once", async (t) => {
  const { fake, records, house } = await start(t, { waitMs: 200 });
  const [path, body] = ASKS["openai-chat"](QUESTION);
  const leaving = new AbortController();
  const asked = (signal?: AbortSignal) =>
    fetch(house.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "auto", ...body }),
      ...(signal && { signal }),
    });
  const first = asked(leaving.signal).catch(() => undefined);
  await until(() => fake.requests.length === 1);
  const second = asked();
  await sleep(20);
  leaving.abort();
  await first;
  assert.equal((await second).status, 200);
  await until(() => records().length === 2);
  assert.equal(fake.requests.length, 1);
  const paid = records().filter(({ costUsd }) => costUsd! > 0);
  assert.deepEqual(
    paid.map(({ attempts }) => attempts.map(({ result }) => result)),
    [["ok"]],
  );
});

test("personal data is not kept, and each gets its own back", async (t) => {
  const script = ({ json }: { json: unknown }) => {
    const [shown] = JSON.stringify(json).match(/<EMAIL_\d+>/u) ?? ["nobody"];
    return { ...ANSWER, text: `I wrote to ${shown}.` };
  };
  const pii = `
signals: { complexity: { learned: false }, pii: { learned: false } }
pii: { entities: { email: replace } }`;
  const folder = await mkdtemp(join(tmpdir(), "signalbox-cache-"));
  t.after(() => rm(folder, { recursive: true }));
  const wait = "deadline_ms: 10000";
  const cache = `cache: { kind: sqlite, path: "${join(folder, "cache.db")}", ${wait} }\nencoder: { ${wait} }`;
  const { house, ask, fake } = await start(t, { script, cache, more: pii });
  assert.equal((await ask("openai-chat", "Write to anna@example.org")).heard().text, "I wrote to anna@example.org.");
  const other = await ask("openai-chat", "Write to bert@example.org", { stream: true });
  assert.deepEqual([other.found, other.heard().text], ["exact", "I wrote to bert@example.org."]);
  assert.equal(fake.requests.length, 1);
  assert.ok(!JSON.stringify(house.events).includes("anna@"));
  await house.stop();
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file))));
  const stored = Buffer.concat(files);
  assert.ok(stored.includes("EMAIL_1"), "the answer, or its question, is there to be read");
  for (const secret of ["anna@", "bert@"]) assert.ok(!stored.includes(secret), secret);
});

test("a reload keeps what is in the store, and one that names another store lets the first go", async (t) => {
  const { house, ask, fake } = await start(t);
  const yaml = (cache: string) =>
    withPorts(`
upstreams: { u: { kind: openai, url: "${fake.url}", key: secret-key } }
tiers: { all: { quality: 0.9 } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
signals: { complexity: { learned: false } }
log: debug
${cache}`);
  await ask("openai-chat", QUESTION);
  await house.apply(config(yaml("cache: { kind: memory, mode: exact, window_ms: 60000 }")));
  assert.equal((await ask("openai-chat", QUESTION)).found, "exact");
  await house.apply(config(yaml("cache: { kind: memory, mode: exact, entries: 5 }")));
  assert.equal((await ask("openai-chat", QUESTION)).found, "miss");
  await house.apply(config(yaml("")));
  assert.equal((await ask("openai-chat", QUESTION)).found, null);
});

test("a file of answers is found again by the next process", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-cache-"));
  t.after(() => rm(folder, { recursive: true }));
  const cache = `cache: { kind: sqlite, path: "${join(folder, "cache.db")}", deadline_ms: 5000 }`;
  const first = await start(t, { cache });
  await first.ask("openai-chat", QUESTION, { stream: true });
  await first.house.stop();
  const second = await startHouse(first.yaml);
  t.after(() => second.stop());
  const [path, body] = ASKS["openai-chat"](QUESTION);
  const reply = await second.post(path, { model: "auto", ...body });
  assert.equal(reply.headers.get("x-signalbox-cache"), "exact", await reply.text());
});

test("a store that cannot be reached is told once, and requests go on without it", async (t) => {
  const cache = 'cache: { kind: postgres, url: "postgres://nobody:no-word@127.0.0.1:9/none", mode: exact }';
  const { house, ask } = await start(t, { cache });
  for (const _ of [1, 2, 3]) {
    const given = await ask("openai-chat", QUESTION);
    assert.deepEqual([given.status, given.found, given.heard().text], [200, "miss", SAID]);
  }
  await until(() => house.events.some(({ kind }) => kind === "cache"));
  const told = house.events.filter((event) => event.kind === "cache");
  assert.deepEqual(
    told.map(({ store, state }) => [store, state]),
    [["postgres", "away"]],
  );
  assert.match(await house.metrics.text(), /signalbox_cache_away\{store="postgres"\} 1/u);
});

async function until(holds: () => boolean): Promise<void> {
  for (let left = 500; !holds() && left > 0; left--) await sleep(10);
  assert.ok(holds(), "it took too long");
}
