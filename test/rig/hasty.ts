import type { TestContext } from "node:test";
import { createChannel } from "../../src/events.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { createLive } from "../../src/live.ts";
import { createRuntime } from "../../src/runtime.ts";
import { startServer } from "../../src/server/server.ts";
import { createState } from "../../src/state.ts";
import { clientOf, config, type House, withPorts } from "./house.ts";

/** The public port of a house in which a body has `timeoutMs` to arrive, not half a minute. */
export async function startHasty(
  t: TestContext,
  timeoutMs: number,
  yaml: string,
  serverPart = "",
): Promise<Pick<House, "url" | "post" | "route">> {
  const { config: checked, hash } = config(withPorts(yaml, serverPart));
  const channel = createChannel();
  const state = createState(channel, checked.breaker, () => performance.now());
  const runtime = await createRuntime(checked, hash, state);
  const live = createLive({ ...runtime, limits: { ...runtime.limits, timeoutMs } });
  const ledger = createLedger(channel, { costOf: () => 0 });
  const server = await startServer({
    live,
    channel,
    ledger,
    listen: { host: "127.0.0.1", port: 0 },
    metrics: { text: () => Promise.resolve(""), contentType: "text/plain" },
  });
  t.after(async () => {
    await server.drain(100);
    live.close();
    await ledger.close();
    await state.shutdown();
  });
  return { url: server.url, ...clientOf(server.url) };
}
