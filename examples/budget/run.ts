/**
 * A team spends its budget of a cent a day, is told so by a typed error that says when to come back, and is told the
 * same after a restart. The other team notices nothing. `signalbox report costs` shows who spent what.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI, { APIError } from "openai";
import { startModelServer, startSignalbox } from "../stage.ts";

const USAGE = { prompt_tokens: 200, completion_tokens: 200, total_tokens: 400 }; // 0.2 cents at these prices
const folder = mkdtempSync(join(tmpdir(), "signalbox-budget-"));
const ledger = join(folder, "ledger.db");
const server = await startModelServer(({ model }: { model: string }, response) => {
  const choices = [{ index: 0, message: { role: "assistant", content: "Paris." }, finish_reason: "stop" }];
  const answer = { id: "chat-1", object: "chat.completion", created: 0, model, choices, usage: USAGE };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
});
const start = () =>
  startSignalbox(join(import.meta.dirname, "signalbox.yaml"), {
    TEAM_A_KEY: "key-of-team-a",
    TEAM_B_KEY: "key-of-team-b",
    OPENAI_API_KEY: "any",
    OPENAI_URL: `http://127.0.0.1:${server.port}/v1`,
    LEDGER: ledger,
  });

async function ask(url: string, key: string): Promise<string> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  const messages = [{ role: "user" as const, content: "What is the capital of France?" }];
  try {
    return (await client.chat.completions.create({ model: "auto", messages })).choices[0]!.message.content!;
  } catch (error) {
    if (error instanceof APIError) return `${error.status} ${error.code}`;
    throw error;
  }
}

let signalbox = await start();
try {
  const answers: string[] = [];
  for (let each = 0; each < 8; each++) answers.push(await ask(signalbox.url, "key-of-team-a"));
  console.log(`team-a asks eight times: ${answers.join(", ")}`);
  assert.deepEqual(answers.slice(0, 5), Array(5).fill("Paris."), "a cent pays for five");
  assert.deepEqual(answers.slice(5), Array(3).fill("429 over_budget"));
  assert.equal(await ask(signalbox.url, "key-of-team-b"), "Paris.");
  console.log("team-b asks once: Paris.");

  await signalbox.stop();
  signalbox = await start();
  assert.equal(await ask(signalbox.url, "key-of-team-a"), "429 over_budget", "a restart forgives nothing");
  console.log("after a restart team-a is still over its budget\n");
  const command = join(import.meta.dirname, "../../bin/signalbox.mjs");
  const report = [command, "report", "costs", "--by", "tenant,model", "--ledger", ledger];
  console.log(execFileSync(process.execPath, report, { encoding: "utf8" }));
  const told = JSON.parse(execFileSync(process.execPath, [...report, "--json"], { encoding: "utf8" })) as object;
  assert.match(JSON.stringify(told), /team-a/);
  console.log("budget: all as it should be");
} finally {
  await signalbox.stop();
  server.stop();
  rmSync(folder, { recursive: true });
}
