/**
 * The model pool changes while requests flow. Two facts of each answer show which config gave it: the model server's
 * name of the model stands in the text, and the price stands in the cost. They must always come from one file.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

const PER_SECOND = 50;

// A model server. It says which model it was asked for; a thousand tokens in, a thousand out make costs easy to read.
const modelServer = createServer((request, response) => void answerAs(request, response));
async function answerAs(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model } = (await json(request)) as { model: string };
  await sleep(20);
  const answer = {
    id: "chat-1",
    object: "chat.completion",
    model,
    choices: [{ index: 0, message: { role: "assistant", content: `I am ${model}.` }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 },
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
}
await once(modelServer.listen(0, "127.0.0.1"), "listening");
const modelUrl = `http://127.0.0.1:${(modelServer.address() as AddressInfo).port}/v1`;

// Signalbox on a copy of signalbox.yaml, on free ports.
const root = join(import.meta.dirname, "../..");
const folder = await mkdtemp(join(tmpdir(), "signalbox-pool-swap-"));
const file = join(folder, "signalbox.yaml");
await writeFile(file, await readFile(join(import.meta.dirname, "signalbox.yaml")));
const ports = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
const serve = spawn(process.execPath, [join(root, "bin/signalbox.mjs"), "serve", "-c", file, ...ports], {
  env: { ...process.env, LOCAL_URL: modelUrl, CLOUD_URL: modelUrl, CLOUD_KEY: "any" },
  stdio: ["ignore", "inherit", "pipe"],
});
const ended = new Promise((resolve) => serve.once("exit", resolve));
process.once("exit", () => {
  serve.kill();
  rmSync(folder, { recursive: true });
});
process.once("SIGTERM", () => process.exit(1));

/** The log: JSON lines on standard error. */
const log: Array<{ message: string; url?: string; hash?: string; problem?: string }> = [];
createInterface({ input: serve.stderr }).on("line", (line) => {
  if (line.startsWith("{")) log.push(JSON.parse(line) as (typeof log)[number]);
  else console.error(line);
});

interface Answer {
  readonly sentAt: number;
  /** Of HTTP; 0 where there was no answer at all. */
  readonly status: number;
  /** `MODEL SERVER'S NAME at COST`, the two facts that one config gives together. */
  readonly facts: string;
}
const answers: Answer[] = [];
const over = new AbortController();

try {
  const { url } = await logged((line) => line.url !== undefined);
  assert.ok((await fetch(`${url}/readyz`)).ok);
  const traffic = flow(url!);

  console.log(`${PER_SECOND} requests/s of model "auto" flow. Answered by, at what cost:`);
  await chapter("as the file was", "llama-8b at 0.00013 USD");

  await edit((text) =>
    text
      .replace("price: { input: 0.05, output: 0.08 }", "price: { input: 0.04, output: 0.06 }")
      .replace("model: llama-8b", "model: qwen-8b"),
  );
  await logged(isInForce);
  await chapter("another model behind the name quick", "qwen-8b at 0.0001 USD");

  await edit((text) =>
    text.replace(
      "models:\n",
      "models:\n  tiny: { tier: small, price: { input: 0.01, output: 0.02 }, targets: [{ upstream: local, model: qwen-1b }] }\n",
    ),
  );
  await logged(isInForce);
  await chapter("a cheaper model added", "qwen-1b at 0.00003 USD");

  // Two mistakes. The file is refused as a whole and named with line and column; nothing of it applies.
  await edit((text) => text.replace("model: qwen-1b", "modle: qwen-3b").replace("tolerance: 0.1", "tolerance: lots"));
  const { message, problem } = await logged((line) => line.problem !== undefined);
  await chapter("a broken file", "qwen-1b at 0.00003 USD");
  console.log(
    `    the log: ${message}\n      ${problem?.replaceAll(`${file}:`, "signalbox.yaml:").replaceAll("; ", "\n      ")}`,
  );

  await edit((text) => text.replace("modle: qwen-3b", "model: qwen-3b").replace("tolerance: lots", "tolerance: 0.1"));
  await logged(isInForce);
  await chapter("the file mended", "qwen-3b at 0.00003 USD");

  over.abort();
  await traffic;
  const failed = answers.filter(({ status }) => status !== 200);
  console.log(`${answers.length} requests sent, ${answers.length - failed.length} answered, ${failed.length} failed`);
  assert.deepEqual(failed, []);

  // Of the five files four were in force. An answer of half this, half that file would be a fifth pair.
  const seen = [...new Set(answers.map(({ facts }) => facts))];
  console.log(`Each by one config: ${seen.join(", ")}`);
  const files = [
    "llama-8b at 0.00013 USD",
    "qwen-8b at 0.0001 USD",
    "qwen-1b at 0.00003 USD",
    "qwen-3b at 0.00003 USD",
  ];
  assert.deepEqual(seen, files);
  console.log("\npool-swap: all as it should be");
} finally {
  over.abort();
  serve.kill();
  await ended;
  modelServer.close();
  modelServer.closeAllConnections();
}

/** Sends at an even pace, whether or not answers come, until stopped; ends when all are answered. */
async function flow(url: string): Promise<void> {
  const sent: Array<Promise<void>> = [];
  while (!over.signal.aborted) {
    sent.push(ask(url).catch((error) => void answers.push({ sentAt: 0, status: 0, facts: String(error) })));
    await sleep(1000 / PER_SECOND);
  }
  await Promise.all(sent);
}

async function ask(url: string): Promise<void> {
  const sentAt = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "auto", messages: [{ role: "user", content: "What is the capital of France?" }] }),
  });
  const body = (await response.json()) as { choices?: Array<{ message: { content: string } }> };
  const name = /^I am (\S+)\.$/u.exec(body.choices?.[0]?.message.content ?? "")?.[1];
  const cost = response.headers.get("x-signalbox-cost-usd")?.replace(/0+$/u, "");
  answers.push({ sentAt, status: response.status, facts: `${name} at ${cost} USD` });
}

/** Lets requests flow for a second; all that are sent in it must be answered as expected. */
async function chapter(title: string, expected: string): Promise<void> {
  const from = performance.now();
  await sleep(1000);
  const sent = answers.filter(({ sentAt }) => sentAt >= from);
  const counts = Object.entries(Object.groupBy(sent, ({ facts }) => facts));
  console.log(`  ${title}: ${counts.map(([facts, list]) => `${facts} (${list?.length} requests)`).join(", ")}`);
  assert.deepEqual(
    counts.map(([facts]) => facts),
    [expected],
  );
}

/** Writes the file anew beside the old one and renames it, as editors do. Signalbox sees it by itself. */
async function edit(change: (text: string) => string): Promise<void> {
  const text = await readFile(file, "utf8");
  const changed = change(text);
  assert.notEqual(changed, text);
  log.length = 0;
  await writeFile(`${file}.new`, changed);
  await rename(`${file}.new`, file);
}

function isInForce(line: (typeof log)[number]): boolean {
  return line.message === "The config is in force.";
}

/** The first line of the log, since the last edit, that is meant; waits for it. */
async function logged(meant: (line: (typeof log)[number]) => boolean): Promise<(typeof log)[number]> {
  for (let tries = 0; tries < 200; tries++) {
    const line = log.find(meant);
    if (line) return line;
    await sleep(50);
  }
  throw new Error("signalbox did not log what was expected");
}
