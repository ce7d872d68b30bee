import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { replayed, toldAsCached } from "../../src/dialect/replay.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";
import { bytesOf, HARD, WHOLES } from "./replay-bodies.ts";

const SPOKEN = { text: HARD, thought: `Hm. ${HARD}`, signature: "c2ln", usage: true };
const PATHS: Readonly<Record<string, ClientApi>> = {
  "/v1/chat/completions": "openai-chat",
  "/v1/responses": "openai-responses",
  "/v1/messages": "anthropic-messages",
};

let server: Server;
let openai: OpenAI;
let claude: Anthropic;

before(async () => {
  server = createServer((request, response) => {
    const api = PATHS[request.url!]!;
    request.resume().on("end", () => {
      response.setHeader("content-type", "text/event-stream");
      const whole = toldAsCached(api, bytesOf(WHOLES[api](SPOKEN)));
      for (const event of replayed(api, whole, { usage: true })) response.write(event);
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  openai = new OpenAI({ apiKey: "key", baseURL: `${url}/v1`, maxRetries: 0 });
  claude = new Anthropic({ apiKey: "key", baseURL: url, maxRetries: 0 });
});
after(() => server.close());

const MESSAGES = [{ role: "user" as const, content: "?" }];

test("OpenAI's client reads chat that is told again, to the character", async () => {
  const stream = openai.chat.completions.stream({ model: "small", messages: MESSAGES });
  const answer = await stream.finalChatCompletion();
  assert.equal(answer.choices[0]!.message.content, HARD);
  assert.equal(answer.choices[0]!.finish_reason, "stop");
  assert.equal(answer.usage!.prompt_tokens_details!.cached_tokens, 20);
  assert.equal(answer.system_fingerprint, "fp_1");
});

test("OpenAI's client reads responses that are told again, to the character", async () => {
  const deltas: string[] = [];
  const stream = openai.responses.stream({ model: "small", input: "?" });
  stream.on("response.output_text.delta", ({ delta }) => deltas.push(delta));
  const answer = await stream.finalResponse();
  assert.equal(deltas.join(""), HARD);
  assert.equal(answer.output_text, HARD);
  assert.equal(answer.usage!.input_tokens_details.cached_tokens, 20);
  const [thought] = answer.output;
  assert.ok(thought?.type === "reasoning" && thought.summary[0]!.text === SPOKEN.thought);
});

test("Anthropic's client reads messages that are told again, with the thought and its signature", async () => {
  const stream = claude.messages.stream({ model: "small", max_tokens: 9, messages: MESSAGES });
  const deltas: string[] = [];
  stream.on("text", (delta) => deltas.push(delta));
  const answer = await stream.finalMessage();
  assert.equal(deltas.join(""), HARD);
  const whole = JSON.parse(
    Buffer.from(toldAsCached("anthropic-messages", bytesOf(WHOLES["anthropic-messages"](SPOKEN)))).toString(),
  ) as Record<string, unknown>;
  const { content, usage, stop_reason: reason } = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>;
  assert.deepEqual([content, usage, reason], [whole["content"], whole["usage"], "end_turn"]);
});
