import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { MASTER, skip } from "./litellm-rig.ts";
import { startScene, type Scene } from "./litellm-scene.ts";
import { SAID } from "./said.ts";

/** Writes down what LiteLLM counts. */
const LOGGER = `
import json
import os
from litellm.integrations.custom_logger import CustomLogger


class Logger(CustomLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        said = kwargs["standard_logging_object"]
        params = kwargs["litellm_params"]
        marks = {**(params.get("metadata") or {}), **(params.get("litellm_metadata") or {})}
        hit = marks.get("signalbox_headers", {}).get("x-signalbox-cache")
        told = dict(id=said["trace_id"], cost=kwargs.get("response_cost"), spend=said["response_cost"], hit=hit,
                    input=said["prompt_tokens"], output=said["completion_tokens"], call=said["call_type"])
        with open(os.environ["SEEN"], "a") as file:
            print(json.dumps(told, default=str), file=file)


instance = Logger()
`;

interface Counted {
  readonly cost: number;
  readonly spend: number;
  readonly hit: string;
  readonly input: number;
  readonly output: number;
}

let scene: Scene;
let folder = "";
before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "signalbox-seen-"));
  scene = await startScene({
    signalbox: (text) => `${text}cache: { kind: memory, mode: exact }\n`,
    env: { SEEN: join(folder, "seen") },
    files: { "seen.py": LOGGER },
    litellm: (text) =>
      text
        .replaceAll(/api_key: \S+/gu, "$&, input_cost_per_token: 0.01, output_cost_per_token: 0.02")
        .replace('["signalbox_litellm.proxy.hook"]', '["signalbox_litellm.proxy.hook", "seen.instance"]'),
  });
});
after(async () => {
  await scene?.close();
  if (folder) rmSync(folder, { recursive: true });
});

const asked = { max_tokens: 64, model: "auto" };
const says = (content: string) => [{ role: "user" as const, content }];

/** By path: a body that asks this, and what an official client makes of an answer's bytes, whole or of a stream. */
const WAYS: Readonly<Record<string, (text: string) => object>> = {
  "/v1/chat/completions": (content) => ({ model: "auto", messages: says(content) }),
  "/v1/responses": (input) => ({ model: "auto", input }),
  "/v1/messages": (content) => ({ ...asked, messages: says(content) }),
};

const cacheOf = ({ headers }: Response) => headers.get("x-signalbox-cache");

/** Another version of an API is another question. */
const VERSION = { "anthropic-version": "2023-06-01" };

async function ask(path: string, body: object, stream = false, headers = {}) {
  const mark = scene.sent().length;
  const response = await scene.post(path, stream ? { ...body, stream } : body, {
    ...(path === "/v1/messages" && VERSION),
    ...headers,
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return { response, text, cache: cacheOf(response), asked: scene.sent().length - mark };
}

/** Asks until the answer comes from the cache: it is handed in beside the requests. */
async function hitOf(path: string, body: object, stream = false) {
  for (const until = performance.now() + 5000; performance.now() < until; await sleep(50)) {
    const answer = await ask(path, body, stream);
    if (answer.cache === "exact") return answer;
  }
  return assert.fail(`${path}: nothing came from the cache`);
}

for (const [path, bodyOf] of Object.entries(WAYS)) {
  for (const first of [false, true]) {
    test(
      `${path}: an answer that was ${first ? "streamed" : "given whole"} is given again, whole and streamed, and no model is asked`,
      { skip },
      async () => {
        const body = bodyOf(`Where do swifts sleep? (${path} ${first})`);
        const miss = await ask(path, body, first);
        assert.deepEqual([miss.cache, miss.asked], ["miss", 1]);
        for (const stream of [false, true]) {
          const hit = await hitOf(path, body, stream);
          assert.equal(hit.asked, 0);
          assert.match(hit.response.headers.get("content-type")!, stream ? /text\/event-stream/ : /application\/json/);
          assert.ok(hit.text.includes("Swifts"), hit.text);
          assert.match(hit.response.headers.get("x-signalbox-cache-id")!, /^[\w-]{22}$/u);
          assert.match(hit.response.headers.get("x-signalbox-cache-age")!, /^\d+$/u);
          assert.equal(hit.response.headers.get("x-signalbox-cache-similarity"), "1.000");
        }
      },
    );
  }
}

test("the official clients read what comes from the cache, whole and streamed", { skip }, async () => {
  const openai = new OpenAI({ baseURL: `${scene.proxy.url}/v1`, apiKey: MASTER, maxRetries: 0 });
  const anthropic = new Anthropic({
    baseURL: scene.proxy.url,
    apiKey: MASTER,
    maxRetries: 0,
    defaultHeaders: VERSION,
  });
  const chat = { model: "auto", messages: says("What do swifts do?") };
  const response = { model: "auto", input: "What do swifts do?" };
  const message = { ...asked, messages: says("What do swifts do?") };
  const bodies = { "/v1/chat/completions": chat, "/v1/responses": response, "/v1/messages": message };
  for (const [path, body] of Object.entries(bodies)) await hitOf(path, body);
  const mark = scene.sent().length;

  const include = { stream_options: { include_usage: true } };
  for (const answer of [
    await openai.chat.completions.create(chat),
    await openai.chat.completions.stream({ ...chat, ...include }).finalChatCompletion(),
  ]) {
    assert.equal(answer.choices[0]?.message.content, SAID.text);
    assert.equal(answer.choices[0]?.finish_reason, "stop");
    assert.deepEqual([answer.usage?.prompt_tokens, answer.usage?.completion_tokens], [20, 12]);
  }
  for (const answer of [
    await openai.responses.create(response),
    await openai.responses.stream(response).finalResponse(),
  ]) {
    assert.equal(answer.output_text, SAID.text);
    assert.deepEqual([answer.usage?.input_tokens, answer.usage?.output_tokens], [20, 12]);
  }
  for (const answer of [
    await anthropic.messages.create(message),
    await anthropic.messages.stream(message).finalMessage(),
  ]) {
    assert.deepEqual(
      answer.content.map((block) => block.type === "text" && block.text),
      [SAID.text],
    );
    assert.equal(answer.stop_reason, "end_turn");
    assert.equal(answer.usage.output_tokens, 12);
  }
  assert.deepEqual(scene.sent().slice(mark), []);
});

test("LiteLLM counts no money for what comes from the cache, and the price for what does not", { skip }, async () => {
  await sleep(1500);
  const seen = readFileSync(join(folder, "seen"), "utf8").trim().split("\n");
  const counted = seen.map((line) => JSON.parse(line) as Counted);
  const [hits, misses] = [counted.filter(({ hit }) => hit === "exact"), counted.filter(({ hit }) => hit === "miss")];
  assert.ok(hits.length >= 12 && misses.length >= 6, `${hits.length} and ${misses.length}`);
  assert.deepEqual(
    hits.filter(({ cost, spend, input, output }) => cost !== 0 || spend !== 0 || input !== 20 || output !== 12),
    [],
  );
  assert.deepEqual(
    misses.filter(({ spend }) => Math.abs(spend - 0.44) > 1e-9),
    [],
  );
  const response = await ask("/v1/chat/completions", { model: "auto", messages: says("What do swifts do?") });
  assert.equal(Number(response.response.headers.get("x-litellm-response-cost")), 0);
});

test("a client that wants no stored answer gets a new one", { skip }, async () => {
  const body = { model: "auto", messages: says("What do swifts do?") };
  for (const wish of ["no-cache", "no-store"]) {
    const fresh = await ask("/v1/chat/completions", body, false, { "cache-control": wish });
    assert.deepEqual([fresh.cache === "exact", fresh.asked], [false, 1], wish);
  }
  assert.equal((await ask("/v1/chat/completions", body)).cache, "exact");
});

test("what another model answered than was decided on is not stored", { skip }, async () => {
  for (const stream of [false, true]) {
    const body = { model: "auto", messages: says(`Do swifts land? ${stream}`) };
    const path = "/v1/chat/completions";
    const plan = await (
      await scene.house.route(
        { raw: { api: "API_KIND_OPENAI_CHAT", json: JSON.stringify(body) }, preview: true },
        { authorization: "Bearer key-of-litellm-0001" },
      )
    ).json();
    scene.broken.add(`${(plan as { model: string }).model}-v1`);
    assert.equal((await ask(path, body, stream)).asked, 2);
    scene.broken.clear();
    await sleep(500);
    assert.deepEqual((await ask(path, body, stream)).cache, "miss");
  }
});
