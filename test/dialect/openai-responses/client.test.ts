import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import OpenAI, { APIError } from "openai";
import { openaiResponsesClient } from "../../../src/dialect/openai-responses/codec.ts";
import type { Reply, Step } from "../../../src/dialect/form.ts";
import type { Fields } from "../../../src/dialect/shape.ts";
import { RouterError } from "../../../src/errors.ts";
import { streamOf, TOKENS } from "./events.ts";

const STEPS: readonly Step[] = [
  { kind: "start", id: "msg_01", model: "upstream" },
  { kind: "block", index: 0, block: { kind: "thinking" } },
  { kind: "delta", index: 0, text: "Two " },
  { kind: "delta", index: 0, text: "calls." },
  { kind: "signature", index: 0, signature: "sig" },
  { kind: "block_end", index: 0 },
  { kind: "block", index: 1, block: { kind: "text" } },
  { kind: "delta", index: 1, text: "Looking " },
  { kind: "delta", index: 1, text: "it up – now." },
  { kind: "block_end", index: 1 },
  { kind: "block", index: 2, block: { kind: "tool_call", id: "c1", name: "weather" } },
  { kind: "block", index: 3, block: { kind: "tool_call", id: "c2", name: "now", signature: "thought" } },
  { kind: "delta", index: 2, text: '{"city":' },
  { kind: "delta", index: 2, text: '"Oslo"}' },
  { kind: "block_end", index: 3 },
  { kind: "block_end", index: 2 },
  { kind: "finish", finish: "tool_calls" },
  { kind: "tokens", tokens: TOKENS },
];
const REPLY: Reply = {
  id: "msg_01",
  model: "upstream",
  blocks: [
    { kind: "thinking", text: "Two calls.", signature: "sig" },
    { kind: "text", text: "Looking it up – now." },
    { kind: "tool_call", id: "c1", name: "weather", arguments: '{"city":"Oslo"}' },
    { kind: "tool_call", id: "c2", name: "now", arguments: "", signature: "thought" },
  ],
  finish: "tool_calls",
  tokens: TOKENS,
};
const failure = new RouterError("upstream_failed", "The upstream went away.");

let server: Server;
let client: OpenAI;
/** What the server has been asked. */
const asked: ReturnType<typeof openaiResponsesClient.readRequest>[] = [];

before(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const inquiry = openaiResponsesClient.readRequest(JSON.parse(Buffer.concat(chunks).toString()) as Fields);
      asked.push(inquiry);
      if (!inquiry.stream) {
        response.setHeader("content-type", "application/json");
        return response.end(
          JSON.stringify(
            openaiResponsesClient.writeReply(REPLY, { model: "small", usage: true, created: 1_700_000_000 }),
          ),
        );
      }
      response.setHeader("content-type", "text/event-stream");
      return response.end(inquiry.model === "breaks" ? broken() : streamOf(STEPS));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  client = new OpenAI({ apiKey: "test", baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
});
after(() => server.close());

function broken(): Buffer {
  const writer = openaiResponsesClient.writeStream({ model: "small", usage: true, created: 1 });
  const begun = STEPS.slice(0, 9).map((step) => writer.push(step));
  return Buffer.concat([...begun, writer.error(failure)]);
}

type Answer = Pick<OpenAI.Responses.Response, "output" | "output_text" | "usage" | "status" | "model">;

function assertAnswer(answer: Answer): void {
  assert.equal(answer.status, "completed");
  assert.equal(answer.model, "small");
  assert.equal(answer.output_text, "Looking it up – now.");
  assert.deepEqual(
    answer.output.flatMap((item) =>
      item.type === "function_call" ? [[item.call_id, item.name, JSON.parse(item.arguments)]] : [],
    ),
    [
      ["c1", "weather", { city: "Oslo" }],
      ["c2", "now", {}],
    ],
  );
  const [thought] = answer.output;
  assert.deepEqual(thought?.type === "reasoning" && thought.summary.map((part) => part.text), ["Two calls."]);
  assert.partialDeepStrictEqual(answer.usage, {
    input_tokens: 12,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 19,
  });
}

describe("the official client", () => {
  test("takes a whole answer", async () => {
    assertAnswer(await client.responses.create({ model: "m", input: "hi" }));
  });

  test("accumulates a stream to the same answer", async () => {
    const stream = client.responses.stream({ model: "m", input: "hi" });
    const texts: string[] = [];
    const calls: string[] = [];
    stream.on("response.output_text.delta", (event) => texts.push(event.snapshot));
    stream.on("response.function_call_arguments.delta", (event) => calls.push(event.snapshot));
    assertAnswer(await stream.finalResponse());
    assert.deepEqual(texts, ["Looking ", "Looking it up – now."]);
    assert.deepEqual(calls, ['{"city":', '{"city":"Oslo"}', "{}"]);
  });

  test("raises an error in the middle of a stream, whichever way it reads", async () => {
    const isOurs = (error: unknown) => error instanceof APIError && error.code === "upstream_failed";
    await assert.rejects(client.responses.stream({ model: "breaks", input: "hi" }).finalResponse(), isOurs);
    const events: string[] = [];
    await assert.rejects(async () => {
      for await (const event of await client.responses.create({ model: "breaks", input: "hi", stream: true })) {
        events.push(event.type);
      }
    }, isOurs);
    assert.equal(events.at(-1), "response.output_text.delta");
  });

  test("sends its answer back as input, and nothing of it is lost", async () => {
    const { output } = await client.responses.create({ model: "m", input: "hi" });
    const results = output.flatMap((item) =>
      item.type === "function_call" ? [{ type: "function_call_output", call_id: item.call_id, output: "done" }] : [],
    );
    const input = [{ role: "user", content: "hi" }, ...output, ...results] as OpenAI.Responses.ResponseInput;
    await client.responses.create({ model: "m", input, store: false, include: ["reasoning.encrypted_content"] });
    const [question, answer, given, ...rest] = asked.at(-1)!.turns;
    assert.deepEqual(question, { role: "user", blocks: [{ kind: "text", text: "hi" }] });
    const said = REPLY.blocks.map((block) =>
      block.kind === "tool_call" ? { ...block, arguments: block.arguments || "{}" } : block,
    );
    assert.deepEqual(answer, { role: "assistant", blocks: said });
    assert.deepEqual(
      given?.blocks.map((block) => block.kind === "tool_result" && block.id),
      ["c1", "c2"],
    );
    assert.deepEqual(rest, []);
  });
});
