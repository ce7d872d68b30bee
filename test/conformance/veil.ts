/** Stands between a gateway and Signalbox, for what can become of Signalbox or of the way to it. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** clear: passes all on; slow: a while later; hang: takes requests and says nothing; wrong: answers something else. */
export type Weather = "clear" | "slow" | "hang" | "wrong" | "down";

export interface Veil {
  readonly url: string;
  /** `down` cuts connections and refuses new ones. */
  weather(now: Weather): Promise<void>;
  /** Told of everything that passes from now on; undefined: nobody is. */
  listen(listener: Listener | undefined): void;
  close(): Promise<void>;
}

type Listener = (headers: IncomingHttpHeaders, body: string) => void;

const SLOW_MS = 4000;
const KEPT = /^(?:content-type|x-signalbox-.*|retry-after)$/u;

export async function startVeil(to: string): Promise<Veil> {
  let weather: Weather = "clear";
  let heard: Listener | undefined;
  let server: Server | undefined;
  let port = 0;
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const now = weather;
    const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
    heard?.(incoming.headers, body.toString());
    if (now === "hang") return;
    if (now === "wrong") return void response.end("<html>Welcome.</html>");
    if (now === "slow") await sleep(SLOW_MS, undefined, { ref: false });
    const answer = await passOn(to + incoming.url, incoming, body);
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => KEPT.test(name))));
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const up = async () => {
    server = createServer((incoming, response) => void serve(incoming, response).catch(() => response.destroy()));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  };
  const down = async () => {
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    server = undefined;
    await closed;
  };
  await up();
  return {
    url: `http://127.0.0.1:${port}`,
    async weather(now) {
      weather = now;
      if (now === "down") await down();
      else if (server === undefined) await up();
    },
    listen: (listener) => void (heard = listener),
    close: down,
  };
}

function passOn(url: string, { method = "GET", headers }: IncomingMessage, body: Buffer): Promise<Response> {
  const { authorization, "x-api-key": apiKey, "content-type": type } = headers;
  return fetch(url, {
    method,
    headers: {
      ...(type !== undefined && { "content-type": type }),
      ...(authorization !== undefined && { authorization }),
      ...(typeof apiKey === "string" && { "x-api-key": apiKey }),
    },
    ...(method === "POST" && { body: new Uint8Array(body) }),
  });
}
