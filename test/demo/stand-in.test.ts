import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { startDemo } from "../../src/demo/demo.ts";
import { startStandIn } from "../../src/demo/stand-in.ts";
import { startHouse } from "../rig/house.ts";

test("every door of the demo answers an OpenAI client, and says which stand-in it was", async (t) => {
  const demo = await startDemo();
  t.after(() => demo.close());
  const house = await startHouse(demo.yaml);
  t.after(() => house.stop());
  const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: "none", maxRetries: 0 });

  const models = (await client.models.list()).data.map(({ id }) => id);
  assert.ok(models.includes("auto") && models.includes("large"));
  const messages = [{ role: "user" as const, content: "hello there" }];
  const chat = await client.chat.completions.create({ model: "auto", messages });
  assert.match(chat.choices[0]!.message.content!, /^This is the stand-in for "small"/u);
  assert.equal(chat.model, "small");

  const text = await client.completions.create({ model: "medium", prompt: "hello" });
  assert.match(text.choices[0]!.text, /^This is the stand-in for "medium", not a real model\./u);
  assert.equal(text.model, "medium");
  assert.equal(text.object, "text_completion");
  let streamed = "";
  for await (const part of await client.completions.create({ model: "small", prompt: "hello", stream: true })) {
    streamed += part.choices[0]!.text;
  }
  assert.match(streamed, /^This is the stand-in for "small", .* real models here\.$/u);

  const embedded = await client.embeddings.create({ model: "large", input: ["hello", "there", "hello"] });
  assert.equal(embedded.model, "large");
  assert.ok(embedded.usage.prompt_tokens > 0);
  const [first, second, third] = embedded.data.map(({ embedding }) => embedding);
  assert.deepEqual(first, third);
  assert.notDeepEqual(first, second);
  assert.equal(first!.length, 8);
  assert.ok(Math.abs(Math.hypot(...first!) - 1) < 1e-6);
});

test("a stand-in answers floats where they are asked for, takes tokens, and refuses what it does not know", async (t) => {
  const standIn = await startStandIn("small", 0);
  t.after(() => standIn.close());
  const post = async (path: string, body: string) => {
    const answer = await fetch(standIn.url + path, { method: "POST", body });
    return {
      status: answer.status,
      body: (await answer.json()) as { data?: { embedding: unknown }[]; error?: object },
    };
  };
  const tokens = await post("/embeddings", `{"model":"small","input":[1,2,3]}`);
  assert.equal(tokens.body.data!.length, 1);
  assert.ok(Array.isArray(tokens.body.data![0]!.embedding));
  assert.equal((await post("/embeddings", "{")).status, 400);
  const unknown = await post("/audio/speech", "{}");
  assert.equal(unknown.status, 404);
  assert.match(JSON.stringify(unknown.body.error), /has no \/v1\/audio\/speech/u);
});
