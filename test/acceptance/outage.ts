import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord, RouterEvent } from "../../src/events.ts";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { config, withPorts } from "../rig/house.ts";
import { createChannel } from "../../src/events.ts";
import { startSignalbox } from "../../src/server/start.ts";
import { createClient, openLoop, percentile, type Client, type Reply } from "./load.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";
import { endedWell } from "./whole.ts";

const PER_SECOND = 100;
/** The upstream falls sick when answers are under way, and is well again for the last part of each phase. */
const WELL_SHARE = 0.1;
const SICK_SHARE = 0.55;
/** Phases shorter than this are over before a circuit that waits for a hanging probe has closed again. */
const LONG_PHASE_S = 3;

export const outage: Story = {
  name: "outage",
  says: `one of three upstreams is killed, hangs, answers 500 at ${PER_SECOND} requests/s: no request that had not begun to stream fails`,
  seconds: 30,
  run,
};

const PHASES = [
  { name: "killed", begin: (fake: FakeModel) => fake.down(), end: (fake: FakeModel) => fake.up() },
  { name: "hung", begin: (fake: FakeModel) => fake.behave("hang"), end: well },
  { name: "500", begin: (fake: FakeModel) => fake.behave("error500"), end: well },
] as const;

interface Answered {
  readonly phase: string;
  readonly stream: boolean;
  readonly reply: Reply;
}

async function run({ seconds, signal, progress }: StoryOptions): Promise<Figures> {
  const [small, medium, large] = await Promise.all(
    ["small", "medium", "large"].map((name) => startFakeModel({ name })),
  );
  const fakes = [small!, medium!, large!];
  for (const fake of fakes) well(fake);
  const events: RouterEvent[] = [];
  const channel = createChannel();
  channel.subscribe((event) => events.push(event));
  const box = await startSignalbox(config(withPorts(yamlOf(fakes))), channel);
  const client = createClient(box.url);
  const failures = createFailures();
  const answered: Answered[] = [];
  const rows: Record<string, string | number> = {};
  let index = 0;

  for (const phase of PHASES) {
    if (signal.aborted) break;
    const from = events.length;
    const first = answered.length;
    const phaseSeconds = seconds / PHASES.length;
    const load = openLoop({
      perSecond: PER_SECOND,
      seconds: phaseSeconds,
      signal,
      progress: (part) => progress(part, phase.name),
      send: async () => void answered.push(await ask(client, phase.name, (index += 1) % 2 === 0)),
    });
    const share = (part: number) => sleep(phaseSeconds * part * 1000, undefined, { signal }).catch(() => undefined);
    await share(WELL_SHARE);
    await phase.begin(small!);
    await share(SICK_SHARE);
    await phase.end(small!);
    await load;
    tell(rows, phase.name, answered.slice(first), events.slice(from));
    const states = statesIn(events.slice(from));
    if (phaseSeconds >= LONG_PHASE_S && !signal.aborted) {
      failures.check(states.includes("open"), `${phase.name}: the circuit did not open`);
      failures.check(states.includes("closed"), `${phase.name}: the circuit did not close`);
    }
  }
  await recover(client, events);
  const states = statesIn(events);
  failures.check(states.includes("open") && states.at(-1) === "closed", `the circuit ended ${states.at(-1)}`);
  for (const one of answered) judge(one, failures);

  client.close();
  await box.stop();
  await Promise.all(fakes.map((fake) => fake.close()));
  failures.check(!events.some((event) => event.kind === "fault"), "there were fault events");
  const streams = answered.filter(({ stream }) => stream).map(({ reply }) => endedWell(reply));
  return {
    rows: {
      requests: answered.length,
      failed: answered.filter(({ reply }) => reply.status !== 200).length,
      "streams finished": streams.filter((end) => end === "finished").length,
      "streams that told an error": streams.filter((end) => end === "told").length,
      "streams torn": streams.filter((end) => end === "torn").length,
      ...rows,
    },
    failures: failures.list(),
  };
}

function judge({ phase, stream, reply }: Answered, failures: ReturnType<typeof createFailures>): void {
  if (reply.status !== 200) return failures.add(`${phase}: ${reply.status} ${reply.text.slice(0, 300)}`);
  if (stream) failures.check(endedWell(reply) !== "torn", `${phase}: a stream that had begun ended without a word`);
  else failures.check(!reply.cut, `${phase}: a whole answer was cut`);
}

/** The cheapest model answers everything, so whatever befalls its upstream befalls every request. */
function yamlOf(fakes: readonly FakeModel[]): string {
  const names = ["small", "medium", "large"];
  const lines = (line: (name: string, rank: number) => string) =>
    names.map((name, rank) => `  ${line(name, rank)}`).join("\n");
  return `
upstreams:
${lines((name, rank) => `${name}: { kind: vllm, url: "${fakes[rank]!.url}" }`)}
breaker: { minimum_requests: 5, window_ms: 2000, reset_ms: 200 }
tiers:
${lines((name) => `${name}: { quality: 0.9, timeouts: { connect_ms: 500, first_token_ms: 400, total_ms: 1000 } }`)}
models:
${lines((name, rank) => `${name}: { tier: ${name}, price: { input: ${rank + 1}, output: ${rank + 1} }, targets: [{ upstream: ${name}, model: ${name}-v1 }] }`)}
`;
}

function well(fake: FakeModel): void {
  fake.behave({ slow: 4 });
}

async function ask(client: Client, phase: string, stream: boolean): Promise<Answered> {
  const messages = [{ role: "user", content: "hello" }];
  const reply = await client.post("/v1/chat/completions", JSON.stringify({ model: "auto", stream, messages }));
  return { phase, stream, reply };
}

const RECOVERY_MS = 5000;

/** The last probe may still hang when the load is over: a few more requests give the circuit its chance. */
async function recover(client: Client, events: readonly RouterEvent[]): Promise<void> {
  const end = performance.now() + RECOVERY_MS;
  while (performance.now() < end && statesIn(events).at(-1) !== "closed") {
    await ask(client, "recovery", false);
    await sleep(50);
  }
}

const statesIn = (events: readonly RouterEvent[]) =>
  events.flatMap((event) => (event.kind === "breaker" && event.target === "small/small-v1" ? [event.state] : []));

function tell(
  rows: Record<string, string | number>,
  phase: string,
  answered: readonly Answered[],
  events: readonly RouterEvent[],
): void {
  const records = events.filter((event): event is RequestRecord => event.kind === "request");
  const tries = records.map(({ attempts }) => attempts.filter(({ result }) => result !== "circuit_open").length);
  const whole = (stream: boolean) => answered.filter((one) => one.stream === stream).map(({ reply }) => reply.ms);
  const states = statesIn(events);
  rows[`${phase}: p50, p99 ms, whole`] = `${percentile(whole(false), 0.5)}, ${percentile(whole(false), 0.99)}`;
  rows[`${phase}: p50, p99 ms, streamed`] = `${percentile(whole(true), 0.5)}, ${percentile(whole(true), 0.99)}`;
  rows[`${phase}: failovers`] = tries.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
  rows[`${phase}: attempts a request`] = (tries.reduce((sum, count) => sum + count, 0) / (tries.length || 1)).toFixed(
    3,
  );
  rows[`${phase}: circuit opened, closed`] =
    `${states.filter((state) => state === "open").length}, ${states.filter((state) => state === "closed").length}`;
}
