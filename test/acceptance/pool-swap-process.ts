import { spawn } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, openLoop, percentile } from "./load.ts";
import { sideOf, type Side } from "./pools.ts";
import { sendOne, startSites } from "./pool-swap.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";
import { endedWell, mixedPlan, modelsIn, sideByName } from "./whole.ts";

const PER_SECOND = 100;
const SWAP_MS = 200;
const START_MS = 20_000;
const RELOAD_MS = 10_000;
const SERVER = `server: { listen: "127.0.0.1:0", drain_ms: 2000, admin: { listen: "127.0.0.1:0" } }`;
/** A file that names a model of neither side, and is broken only at its end. */
const BROKEN = (yaml: string) => `${yaml.replaceAll("amber-", "cedar-")}\nnonsense: true\n`;

export const poolSwapProcess: Story = {
  name: "pool-swap-process",
  says: `the real process takes a new file with each SIGHUP, every ${SWAP_MS} ms; a broken file is reported and changes nothing`,
  seconds: 20,
  run,
};

async function run(options: StoryOptions): Promise<Figures> {
  const sites = await startSites();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-"));
  const sides = (["amber", "birch"] as const).map((name) => sideOf(name, sites, SERVER));
  const file = join(folder, "signalbox.yaml");
  let served: Served | undefined;
  try {
    await writeFile(file, sides[0]!.yaml);
    served = await startProcess(file);
    return await drive(options, { sides, file, served });
  } finally {
    await served?.stop();
    await sites.close();
    await rm(folder, { recursive: true });
  }
}

interface Scene {
  readonly sides: readonly Side[];
  readonly file: string;
  readonly served: Served;
}

async function drive({ seconds, signal, progress }: StoryOptions, { sides, file, served }: Scene): Promise<Figures> {
  const client = createClient(served.url);
  const failures = createFailures();
  const answered: Array<Awaited<ReturnType<typeof sendOne>>> = [];
  const swaps = { whole: 0, broken: 0 };
  let side = sides[0]!;

  /** Turn by turn the other side, then a broken file: after it the side before must still answer. */
  const swap = async (turn: number): Promise<void> => {
    const broken = turn % 2 === 1;
    if (!broken) side = sides[(turn / 2 + 1) % 2]!;
    await writeFile(`${file}.new`, broken ? BROKEN(side.yaml) : side.yaml);
    await rename(`${file}.new`, file);
    const told = served.reloads.length;
    const next = sleep(SWAP_MS);
    served.hangUp();
    await served.reloaded(told);
    await next;
    swaps[broken ? "broken" : "whole"] += 1;
    const last = served.reloads.slice(told).at(-1);
    failures.check(last === (broken ? "refused" : side.accepted.hash), `swap ${turn} was told as ${last}`);
    const { reply } = await sendOne(client, 0);
    const hash = (JSON.parse(reply.text || "{}") as { configHash?: string }).configHash;
    failures.check(hash === side.accepted.hash, `after swap ${turn} config ${hash} answers, not ${side.name}`);
  };
  const over = new AbortController();
  const swapping = (async () => {
    for (let turn = 0; !over.signal.aborted; turn++) await swap(turn);
  })();
  const sent = await openLoop({
    perSecond: PER_SECOND,
    seconds,
    signal,
    progress: (part) => progress(part, `${swaps.whole} swaps, ${swaps.broken} broken files`),
    send: async (index) => void answered.push(await sendOne(client, index)),
  });
  over.abort();
  await swapping;

  for (const { kind, user, reply } of answered) {
    if (reply.status !== 200 || reply.cut) {
      failures.add(`${user} (${kind}) lost: ${reply.status} ${reply.text.slice(0, 300)}`);
    } else if (kind === "rpc") {
      for (const what of mixedPlan(sides, reply.text)) failures.add(`${user} mixes: ${what}`);
    } else {
      const model = String(reply.headers["x-signalbox-model"]);
      failures.check(sideByName(sides, model) !== undefined, `${user}: ${model} answered`);
      failures.check(
        modelsIn(reply.text).join() === model,
        `${user} mixes: ${model} and ${modelsIn(reply.text).join()}`,
      );
      failures.check(kind === "chat" || endedWell(reply) === "finished", `${user}: the stream did not finish`);
    }
  }
  client.close();
  const code = await served.stop();
  failures.check(code === 0, `the process ended with ${code}`);
  return {
    rows: {
      requests: sent,
      lost: answered.filter(({ reply }) => reply.status !== 200 || reply.cut).length,
      "files swapped": swaps.whole,
      "broken files": swaps.broken,
      "p99 ms": percentile(
        answered.map(({ reply }) => reply.ms),
        0.99,
      ),
    },
    failures: failures.list(),
  };
}

type Served = Awaited<ReturnType<typeof startProcess>>;

/** `signalbox serve -c FILE` on ports that the system chooses, read by its log. */
async function startProcess(file: string) {
  const bin = join(import.meta.dirname, "../../bin/signalbox.mjs");
  const child = spawn(process.execPath, [bin, "serve", "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  const ready = Promise.withResolvers<string>();
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  ready.promise.catch(() => undefined);
  void ended.then((code) => ready.reject(new Error(`the process ended with ${code}:\n${rest}`)));
  const late = setTimeout(() => ready.reject(new Error("the process did not get ready")), START_MS);
  /** The hash of each config that came into force, `refused` for each that did not. */
  const reloads: string[] = [];
  let news = Promise.withResolvers<void>();
  let rest = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) read(line);
  });
  function read(line: string): void {
    if (!line.startsWith("{")) return void (rest += line);
    const entry = JSON.parse(line) as { url?: string; hash?: string; problem?: string };
    if (entry.url !== undefined) ready.resolve(entry.url);
    const told = entry.problem === undefined ? entry.hash : "refused";
    if (entry.url !== undefined || !told) return;
    reloads.push(told);
    news.resolve();
    news = Promise.withResolvers();
  }
  try {
    const url = await ready.promise;
    return {
      url,
      reloads,
      hangUp: () => void child.kill("SIGHUP"),
      /** Resolves when more reloads were told than `before`, or none was for too long: a busy machine takes its time. */
      async reloaded(before: number) {
        const end = performance.now() + RELOAD_MS;
        while (reloads.length <= before && performance.now() < end)
          await Promise.race([news.promise, sleep(end - performance.now())]);
      },
      async stop() {
        child.kill("SIGTERM");
        return await ended;
      },
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(late);
  }
}
