import { performance } from "node:perf_hooks";
import { createChannel, type RequestRecord } from "../../src/events.ts";
import { createLive } from "../../src/live.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { startServer } from "../../src/server/server.ts";
import { createState } from "../../src/state.ts";
import { startFakeModel, type FakeRequest } from "../fakes/model.ts";
import { createClient, openLoop, percentile, type Client, type Reply } from "./load.ts";
import { HELD_BY_ONE, sideOf, type Side, type Sites } from "./pools.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";
import { endedWell, mixedChat, mixedPlan, sideByName } from "./whole.ts";

const PER_SECOND = 200;
const SWAP_MS = 200;
/** Time for requests that took an old config to leave, and for its idle sockets to close. */
const SETTLE_MS = 5000;

export const poolSwap: Story = {
  name: "pool-swap",
  says: `at ${PER_SECOND} requests/s, with the config swapped every ${SWAP_MS} ms, none is lost and none mixes two configs`,
  seconds: 30,
  run,
};

export async function startSites(): Promise<Sites & { close(): Promise<void> }> {
  const start = (name: string) => startFakeModel({ name, behave: { slow: 2 } });
  const [amber, birch, shared, broken] = await Promise.all(["amber", "birch", "shared", "broken"].map(start));
  broken!.behave("error500");
  return {
    own: { amber: amber!, birch: birch! },
    shared: shared!,
    broken: broken!,
    close: async () => void (await Promise.all([amber!, birch!, shared!, broken!].map((fake) => fake.close()))),
  };
}

interface Answered {
  readonly kind: "rpc" | "chat" | "stream";
  readonly user: string;
  readonly reply: Reply;
}

/** Half decisions, half answers; of the answers half streamed; some easy, some hard. */
export async function sendOne(client: Client, index: number): Promise<Answered> {
  const user = `number-${index}`;
  const kind = index % 2 === 0 ? "rpc" : index % 4 === 1 ? "chat" : "stream";
  const hard =
    "Prove, step by step, that the square root of two is irrational, derive a bound for every approximation of it by fractions, and compare two proofs.";
  const messages = [{ role: "user", content: index % 3 === 0 ? hard : "hello" }];
  const body = JSON.stringify({ model: "auto", user, messages, stream: kind === "stream" });
  const reply =
    kind === "rpc"
      ? await client.post(
          "/signalbox.v1.RouterService/RouteRequest",
          JSON.stringify({ raw: { api: "API_KIND_OPENAI_CHAT", json: body } }),
        )
      : await client.post("/v1/chat/completions", body);
  return { kind, user, reply };
}

async function run({ seconds, signal, progress }: StoryOptions): Promise<Figures> {
  const sites = await startSites();
  const sides = (["amber", "birch"] as const).map((name) => sideOf(name, sites, ""));
  const house = await startParts(sides[0]!);
  const client = createClient(house.url);
  const failures = createFailures();
  const answered: Answered[] = [];
  let swaps = 0;

  await openBroken(client, sides[0]!);
  failures.check(house.breakers.join() === "open", `the circuit is ${house.breakers.join()} before the swaps`);
  const brokenBefore = sites.broken.requests.length;
  let turn = Promise.resolve();
  const swap = () => {
    swaps += 1;
    const side = sides[swaps % 2]!;
    turn = turn.then(() => house.swap(side));
  };
  const swapping = setInterval(swap, SWAP_MS);
  const sent = await openLoop({
    perSecond: PER_SECOND,
    seconds,
    signal,
    progress: (part) => progress(part, `${swaps} swaps`),
    send: async (index) => void answered.push(await sendOne(client, index)),
  });
  clearInterval(swapping);
  await turn;

  for (const side of [sides[(swaps + 1) % 2]!, sides[swaps % 2]!]) {
    await house.swap(side);
    const reply = await askBroken(client, side);
    failures.check(
      reply.status === 503,
      `${side.name}: a model asked for by name, its circuit open, was answered with ${reply.status}`,
    );
  }
  const reached = sites.broken.requests.length - brokenBefore;
  failures.check(reached === 0, `${reached} requests went to a target whose circuit was open before the swaps`);
  failures.check(house.breakers.length === 1, `the circuit changed with the swaps: ${house.breakers.join()}`);
  client.close();
  const held = await settled(house.held);
  failures.check(
    held.targets === HELD_BY_ONE.targets && held.sockets === HELD_BY_ONE.sockets,
    `the state holds ${held.targets} targets and ${held.sockets} sockets after ${swaps} swaps`,
  );

  const upstreams = new Map<string, FakeRequest>();
  for (const fake of [sites.own.amber, sites.own.birch, sites.shared]) {
    for (const request of fake.requests) upstreams.set((request.json as { user?: string }).user ?? "", request);
  }
  for (const one of answered) judge(one, { sides, failures, records: house.records, upstreams });
  const faults = house.faults();
  failures.check(faults === 0, `${faults} fault events`);
  await house.stop();
  await sites.close();

  const count = (side: Side) => answered.filter(({ reply }) => sideIn(sides, reply) === side).length;
  const times = answered.map(({ reply }) => reply.ms);
  return {
    rows: {
      requests: sent,
      swaps,
      lost: answered.filter(({ reply }) => reply.status !== 200 || reply.cut).length,
      "answered by amber": count(sides[0]!),
      "answered by birch": count(sides[1]!),
      "circuit of the broken target": house.breakers.join(),
      "targets held": held.targets,
      "sockets held": held.sockets,
      "p50 ms": percentile(times, 0.5),
      "p99 ms": percentile(times, 0.99),
    },
    failures: failures.list(),
  };
}

/** The house without its watchers, so that its state can be looked into. */
async function startParts(first: Side) {
  const channel = createChannel();
  const records = new Map<string, RequestRecord>();
  const breakers: string[] = [];
  let faults = 0;
  channel.subscribe((event) => {
    if (event.kind === "request" && event.plan) records.set(event.plan.decisionId, event);
    if (event.kind === "breaker") breakers.push(event.state);
    if (event.kind === "fault") faults += 1;
  });
  const state = createState(channel, first.accepted.config.breaker, () => performance.now());
  const runtimeOf = ({ accepted }: Side) => createRuntime(accepted.config, accepted.hash, state);
  const live = createLive(await runtimeOf(first));
  const port = { host: "127.0.0.1", port: 0 };
  const metrics = { text: () => Promise.resolve(""), contentType: "text/plain" };
  const ledger = createLedger(channel, { costOf: () => 0 });
  const server = await startServer({ live, channel, ledger, listen: port, admin: port, metrics });
  return {
    url: server.url,
    records,
    breakers,
    faults: () => faults,
    held: state.held,
    swap: async (side: Side) => live.swap(await runtimeOf(side)),
    async stop() {
      await server.drain(1000);
      live.close();
      await state.shutdown();
    },
  };
}

const askBroken = (client: Client, { name }: Side) =>
  client.post(
    "/v1/chat/completions",
    JSON.stringify({ model: `${name}-broken`, messages: [{ role: "user", content: "hello" }] }),
  );

/** Three failures open the circuit of the broken target. Asked for by name, no other model answers for it. */
async function openBroken(client: Client, side: Side): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await askBroken(client, side);
}

async function settled(held: () => { targets: number; sockets: number }) {
  const end = performance.now() + SETTLE_MS;
  while (performance.now() < end && held().targets > HELD_BY_ONE.targets) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return held();
}

function judge(
  { kind, user, reply }: Answered,
  {
    sides,
    failures,
    records,
    upstreams,
  }: {
    readonly sides: readonly Side[];
    readonly failures: ReturnType<typeof createFailures>;
    readonly records: ReadonlyMap<string, RequestRecord>;
    readonly upstreams: ReadonlyMap<string, FakeRequest>;
  },
): void {
  if (reply.status !== 200 || reply.cut) return failures.add(`${user} (${kind}) lost: ${reply.status} ${reply.text}`);
  if (kind === "stream") failures.check(endedWell(reply) === "finished", `${user}: the stream did not finish`);
  const record = records.get(String(reply.headers["x-signalbox-decision-id"]));
  const mixed = kind === "rpc" ? mixedPlan(sides, reply.text) : mixedChat(sides, reply, record, upstreams.get(user));
  for (const what of mixed) failures.add(`${user} (${kind}) mixes: ${what}`);
}

function sideIn(sides: readonly Side[], { headers, text }: Reply): Side | undefined {
  return sideByName(sides, String(headers["x-signalbox-model"] ?? /"model":"([^"]*)"/.exec(text)?.[1]));
}
