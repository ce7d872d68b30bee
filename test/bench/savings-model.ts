import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/** A model server that answers at once, repeats what it was asked in the first line, and bills tokens. */
export interface BillingModel {
  readonly url: string;
  /** How often it was asked. */
  readonly calls: number;
  /** How long it takes from now on. */
  waits(ms: number): void;
  close(): void;
}

interface Asked {
  readonly stream?: boolean;
  readonly messages: readonly { readonly content: string }[];
}

const OUTPUT_TOKENS = 200;
const FILLER = "And so it goes on for a while. ".repeat(26);
const PIECE = 24;

export async function startBillingModel(): Promise<BillingModel> {
  let calls = 0;
  let waitMs = 0;
  const server = createServer((request, response) => {
    json(request)
      .then(async (body) => {
        calls += 1;
        if (waitMs > 0) await sleep(waitMs);
        answer(body as Asked, response);
      })
      .catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get calls() {
      return calls;
    },
    waits(ms) {
      waitMs = ms;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The question that an answer was given to. */
export const questionOf = (answered: string): string => answered.split("\n", 1)[0]!;

function answer({ stream, messages }: Asked, response: ServerResponse): void {
  const question = messages.at(-1)!.content;
  const content = `${question}\n${FILLER}`;
  const input = Math.ceil(question.length / 4) + 8;
  const usage = { prompt_tokens: input, completion_tokens: OUTPUT_TOKENS, total_tokens: input + OUTPUT_TOKENS };
  const head = { id: "chatcmpl-bench", created: 1, model: "bench" };
  if (!stream) {
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(JSON.stringify({ ...head, object: "chat.completion", choices, usage }));
  }
  const say = (choices: object[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, ...more })}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let from = 0; from < content.length; from += PIECE)
    say([{ index: 0, delta: { content: content.slice(from, from + PIECE) }, finish_reason: null }]);
  say([{ index: 0, delta: {}, finish_reason: "stop" }]);
  say([], { usage });
  response.end("data: [DONE]\n\n");
}
