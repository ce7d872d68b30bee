/**
 * The cheapest model server there is: fixed bytes over raw sockets, so that what is measured is the way to it.
 * A process of its own; prints its port. A streamed answer is a first token at once and four more a turn later each.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
const STREAMS = Buffer.from('"stream":true');

const usage = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105 };
const common = { id: "chatcmpl-bench", created: 1, model: "bench" };
const whole = JSON.stringify({
  ...common,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "A short and fixed answer." }, finish_reason: "stop" }],
  usage,
});
const WHOLE = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(whole)}\r\n\r\n${whole}`,
);

const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const event = (delta: object, finish: string | null, more = {}) =>
  `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
const STREAM: readonly Buffer[] = [
  STREAM_HEAD + chunk(event({ role: "assistant", content: "A" }, null)),
  ...[" short", " and fixed", " answer."].map((content) => chunk(event({ content }, null))),
  chunk(
    `${event({}, "stop")}data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [], usage })}\n\ndata: [DONE]\n\n`,
  ) + chunk(""),
].map((text) => Buffer.from(text));

/** Calls `answer` for each whole request on the socket. */
function readRequests(socket: Socket, answer: (body: Buffer) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (;;) {
      const headEnd = held.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(held.toString("latin1", 0, headEnd))?.[1] ?? 0);
      const start = headEnd + HEAD_END.length;
      if (held.length < start + length) return;
      answer(held.subarray(start, start + length));
      held = held.subarray(start + length);
    }
  });
}

function stream(socket: Socket, next = 0): void {
  if (socket.destroyed) return;
  socket.write(STREAM[next]!);
  if (next + 1 < STREAM.length) setImmediate(stream, socket, next + 1);
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  readRequests(socket, (body) => {
    if (body.includes(STREAMS)) stream(socket);
    else socket.write(WHOLE);
  });
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.once("SIGTERM", () => process.exit(0));
