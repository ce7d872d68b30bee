/** What examples stand on: Signalbox in a process of its own on free ports, and model servers of a few lines. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";

export interface Running {
  readonly url: string;
  readonly admin: string;
  stop(): Promise<void>;
}

/** `signalbox serve` with a config of the example and these values in its `${NAME}`. */
export async function startSignalbox(config: string, env: Record<string, string>): Promise<Running> {
  const command = join(import.meta.dirname, "../bin/signalbox.mjs");
  const ports = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const serve = spawn(process.execPath, [command, "serve", "-c", config, ...ports], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const ended = once(serve, "exit");
  process.once("exit", () => serve.kill());
  const addresses = await new Promise<{ url: string; admin: string }>((resolve, reject) => {
    createInterface({ input: serve.stderr })
      .on("line", (line) => {
        // The log: JSON lines on standard error, one of which says which ports were free.
        if (!line.startsWith("{")) return console.error(line);
        const { url, admin } = JSON.parse(line) as { url?: string; admin?: string };
        if (url && admin) resolve({ url, admin });
      })
      .on("close", () => reject(new Error("signalbox ended")));
  });
  return {
    ...addresses,
    async stop() {
      serve.kill();
      await ended;
    },
  };
}

export interface ModelServer {
  readonly port: number;
  readonly asked: readonly unknown[];
  stop(): void;
}

/** A server on a free port that hands each JSON body to `answer`. */
export async function startModelServer(
  answer: (body: never, response: ServerResponse) => void | Promise<void>,
): Promise<ModelServer> {
  const asked: unknown[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    void json(request).then((body) => {
      asked.push(body);
      return answer(body as never, response);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
