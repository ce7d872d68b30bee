import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A model server that never fails, whatever it is asked, and remembers nothing: all trouble is the router's. */
export async function startSteadyModel(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.toArray().then(
      (chunks) => {
        // An embedding is never a stream, whatever its body says.
        const stream = !request.url?.endsWith("/embeddings") && asksForStream(Buffer.concat(chunks as Buffer[]));
        response.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
        response.end(stream ? STREAM : WHOLE);
      },
      () => response.destroy(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
const base = { id: "c", created: 1, model: "m" };
const message = { role: "assistant", content: "fine" };
const WHOLE = JSON.stringify({ ...base, choices: [{ index: 0, message, finish_reason: "stop" }], usage });
const CHUNK = { ...base, object: "chat.completion.chunk" };
const STREAM = [
  { ...CHUNK, choices: [{ index: 0, delta: message, finish_reason: null }] },
  { ...CHUNK, choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage },
]
  .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  .concat("data: [DONE]\n\n")
  .join("");

function asksForStream(body: Buffer): boolean {
  try {
    return (JSON.parse(body.toString("utf8")) as { stream?: unknown }).stream === true;
  } catch {
    return false;
  }
}
