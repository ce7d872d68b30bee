/** A server whose answer comes in two pieces, cut wherever a test wants it. */
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listening } from "./kong-scene.ts";

export interface CutServer {
  readonly origin: string;
  /** The next answers: a stream, and where it is cut. */
  stream: Buffer;
  cut: number;
  close(): void;
}

export async function startCutServer(): Promise<CutServer> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      if (data.includes("}")) void answer(socket, cutter);
    });
  });
  const cutter = {
    origin: `http://127.0.0.1:${await listening(server)}`,
    stream: Buffer.alloc(0),
    cut: 0,
    close: () => void server.close(),
  };
  return cutter;
}

async function answer(socket: Socket, { stream, cut }: CutServer): Promise<void> {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${stream.length}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), stream.subarray(0, cut)]));
  await sleep(2);
  socket.write(stream.subarray(cut));
}
