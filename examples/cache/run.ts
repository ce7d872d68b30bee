/**
 * One question, asked again in every way that matters: to the letter, as a stream, in other words, of another year, by
 * another team, by who wants nothing stored, and after a purge. The model server counts who was really asked.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import OpenAI from "openai";
import { startModelServer, startSignalbox } from "../stage.ts";

const QUESTION = "Why did house prices fall in Norway in 2023?";
const IN_OTHER_WORDS = "Can you explain why house prices fell in Norway in 2023?";
const OTHER_YEAR = "Why did house prices fall in Norway in 2024?";
const USAGE = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };

/** Each answer has its number, so that one that is given again can be told. */
const server = await startModelServer(({ stream }: { stream?: boolean }, response) => {
  const content = `Interest rates rose (answer ${server.asked.length}).`;
  if (stream) tell(response, content);
  else {
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
    const answer = { id: "chat-1", object: "chat.completion", created: 0, model: "gpt", choices, usage: USAGE };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }
});

function tell(response: ServerResponse, content: string): void {
  const head = { id: "chat-1", object: "chat.completion.chunk", created: 0, model: "gpt" };
  const say = (choices: object[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  say([{ index: 0, delta: { role: "assistant", content }, finish_reason: null }]);
  say([{ index: 0, delta: {}, finish_reason: "stop" }]);
  say([], { usage: USAGE });
  response.end("data: [DONE]\n\n");
}

const signalbox = await startSignalbox(join(import.meta.dirname, "signalbox.yaml"), {
  TEAM_A_KEY: "key-of-team-a",
  TEAM_B_KEY: "key-of-team-b",
  OPENAI_API_KEY: "any",
  OPENAI_URL: `http://127.0.0.1:${server.port}/v1`,
});
const clientOf = (key: string) => new OpenAI({ baseURL: `${signalbox.url}/v1`, apiKey: key, maxRetries: 0 });
const teamA = clientOf("key-of-team-a");
const teamB = clientOf("key-of-team-b");

interface Told {
  readonly text: string;
  /** exact, semantic or miss; null where nothing was looked up. */
  readonly found: string | null;
  readonly id: string;
}

async function ask(client: OpenAI, content: string, headers: Record<string, string> = {}): Promise<Told> {
  const asked = { model: "auto", messages: [{ role: "user" as const, content }] };
  const { data, response } = await client.chat.completions.create(asked, { headers }).withResponse();
  return told(content, response, data.choices[0]!.message.content!);
}

async function askStreaming(client: OpenAI, content: string): Promise<Told> {
  const asked = { model: "auto", messages: [{ role: "user" as const, content }], stream: true as const };
  const { data, response } = await client.chat.completions.create(asked).withResponse();
  let text = "";
  for await (const { choices } of data) text += choices[0]?.delta.content ?? "";
  return told(content, response, text);
}

function told(question: string, { headers }: Response, text: string): Told {
  const found = headers.get("x-signalbox-cache");
  const cost = headers.get("x-signalbox-cost-usd");
  console.log(`${found ?? "not looked up"}: ${question} ${text}${cost === null ? "" : ` $${cost}`}`);
  return { text, found, id: headers.get("x-signalbox-cache-id") ?? "" };
}

const command = join(import.meta.dirname, "../../bin/signalbox.mjs");
const purge = (...what: string[]) => {
  const args = [command, "cache", "purge", "--url", signalbox.admin, ...what];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
  console.log(`signalbox cache purge ${what.join(" ")}: ${said}`);
};

try {
  const first = await ask(teamA, QUESTION);
  assert.equal(first.found, "miss");
  const again = await ask(teamA, QUESTION);
  assert.deepEqual([again.found, again.text], ["exact", first.text]);
  const streamed = await askStreaming(teamA, QUESTION);
  assert.deepEqual(
    [streamed.found, streamed.text],
    ["exact", first.text],
    "a real stream, though none was given first",
  );
  const reworded = await ask(teamA, IN_OTHER_WORDS);
  assert.deepEqual([reworded.found, reworded.text], ["semantic", first.text]);
  assert.equal(server.asked.length, 1, "one was paid for");

  const otherYear = await ask(teamA, OTHER_YEAR);
  assert.equal(otherYear.found, "miss", "2024 is not 2023, however alike the words");
  const other = await askStreaming(teamB, QUESTION);
  assert.equal(other.found, "miss", "another team's answers are its own");
  const own = await ask(teamA, QUESTION, { "cache-control": "no-store" });
  assert.equal(own.found, null);
  assert.equal(server.asked.length, 4);

  purge("--id", again.id);
  assert.equal((await ask(teamA, QUESTION)).found, "miss", "that answer is gone");
  assert.equal((await ask(teamA, OTHER_YEAR)).found, "exact", "that one is not");
  purge("--tenant", "team-a");
  assert.equal((await ask(teamA, OTHER_YEAR)).found, "miss");
  const kept = await ask(teamB, QUESTION);
  assert.deepEqual([kept.found, kept.text], ["exact", other.text], "team-b's answers are still there");
  console.log("\ncache: all as it should be");
} finally {
  await signalbox.stop();
  server.stop();
}
