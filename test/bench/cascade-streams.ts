import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { quantile, type Bench, type Row } from "./bench.ts";
import type { benchConfig } from "./config.ts";
import { serve, type Served } from "./processes.ts";

const TOKENS = 60;
const FIRST_MS = 60;
const EVERY_MS = 10;
const HELD_TOKENS = 8;
const STREAMS = 40;
/** Beside each other: latency is measured, not load. */
const AT_ONCE = 4;

/** Ways of waiting for a judgement, by the options of the route's cascade; none: it has no cascade. */
const MODES: ReadonlyMap<string, string | undefined> = new Map([
  ["no cascade", undefined],
  [`hold, ${HELD_TOKENS} tokens`, `mode: hold, max_tokens: ${HELD_TOKENS}`],
  ["buffer", "mode: buffer"],
]);
const REFUSES = "Please refuse.";
const ANSWERS = "Do swifts sleep?";

export const cascadeStreams: Bench = {
  name: "cascade-streams",
  says: `What waiting for a judgement adds to a stream: ${TOKENS} tokens, the first after ${FIRST_MS} ms, then one each ${EVERY_MS} ms, from the cheap model and from the strong one alike; heuristics judge. Where the cheap model refuses, the strong one is asked.`,
  async run({ runs }) {
    const models = await startModels();
    const rows: Row[] = [];
    try {
      for (const [mode, options] of MODES) {
        const served = await serve(`http://127.0.0.1:${models.port}`, undefined, configOf(models.port, options));
        try {
          await streams(served, ANSWERS, AT_ONCE);
          for (const [what, text] of options === undefined
            ? [["", ANSWERS] as const]
            : [["passes", ANSWERS] as const, ["is rejected", REFUSES] as const]) {
            const times = await streams(served, text, STREAMS * runs);
            const of = (part: (time: Time) => number, at: number) => quantile(times.map(part), at);
            rows.push({
              what: what === "" ? mode : `${mode}; the first answer ${what}`,
              "first token ms p50": of(({ firstMs }) => firstMs, 0.5),
              p99: of(({ firstMs }) => firstMs, 0.99),
              "last token ms p50": of(({ lastMs }) => lastMs, 0.5),
              "whole and right": times.filter(({ isRight }) => isRight).length,
              of: times.length,
            });
          }
        } finally {
          await served.stop();
        }
      }
      return rows;
    } finally {
      models.stop();
    }
  },
};

function configOf(port: number, options: string | undefined): typeof benchConfig {
  const cascade =
    options === undefined
      ? ""
      : `routes: { default: { cascade: { models: [cheap, strong], gates: [{ kind: heuristics }], ${options} } } }`;
  return (_, { listen, admin }) => `
server: { listen: "127.0.0.1:${listen}", admin: { listen: "127.0.0.1:${admin}" } }
upstreams: { up: { kind: vllm, url: "http://127.0.0.1:${port}/v1" } }
tiers: { all: { quality: 0.9 } }
models:
  cheap: { tier: all, price: { input: 0.1, output: 0.1 }, targets: [{ upstream: up, model: cheap }] }
  strong: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: up, model: strong }] }
signals: { complexity: { learned: false } }
decision: { threshold: 0 }
${cascade}
`;
}

/** Both models on one port; the cheap one declines what it is asked to. */
async function startModels() {
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
      model: string;
      messages: { content: string }[];
    };
    const refuses = body.model === "cheap" && body.messages.at(-1)!.content === REFUSES;
    response.writeHead(200, { "content-type": "text/event-stream" });
    await speak(response, refuses ? "I'm sorry, but I cannot help with that." : undefined);
  };
  const server = createServer((request, response) => void reply(request, response));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
}

async function speak(response: ServerResponse, refusal: string | undefined): Promise<void> {
  const event = (delta: object, finish: string | null = null) =>
    response.write(
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
    );
  await sleep(FIRST_MS);
  for (let at = 0; at < TOKENS && !response.destroyed; at++) {
    const words = refusal?.split(/(?<= )/u);
    event({ content: words === undefined ? `wing${at % 10} ` : (words[at] ?? "so. ") });
    await sleep(EVERY_MS);
  }
  event({}, "stop");
  response.end("data: [DONE]\n\n");
}

interface Time {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly isRight: boolean;
}

async function streams({ port }: Served, text: string, count: number): Promise<Time[]> {
  const times: Time[] = [];
  let left = count;
  const worker = async () => {
    while (left-- > 0) times.push(await stream(port, text));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return times;
}

async function stream(port: number, text: string): Promise<Time> {
  const started = performance.now();
  const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "auto", stream: true, messages: [{ role: "user", content: text }] }),
  });
  let firstMs = Number.NaN;
  let said = "";
  for await (const chunk of reply.body!) {
    said += Buffer.from(chunk).toString();
    if (Number.isNaN(firstMs) && said.includes('"content":"')) firstMs = performance.now() - started;
  }
  const isRight = !said.includes("sorry") && said.includes(`wing${(TOKENS - 1) % 10}`) && said.includes("[DONE]");
  return { firstMs, lastMs: performance.now() - started, isRight };
}
