import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { startFakeModel } from "./model.ts";

const messages = [{ role: "user" as const, content: "what is the time?" }];
const tools = [{ type: "function" as const, function: { name: "get_time", parameters: {} } }];

test("the real client understands the fake model: whole, streamed, tools, embeddings, list, errors", async (t) => {
  const fake = await startFakeModel({ name: "small", models: ["m"] });
  t.after(() => fake.close());
  const client = new OpenAI({ baseURL: fake.url, apiKey: "any", maxRetries: 0 });

  const whole = await client.chat.completions.create({ model: "m", messages });
  assert.equal(whole.choices[0]?.message.content, "small: echo of 17 chars");
  assert.equal(whole.usage?.prompt_tokens, 5);
  assert.equal(whole.usage?.completion_tokens, 5);

  const stream = await client.chat.completions.create({
    model: "m",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let tokens: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    tokens = chunk.usage?.total_tokens;
  }
  assert.equal(text, "small: echo of 17 chars");
  assert.equal(tokens, 10);
  assert.deepEqual(fake.bill, { requests: 2, inputTokens: 10, outputTokens: 10 });

  const asked = [{ role: "user" as const, content: "call the tool" }];
  const called = await client.chat.completions.stream({ model: "m", messages: asked, tools }).finalChatCompletion();
  assert.equal(called.choices[0]?.finish_reason, "tool_calls");
  assert.deepEqual(called.choices[0]?.message.tool_calls?.[0], {
    id: "call_1",
    type: "function",
    function: { name: "get_time", arguments: '{"from":"the fake"}' },
  });

  const cut = await client.chat.completions.create({ model: "m", messages, max_tokens: 2 });
  assert.equal(cut.choices[0]?.finish_reason, "length");

  const embedded = await client.embeddings.create({ model: "m", input: ["a", "bc"], encoding_format: "float" });
  assert.deepEqual(embedded.data[1]?.embedding, [2, 0.5, -0.5]);
  assert.deepEqual(
    (await client.models.list()).data.map(({ id }) => id),
    ["m"],
  );

  await assert.rejects(client.chat.completions.create({ model: "other", messages }), { status: 404 });
  fake.next("error429", "truncate");
  await assert.rejects(client.chat.completions.create({ model: "m", messages }), { status: 429 });
  await assert.rejects(client.chat.completions.create({ model: "m", messages }));
  assert.equal((await client.chat.completions.create({ model: "m", messages })).model, "m");
});
