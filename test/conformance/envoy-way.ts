/** What a gateway goes through to reach Signalbox, and requests that come while that fails. */
import { once } from "node:events";
import { Agent } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { HELLO, post } from "./envoy-stage.ts";

/** The way to Signalbox: open, silent as a house that hangs, or shut as one that is gone. */
export async function startWayTo(port: number) {
  const ends = new Set<Socket>();
  let state: "open" | "silent" | "shut" = "open";
  const keep = (end: Socket): void => {
    ends.add(end);
    end.on("error", () => undefined).once("close", () => ends.delete(end));
  };
  const server = createServer((near) => {
    keep(near);
    if (state === "shut") near.destroy();
    if (state !== "open") return;
    const far = connect(port, "127.0.0.1");
    keep(far);
    near.on("data", (bytes) => state === "open" && far.write(bytes)).once("close", () => far.destroy());
    far.on("data", (bytes) => state === "open" && near.write(bytes)).once("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const end of ends) end.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    become(next: typeof state): void {
      // Bytes that were lost would break what follows.
      if (next !== "silent") cut();
      state = next;
    },
    close() {
      server.close();
      cut();
    },
  };
}

/** A request of a steady load. */
export interface Fired {
  /** Milliseconds of `performance.now()`. */
  readonly sentAt: number;
  /** 0 where no answer came. */
  readonly status: number;
  readonly ms: number;
}

/** So many requests a second, whatever becomes of them, until it is told to stop. */
export function startLoad(url: string, perSecond: number): { stop(): Promise<readonly Fired[]> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const fired: Fired[] = [];
  const pending = new Set<Promise<void>>();
  const over = new AbortController();
  const fire = async (): Promise<void> => {
    const sentAt = performance.now();
    const status = await post(url, HELLO, agent).then(
      (answered) => answered.status,
      () => 0,
    );
    fired.push({ sentAt, status, ms: performance.now() - sentAt });
  };
  const clock = (async () => {
    while (!over.signal.aborted) {
      const one: Promise<void> = fire().finally(() => pending.delete(one));
      pending.add(one);
      await sleep(1000 / perSecond);
    }
  })();
  return {
    async stop() {
      over.abort();
      await clock;
      await Promise.all(pending);
      agent.destroy();
      return fired;
    },
  };
}
