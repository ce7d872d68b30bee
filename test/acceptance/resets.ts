import { once } from "node:events";
import { connect, type ClientHttp2Session } from "node:http2";
import { createChannel } from "../../src/events.ts";
import { startSignalbox } from "../../src/server/start.ts";
import { config, threeModels, withPorts } from "../rig/house.ts";
import { createClient, percentile } from "./load.ts";
import { startSteadyModel } from "./steady.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";

const CONNECTIONS = 2;
const AT_ONCE = 250;
const CANCEL = 8;
const STREAMS_SHARE = 2;

/** Gateways end streams by a reset, and Node drops a connection after a thousand unless it is told otherwise. */
export const resets: Story = {
  name: "resets",
  says: `streams that clients reset, thousands on each of ${CONNECTIONS} connections, cost nobody an answer and close no connection`,
  run,
};

async function run({ inputs, signal, progress }: StoryOptions): Promise<Figures> {
  const model = await startSteadyModel();
  const channel = createChannel();
  const failures = createFailures();
  channel.subscribe((event) => {
    if (event.kind === "fault") failures.add(`fault in ${event.where}`);
  });
  const urls = { small: model.url, medium: model.url, large: model.url };
  const box = await startSignalbox(config(withPorts(threeModels(urls))), channel);
  const client = createClient(box.url, { timeoutMs: 5000 });
  const sessions = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(box.url)));
  for (const session of sessions) {
    session.once("close", () => failures.add("a connection closed")).once("goaway", () => failures.add("a goaway"));
  }
  const total = inputs * STREAMS_SHARE;
  const times: number[] = [];
  let cut = 0;
  while (cut < total && !signal.aborted) {
    await Promise.all(sessions.map(resetMany));
    cut += sessions.length * AT_ONCE;
    progress(cut / total, "streams");
    const { status, ms } = await client.post("/v1/chat/completions", CHAT);
    times.push(ms);
    failures.check(status === 200, `after ${cut} resets another connection got ${status}`);
    for (const session of sessions) {
      const shared = await chatOn(session).catch((error: Error) => error.message);
      failures.check(shared === 200, `after ${cut} resets the same connection got ${shared}`);
    }
  }
  for (const session of sessions) {
    session.removeAllListeners("close");
    session.destroy();
  }
  client.close();
  await box.stop();
  await model.close();
  return {
    rows: {
      "streams reset": cut,
      "good requests": times.length * (1 + CONNECTIONS),
      "p99 ms": percentile(times, 0.99),
    },
    failures: failures.list(),
  };
}

const CHAT = JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] });
const POST = { ":method": "POST", "content-type": "application/grpc" };

async function open(url: string): Promise<ClientHttp2Session> {
  const session = connect(url);
  session.on("error", () => undefined);
  await once(session, "connect");
  return session;
}

/** Opens calls, lets their heads reach the server, and leaves. */
async function resetMany(session: ClientHttp2Session): Promise<void> {
  if (session.destroyed) return;
  const streams = Array.from({ length: AT_ONCE }, () => {
    const stream = session.request({ ...POST, ":path": "/signalbox.v1.RouterService/RouteRequest" });
    stream.on("error", () => undefined).resume();
    return stream;
  });
  await new Promise((resolve) => setImmediate(resolve));
  const closed = streams.map((stream) => new Promise((resolve) => stream.once("close", resolve)));
  for (const stream of streams) stream.close(CANCEL);
  await Promise.all(closed);
}

async function chatOn(session: ClientHttp2Session): Promise<number> {
  const stream = session.request({ ...POST, "content-type": "application/json", ":path": "/v1/chat/completions" });
  stream.end(CHAT);
  const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
  await once(stream.resume(), "end");
  return Number(headers[":status"]);
}
