import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

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
    serve({ name, msPerToken }, request, response).catch(() => response.destroy());
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

interface Face {
  readonly name: string;
  readonly msPerToken: number;
}

/** The bytes of a request, and as much of what they say as matters here. */
interface Asked {
  readonly bytes: number;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
  readonly input: unknown;
  readonly base64: boolean;
}

type Answer = (face: Face, asked: Asked, response: ServerResponse) => Promise<void> | void;

const ANSWERS: Readonly<Record<string, Answer>> = {
  "GET /v1/models": ({ name }, _, response) =>
    reply(response, 200, { object: "list", data: [{ id: name, object: "model", created: 0, owned_by: "stand-in" }] }),
  "POST /v1/chat/completions": (face, asked, response) => complete(CHAT, face, asked, response),
  "POST /v1/completions": (face, asked, response) => complete(TEXT, face, asked, response),
  "POST /v1/embeddings": embed,
};

async function serve(face: Face, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await read(request);
  const answer = ANSWERS[`${request.method} ${request.url}`];
  if (!answer) return refuse(response, 404, `The stand-in has no ${request.url}.`);
  const asked = askedIn(body);
  if (!asked) return refuse(response, 400, "The body is no JSON object.");
  await answer(face, asked, response);
}

function askedIn(body: Buffer): Asked | undefined {
  try {
    const read = JSON.parse(body.toString("utf8") || "{}") as Record<string, unknown>;
    const options = read["stream_options"] as { include_usage?: boolean } | undefined;
    return {
      bytes: body.length,
      stream: read["stream"] === true,
      wantsUsage: options?.include_usage === true,
      input: read["input"],
      base64: read["encoding_format"] === "base64",
    };
  } catch {
    return undefined;
  }
}

/** How one of the two APIs for answers in words writes them. */
interface Form {
  readonly object: string;
  readonly chunk: string;
  choice(text: string): object;
  part(text: string): object;
}

const CHAT: Form = {
  object: "chat.completion",
  chunk: "chat.completion.chunk",
  choice: (content) => ({ message: { role: "assistant", content } }),
  part: (content) => ({ delta: content === "" ? {} : { role: "assistant", content } }),
};
const TEXT: Form = {
  object: "text_completion",
  chunk: "text_completion",
  choice: (text) => ({ text, logprobs: null }),
  part: (text) => ({ text, logprobs: null }),
};

async function complete(
  form: Form,
  { name, msPerToken }: Face,
  { bytes, stream, wantsUsage }: Asked,
  response: ServerResponse,
): Promise<void> {
  const words = [
    `This is the stand-in for "${name}",`,
    " not a real model.",
    ` It read ${bytes} bytes.`,
    " Run `signalbox init` to put real models here.",
  ];
  const prompt_tokens = tokensIn(bytes);
  const usage = { prompt_tokens, completion_tokens: words.length, total_tokens: prompt_tokens + words.length };
  const head = { id: `standin-${name}`, created: Math.floor(Date.now() / 1000), model: name };

  if (!stream) {
    const choices = [{ index: 0, ...form.choice(words.join("")), finish_reason: "stop" }];
    return reply(response, 200, { ...head, object: form.object, choices, usage });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (choices: unknown[], more = {}) =>
    response.write(`data: ${JSON.stringify({ ...head, object: form.chunk, choices, ...more })}\n\n`);
  for (const word of words) {
    send([{ index: 0, ...form.part(word), finish_reason: null }]);
    await sleep(msPerToken);
  }
  send([{ index: 0, ...form.part(""), finish_reason: "stop" }]);
  if (wantsUsage) send([], { usage });
  response.end("data: [DONE]\n\n");
}

const DIMENSIONS = 8;

function embed({ name }: Face, { bytes, input, base64 }: Asked, response: ServerResponse): void {
  const texts = Array.isArray(input) && typeof input[0] !== "number" ? (input as unknown[]) : [input];
  const prompt_tokens = tokensIn(bytes);
  reply(response, 200, {
    object: "list",
    model: name,
    data: texts.map((text, index) => {
      const vector = vectorOf(JSON.stringify(text ?? ""));
      return {
        object: "embedding",
        index,
        embedding: base64 ? Buffer.from(vector.buffer).toString("base64") : [...vector],
      };
    }),
    usage: { prompt_tokens, total_tokens: prompt_tokens },
  });
}

/** The same for the same text, of length 1, and without any meaning. */
function vectorOf(text: string): Float32Array {
  const hash = createHash("sha256").update(text).digest();
  const raw = Array.from({ length: DIMENSIONS }, (_, at) => hash.readInt32LE(at * 4));
  const length = Math.hypot(...raw);
  return Float32Array.from(raw, (value) => value / length);
}

const tokensIn = (bytes: number) => Math.ceil(bytes / 4);

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

function refuse(response: ServerResponse, status: number, message: string): void {
  reply(response, status, { error: { message, type: "invalid_request_error", param: null, code: null } });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
