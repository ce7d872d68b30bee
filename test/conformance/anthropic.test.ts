import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic, {
  APIError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { KINDS, type Kind, modelOf, startWorld, type World } from "../matrix/world.ts";
import { inLoop, LONG, noticed, SAID, SCHEMA, weatherOf } from "./said.ts";

let world: World;
let client: Anthropic;
before(async () => {
  world = await startWorld(["limited"]);
  client = new Anthropic({ baseURL: world.house.url, apiKey: "key-of-the-client", maxRetries: 0 });
});
after(() => world.close());

const ask = (kind: Kind, tag = "") => ({
  model: modelOf(kind, tag),
  max_tokens: 900,
  messages: [{ role: "user" as const, content: "Oslo and Rome?" }],
});
const weather = { name: "get_weather", input_schema: SCHEMA };

for (const kind of KINDS) {
  test(`the anthropic client hears messages of ${kind.name}, whole and streamed`, async () => {
    world.script(kind, SAID);
    const streamed = await client.messages.stream(ask(kind)).finalMessage();
    for (const answer of [await client.messages.create(ask(kind)), streamed]) {
      assert.deepEqual(
        answer.content.map((block) => block.type === "text" && block.text),
        [SAID.text],
      );
      assert.equal(answer.stop_reason, "end_turn");
      assert.equal(answer.model, modelOf(kind));
      const { input_tokens: fresh, cache_read_input_tokens: cached, output_tokens: output } = answer.usage;
      assert.deepEqual([fresh, cached, output], [12, 8, 12]);
    }
  });

  test(`the anthropic client's runner of tools comes to its end with ${kind.name}, whole and streamed`, async () => {
    world.script(kind, inLoop);
    const tool = {
      ...weather,
      parse: (input: unknown) => input as { city: string },
      run: ({ city }: { city: string }) => weatherOf(city),
    };
    for (const stream of [false, true]) {
      const runner = client.beta.messages.toolRunner({ ...ask(kind), tools: [tool], stream });
      const last = await runner.runUntilDone();
      assert.deepEqual(
        last.content.map((block) => block.type === "text" && block.text),
        ["17 and 31."],
      );
    }
  });

  test(`the anthropic client that stops a stream of ${kind.name} stops the model`, async () => {
    world.script(kind, LONG);
    const seen = world.house.events.length;
    const stream = await client.messages.create({ ...ask(kind), stream: true });
    for await (const event of stream) if (event.type === "content_block_delta") break;
    assert.ok(await noticed(world, seen));
  });

  test(`the anthropic client knows the errors of ${kind.name} by their classes`, async () => {
    world.script(kind, { error: "context_length" });
    await assert.rejects(client.messages.create(ask(kind)), (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.match(error.message, /prompt is too long/u);
      return true;
    });
    world.script(kind, { error: "overloaded" });
    await assert.rejects(client.messages.create(ask(kind)), InternalServerError);
    world.script(kind, { error: "rate_limit", retryAfter: 3 });
    await assert.rejects(client.messages.create(ask(kind, "limited")), RateLimitError);
    world.script(kind, { ...SAID, breaks: "cut" });
    await assert.rejects(client.messages.stream(ask(kind)).finalMessage(), APIError);
  });
}

test("the anthropic client is told what a model cannot be asked, which there is none of, and how long a prompt is", async () => {
  const gpt = KINDS.find(({ api }) => api === "openai-chat")!;
  const found = client.messages.create({ ...ask(gpt), top_k: 5 } as Parameters<typeof client.messages.create>[0]);
  await assert.rejects(found, (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.match(error.message, /top_k cannot be asked/u);
    return true;
  });
  await assert.rejects(client.messages.create({ ...ask(gpt), model: "nobody" }), NotFoundError);
  const { input_tokens: tokens } = await client.messages.countTokens({ model: "auto", messages: ask(gpt).messages });
  assert.ok(tokens > 0);
  const ids = (await client.models.list()).data.map(({ id }) => id);
  assert.ok(ids.includes("auto") && ids.includes(modelOf(gpt)));
});

test("a client that shows its key as a bearer is let in as well", async () => {
  const kind = KINDS.find(({ api }) => api === "anthropic-messages")!;
  world.script(kind, SAID);
  const bearer = new Anthropic({
    baseURL: world.house.url,
    apiKey: null,
    authToken: "key-of-the-client",
    maxRetries: 0,
  });
  assert.equal((await bearer.messages.create(ask(kind))).stop_reason, "end_turn");
});
