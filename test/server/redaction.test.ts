import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Door } from "../fakes/apis/asks.ts";
import type { ApiKind, ApiRequest } from "../fakes/apis/server.ts";
import { startFakeApi } from "../fakes/apis/server.ts";
import { heardIn, wholeOf } from "../matrix/heard.ts";
import { startHouse } from "../rig/house.ts";

const MAIL = "anna.keller@example.org";
const IBAN = "DE89 3704 0044 0532 0130 00";
const CARD = "4111 1111 1111 1111";
const TEXT = `Write to ${MAIL} that the bill of ${IBAN} is paid. Not with ${CARD}.`;
const SECRETS = [MAIL, "anna.keller", IBAN, IBAN.replaceAll(" ", ""), CARD, CARD.replaceAll(" ", "")];
const DOORS: readonly Door[] = ["openai-chat", "anthropic-messages", "openai-responses"];
const KINDS: readonly ApiKind[] = ["vllm", "anthropic", "gemini"];
const PII = "pii: { entities: { email: replace, iban: replace, card: mask } }";

const ASKS: Readonly<Record<Door, (text: string) => readonly [path: string, body: object]>> = {
  "openai-chat": (text) => ["/v1/chat/completions", { messages: [{ role: "user", content: text }] }],
  "anthropic-messages": (text) => ["/v1/messages", { max_tokens: 300, messages: [{ role: "user", content: text }] }],
  "openai-responses": (text) => ["/v1/responses", { input: text }],
};

/** Says whatever placeholders it was shown, in a sentence and in the arguments of a call where it may call. */
function repeats({ json }: ApiRequest) {
  const shown = [...new Set(JSON.stringify(json).match(/<(?:EMAIL|IBAN)_\d+>/gu))];
  return {
    text: `I wrote to ${shown[0]} about ${shown[1]}, as you said.`,
    finish: "stop" as const,
    usage: { input: 10, cachedInput: 0, output: 20, reasoning: 0 },
  };
}

async function start(t: TestContext, kind: ApiKind, more = PII) {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-redaction-"));
  const records = join(folder, "records.jsonl");
  const fake = await startFakeApi(kind, { script: repeats });
  t.after(() => fake.close());
  const house = await startHouse(`
upstreams: { u: { kind: ${kind}, url: "${fake.url}", key: secret-key } }
tiers: { all: { quality: 0.9 } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
signals: { complexity: { learned: false }, pii: { learned: false } }
records: { path: "${records}" }
${more}`);
  t.after(async () => {
    await house.stop();
    await rm(folder, { recursive: true });
  });
  const ask = async (door: Door, stream: boolean, text = TEXT, own: object = {}) => {
    const [path, body] = ASKS[door](text);
    const usage = door === "openai-chat" && stream ? { stream_options: { include_usage: true } } : {};
    const reply = await house.post(path, { model: "auto", ...body, ...usage, stream, ...own });
    return { status: reply.status, raw: await reply.text() };
  };
  return { house, fake, ask, records };
}

for (const door of DOORS)
  for (const kind of KINDS)
    for (const stream of [false, true])
      test(`${door} over ${kind}${stream ? ", streamed" : ""}: the model sees placeholders, the client its own values`, async (t) => {
        const { house, fake, ask, records } = await start(t, kind);
        const { status, raw } = await ask(door, stream);
        assert.equal(status, 200, raw);
        const heard = heardIn(door, wholeOf(door, raw, stream));
        assert.equal(heard.text, `I wrote to ${MAIL} about ${IBAN}, as you said.`);
        const sent = JSON.stringify(fake.requests[0]!.json);
        for (const secret of SECRETS) assert.ok(!sent.includes(secret), `${secret} was sent`);
        assert.match(sent, /1111/u, "a masked card keeps its last digits");
        assert.deepEqual(fake.violations, []);
        const metrics = await house.metrics.text();
        await house.stop();
        const kept = (await readFile(records, "utf8")) + metrics + JSON.stringify(house.events);
        for (const secret of SECRETS) assert.ok(!kept.includes(secret), `${secret} was kept`);
      });

test("a gateway gets edits without values, and the way back beside them", async (t) => {
  const { house } = await start(t, "vllm");
  const [, body] = ASKS["openai-chat"](TEXT);
  const json = JSON.stringify({ model: "auto", ...body });
  const asked = await house.route({ raw: { api: "API_KIND_OPENAI_CHAT", json }, includeBody: true });
  const plan = (await asked.json()) as {
    targets: { body: string }[];
    placeholders: { placeholder: string; value: string; entity: string }[];
    redacted: Record<string, number>;
  };
  for (const secret of SECRETS) assert.ok(!plan.targets[0]!.body.includes(secret));
  assert.deepEqual(plan.placeholders, [
    { placeholder: "<EMAIL_1>", value: MAIL, entity: "email" },
    { placeholder: "<IBAN_1>", value: IBAN, entity: "iban" },
  ]);
  assert.deepEqual(plan.redacted, { email: 1, iban: 1, card: 1 });
});

test("an entity that blocks refuses the request, and the sentence names the entity alone", async (t) => {
  const { ask, fake } = await start(t, "vllm", "pii: { action: allow, entities: { iban: block } }");
  const { status, raw } = await ask("openai-chat", false);
  assert.equal(status, 403);
  assert.match(raw, /iban/u);
  for (const secret of SECRETS) assert.ok(!raw.includes(secret));
  assert.equal(fake.requests.length, 0);
  assert.equal((await ask("openai-chat", false, "Hello there")).status, 200);
});

test("a route, a tenant or a domain may be dealt with in its own way", async (t) => {
  const rules = "rules: [{ when: { route: [open] }, action: allow }]";
  const { ask, fake } = await start(
    t,
    "vllm",
    `pii: { action: replace, ${rules} }
routes: { open: {} }
rules: [{ name: open, when: { metadata: { open: "yes" } }, then: { route: open } }]`,
  );
  await ask("openai-chat", false);
  await ask("openai-chat", false, TEXT, { metadata: { open: "yes" } });
  const [closed, open] = fake.requests.map(({ json }) => JSON.stringify(json));
  assert.ok(!closed!.includes(MAIL));
  assert.ok(open!.includes(MAIL));
});

test("in a conversation a value keeps its placeholder from request to request, where that is wanted", async (t) => {
  const { ask, fake } = await start(t, "vllm", "pii: { entities: { email: replace }, keep: conversation }");
  const turn = (text: string) => ({
    messages: [
      { role: "user", content: "First" },
      { role: "assistant", content: "Yes?" },
      { role: "user", content: text },
    ],
  });
  await ask("openai-chat", false, TEXT, turn("Write to a@example.org and b@example.org"));
  await ask("openai-chat", false, TEXT, turn("Write to b@example.org again"));
  const [first, second] = fake.requests.map(({ json }) => JSON.stringify(json));
  assert.match(first!, /<EMAIL_1> and <EMAIL_2>/u);
  assert.match(second!, /<EMAIL_2> again/u);
});

test("models that are asked for us, and gates, see no values either", async (t) => {
  const { fake, ask } = await startWithJudge(t);
  assert.equal((await ask("openai-chat", false)).status, 200);
  assert.ok(fake.requests.length >= 3, "the first, the judge, the second");
  for (const { json } of fake.requests)
    for (const secret of SECRETS) assert.ok(!JSON.stringify(json).includes(secret), "a value was shown");
});

/** Three models of one server, the last of which judges. */
async function startWithJudge(t: TestContext) {
  const fake = await startFakeApi("vllm", { script: repeats });
  const model = (name: string) =>
    `${name}: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: ${name} }] }`;
  const house = await startHouse(`
upstreams: { u: { kind: vllm, url: "${fake.url}" } }
tiers: { all: { quality: 0.9 } }
models: { ${["one", "two", "judge"].map(model).join(", ")} }
signals: { complexity: { learned: false } }
routes: { default: { cascade: { models: [one, two], gates: [{ kind: verifier, model: judge }], when: always } } }
${PII}`);
  t.after(async () => {
    await house.stop();
    await fake.close();
  });
  const ask = async (door: Door, stream: boolean) => {
    const [path, body] = ASKS[door](TEXT);
    const reply = await house.post(path, { model: "auto", ...body, stream });
    return { status: reply.status, raw: await reply.text() };
  };
  return { fake, ask };
}

test("an entity that nobody knows is refused with the nearest known one, a learned one without the encoder too", async (t) => {
  await assert.rejects(start(t, "vllm", "pii: { entities: { emial: replace } }"), /emial/u);
  await assert.rejects(start(t, "vllm", "pii: { entities: { person: replace } }"), /learned/u);
});
