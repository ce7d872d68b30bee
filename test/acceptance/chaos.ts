import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt } from "../../src/contracts.ts";
import { isAnswer, isBeginning } from "./chaos-bill.ts";
import { auditBooks, readBills, type Bills } from "./chaos-books.ts";
import { BREAKER, judgeBreakers, type Phase, resultsOf } from "./chaos-breakers.ts";
import { type Cast, type HouseProcess, type Name, NAMES, startCast, startHouseProcess } from "./chaos-cast.ts";
import { askAt, type Asked, DOORS, hear } from "./chaos-doors.ts";
import { judgeMemory, watchMemory } from "./chaos-memory.ts";
import { playWeather } from "./chaos-weather.ts";
import { type Client, createClient, openLoop, percentile, type Reply } from "./load.ts";
import { withPorts } from "../rig/house.ts";
import { createFailures, type Failures, type Figures, type Story, type StoryOptions } from "./story.ts";

const PER_SECOND = 200;
const RELOAD_MS = 10_000;
/** Longer than four servers that hang may keep a request. */
const PHASE_MS = 6000;
/** From here on everything has had its turn. */
const LONG_S = 90;
const RECOVERY_MS = 10_000;

export const chaos: Story = {
  name: "chaos",
  says: `six model servers fall ill in every way, two of them well at a time, with reloads, at ${PER_SECOND} requests/s: no request that had not begun to stream fails, and the ledger is right`,
  seconds: 600,
  run: (options) => runChaos(options, PER_SECOND),
};

interface Answered {
  readonly asked: Asked;
  readonly reply: Reply;
}

export async function runChaos(options: StoryOptions, perSecond: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-chaos-"));
  const cast = await startCast(folder);
  try {
    return await play(options, perSecond, cast, join(folder, "ledger.db"));
  } finally {
    await cast.stop();
    await rm(folder, { recursive: true });
  }
}

async function play(
  { seconds, signal, progress }: StoryOptions,
  perSecond: number,
  cast: Cast,
  ledger: string,
): Promise<Figures> {
  let round = 0;
  const yaml = () => yamlOf(cast, ledger, round);
  const house = await startHouseProcess(yaml());
  const client = createClient(house.url, { timeoutMs: 20_000, sockets: 2000 });
  const failures = createFailures();
  const answered: Answered[] = [];
  const phases: Phase[] = [];
  const memory = await watchMemory(house, seconds);

  const reloading = setInterval(() => {
    round += 1;
    house.apply(yaml());
  }, RELOAD_MS);
  const over = new AbortController();
  const weather = playWeather(cast, {
    phaseMs: Math.min(PHASE_MS, (seconds * 1000) / 3),
    signal: over.signal,
    begun: (_, ailments) => phases.push({ at: Date.now(), ailments }),
    changed: () => house.apply(yaml()),
  });
  const sent = await openLoop({
    perSecond,
    seconds,
    signal,
    progress: (part) => progress(part, `${phases.length} phases, ${answered.length} answers`),
    send: async (index) => {
      const asked: Asked = {
        door: DOORS[index % 3]!,
        marker: `number-${index + 1}`,
        stream: index % 2 === 0,
        model: "auto",
      };
      answered.push({ asked, reply: await askAt(client, asked) });
    },
  });
  memory.pause();
  over.abort();
  clearInterval(reloading);
  await weather;
  phases.push({ at: Date.now(), ailments: new Map() });
  const probes = await recover(house, client);
  client.close();
  const counted = await memory.stop();
  await house.stop();

  const bills = readBills(cast.servers);
  const attempts = attemptsOf([...answered, ...probes], house);
  for (const one of answered) judge(one, { bills, attempts, failures });
  for (const fault of [...house.faults, ...bills.faults]) failures.add(`fault: ${fault}`);
  const books = auditBooks(ledger, bills, attempts, phases, failures);
  const breakers = judgeBreakers(house, phases, bills, failures);
  const memoryRows = judgeMemory(counted, seconds, failures);
  if (seconds >= LONG_S) judgeCoverage(bills, house, failures);

  const ends = answered.filter(({ asked }) => asked.stream).map(({ asked, reply }) => hear(asked, reply).end);
  const tries = [...attempts.values()].flat();
  const times = (stream: boolean) =>
    answered.filter(({ asked }) => asked.stream === stream).map(({ reply }) => reply.ms);
  return {
    rows: {
      requests: sent,
      "phases, reloads": `${phases.length - 1}, ${house.reloads}`,
      "failed before they began": answered.filter(({ reply }) => reply.status !== 200).length,
      "streams finished": ends.filter((end) => end === "finished").length,
      "streams that told an error": ends.filter((end) => end === "told").length,
      "streams torn": ends.filter((end) => end === "torn").length,
      "tries a request": (tries.length / answered.length).toFixed(3),
      tries: resultsOf(tries),
      "p50, p99 ms, whole": `${percentile(times(false), 0.5)}, ${percentile(times(false), 0.99)}`,
      "p50, p99 ms, streamed": `${percentile(times(true), 0.5)}, ${percentile(times(true), 0.99)}`,
      ...breakers,
      ...memoryRows,
      ...books,
    },
    failures: failures.list(),
  };
}

/** By marker. */
function attemptsOf(answered: readonly Answered[], house: HouseProcess): ReadonlyMap<string, readonly Attempt[]> {
  return new Map(
    answered.map(({ asked, reply }) => [
      asked.marker,
      house.attempts.get(String(reply.headers["x-signalbox-decision-id"])) ?? [],
    ]),
  );
}

interface Evidence {
  readonly bills: Bills;
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  readonly failures: Failures;
}

function judge({ asked, reply }: Answered, { attempts, bills, failures }: Evidence): void {
  const { marker, door, stream } = asked;
  const tries = attempts.get(marker) ?? [];
  const story = () => {
    const told = tries.map(
      ({ model, result, status, latencyMs }) => `${model} ${status ?? ""} ${result} ${latencyMs.toFixed(0)} ms`,
    );
    return `${marker} at ${door}${stream ? ", streamed" : ""}, ${reply.ms.toFixed(0)} ms [${told.join("; ")}]`;
  };
  if (reply.status !== 200) return failures.add(`${story()}: ${reply.status} ${reply.text.slice(0, 300)}`);
  const { end, text } = hear(asked, reply);
  if (end === "torn") return failures.add(`${story()}: ${stream ? "a begun stream was torn" : "an answer was cut"}`);
  const model = String(reply.headers["x-signalbox-model"]);
  const isGarbled = () =>
    bills.answers.some(
      (billed) => billed.marker === marker && billed.server === model && billed.trouble === "malformed",
    );
  const isRight = end === "finished" ? isAnswer(text, marker) : isBeginning(text, model, marker);
  failures.check(isRight || isGarbled(), `${story()}: text was lost or repeated: ${text}`);
}

/** In a long run everything must have happened. */
function judgeCoverage(bills: Bills, house: HouseProcess, failures: Failures): void {
  const opened = new Set(
    house.breakers.filter(({ state }) => state === "open").map(({ target }) => target.split("/")[0]),
  );
  for (const name of NAMES) failures.check(opened.has(name), `the circuit of ${name} never opened`);
  const met = new Set(bills.answers.map(({ trouble }) => trouble));
  failures.check(met.size >= 12, `only ${met.size} kinds of trouble were met: ${[...met].join(", ")}`);
}

/** Each server is asked by its name until its circuit is closed. */
async function recover(house: HouseProcess, client: Client): Promise<Answered[]> {
  const end = performance.now() + RECOVERY_MS;
  const probes: Answered[] = [];
  const isClosed = (name: string) =>
    (house.breakers.findLast(({ target }) => target.startsWith(`${name}/`))?.state ?? "closed") === "closed";
  while (performance.now() < end && !NAMES.every(isClosed)) {
    for (const model of NAMES.filter((name) => !isClosed(name))) {
      const asked: Asked = { door: "chat", marker: `number-0${probes.length}`, stream: false, model };
      probes.push({ asked, reply: await askAt(client, asked) });
    }
    await sleep(100);
  }
  return probes;
}

/** Gates that let all pass that arrives whole, and gates that let nothing pass, over whole answers and beginnings. */
const CASCADES: readonly string[] = [
  "gates: [{ kind: heuristics }]",
  "gates: [{ kind: heuristics, threshold: 0.95 }]",
  "gates: [{ kind: heuristics }], mode: hold, max_tokens: 4",
  "gates: [{ kind: heuristics, threshold: 0.95 }], mode: hold, max_tokens: 4",
];
/** Models of a cascade: each that is asked in vain doubles what the servers have to do. */
const CASCADED = 2;

/**
 * Each config has the prices in another order, so that another server is asked first; every second one hedges, every
 * third one has a cascade over the two cheapest.
 */
function yamlOf({ servers, ca }: Cast, ledger: string, round: number): string {
  const upstreams = servers.map(({ name, origin }) => {
    const { kind, root } = KINDS[name];
    const more =
      name === "secure"
        ? `, ca: ${JSON.stringify(ca)}`
        : name === "open"
          ? `, apis: [openai-chat, openai-responses]`
          : "";
    return `  ${name}: { kind: ${kind}, url: "${origin}${root}", key: key-of-${name}${more} }`;
  });
  const usdOf = (place: number) => 1 + ((place + round) % NAMES.length);
  const byPrice = NAMES.map((name, place) => ({ name, usd: usdOf(place) })).toSorted((a, b) => a.usd - b.usd);
  const asked = byPrice.slice(0, CASCADED).map(({ name }) => name);
  const how = CASCADES[Math.floor(round / 3) % CASCADES.length]!;
  const cascade = round % 3 === 1 ? `routes: { default: { cascade: { models: [${asked.join(", ")}], ${how} } } }` : "";
  const models = NAMES.map((name, place) => {
    const usd = usdOf(place);
    return `  ${name}: { tier: only, price: { input: ${usd}, output: ${usd} }, targets: [{ upstream: ${name}, model: ${name}-v1 }] }`;
  });
  return withPorts(`
upstreams:
${upstreams.join("\n")}
breaker: { minimum_requests: ${BREAKER.minimum_requests}, window_ms: ${BREAKER.window_ms}, reset_ms: ${BREAKER.reset_ms} }
failover: { retries: 2${round % 2 === 1 ? ", hedge: 10" : ""} }
tiers:
  only: { quality: 0.9, timeouts: { connect_ms: 300, first_token_ms: 500, between_tokens_ms: 600, total_ms: 1000 } }
models:
${models.join("\n")}
ledger: { path: "${ledger}" }
${cascade}
`);
}

const KINDS: Readonly<Record<Name, { readonly kind: string; readonly root: string }>> = {
  plain: { kind: "vllm", root: "/v1" },
  secure: { kind: "openai", root: "/v1" },
  claude: { kind: "anthropic", root: "/v1" },
  named: { kind: "openai", root: "/v1" },
  gem: { kind: "gemini", root: "/v1beta" },
  open: { kind: "vllm", root: "/v1" },
};
