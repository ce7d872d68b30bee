import cluster, { type Worker } from "node:cluster";
import type { Clock } from "../contracts.ts";
import type { MetricsSnapshot } from "../telemetry/metrics.ts";
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

type FromWorker =
  | { readonly signalbox: "ready"; readonly url: string }
  | { readonly signalbox: "metrics"; readonly question: number; readonly snapshot: MetricsSnapshot };
interface ToWorker {
  readonly signalbox: "metrics";
  readonly question: number;
}

/** A worker that serves for less than this, or not at all, died of its start. */
const QUICK_MS = 10_000;
const MOST_QUICK_DEATHS = 5;
const FIRST_PAUSE_MS = 100;
const ANSWER_MS = 1000;

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
  const answers = new Map<number, (snapshot: MetricsSnapshot) => void>();
  const gaveUp = Promise.withResolvers<void>();
  let stopping = false;
  let quickDeaths = 0;
  let questions = 0;

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
      if (message.signalbox === "metrics") answers.get(message.question)?.(message.snapshot);
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

  return {
    url: one.url,
    givenUp: gaveUp.promise,
    isReady: () => !stopping && ready.size > 0,
    async metrics() {
      const asked = [...ready.keys()].filter((worker) => worker.isConnected());
      const snapshots = await Promise.all(asked.map((worker) => askMetrics(worker, (questions += 1), answers)));
      return snapshots.filter((snapshot) => snapshot !== undefined);
    },
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

function askMetrics(
  worker: Worker,
  question: number,
  answers: Map<number, (snapshot: MetricsSnapshot) => void>,
): Promise<MetricsSnapshot | undefined> {
  return new Promise((resolve) => {
    const settle = (snapshot?: MetricsSnapshot): void => {
      clearTimeout(late);
      answers.delete(question);
      resolve(snapshot);
    };
    const late = setTimeout(settle, ANSWER_MS);
    answers.set(question, settle);
    worker.send({ signalbox: "metrics", question } satisfies ToWorker, (error) => error && settle());
  });
}

/** In a worker: tells the one that watches that this one serves, and what it has counted when it is asked. */
export function reportForWork({ url, metrics }: Signalbox): void {
  const tell = (message: FromWorker): void => {
    if (process.connected) process.send?.(message);
  };
  process.on("message", ({ signalbox, question }: ToWorker) => {
    if (signalbox !== "metrics") return;
    void metrics.snapshot().then((snapshot) => tell({ signalbox, question, snapshot }));
  });
  tell({ signalbox: "ready", url });
}
