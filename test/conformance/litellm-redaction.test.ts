import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { Answer } from "../fakes/apis/script.ts";
import type { ApiRequest } from "../fakes/apis/server.ts";
import { MASTER, skip } from "./litellm-rig.ts";
import { startScene, type Scene } from "./litellm-scene.ts";
import { SAID } from "./said.ts";

const MAIL = "anna.keller@example.org";
const IBAN = "DE89370400440532013000";
const TEXT = `Write to ${MAIL} that ${IBAN} is paid, and to ${MAIL} once more.`;
const PLAIN = "hello there";

/** Writes down what LiteLLM hands those who log. */
const LOGGER = `
import os
from litellm.integrations.custom_logger import CustomLogger


class Logger(CustomLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        self.write(kwargs, response_obj)

    async def async_log_failure_event(self, kwargs, response_obj, start_time, end_time):
        self.write(kwargs, response_obj)

    def write(self, *said):
        with open(os.environ["SEEN"], "a") as file:
            print(repr(said), file=file)


instance = Logger()
`;

let scene: Scene;
let front: Server;
let folder = "";
before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "signalbox-seen-"));
  let models = "";
  front = createServer((incoming, response) => void serve(models, incoming, response)).listen(0, "127.0.0.1");
  await once(front, "listening");
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/v1`;
  scene = await startScene({
    signalbox: (text, fake) => {
      models = fake;
      // Models of others are asked too: that is what placeholders are for.
      return `${text.replace("pii: { action: internal }", "pii: { action: annotate }")}pii: { action: replace }\n`;
    },
    says: echo,
    env: { SEEN: join(folder, "seen"), SIGNALBOX_ON_ERROR: "refuse" },
    files: { "seen.py": LOGGER },
    litellm: (text) =>
      text
        .replaceAll(/http:\/\/127\.0\.0\.1:800[12]\/v1/gu, url)
        .replace('["signalbox_litellm.proxy.hook"]', '["signalbox_litellm.proxy.hook", "seen.instance"]'),
  });
});
after(async () => {
  await scene?.close();
  front?.closeAllConnections();
  front?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** What text completions were asked, first to last. */
const prompts: string[] = [];

/** The model servers, and text completions, which they do not speak. */
async function serve(models: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
  if (incoming.url !== "/v1/completions") return passOn(models, incoming, body, response);
  const { prompt, stream } = JSON.parse(body.toString()) as { prompt: string; stream?: boolean };
  prompts.push(prompt);
  const choice = (text: string, finish: string | null) => ({ index: 0, text, finish_reason: finish, logprobs: null });
  const told = (...choices: object[]) => ({ id: "c", object: "text_completion", created: 1, model: "m", choices });
  if (!stream) {
    response.setHeader("content-type", "application/json");
    const usage = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 };
    return void response.end(JSON.stringify({ ...told(choice(prompt, "stop")), usage }));
  }
  response.setHeader("content-type", "text/event-stream");
  for (const piece of prompt.match(/.{1,5}/gsu) ?? [])
    response.write(`data: ${JSON.stringify(told(choice(piece, null)))}\n\n`);
  response.end(`data: ${JSON.stringify(told(choice("", "stop")))}\n\ndata: [DONE]\n\n`);
}

async function passOn(models: string, incoming: IncomingMessage, body: Buffer, response: ServerResponse) {
  const { method = "GET", headers } = incoming;
  const answer = await fetch(models.replace("/v1", incoming.url!), {
    method,
    headers: { authorization: headers.authorization ?? "", "content-type": "application/json" },
    ...(method === "POST" && { body: new Uint8Array(body) }),
  });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
  for await (const piece of answer.body ?? []) response.write(piece);
  response.end();
}

/** Whether Signalbox goes down as soon as a model is asked. */
let dies = false;

/** The newest text of the human, and where tools are offered a call that holds it. */
function echo({ json }: ApiRequest): Answer {
  if (dies) void scene.veil.weather("down");
  dies = false;
  const { messages, input, tools } = json as { messages?: unknown[]; input?: unknown; tools?: unknown[] };
  const last = JSON.stringify(messages?.at(-1) ?? input);
  const text = /[^"]*(?:is paid|hello)[^"]*/u.exec(last)?.[0] ?? "";
  if (!tools) return { ...SAID, text };
  return { ...SAID, tools: [{ id: "call_1", name: "send", input: { to: text } }], finish: "tool_calls" };
}

const openai = () => new OpenAI({ baseURL: `${scene.proxy.url}/v1`, apiKey: MASTER, maxRetries: 0 });
const anthropic = () => new Anthropic({ baseURL: scene.proxy.url, apiKey: MASTER, maxRetries: 0 });
const messages = (content: string) => [{ role: "user" as const, content }];
const parameters = { type: "object", properties: { to: { type: "string" } } };
const asked = { max_tokens: 64, model: "auto" };

/** What a client reads of the echo of a text, by API, whole and as a stream. */
const WAYS: Readonly<Record<string, (text: string) => Promise<string>>> = {
  "a chat": async (text) =>
    (await openai().chat.completions.create({ model: "auto", messages: messages(text) })).choices[0]!.message.content!,
  "a streamed chat": async (text) => {
    let said = "";
    const stream = await openai().chat.completions.create({ model: "auto", messages: messages(text), stream: true });
    for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? "";
    return said;
  },
  "a response": async (text) => (await openai().responses.create({ model: "auto", input: text })).output_text,
  "a streamed response": async (text) => {
    let said = "";
    for await (const event of await openai().responses.create({ model: "auto", input: text, stream: true })) {
      if (event.type === "response.output_text.delta") said += event.delta;
      if (event.type === "response.completed") assert.ok(JSON.stringify(event).includes(said), "said again at the end");
    }
    return said;
  },
  "a message": async (text) => {
    const { content } = await anthropic().messages.create({ ...asked, messages: messages(text) });
    return content.map((block) => (block.type === "text" ? block.text : "")).join("");
  },
  "a streamed message": (text) =>
    anthropic()
      .messages.stream({ ...asked, messages: messages(text) })
      .finalText(),
  "a text completion": async (text) =>
    (await openai().completions.create({ model: "auto", prompt: text })).choices[0]!.text,
  "a streamed text completion": async (text) => {
    let said = "";
    for await (const chunk of await openai().completions.create({ model: "auto", prompt: text, stream: true }))
      said += chunk.choices[0]?.text ?? "";
    return said;
  },
};

for (const [name, ask] of Object.entries(WAYS)) {
  test(`${name} comes with the client's own values, and the model saw none of them`, { skip }, async () => {
    const mark = scene.sent().length;
    assert.equal(await ask(TEXT), TEXT);
    const sent = JSON.stringify(name.includes("completion") ? prompts.at(-1) : scene.sent().slice(mark));
    assert.match(sent, /<EMAIL_1>/u);
    for (const value of [MAIL, IBAN]) assert.ok(!sent.includes(value), `${value} was sent`);
    assert.equal(await ask(PLAIN), PLAIN);
  });
}

test("arguments of tools stay valid JSON, whole and streamed", { skip }, async () => {
  const tools = [{ type: "function" as const, function: { name: "send", parameters } }];
  const body = { model: "auto", messages: messages(TEXT), tools };
  const whole = await openai().chat.completions.create(body);
  const streamed = await openai().chat.completions.stream(body).finalChatCompletion();
  for (const { choices } of [whole, streamed]) {
    const [call] = choices[0]!.message.tool_calls ?? [];
    assert.deepEqual(call?.type === "function" && JSON.parse(call.function.arguments), { to: TEXT });
  }
  const claude = { ...asked, messages: messages(TEXT), tools: [{ name: "send", input_schema: parameters as never }] };
  const said = [await anthropic().messages.create(claude), await anthropic().messages.stream(claude).finalMessage()];
  for (const { content } of said) {
    const call = content.find((block) => block.type === "tool_use");
    assert.deepEqual(call?.input, { to: TEXT });
  }
});

test("a fallback is shown the same, and its answer is restored too", { skip }, async () => {
  const body = { model: "auto", messages: messages(TEXT) };
  await openai().chat.completions.create(body);
  scene.broken.add((scene.sent().at(-1)!.json as { model: string }).model);
  const mark = scene.sent().length;
  const response = await scene.post("/v1/chat/completions", body);
  const answer = (await response.json()) as { choices?: { message: { content: string } }[] };
  scene.broken.clear();
  assert.equal(answer.choices?.[0]!.message.content, TEXT);
  const sent = scene.sent().slice(mark);
  assert.equal(sent.length, 2);
  assert.ok(sent.every(({ json }) => JSON.stringify(json).includes("<EMAIL_1>")));
});

test("two clients at once are given each their own", { skip }, async () => {
  const people = Array.from({ length: 12 }, (_, at) => `Write to person${at}@example.org that it is paid.`);
  const asks = Object.values(WAYS).slice(0, 6);
  assert.deepEqual(await Promise.all(people.map((text, at) => asks[at % asks.length]!(text))), people);
});

test("no value stands in what LiteLLM hands its loggers, in its log, or in its headers", { skip }, async () => {
  const metadata = { metadata: { note: `of ${MAIL}` } };
  const response = await scene.post("/v1/chat/completions", { model: "auto", messages: messages(TEXT), ...metadata });
  assert.match(await response.text(), /anna\.keller/u);
  for (const model of ["small-v1", "medium-v1", "large-v1"]) scene.broken.add(model);
  const failed = await scene.post("/v1/chat/completions", { model: "auto", messages: messages(TEXT) });
  await failed.text();
  scene.broken.clear();
  assert.equal(failed.status, 500);
  // LiteLLM logs beside the requests.
  await sleep(1500);
  const seen = readFileSync(join(folder, "seen"), "utf8");
  assert.ok(seen.includes("<EMAIL_1>"));
  for (const [place, text] of Object.entries({
    seen,
    log: scene.proxy.log(),
    headers: JSON.stringify([...response.headers]),
  })) {
    for (const value of [MAIL, IBAN]) {
      const found = [...text.matchAll(new RegExp(value, "gu"))].map(({ index }) => text.slice(index - 200, index + 40));
      assert.deepEqual(found, [], place);
    }
  }
});

test("what would be answered in the background is refused where something was replaced", { skip }, async () => {
  const mark = scene.sent().length;
  const body = { model: "auto", input: TEXT, background: true };
  const response = await scene.post("/v1/responses", body);
  assert.equal(response.status, 400, await response.text());
  assert.equal(response.headers.get("x-signalbox-error"), "unsupported_feature");
  assert.equal(scene.sent().length, mark);
});

test(
  "what is under way when Signalbox goes down is restored all the same; what comes then is refused",
  { skip },
  async () => {
    dies = true;
    assert.equal(await WAYS["a streamed chat"]!(TEXT), TEXT);
    const mark = scene.sent().length;
    const refused = await scene.post("/v1/chat/completions", { model: "auto", messages: messages(TEXT) });
    await refused.text();
    assert.deepEqual([refused.status, scene.sent().length], [503, mark]);
    await scene.veil.weather("clear");
    let back = 503;
    for (const until = performance.now() + 10_000; back !== 200 && performance.now() < until; await sleep(100)) {
      const response = await scene.post("/v1/chat/completions", { model: "auto", messages: messages(PLAIN) });
      back = response.status;
      await response.text();
    }
    assert.equal(back, 200);
  },
);
