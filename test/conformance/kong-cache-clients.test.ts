/** The official clients, a real Signalbox with a cache, and Kong's plugin between them and their model servers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { startFakeApi, type FakeApi } from "../fakes/apis/server.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";
import { pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { SAID } from "./said.ts";

const URL_OF_NOBODY = "http://127.0.0.1:9/v1";
const MODELS = threeModels({ small: URL_OF_NOBODY, medium: URL_OF_NOBODY, large: URL_OF_NOBODY });
const WAIT_MS = 10_000;

describe("the official clients before a cache", { skip }, () => {
  let house: House;
  const apis: Record<"openai" | "anthropic", FakeApi> = {} as never;
  const rigs: Record<"openai" | "anthropic", Rig> = {} as never;
  let openai: OpenAI;
  let anthropic: Anthropic;
  before(async () => {
    house = await startHouse(`${MODELS}\ncache: { kind: memory, mode: exact }\n`);
    for (const kind of ["openai", "anthropic"] as const) {
      apis[kind] = await startFakeApi(kind, { script: SAID });
      rigs[kind] = await startRig(pluginBefore(new URL(apis[kind].url).origin, { url: house.url }));
    }
    openai = new OpenAI({ baseURL: `${rigs.openai.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: rigs.anthropic.url, apiKey: "key-of-the-client", maxRetries: 0 });
  });
  after(async () => {
    for (const rig of Object.values(rigs)) await rig.close();
    for (const api of Object.values(apis)) await api.close();
    await house.stop();
  });

  const chat = (content: string) => ({ model: "auto", messages: [{ role: "user" as const, content }] });
  const ASKS: Readonly<Record<string, { at: keyof typeof apis; ask(text: string, stream: boolean): Promise<string> }>> =
    {
      "chat completions": {
        at: "openai",
        async ask(text, stream) {
          const answer = stream
            ? await openai.chat.completions.stream(chat(text)).finalChatCompletion()
            : await openai.chat.completions.create(chat(text));
          return answer.choices[0]?.message.content ?? "";
        },
      },
      responses: {
        at: "openai",
        async ask(text, stream) {
          const asked = { model: "auto", input: text, store: false };
          const answer = stream
            ? await openai.responses.stream(asked).finalResponse()
            : await openai.responses.create(asked);
          return answer.output_text;
        },
      },
      messages: {
        at: "anthropic",
        async ask(text, stream) {
          const asked = { ...chat(text), max_tokens: 100 };
          const answer = stream
            ? await anthropic.messages.stream(asked).finalMessage()
            : await anthropic.messages.create(asked);
          return answer.content.map((block) => (block.type === "text" ? block.text : "")).join("");
        },
      },
    };

  for (const [name, { at, ask }] of Object.entries(ASKS)) {
    for (const first of [true, false]) {
      test(`${name}: an answer that was ${first ? "streamed" : "whole"} is given again, whole and streamed`, async () => {
        const question = `Where do swifts sleep? ${name} ${first}`;
        assert.equal(await ask(question, first), SAID.text);
        // It is brought behind the answer.
        const asked = () => apis[at].requests.length;
        const end = performance.now() + WAIT_MS;
        for (let before = -1; before !== asked();) {
          assert.ok(performance.now() < end, "it was never brought");
          await sleep(50);
          before = asked();
          assert.equal(await ask(question, first), SAID.text);
        }
        const before = asked();
        for (const stream of [true, false]) assert.equal(await ask(question, stream), SAID.text);
        assert.equal(asked(), before, "no model was asked");
        await ask(`${question} And where do they eat?`, first);
        assert.equal(asked(), before + 1);
      });
    }
  }

  test("never get an answer from it where they say no-store", async () => {
    const before = apis.openai.requests.length;
    const body = { model: "auto", input: "Where do swifts sleep? responses true", store: false };
    await openai.responses.create(body, { headers: { "cache-control": "no-store" } });
    assert.equal(apis.openai.requests.length, before + 1);
  });

  test("broke no rule of an API, and the gateway has no error to log", () => {
    assert.deepEqual([...apis.openai.violations, ...apis.anthropic.violations], []);
    for (const rig of Object.values(rigs)) assert.deepEqual(rig.errors(), []);
  });
});

describe("personal data and the cache", { skip }, () => {
  test("a request with it is never answered with another's, and its answer is not brought", async () => {
    const api = await startFakeApi("openai", { script: SAID });
    const house = await startHouse(`${MODELS}\ncache: { kind: memory, mode: exact }\npii: { action: replace }\n`);
    const rig = await startRig(pluginBefore(new URL(api.url).origin, { url: house.url }));
    const client = new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
    try {
      for (const mail of ["anna@example.org", "bert@example.org", "anna@example.org"]) {
        const messages = [{ role: "user" as const, content: `Is ${mail} an address?` }];
        await client.chat.completions.create({ model: "auto", messages });
        await sleep(200);
      }
      assert.equal(api.requests.length, 3);
    } finally {
      await rig.close();
      await house.stop();
      await api.close();
    }
  });
});
