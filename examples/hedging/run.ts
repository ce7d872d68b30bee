/**
 * A model server that is mostly quick and now and then takes two seconds to say its first word. With hedging the next
 * server is asked where the first is later than usual, and the first answer wins.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { startModelServer, startSignalbox } from "../stage.ts";

const REQUESTS = 60;
const LATE_MS = 2000;
let count = 0;

const serve = (delayMs: () => number) =>
  startModelServer(async ({ model }: { model: string }, response) => {
    await sleep(delayMs());
    const choices = [{ index: 0, delta: { content: "Paris." }, finish_reason: "stop" }];
    const chunk = { id: "chat-1", object: "chat.completion.chunk", created: 0, model, choices };
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
const near = await serve(() => (++count % 10 === 0 ? LATE_MS : 20));
const far = await serve(() => 40);
const config = join(import.meta.dirname, "signalbox.yaml");
const signalbox = await startSignalbox(config, {
  NEAR_URL: `http://127.0.0.1:${near.port}/v1`,
  FAR_URL: `http://127.0.0.1:${far.port}/v1`,
});

try {
  const client = new OpenAI({ baseURL: `${signalbox.url}/v1`, apiKey: "none", maxRetries: 0 });
  const times: number[] = [];
  const by: Record<string, number> = {};
  for (let each = 0; each < REQUESTS; each++) {
    const started = performance.now();
    const messages = [{ role: "user" as const, content: "What is the capital of France?" }];
    for await (const chunk of await client.chat.completions.create({ model: "auto", messages, stream: true })) {
      by[chunk.model] = (by[chunk.model] ?? 0) + 1;
    }
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  console.log(`${REQUESTS} streams; one in ten is ${LATE_MS} ms late at the first server`);
  console.log(
    `answered by  ${Object.entries(by)
      .map(([model, times]) => `${model} ${times}`)
      .join(", ")}`,
  );
  console.log(`took         median ${Math.round(times[REQUESTS / 2]!)} ms, slowest ${Math.round(times.at(-1)!)} ms`);
  console.log(`asked        the first server ${near.asked.length} times, the second ${far.asked.length}`);
  assert.ok(by["far"]! >= 4, "late ones are answered by the other server");
  assert.ok(times.at(-1)! < LATE_MS, "nobody waited for a late one");
  assert.ok(far.asked.length < REQUESTS / 3, "few were asked twice");
  console.log("\nhedging: all as it should be");
} finally {
  await signalbox.stop();
  near.stop();
  far.stop();
}
