import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StandIn {
  readonly name: string;
  /** Base URL of its OpenAI-compatible API. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/**
 * A local server with the face of a model and nothing behind it: it lets every door be tried before any model is
 * configured. Each answer says what it is. `msPerToken` is the pace of its streams.
 */
export async function startStandIn(name: string, msPerToken: number): Promise<StandIn> {
  const server = createServer((request, response) => {
    serve(name, msPerToken, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  name: string,
  msPerToken: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET" && request.url === "/v1/models") {
    return reply(response, 200, {
      object: "list",
      data: [{ id: name, object: "model", created: 0, owned_by: "stand-in" }],
    });
  }
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
    return reply(response, 404, {
      error: { message: `The stand-in has no ${request.url}.`, type: "invalid_request_error", param: null, code: null },
    });
  }
  const bytes = await read(request);
  const body = JSON.parse(bytes.toString("utf8")) as { stream?: boolean; stream_options?: { include_usage?: boolean } };
  const words = [
    `This is the stand-in for "${name}",`,
    " not a real model.",
    ` It read ${bytes.length} bytes.`,
    " Run `signalbox init` to put real models here.",
  ];
  const usage = {
    prompt_tokens: Math.ceil(bytes.length / 4),
    completion_tokens: words.length,
    total_tokens: Math.ceil(bytes.length / 4) + words.length,
  };
  const head = { id: `standin-${name}`, created: Math.floor(Date.now() / 1000), model: name };

  if (!body.stream) {
    const message = { role: "assistant", content: words.join("") };
    return reply(response, 200, {
      ...head,
      object: "chat.completion",
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage,
    });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (choices: unknown[], more = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices, ...more })}\n\n`);
  for (const content of words) {
    send([{ index: 0, delta: { role: "assistant", content }, finish_reason: null }]);
    await new Promise((resolve) => setTimeout(resolve, msPerToken));
  }
  send([{ index: 0, delta: {}, finish_reason: "stop" }]);
  if (body.stream_options?.include_usage) send([], { usage });
  response.end("data: [DONE]\n\n");
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
