import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parse } from "yaml";
import { createRuntime } from "../../src/runtime.ts";
import { createState } from "../../src/state.ts";
import { checkConfig } from "../../src/config/check.ts";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { startSignalbox, type Signalbox } from "../../src/server/start.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { config, threeModels, withPorts } from "../rig/house.ts";
import { createBender } from "./bend.ts";
import { chatDoor, completionDoors, frameDoor, grpcDoor, rpcDoor, socketDoor, type FuzzDoor } from "./fuzz-doors.ts";
import { createClient } from "./load.ts";
import { startSteadyModel } from "./steady.ts";
import { createFailures, type Failures, type Figures, type Story, type StoryOptions } from "./story.ts";
import { createMutator } from "../dialect/mutate.ts";

const AT_ONCE = 16;
const CONFIGS_SHARE = 0.2;
const SHOWN_BYTES = 600;

export const fuzz: Story = {
  name: "fuzz",
  says: "mutated bodies at every door: no crash, no hang, no untyped error, nothing internal; good requests are served after",
  run,
};

const MORE_CONFIG = `
rules:
  - { name: legal, when: { tenant: [acme], headers: { x-team: legal }, metadata: { team: legal }, min_tokens: 10 }, then: { tier: large } }
  - { name: images, when: { modalities: [image], text: "pict(ure)?" }, then: { models: [medium, large], skip_signals: true } }
routes: { support: { models: [small, medium], min_quality: 0.4, fallback: medium, timeouts: { total_ms: 5000 } } }
profiles: { thrifty: { tolerance: 0.3, prefer: latency } }
`;

/** Configs that lost `learned: false` must not each load the real one. */
const loadEncoder = () => Promise.resolve(memoryEncoder());

const DOORS: readonly FuzzDoor[] = [rpcDoor, grpcDoor, frameDoor, chatDoor, ...completionDoors, socketDoor];

async function run(options: StoryOptions): Promise<Figures> {
  const { seed, inputs, at, signal, progress } = options;
  const model = await startSteadyModel();
  const events: RouterEvent[] = [];
  const channel = createChannel();
  channel.subscribe((event) => {
    if (event.kind === "fault" || event.kind === "breaker") events.push(event);
  });
  const models = threeModels({ small: model.url, medium: model.url, large: model.url }, MORE_CONFIG);
  // One model that can do everything, so that whatever is understood is also answered.
  const yaml = withPorts(models.replace("modalities: [text, image]", "modalities: [text, image, audio, video, file]"));
  const box = await startSignalbox(config(yaml), channel, loadEncoder);
  const failures = createFailures();
  const stray = watchStrays(failures);
  const rows: Record<string, string | number> = {};
  await good(box, failures, "before");
  const before = heapMiB();

  for (const door of DOORS) {
    if (signal.aborted) break;
    const count = Math.ceil(inputs * door.share);
    const from = events.length;
    const statuses = await atDoor(door, box, {
      indexes: at === undefined ? Array.from({ length: count }, (_, index) => index) : [at],
      seed,
      failures,
      signal,
      progress: (part) => progress(part, door.name),
    });
    rows[door.name] = [...statuses]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([s, n]) => `${s}: ${n}`)
      .join(", ");
    for (const event of events.slice(from)) failures.add(`${door.name}: ${describe(event)}`);
    await good(box, failures, `after ${door.name}`);
  }
  rows["configs"] = await configs(yaml, box, Math.ceil(inputs * CONFIGS_SHARE), options, failures);
  await good(box, failures, "after the configs");
  rows["heap MiB before, after"] = `${before}, ${heapMiB()}`;

  await box.stop();
  await model.close();
  stray();
  return { rows, failures: failures.list() };
}

async function atDoor(
  door: FuzzDoor,
  box: Signalbox,
  {
    indexes,
    seed,
    failures,
    signal,
    progress,
  }: {
    readonly indexes: readonly number[];
    readonly seed: number;
    readonly failures: Failures;
    readonly signal: AbortSignal;
    progress(part: number): void;
  },
): Promise<Map<string, number>> {
  const open = await door.open(box.url);
  const statuses = new Map<string, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < indexes.length && !signal.aborted) {
      const index = indexes[next++]!;
      progress(next / indexes.length);
      const bad = { mutate: createMutator(seedOf(seed, index)), bend: createBender(seedOf(seed, index)) };
      const input = door.input(index, bad);
      const { status, fault } = await open.send(input);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (fault === undefined) continue;
      const shown = Buffer.from(input.subarray(0, SHOWN_BYTES)).toString("base64");
      failures.add(`${door.name} --seed ${seed} --at ${index}: ${fault} (base64 ${shown})`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await open.close();
  return statuses;
}

/** Each input has a mutator of its own, so that one alone can be made again. */
const seedOf = (seed: number, index: number): number => seed * 1_000_003 + index;

async function good(box: Signalbox, failures: Failures, when: string): Promise<void> {
  const client = createClient(box.url, { timeoutMs: 5000 });
  const chat = JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] });
  const requests: Array<[string, string]> = [
    ["/v1/chat/completions", chat],
    ["/v1/chat/completions", chat.replace("{", '{"stream":true,')],
    ["/v1/embeddings", JSON.stringify({ model: "small", input: "hello" })],
    ["/signalbox.v1.RouterService/RouteRequest", JSON.stringify({ raw: { api: "API_KIND_OPENAI_CHAT", json: chat } })],
  ];
  for (const [path, body] of requests) {
    const { status, text } = await client.post(path, body);
    failures.check(status === 200, `${when}: a good request to ${path} got ${status} ${text}`);
  }
  client.close();
}

/** Mutated configs become whole runtimes or are refused; what was refused changed nothing. */
async function configs(
  yaml: string,
  box: Signalbox,
  count: number,
  { seed, signal, progress }: StoryOptions,
  failures: Failures,
): Promise<string> {
  const whole: unknown = parse(yaml);
  const around = { env: {}, readFile: () => "" };
  const state = createState(createChannel(), config(yaml).config.breaker, () => performance.now(), loadEncoder);
  let built = 0;
  let applied = 0;
  for (let index = 0; index < count && !signal.aborted; index++) {
    progress(index / count, "configs");
    const bytes = Buffer.from(yaml);
    const text =
      index % 3 === 0
        ? Buffer.from(createMutator(seedOf(seed, index))(bytes)).toString("utf8")
        : JSON.stringify(createBender(seedOf(seed, index))(whole));
    const checked = checkConfig(text, around);
    if (!("config" in checked)) continue;
    try {
      (await createRuntime(checked.config, checked.hash, state)).release();
      built += 1;
      if (built % 10 === 0) applied += (await box.apply(checked)) ? 1 : 0;
    } catch (error) {
      failures.add(`configs --seed ${seed} --at ${index}: ${(error as Error).stack}`);
    }
    const { targets, sockets } = state.held();
    failures.check(targets + sockets === 0, `configs --seed ${seed} --at ${index}: ${targets} targets are still held`);
  }
  await state.shutdown();
  await box.apply(config(yaml));
  return `built: ${built}, put in force: ${applied}, refused: ${count - built}`;
}

function watchStrays(failures: Failures): () => void {
  const told = (error: unknown) => failures.add(`stray: ${error instanceof Error ? error.stack : String(error)}`);
  process.on("uncaughtException", told).on("unhandledRejection", told);
  return () => void process.off("uncaughtException", told).off("unhandledRejection", told);
}

function describe(event: RouterEvent): string {
  if (event.kind === "fault")
    return `fault in ${event.where}: ${event.error instanceof Error ? event.error.stack : ""}`;
  return event.kind === "breaker" ? `the circuit of ${event.target} is ${event.state}` : event.kind;
}

function heapMiB(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}
