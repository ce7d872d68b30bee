/** A model server that takes whatever comes under any path, remembers it, and answers the least that is an answer. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Recorded {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Recorder {
  readonly port: number;
  /** What came last, taken away. */
  take(): Recorded | undefined;
  close(): void;
}

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const ANSWERS: ReadonlyArray<readonly [end: string, answer: object]> = [
  [
    "/chat/completions",
    {
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
      usage: USAGE,
    },
  ],
  ["/responses", { object: "response", status: "completed", output: [], usage: { input_tokens: 3, output_tokens: 2 } }],
  [
    "/messages",
    {
      type: "message",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 3, output_tokens: 2 },
    },
  ],
];

export async function startRecorder(): Promise<Recorder> {
  let last: Recorded | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = (request.url ?? "/").split("?", 1)[0]!;
      last = { path, headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
      const answer = ANSWERS.find(([end]) => path.endsWith(end))?.[1] ?? {};
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    take() {
      const taken = last;
      last = undefined;
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
