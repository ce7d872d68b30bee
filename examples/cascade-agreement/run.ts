/** Two cheap models that agree on what is easy; the strong one is asked about the rest. */
import assert from "node:assert/strict";
import { join } from "node:path";
import OpenAI from "openai";
import { startModelServer, startSignalbox } from "../stage.ts";

const REQUESTS = 40;
/** Every fourth sum is beyond the cheap models. */
const isHard = (at: number) => at % 4 === 3;
const sumIn = (text: string) => /(\d+) \+ (\d+)/u.exec(text)!.slice(1).map(Number) as [number, number];

const serve = (add: (a: number, b: number) => number) =>
  startModelServer((body: { model: string; messages: { content: string }[] }, response) => {
    const [a, b] = sumIn(body.messages.at(-1)!.content);
    const message = { role: "assistant", content: `${a} plus ${b} is ${add(a, b)}. The answer is ${add(a, b)}.` };
    const usage = { prompt_tokens: 20, completion_tokens: 15, total_tokens: 35 };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ id: "chat-1", object: "chat.completion", created: 0, model: body.model, choices, usage }),
    );
  });
const first = await serve((a, b) => (a < 1000 ? a + b : a + b + 10));
const second = await serve((a, b) => (a < 1000 ? a + b : a + b - 1));
const strong = await serve((a, b) => a + b);
const urlOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}/v1`;
const signalbox = await startSignalbox(join(import.meta.dirname, "signalbox.yaml"), {
  FIRST_URL: urlOf(first),
  SECOND_URL: urlOf(second),
  STRONG_URL: urlOf(strong),
});

try {
  const client = new OpenAI({ baseURL: `${signalbox.url}/v1`, apiKey: "none", maxRetries: 0 });
  const by: Record<string, number> = {};
  let right = 0;
  for (let at = 0; at < REQUESTS; at++) {
    const [a, b] = [isHard(at) ? 4000 + at : 100 + at, 77 + at];
    const content = `What is ${a} + ${b}?`;
    const answer = await client.chat.completions.create({ model: "auto", messages: [{ role: "user", content }] });
    right += Number(answer.choices[0]!.message.content!.endsWith(` ${a + b}.`));
    by[answer.model] = (by[answer.model] ?? 0) + 1;
  }
  const metrics = await (await fetch(`${signalbox.admin}/metrics`)).text();
  const rate = /signalbox_cascade_escalation_rate\{[^}]*\} (\S+)/u.exec(metrics)?.[1];
  const even = /signalbox_cascade_break_even_rate\{[^}]*\} (\S+)/u.exec(metrics)?.[1];
  console.log(`${REQUESTS} sums: ${right} answered right`);
  console.log(
    `answered by  ${Object.entries(by)
      .map(([model, times]) => `${model} ${times}`)
      .join(", ")}`,
  );
  console.log(`escalated    ${rate} of the requests; it pays below ${Number(even).toFixed(2)}`);
  assert.equal(right, REQUESTS, "what the cheap ones get wrong they get wrong differently");
  assert.equal(by["strong"], REQUESTS / 4);
  assert.equal(second.asked.length, REQUESTS);
  assert.ok(Number(rate) < Number(even), "it pays");
  console.log("\ncascade-agreement: all as it should be");
} finally {
  await signalbox.stop();
  for (const server of [first, second, strong]) server.stop();
}
