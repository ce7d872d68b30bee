import { Agent, request, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface Load {
  readonly perSecond: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  progress?(part: number): void;
  /** Sends request number `index`; its end is waited for, nothing else is. */
  send(index: number): Promise<void>;
}

/** Open loop: each request starts when its time has come, however the ones before it fare. Answers how many were sent. */
export async function openLoop({ perSecond, seconds, signal, progress, send }: Load): Promise<number> {
  const total = Math.round(perSecond * seconds);
  const started = performance.now();
  const under = new Set<Promise<void>>();
  let sent = 0;
  while (sent < total && !signal.aborted) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * perSecond) + 1);
    while (sent < due) {
      const one = send(sent).finally(() => under.delete(one));
      under.add(one);
      sent += 1;
    }
    progress?.(sent / total);
    await sleep(2);
  }
  await Promise.all(under);
  return sent;
}

/** What came back. `status` 0: no answer at all, `text` says why. `cut`: the answer broke off. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly ms: number;
  readonly cut: boolean;
}

export interface Client {
  post(path: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  close(): void;
}

/** Longer than any server keeps idle connections. */
const LONGEST_IDLE_MS = 600_000;

/** A lean client with keep-alive. It never throws: a reply tells what went wrong. */
export function createClient(baseUrl: string, { timeoutMs = 10_000, sockets = 256 } = {}): Client {
  // Node's agent lets go of an idle connection before the server does, as that announced, only where it has a bound itself.
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, timeout: LONGEST_IDLE_MS });
  const { hostname, port } = new URL(baseUrl);
  return {
    close: () => agent.destroy(),
    post(path, body, headers = {}) {
      const started = performance.now();
      const { promise, resolve } = Promise.withResolvers<Reply>();
      const none = (why: string) =>
        resolve({ status: 0, headers: {}, text: why, ms: performance.now() - started, cut: true });
      const own = { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)), ...headers };
      const sent = request({ agent, hostname, port, path, method: "POST", headers: own, timeout: timeoutMs });
      sent.on("timeout", () => sent.destroy(new Error(`silent for ${timeoutMs} ms`)));
      sent.on("error", (error) => none(error.message));
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        const end = (cut: boolean) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString("utf8"),
            ms: performance.now() - started,
            cut,
          });
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => end(false));
        response.on("error", () => end(true));
      });
      sent.end(body);
      return promise;
    },
  };
}

/** The value that `share` of the sorted values lie below; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
}
