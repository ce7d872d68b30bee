import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { APIError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { KINDS, type Kind, meets, modelOf, startWorld, type World } from "../matrix/world.ts";
import { inLoop, LONG, noticed, SAID, SCHEMA, weatherOf } from "./said.ts";

let world: World;
let client: OpenAI;
before(async () => {
  world = await startWorld(["limited-chat", "limited-responses"]);
  client = new OpenAI({ baseURL: `${world.house.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
});
after(() => world.close());

const messages = [{ role: "user" as const, content: "Oslo and Rome?" }];
const ofChat = (kind: Kind, tag = "") => ({ model: modelOf(kind, tag), messages });
const ofResponses = (kind: Kind, tag = "") => ({ model: modelOf(kind, tag), input: "Oslo and Rome?", store: false });
const weather = { name: "get_weather", description: "Weather of a city", parameters: SCHEMA };

for (const kind of KINDS) {
  test(`the openai client hears chat completions of ${kind.name}, whole and streamed`, async () => {
    world.script(kind, SAID);
    const streamed = client.chat.completions.stream({ ...ofChat(kind), stream_options: { include_usage: true } });
    for (const answer of [await client.chat.completions.create(ofChat(kind)), await streamed.finalChatCompletion()]) {
      assert.equal(answer.choices[0]?.message.content, SAID.text);
      assert.equal(answer.choices[0]?.finish_reason, "stop");
      assert.deepEqual([answer.usage?.prompt_tokens, answer.usage?.completion_tokens], [20, 12]);
      assert.equal(answer.model, modelOf(kind));
    }
  });

  test(`the openai client's runner of tools comes to its end with ${kind.name}, whole and streamed`, async () => {
    world.script(kind, inLoop);
    const tool = {
      type: "function" as const,
      function: {
        ...weather,
        parse: (text: string) => JSON.parse(text) as { city: string },
        function: ({ city }: { city: string }) => weatherOf(city),
      },
    };
    assert.equal(
      await client.chat.completions.runTools({ ...ofChat(kind), tools: [tool] }).finalContent(),
      "17 and 31.",
    );
    const streamed = client.chat.completions.runTools({ ...ofChat(kind), tools: [tool], stream: true });
    assert.equal(await streamed.finalContent(), "17 and 31.");
  });

  test(`the openai client that stops a stream of ${kind.name} stops the model`, async () => {
    world.script(kind, LONG);
    const seen = world.house.events.length;
    const stream = await client.chat.completions.create({ ...ofChat(kind), stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    assert.ok(await noticed(world, seen));
  });

  test(`the openai client knows the errors of ${kind.name} by their classes`, async () => {
    world.script(kind, { error: "context_length" });
    await assert.rejects(client.chat.completions.create(ofChat(kind)), (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.equal(error.code, "context_length_exceeded");
      return true;
    });
    world.script(kind, { error: "server_error" });
    await assert.rejects(client.chat.completions.create(ofChat(kind)), InternalServerError);
    world.script(kind, { error: "rate_limit", retryAfter: 3 });
    const limited = client.chat.completions.create(ofChat(kind, "limited-chat"));
    await assert.rejects(limited, RateLimitError);
    world.script(kind, { ...SAID, breaks: "cut" });
    await assert.rejects(client.chat.completions.stream(ofChat(kind)).finalChatCompletion(), APIError);
  });
}

/** As the server sent it: what the client adds to it no server takes back. */
async function lastOf(stream: AsyncIterable<OpenAI.Responses.ResponseStreamEvent>): Promise<OpenAI.Responses.Response> {
  for await (const event of stream) if (event.type === "response.completed") return event.response;
  return assert.fail("the stream has no end");
}

for (const kind of KINDS.filter((each) => meets("openai-responses", each))) {
  test(`the openai client hears responses of ${kind.name}, whole and streamed`, async () => {
    world.script(kind, SAID);
    const streamed = client.responses.stream(ofResponses(kind)).finalResponse();
    for (const answer of [await client.responses.create(ofResponses(kind)), await streamed]) {
      assert.equal(answer.output_text, SAID.text);
      assert.equal(answer.status, "completed");
      assert.deepEqual([answer.usage?.input_tokens, answer.usage?.output_tokens], [20, 12]);
    }
  });

  test(`a loop of tools over responses comes to its end with ${kind.name}, whole and streamed`, async () => {
    world.script(kind, inLoop);
    const tools = [{ type: "function" as const, ...weather, strict: null }];
    for (const stream of [false, true]) {
      const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "Oslo and Rome?" }];
      const ask = async () => {
        const params = { ...ofResponses(kind), input, tools };
        return stream ? lastOf(await client.responses.create({ ...params, stream })) : client.responses.create(params);
      };
      const first = await ask();
      input.push(...(first.output as OpenAI.Responses.ResponseInput));
      for (const item of first.output)
        if (item.type === "function_call") {
          const { city } = JSON.parse(item.arguments) as { city: string };
          input.push({ type: "function_call_output", call_id: item.call_id, output: weatherOf(city) });
        }
      const [said] = (await ask()).output;
      assert.ok(said?.type === "message" && said.content[0]?.type === "output_text");
      assert.equal(said.content[0].text, "17 and 31.");
    }
  });

  test(`the openai client knows the errors of responses of ${kind.name} by their classes`, async () => {
    world.script(kind, { error: "context_length" });
    await assert.rejects(client.responses.create(ofResponses(kind)), BadRequestError);
    world.script(kind, { error: "rate_limit", retryAfter: 3 });
    await assert.rejects(client.responses.create(ofResponses(kind, "limited-responses")), RateLimitError);
    world.script(kind, { ...SAID, breaks: "cut" });
    const cut = async () => {
      for await (const event of await client.responses.create({ ...ofResponses(kind), stream: true }))
        if (event.type === "error" || event.type === "response.failed") throw new APIError(502, event, "", undefined);
    };
    await assert.rejects(cut, APIError);
  });
}

test("the openai client is told what a model cannot be asked, and which model there is none of", async () => {
  const claude = KINDS.find(({ api }) => api === "anthropic-messages")!;
  await assert.rejects(client.chat.completions.create({ ...ofChat(claude), n: 2 }), (error) => {
    assert.ok(error instanceof BadRequestError);
    assert.deepEqual([error.code, error.param], ["unsupported_feature", "n"]);
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model: "nobody", messages }), NotFoundError);
  const ids = (await client.models.list()).data.map(({ id }) => id);
  assert.ok(ids.includes("auto") && ids.includes(modelOf(claude)));
});
