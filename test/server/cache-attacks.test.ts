import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect } from "node:http2";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../src/events.ts";
import type { Door } from "../fakes/apis/asks.ts";
import { type ApiKind, type ApiRequest, type FakeApiOptions, startFakeApi } from "../fakes/apis/server.ts";
import type { Break } from "../fakes/apis/script.ts";
import { heardIn, wholeOf } from "../matrix/heard.ts";
import { config, startHouse, withPorts } from "../rig/house.ts";
import { type Asked, VARIANTS } from "./cache-variants.ts";

/** The same question in other words: an answer to one is right for the other, where nothing else differs. */
const QUESTION = "How does a heat pump work?";
const AGAIN = "Can you explain how a heat pump works?";
const USAGE = { input: 40, cachedInput: 0, output: 20, reasoning: 0 };
const TEXT = "It moves heat from where it is cold to where it is warm, as a refrigerator does.";
const ANSWER = { text: TEXT, finish: "stop", usage: USAGE } as const;
const SERVERS: Readonly<Record<Door, ApiKind>> = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  "anthropic-messages": "anthropic",
};
const PATHS: Readonly<Record<Door, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  "anthropic-messages": "/v1/messages",
};

interface Kitchen {
  readonly door?: Door;
  readonly mode?: "exact" | "semantic";
  readonly script?: FakeApiOptions["script"];
  readonly waitMs?: number;
  readonly more?: string;
  readonly server?: string;
}

/** A house with a cache between a client and a model server that says what it is told to. */
async function start(
  t: TestContext,
  { door = "openai-chat", mode = "exact", script = ANSWER, waitMs = 0, more = "", server = "" }: Kitchen = {},
) {
  const kind = SERVERS[door];
  const fake = await startFakeApi(kind, { script, waitMs });
  t.after(() => fake.close());
  const yaml = (quality = 0.9, entries = 10_000) => `
upstreams: { u: { kind: ${kind}, url: "${fake.url}", key: secret-key } }
tiers: { low: { quality: 0.5 }, high: { quality: ${quality} } }
models:
  one: { tier: low, price: { input: 1, output: 1 }, modalities: [text, image], targets: [{ upstream: u, model: m1 }] }
  two: { tier: high, price: { input: 2, output: 2 }, modalities: [text, image], targets: [{ upstream: u, model: m2 }] }
signals: { complexity: { learned: false }, pii: { learned: false } }
encoder: { deadline_ms: 5000 }
cache: { kind: memory, mode: ${mode}, entries: ${entries} }
${more}`;
  const house = await startHouse(yaml(), server);
  t.after(() => house.stop());
  const ask = async ({ body, headers = {} }: Asked, { stream = false, control = "" } = {}) => {
    const usage = door === "openai-chat" && stream ? { stream_options: { include_usage: true } } : {};
    const reply = await house.post(
      PATHS[door],
      { model: "auto", ...body, ...usage, stream },
      { ...headers, ...(control && { "cache-control": control }) },
    );
    // A stream that breaks off says so in an event, or breaks off here too.
    const raw = await reply.text().catch(() => "");
    const text = () => heardIn(door, wholeOf(door, raw, stream)).text;
    const found = reply.headers.get("x-signalbox-cache");
    return { status: reply.status, headers: reply.headers, found, raw, text };
  };
  const records = () => house.events.filter((event): event is RequestRecord => event.kind === "request");
  const reload = (quality: number, entries?: number) => house.apply(config(withPorts(yaml(quality, entries), server)));
  return { house, fake, ask, records, reload };
}

const chat = (content: string): Asked => ({ body: { messages: [{ role: "user", content }] } });

/** Says what it saw, but for the wording of the question and the way the answer travels. */
function fingerprint({ json, headers }: ApiRequest): string {
  const { stream: _, stream_options: __, ...rest } = json as Record<string, unknown>;
  const shown = JSON.stringify([rest, headers["anthropic-beta"], headers["anthropic-version"]]);
  return createHash("sha256").update(shown.replaceAll(AGAIN, QUESTION)).digest("hex").slice(0, 16);
}

for (const door of Object.keys(VARIANTS) as Door[])
  for (const mode of ["exact", "semantic"] as const)
    test(`${door}, ${mode}: whatever differs beside the question, nobody is given the answer to another request`, async (t) => {
      const script = (request: ApiRequest) => ({ ...ANSWER, text: `I was asked ${fingerprint(request)}.` });
      const { ask } = await start(t, {
        door,
        mode,
        script,
        more: "rules: [{ name: careful, when: { headers: { x-care: much } }, then: { model: two } }]",
        server: "  auth: { trusted: [127.0.0.1], tenant_header: x-team }",
      });
      const red = ({ body, headers }: Asked): Asked => ({ body, headers: { "x-team": "red", ...headers } });
      const variants = Object.entries(VARIANTS[door](QUESTION));
      const reworded = VARIANTS[door](AGAIN);
      const own = new Map<string, string>();
      for (const [name, asked] of variants) {
        const { status, raw, text } = await ask(red(asked), { control: "no-store" });
        assert.equal(status, 200, `${name}: ${raw}`);
        own.set(name, text());
      }
      // Each finds those before it in the store, and its own from the second round on.
      for (const [round, stream] of [false, true, false].entries())
        for (const [name, asked] of variants) {
          const first = await ask(red(asked), { stream });
          assert.deepEqual([first.text(), first.found], [own.get(name), round === 0 ? "miss" : "exact"], name);
          const second = await ask(red(reworded[name]!), { stream });
          assert.equal(second.text(), own.get(name), `${name}, in other words`);
          const isAlone = mode === "exact" || name.includes("image");
          assert.equal(second.found, isAlone ? (round === 0 ? "miss" : "exact") : "semantic", name);
        }
    });

test("bodies that read alike are told apart, or not taken", async (t) => {
  let number = 0;
  const { ask, house } = await start(t, { script: () => ({ ...ANSWER, text: `answer ${(number += 1)}` }) });
  const raw = (message: string, more = "") =>
    house.post(PATHS["openai-chat"], `{"model":"auto","messages":[{"role":"user",${message}}]${more}}`);
  for (const [message, more] of [
    ['"content":"first","content":"second"', ""],
    ['"content":"first"', ',"messages":[{"role":"user","content":"second"}]'],
  ] as const)
    assert.equal((await raw(message, more)).status, 400, "what a server would read of it is not known");
  const alike: readonly (readonly [message: string, more?: string])[] = [
    [String.raw`"content":"a\ud800"`],
    [String.raw`"content":"a\ud801"`],
    [String.raw`"content":"a\ufffd"`],
    [String.raw`"content":"caf\u00e9"`],
    [String.raw`"content":"cafe\u0301"`],
    ['"content":"big"', ',"seed":9007199254740992'],
    ['"content":"big"', ',"seed":9007199254740993'],
    ['"content":"own"', ',"__proto__":{"temperature":0}'],
    ['"content":"own"', ',"__proto__":{"temperature":1}'],
    ['"content":"own"'],
  ];
  for (const [message, more] of alike) {
    const found = (await raw(message, more)).headers.get("x-signalbox-cache");
    assert.ok(found === "miss" || found === null, `${message} ${more}: ${found}`);
  }
  assert.equal((await ask({ body: { messages: [{ content: "own", role: "user" }] } })).found, "exact");
});

test("a tenant is who a trusted gateway or the key says, to the letter, and not what a client writes", async (t) => {
  const trusted = await start(t, { server: "  auth: { trusted: [127.0.0.1], tenant_header: x-team }" });
  for (const team of ["red", "Red", "RED", "red,blue", "default", "__proto__", "réd"])
    assert.equal((await trusted.ask({ ...chat(QUESTION), headers: { "x-team": team } })).found, "miss", team);
  const keys =
    "keys: [{ key: key-of-red, tenant: red }, { key: key-of-blue, tenant: blue }, { key: red-and-small, tenant: red, models: [one] }]";
  const { ask } = await start(t, { server: `  auth: { trusted: [127.0.0.9], tenant_header: x-team, ${keys} }` });
  const by = (key: string, team: string) =>
    ask({ ...chat(QUESTION), headers: { authorization: `Bearer ${key}`, "x-team": team } });
  assert.equal((await by("key-of-red", "red")).found, "miss");
  assert.equal((await by("key-of-blue", "red")).found, "miss");
  assert.equal((await by("red-and-small", "red")).found, "miss", "a model answered that this key may not use");
  assert.equal((await by("key-of-red", "blue")).found, "exact");
  assert.equal((await by("key-of-nobody", "red")).status, 401);
});

test("personal data: two who ask alike at once get their own back, and what the client itself wrote as a placeholder nobody's", async (t) => {
  const script = ({ json }: ApiRequest) => {
    const { messages } = json as { messages: { content: string }[] };
    return {
      ...ANSWER,
      text: `Dear ${/<EMAIL_\d+>/u.exec(messages.at(-1)!.content)?.[0] ?? "reader of ada@example.org"}`,
    };
  };
  const more = "pii: { entities: { email: replace, card: mask } }";
  const { ask, fake } = await start(t, { script, waitMs: 100, more });
  const names = ["anna", "bert", "carl", "dora"];
  const greet = (name: string, stream = false) => ask(chat(`How do I greet ${name}@example.org?`), { stream });
  const greeted = await Promise.all(names.map((name) => greet(name)));
  assert.deepEqual(
    greeted.map(({ text }) => text()),
    names.map((name) => `Dear ${name}@example.org`),
  );
  assert.equal(fake.requests.length, 1);
  assert.equal((await greet("emil", true)).text(), "Dear emil@example.org");
  const literal = await ask(chat("How do I greet <EMAIL_1>?"));
  assert.deepEqual([literal.found, literal.text()], ["miss", "Dear <EMAIL_1>"]);
  assert.equal((await greet("anna")).text(), "Dear anna@example.org");

  // Who is named in the answer alone is no secret of who asked.
  for (const found of ["miss", "exact"]) {
    const other = await ask(chat("Whom should I ask?"));
    assert.deepEqual([other.found, other.text()], [found, "Dear reader of ada@example.org"]);
  }
  for (const card of ["4111 1111 1111 1111", "5555 5555 5555 4444"])
    assert.equal((await ask(chat(`Which bank is ${card} of?`))).found, "miss", "the model sees its last digits");
});

for (const how of ["server_error", "end", "cut", "client"] as const)
  test(`an answer that broke off half-way (${how}) is given to nobody`, async (t) => {
    let breaks: Break | undefined = how === "client" ? undefined : how;
    const { ask, house, fake } = await start(t, { script: () => ({ ...ANSWER, ...(breaks && { breaks }) }) });
    if (how === "client") {
      const leaving = new AbortController();
      const { messages } = chat(QUESTION).body;
      const reply = await fetch(house.url + PATHS["openai-chat"], {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "auto", messages, stream: true }),
        signal: leaving.signal,
      });
      await reply.body!.getReader().read();
      leaving.abort();
    } else {
      const broken = await ask(chat(QUESTION), { stream: true });
      assert.ok(!broken.raw.includes("[DONE]"), broken.raw);
    }
    breaks = undefined;
    const next = await ask(chat(QUESTION));
    // Who left early may have let the model end: then its answer is whole.
    assert.equal(next.text(), TEXT);
    assert.ok(next.found === "miss" || (how === "client" && fake.requests.length === 1), next.found ?? "");
    const again = await ask(chat(QUESTION), { stream: true });
    assert.deepEqual([again.found, again.text()], ["exact", TEXT]);
  });

test("where the one who pays is failed, another pays; where all are refused, all hear of it", async (t) => {
  const faults: object[] = [{ error: "server_error" }];
  const { ask, fake, records } = await start(t, {
    script: () => (faults.shift() ?? ANSWER) as never,
    waitMs: 100,
    more: "failover: { retries: 0 }",
  });
  const many = (content: string) =>
    Promise.all(Array.from({ length: 10 }, () => ask({ body: { model: "one", ...chat(content).body } })));
  const statuses = Map.groupBy(await many(QUESTION), ({ status }) => status);
  assert.deepEqual([statuses.get(502)?.length, statuses.get(200)?.length], [1, 9]);
  for (const { text } of statuses.get(200)!) assert.equal(text(), TEXT);
  assert.equal(fake.requests.length, 2);
  await until(() => records().length === 10);
  assert.equal(records().filter(({ cache, status }) => cache?.result === "shared" && status === 200).length, 8);

  faults.push(...Array.from({ length: 20 }, () => ({ error: "rate_limit", retryAfter: 7 })));
  for (const { status, headers } of await many("Another question?"))
    assert.deepEqual([status, headers.get("retry-after")], [429, "7"]);
});

test("a reload meanwhile: what is under way comes to its end, and answers nobody under the new policy", async (t) => {
  const { ask, fake, reload } = await start(t, { waitMs: 150 });
  const before = ask(chat(QUESTION), { stream: true });
  await until(() => fake.requests.length === 1);
  await reload(0.8);
  const after = ask(chat(QUESTION), { stream: true });
  for (const { found, text } of await Promise.all([before, after])) assert.deepEqual([found, text()], ["miss", TEXT]);
  const other = ask(chat("Another question?"), { stream: true });
  await until(() => fake.requests.length === 3);
  await reload(0.8, 5);
  assert.equal((await other).text(), TEXT, "though its store was closed");
  assert.equal((await ask(chat("Another question?"))).found, "miss");
});

test("HTTP/1.1 and HTTP/2 share an answer, and a client that resets its stream takes it from nobody", async (t) => {
  const { ask, fake, house } = await start(t, { waitMs: 150 });
  const session = connect(house.url);
  t.after(() => session.close());
  const over = (stream: boolean, leave = false) =>
    new Promise<{ found: string | undefined; raw: string }>((resolve) => {
      const asking = session.request({
        ":method": "POST",
        ":path": PATHS["openai-chat"],
        "content-type": "application/json",
      });
      let found: string | undefined;
      let raw = "";
      asking.on("error", () => undefined);
      asking.on("response", (headers) => (found = headers["x-signalbox-cache"] as string | undefined));
      asking.on("data", (bytes: Buffer) => (leave ? asking.close(8) : (raw += bytes.toString())));
      asking.on("close", () => resolve({ found, raw }));
      asking.end(JSON.stringify({ model: "auto", ...chat(QUESTION).body, stream }));
    });
  const [two, one] = await Promise.all([over(false), ask(chat(QUESTION))]);
  assert.deepEqual(new Set([two.found, one.found]), new Set(["miss", "shared"]));
  assert.ok(two.raw.includes(TEXT) && one.text() === TEXT);
  for (let left = 0; left < 5; left++) assert.equal((await over(true, true)).found, "exact");
  const whole = await over(true);
  assert.ok(whole.raw.endsWith("data: [DONE]\n\n"), whole.raw);
  assert.equal(fake.requests.length, 1);
});

async function until(holds: () => boolean): Promise<void> {
  for (let left = 500; !holds() && left > 0; left--) await sleep(10);
  assert.ok(holds(), "it took too long");
}
