import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startHouse } from "../rig/house.ts";

const MAIL = "ada@mail.dev";
const PII = "pii: { entities: { email: replace, iban: block } }";

interface Seen {
  readonly path: string;
  readonly body: string;
}

/** Answers in each API of old, and repeats the placeholder that it was shown. */
async function answer(seen: Seen[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const path = request.url ?? "";
  seen.push({ path, body });
  const [shown = "nobody"] = /<EMAIL_\d+>/u.exec(body) ?? [];
  const json = (value: object) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
  if (path === "/classify") return json({ labels: [] });
  if (path.endsWith("/embeddings")) return json({ object: "list", data: [{ embedding: [0.1, 0.2, 0.3] }] });
  const pieces = ["Wrote to ", shown.slice(0, 4), shown.slice(4), "."];
  const choice = (text: string, finish: string | null) => ({
    object: "text_completion",
    choices: [{ index: 0, text, finish_reason: finish }],
  });
  if (!body.includes('"stream":true')) return json(choice(pieces.join(""), "stop"));
  response.setHeader("content-type", "text/event-stream");
  for (const piece of pieces) response.write(`data: ${JSON.stringify(choice(piece, null))}\n\n`);
  response.end(`data: ${JSON.stringify(choice("", "stop"))}\n\ndata: [DONE]\n\n`);
}

async function start(t: TestContext, more = PII, signals = "complexity: { learned: false }") {
  const seen: Seen[] = [];
  const server = createServer((request, response) => void answer(seen, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => server.close());
  const house = await startHouse(
    `
upstreams: { u: { kind: vllm, url: "${url}/v1" } }
tiers: { all: { quality: 0.9, max_tokens: 800 } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
signals: { ${signals.replaceAll("URL", url)} }
${more.replaceAll("URL", url)}`,
  );
  t.after(() => house.stop());
  return { house, seen, url };
}

const TEXT = `Write to ${MAIL}.`;

test("completions: the model sees placeholders, the client its own values, streamed or whole", async (t) => {
  const { house, seen } = await start(t);
  const whole = await house.post("/v1/completions", { model: "one", prompt: TEXT, suffix: `cc ${MAIL}` });
  const { choices } = (await whole.json()) as { choices: { text: string }[] };
  assert.equal(choices[0]!.text, `Wrote to ${MAIL}.`);
  const streamed = await house.post("/v1/completions", { model: "one", prompt: [TEXT], stream: true });
  const texts = [...(await streamed.text()).matchAll(/"text":"([^"]*)"/gu)].map(([, text]) => text);
  assert.equal(texts.join(""), `Wrote to ${MAIL}.`);
  assert.ok(seen.every(({ body }) => body.includes("<EMAIL_1>") && !body.includes(MAIL)));
});

test("embeddings: what is embedded has placeholders, in a batch too", async (t) => {
  const { house, seen } = await start(t);
  const reply = await house.post("/v1/embeddings", {
    model: "one",
    input: [TEXT, "nobody", `${MAIL} and bo@mail.dev`],
  });
  assert.equal(reply.status, 200);
  const { input } = JSON.parse(seen[0]!.body) as { input: string[] };
  assert.deepEqual(input, ["Write to <EMAIL_1>.", "nobody", "<EMAIL_1> and <EMAIL_2>"]);
});

test("what blocks does so here too, and token ids go nowhere where anything is taken out", async (t) => {
  const { house, seen } = await start(t);
  const iban = await house.post("/v1/embeddings", { model: "one", input: "Pay DE89 3704 0044 0532 0130 00" });
  assert.equal(iban.status, 403);
  assert.match(await iban.text(), /\(iban\)/u);
  const ids = await house.post("/v1/completions", { model: "one", prompt: [1, 2, 3] });
  assert.equal(ids.status, 403);
  assert.match(await ids.text(), /no text/u);
  assert.deepEqual(seen, []);
});

test("token ids pass where everything is allowed", async (t) => {
  const { house } = await start(t, "pii: { action: allow }");
  assert.equal((await house.post("/v1/completions", { model: "one", prompt: [1, 2, 3] })).status, 200);
});

const chat = (model: string, content: string) => ({
  raw: { api: "API_KIND_OPENAI_CHAT", json: JSON.stringify({ model, messages: [{ role: "user", content }] }) },
});

test("a classifier of one's own sees placeholders", async (t) => {
  const { house, seen } = await start(t, PII, 'remote: { url: "URL/classify", deadline_ms: 5000 }');
  await house.route(chat("auto", `${TEXT}${" x".repeat(4090)} ${MAIL}`));
  const [{ body }] = seen.filter(({ path }) => path === "/classify") as [Seen];
  assert.match(body, /Write to <EMAIL_1>\./u);
  assert.doesNotMatch(body, /ada@|mail\.dev/u);
});

test("an endpoint for embeddings that signals read with sees placeholders", async (t) => {
  const likeness = "routes: [{ label: mail, examples: [Write a mail] }]";
  const encoder = 'encoder: { embeddings: { url: "URL/own", model: e } }';
  const { house, seen } = await start(t, `${PII}\n${encoder}`, `embedding: { ${likeness}, deadline_ms: 5000 }`);
  await house.route(chat("auto", TEXT));
  const read = seen.filter(({ path }) => path === "/own/embeddings").map(({ body }) => body);
  assert.ok(
    read.some((body) => body.includes("Write to <EMAIL_1>.")),
    read.join("\n"),
  );
  assert.ok(read.every((body) => !body.includes(MAIL)));
});

test("a model outside the pool is not sent personal data, and anything else passes", async (t) => {
  const { house } = await start(t);
  const told = async (content: string) => {
    const plan = (await (await house.route(chat("somebody-elses", content))).json()) as Record<string, unknown>;
    return { reason: plan["reason"], sentence: plan["sentence"] };
  };
  const refused = await told(TEXT);
  assert.equal(refused.reason, "blocked");
  assert.match(String(refused.sentence), /\(email\), and the model that it names is none/u);
  assert.equal((await told("Hello")).reason, "requested");
});

test("a preview tells what stands for what, and no value", async (t) => {
  const { house } = await start(t);
  const raw = await (await house.route({ ...chat("auto", TEXT), includeBody: true, preview: true })).text();
  assert.doesNotMatch(raw, /ada@/u);
  const { placeholders } = JSON.parse(raw) as { placeholders: object[] };
  assert.deepEqual(placeholders, [{ placeholder: "<EMAIL_1>", entity: "email" }]);
});

test("records with text have that which the model saw", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-raw-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "records.jsonl");
  const { house } = await start(t, `${PII}\nrecords: { path: "${path}", text: true }`);
  await house.route(chat("auto", TEXT));
  await house.route(chat("auto", `${TEXT} Pay DE89 3704 0044 0532 0130 00`));
  await house.stop();
  const kept = await readFile(path, "utf8");
  assert.match(kept, /Write to <EMAIL_1>\./u);
  assert.doesNotMatch(kept, /ada@|3704/u);
});

test("a body of Gemini's is rewritten for a gateway as those of the other APIs are", async (t) => {
  const { house } = await start(t, `${PII}\nroutes: { default: { system: { mode: append, text: Be brief. } } }`);
  const json = JSON.stringify({ contents: [{ role: "user", parts: [{ text: TEXT }] }] });
  const reply = await house.route({ raw: { api: "API_KIND_GEMINI", json, model: "auto" }, includeBody: true });
  const { targets } = (await reply.json()) as { targets: { body: string }[] };
  assert.deepEqual(JSON.parse(targets[0]!.body), {
    contents: [{ role: "user", parts: [{ text: "Write to <EMAIL_1>." }] }],
    systemInstruction: { parts: [{ text: "Be brief." }] },
    generationConfig: { maxOutputTokens: 800 },
  });
});
