import cluster, { type Worker } from "node:cluster";
import type { Filter } from "../cache/store.ts";
import type { Clock } from "../contracts.ts";
import type { MetricsSnapshot } from "../telemetry/metrics.ts";
import { type CacheDesk, type CacheStats, crewDesk, type Purged, toldPurge } from "./admin-desk.ts";
import type { Signalbox } from "./start.ts";

/** The variable in which a worker finds its seat, from 1. Who takes the place of one that died has its seat. */
export const SEAT = "SIGNALBOX_WORKER_SEAT";

/** Several processes like this one behind one port, and what the one that watches over them may ask. */
export interface Workers {
  /** Base URL of the port that they share. */
  readonly url: string;
  isReady(): boolean;
  /** What each of them has counted. One that does not answer within a second is left out. */
  metrics(): Promise<readonly MetricsSnapshot[]>;
  /** The caches of all of them. */
  readonly cache: CacheDesk;
  /** Each reads its config again. */
  reread(): void;
  /** All drain; what is left after `graceMs` is killed. */
  stop(graceMs: number): Promise<void>;
  /** Resolves when so many died soon after their start that no more are started: the rest was told to stop. */
  readonly givenUp: Promise<void>;
}

export type WorkerEvent =
  | { readonly kind: "started"; readonly seat: number; readonly pid: number }
  | { readonly kind: "died"; readonly seat: number; readonly pid: number; readonly by: string };

/** What one of them can be asked, and what it answers: null where it has no cache. */
interface Answers {
  readonly metrics: MetricsSnapshot;
  readonly stats: CacheStats | null;
  readonly purge: Purged | null;
}
type Question =
  | { readonly ask: "metrics" }
  | { readonly ask: "stats" }
  | { readonly ask: "purge"; readonly filter: Filter };
type Asks<Kind extends keyof Answers> = Extract<Question, { readonly ask: Kind }>;
type Answer = Answers[keyof Answers];

type FromWorker =
  | { readonly signalbox: "ready"; readonly url: string }
  | { readonly signalbox: "answer"; readonly question: number; readonly answer: Answer };
interface ToWorker {
  readonly signalbox: "question";
  readonly question: number;
  readonly what: Question;
}

/** A worker that serves for less than this, or not at all, died of its start. */
const QUICK_MS = 10_000;
const MOST_QUICK_DEATHS = 5;
const FIRST_PAUSE_MS = 100;
const ANSWER_MS = 1000;
/** Of a purge: longer than a store waits for its file or its database. */
const PURGE_MS = 40_000;

/**
 * Forks this command line `count` times. The first one starts alone, so that what keeps all of them from starting is
 * told once; then the others. One that dies is replaced, after a pause that doubles from one quick death to the next.
 * Resolves when all serve; undefined when they cannot: those that failed have said why.
 */
export async function startWorkers(
  count: number,
  { clock, told }: { clock: Clock; told(event: WorkerEvent): void },
): Promise<Workers | undefined> {
  const ready = new Map<Worker, { readonly url: string; readonly since: number }>();
  const exits = new Set<Promise<unknown>>();
  const questioner = createQuestioner();
  const gaveUp = Promise.withResolvers<void>();
  let stopping = false;
  let quickDeaths = 0;

  const all = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const signal = (name: NodeJS.Signals) => all().forEach(({ process }) => process.kill(name));
  const giveUp = (): void => {
    stopping = true;
    signal("SIGTERM");
    gaveUp.resolve();
  };

  /** Resolves when the one in the seat serves, or when nobody will. */
  function occupy(seat: number, isFirst = false): Promise<void> {
    const worker = cluster.fork({ [SEAT]: String(seat) });
    const pid = worker.process.pid ?? 0;
    const serving = Promise.withResolvers<void>();
    worker.on("message", (message: FromWorker) => {
      if (message.signalbox === "answer") questioner.answered(message.question, message.answer);
      if (message.signalbox !== "ready") return;
      ready.set(worker, { url: message.url, since: clock() });
      told({ kind: "started", seat, pid });
      serving.resolve();
    });
    const exit = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    exits.add(exit);
    worker.once("exit", (code, by) => {
      exits.delete(exit);
      const served = ready.get(worker);
      ready.delete(worker);
      if (stopping) return serving.resolve();
      told({ kind: "died", seat, pid, by: by ?? `exit code ${code}` });
      quickDeaths = served && clock() - served.since >= QUICK_MS ? 0 : quickDeaths + 1;
      if (quickDeaths >= MOST_QUICK_DEATHS || (isFirst && !served)) {
        giveUp();
        return serving.resolve();
      }
      setTimeout(
        () => {
          if (stopping) serving.resolve();
          else void occupy(seat).then(serving.resolve);
        },
        FIRST_PAUSE_MS * 2 ** quickDeaths,
      );
    });
    return serving.promise;
  }

  await occupy(1, true);
  if (!stopping) await Promise.all(Array.from({ length: count - 1 }, (_, index) => occupy(index + 2)));
  const [one] = ready.values();
  if (stopping || !one) {
    await Promise.all(exits);
    return undefined;
  }

  const serving = () => [...ready.keys()].filter((worker) => worker.isConnected());
  const askAll = <Kind extends keyof Answers>(what: Asks<Kind>, ms: number) => questioner.askAll(serving(), what, ms);
  return {
    url: one.url,
    givenUp: gaveUp.promise,
    isReady: () => !stopping && ready.size > 0,
    async metrics() {
      const snapshots = await askAll({ ask: "metrics" }, ANSWER_MS);
      return snapshots.filter((snapshot) => snapshot !== undefined);
    },
    cache: crewDesk({
      stats: () => askAll({ ask: "stats" }, ANSWER_MS),
      async purge(filter) {
        const asked = serving();
        const said = await questioner.askAll(asked, { ask: "purge", filter }, PURGE_MS);
        return said.map((purged, at) => (asked[at]!.isConnected() ? purged : (purged ?? null)));
      },
    }),
    // One that starts reads the file in any case, and has not said yet what SIGHUP means to it.
    reread: () => [...ready.keys()].forEach((worker) => worker.process.kill("SIGHUP")),
    async stop(graceMs) {
      stopping = true;
      signal("SIGTERM");
      const late = setTimeout(() => signal("SIGKILL"), graceMs);
      await Promise.all(exits);
      clearTimeout(late);
    },
  };
}

interface Questioner {
  /** What each of them answers; undefined where it does not within the time, or ends before. */
  askAll<Kind extends keyof Answers>(
    workers: readonly Worker[],
    what: Asks<Kind>,
    ms: number,
  ): Promise<(Answers[Kind] | undefined)[]>;
  answered(question: number, answer: Answer): void;
}

function createQuestioner(): Questioner {
  const waiting = new Map<number, (answer: Answer) => void>();
  let questions = 0;

  function ask(worker: Worker, what: Question, ms: number): Promise<Answer | undefined> {
    const question = (questions += 1);
    return new Promise((resolve) => {
      const settle = (answer?: Answer): void => {
        clearTimeout(late);
        worker.off("disconnect", gone);
        waiting.delete(question);
        resolve(answer);
      };
      const gone = (): void => settle();
      const late = setTimeout(settle, ms);
      worker.once("disconnect", gone);
      waiting.set(question, settle);
      worker.send({ signalbox: "question", question, what } satisfies ToWorker, (error) => error && settle());
    });
  }

  return {
    // Each kind of question has its kind of answer; that crosses two processes, where types do not follow.
    askAll: (workers, what, ms) => Promise.all(workers.map((worker) => ask(worker, what, ms))) as Promise<never[]>,
    answered: (question, answer) => waiting.get(question)?.(answer),
  };
}

/** In a worker: tells the one that watches that this one serves, and answers what it asks. */
export function reportForWork(box: Signalbox): void {
  const tell = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  process.on("message", ({ signalbox, question, what }: ToWorker) => {
    if (signalbox !== "question") return;
    void answerTo(box, what).then((answer) => tell({ signalbox: "answer", question, answer }));
  });
  tell({ signalbox: "ready", url: box.url });
}

async function answerTo({ metrics, cache, channel }: Signalbox, what: Question): Promise<Answer> {
  if (what.ask === "metrics") return metrics.snapshot();
  if (what.ask === "stats") return (await cache.stats()) ?? null;
  return toldPurge(cache, what.filter, (error) => channel.publish({ kind: "fault", where: "purging", error }));
}
