/**
 * Three model servers in order: vLLM, Gemini, OpenAI. Requests flow, half of them streams, while one server is killed,
 * another hangs, and the first comes back with nothing but errors. A request fails only if its stream had already
 * begun when its server died, and then it is told so.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI, { APIError } from "openai";

const PER_SECOND = 40;
const CHAPTER_MS = 3000;
/** So many answers in a row by one model are no accident. */
const SETTLED = 20;

// A model server in a few lines: OpenAI chat, whole or streamed. It can be killed, hang, or answer 500.
interface ModelServer {
  behaves: "well" | "hangs" | "answers 500";
  readonly port: number;
  kill(): void;
  restart(): Promise<void>;
}

async function startModelServer(): Promise<ModelServer> {
  let server: Server;
  const listen = async (port: number): Promise<number> => {
    server = createServer((request, response) => void serveModel(model, request, response));
    await once(server.listen(port, "127.0.0.1"), "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const model: ModelServer = {
    behaves: "well",
    port,
    kill: () => {
      server.close();
      server.closeAllConnections();
    },
    restart: async () => void (await listen(port)),
  };
  return model;
}

async function serveModel({ behaves }: ModelServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, stream } = (await json(request)) as { model: string; stream?: boolean };
  const head = { id: "chat-1", created: 0, model };
  const words = ["It", " is", " Paris", "."];
  if (behaves === "hangs") return;
  if (behaves === "answers 500") {
    response.writeHead(500).end("out of memory");
  } else if (!stream) {
    const message = { role: "assistant", content: words.join("") };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...head, object: "chat.completion", choices }));
  } else {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const [at, content] of words.entries()) {
      const choices = [{ index: 0, delta: { content }, finish_reason: at < words.length - 1 ? null : "stop" }];
      response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices })}\n\n`);
      await sleep(30);
    }
    response.end("data: [DONE]\n\n");
  }
}

const [vllm, gemini, openai] = await Promise.all([startModelServer(), startModelServer(), startModelServer()]);

// Signalbox in front of them, on free ports.
const root = join(import.meta.dirname, "../..");
const config = join(import.meta.dirname, "signalbox.yaml");
const ports = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
const serve = spawn(process.execPath, [join(root, "bin/signalbox.mjs"), "serve", "-c", config, ...ports], {
  env: {
    ...process.env,
    VLLM_URL: `http://127.0.0.1:${vllm.port}/v1`,
    GEMINI_URL: `http://127.0.0.1:${gemini.port}/v1beta/openai`,
    GEMINI_API_KEY: "any",
    OPENAI_URL: `http://127.0.0.1:${openai.port}/v1`,
    OPENAI_API_KEY: "any",
  },
  stdio: ["ignore", "inherit", "pipe"],
});
const ended = new Promise((resolve) => serve.once("exit", resolve));
process.once("exit", () => serve.kill());
process.once("SIGTERM", () => process.exit(1));

interface Answer {
  readonly sentAt: number;
  readonly ms: number;
  /** The model that answered, or `cut` for a stream that broke after it had begun. Anything else is a failure. */
  readonly by: string;
}
const answers: Answer[] = [];
const over = new AbortController();

try {
  const { url, admin } = await whereItListens();
  assert.ok((await fetch(`${url}/readyz`)).ok);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
  const traffic = flow(client);
  console.log(`${PER_SECOND} requests/s of model "auto" flow, every other one a stream.`);

  await chapter("all three are well", "llama", admin, () => undefined);
  await chapter("vLLM is killed", "gemini", admin, () => vllm.kill());
  await chapter("and Gemini hangs", "gpt", admin, () => void (gemini.behaves = "hangs"));
  await chapter("Gemini is well again, vLLM is back but answers 500", "gemini", admin, async () => {
    gemini.behaves = "well";
    vllm.behaves = "answers 500";
    await vllm.restart();
  });
  await chapter("vLLM is well again", "llama", admin, () => void (vllm.behaves = "well"));

  over.abort();
  await traffic;
  const cut = answers.filter(({ by }) => by === "cut");
  const failed = answers.filter(({ by }) => !["llama", "gemini", "gpt", "cut"].includes(by));
  console.log(
    `\n${answers.length} requests: ${answers.length - cut.length - failed.length} answered, ${failed.length} failed; ` +
      `${cut.length} streams had begun when vLLM was killed, and each was told by an error event`,
  );
  assert.deepEqual(failed, []);
  assert.ok(cut.length < PER_SECOND, "more streams were cut than can have been under way");
  console.log("\nfailover: all as it should be");
} finally {
  over.abort();
  for (const model of [vllm, gemini, openai]) model.kill();
  serve.kill();
  await ended;
}

/** Sends at an even pace, whether or not answers come, until it is over; ends when all are answered. */
async function flow(client: OpenAI): Promise<void> {
  const sent: Array<Promise<void>> = [];
  for (let index = 0; !over.signal.aborted; index++) {
    sent.push(ask(client, index % 2 === 0));
    await sleep(1000 / PER_SECOND);
  }
  await Promise.all(sent);
}

async function ask(client: OpenAI, stream: boolean): Promise<void> {
  const sentAt = performance.now();
  const messages = [{ role: "user" as const, content: "What is the capital of France?" }];
  let by = "nobody";
  let text = "";
  try {
    if (stream) {
      for await (const chunk of await client.chat.completions.create({ model: "auto", messages, stream })) {
        by = chunk.model;
        text += chunk.choices[0]?.delta.content ?? "";
      }
    } else {
      const whole = await client.chat.completions.create({ model: "auto", messages });
      by = whole.model;
      text = whole.choices[0]?.message.content ?? "";
    }
    if (text !== "It is Paris.") by = `${by} said ${text}`;
  } catch (error) {
    const told = error instanceof APIError && error.code === "upstream_failed";
    by = text !== "" && told ? "cut" : String(error);
  }
  answers.push({ sentAt, ms: performance.now() - sentAt, by });
}

/** Something happens while requests flow; it is told who answers, and checked that in the end it is the one expected. */
async function chapter(title: string, expected: string, admin: string, happens: () => void | Promise<void>) {
  const before = await metric(admin, "signalbox_failovers_total");
  const from = performance.now();
  const sentSince = () => answers.filter(({ sentAt }) => sentAt >= from);
  await happens();
  await sleep(CHAPTER_MS);
  const settled = () => {
    const last = sentSince().slice(-SETTLED);
    return last.length === SETTLED && last.every(({ by }) => by === expected);
  };
  for (let tries = 0; !settled(); tries++) {
    assert.ok(tries < 100, `${title}: ${expected} should answer, not ${answers.at(-1)?.by}`);
    await sleep(100);
  }

  const who = Object.entries(Object.groupBy(sentSince(), ({ by }) => by));
  const times = sentSince()
    .map(({ ms }) => Math.round(ms))
    .sort((a, b) => a - b);
  console.log(`\n${title}`);
  console.log(`  answered by  ${who.map(([by, list]) => `${by} ${list?.length}`).join(", ")}`);
  console.log(`  took         median ${times[times.length >> 1]} ms, slowest ${times.at(-1)} ms`);
  for (const [labels, count] of await metric(admin, "signalbox_failovers_total")) {
    const now = count - (before.get(labels) ?? 0);
    if (now > 0) console.log(`  failed over  ${now} times from ${labels}`);
  }
  for (const [labels, state] of await metric(admin, "signalbox_breaker_state")) {
    console.log(`  breaker      ${labels} ${["closed", "half open", "open"][state]}`);
  }
}

/** One metric by its labels, from the page that Prometheus reads. */
async function metric(admin: string, name: string): Promise<Map<string, number>> {
  const page = await (await fetch(`${admin}/metrics`)).text();
  const lines = page.matchAll(new RegExp(`^${name}\\{(.*)\\} (.*)$`, "gmu"));
  return new Map([...lines].map(([, labels = "", value]) => [labels, Number(value)]));
}

/** The log, JSON lines on standard error, says which ports were free. */
function whereItListens(): Promise<{ url: string; admin: string }> {
  return new Promise((resolve, reject) => {
    createInterface({ input: serve.stderr })
      .on("line", (line) => {
        if (!line.startsWith("{")) return console.error(line);
        const { url, admin } = JSON.parse(line) as { url?: string; admin?: string };
        if (url && admin) resolve({ url, admin });
      })
      .on("close", () => reject(new Error("signalbox ended")));
  });
}
