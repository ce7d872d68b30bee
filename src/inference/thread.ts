import type { Worker } from "node:worker_threads";
import { EncoderError } from "./encoder.ts";
import type { Answer, FromWorker, ToWorker } from "./message.ts";

/** A thread that cannot load its models in this time never will. */
const START_MS = 30_000;
/** One that has work and says nothing for so long is stuck. */
const STUCK_MS = 15_000;
/** How long a thread that died is not replaced: nothing at first, then doubled each time until one works. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** A place for a worker thread: one that dies is replaced. */
export interface Thread {
  /** True while there is a worker that takes work. */
  readonly isReady: boolean;
  /** Resolves when the first worker is ready; rejects when it cannot start. */
  readonly started: Promise<void>;
  send(message: ToWorker): void;
  /** While it has work it keeps the process alive and is watched; without, neither. */
  setBusy(isBusy: boolean): void;
  end(): Promise<void>;
}

export interface ThreadOwner {
  start(): Worker;
  onReady(): void;
  onAnswers(answers: readonly Answer[], ms: number | undefined): void;
  /** The worker ended unasked; another will be started. What it had is lost. */
  onDeath(): void;
}

export function createThread(owner: ThreadOwner): Thread {
  const { promise: started, resolve: succeed, reject: fail } = Promise.withResolvers<void>();
  let worker: Worker | undefined;
  let isReady = false;
  let hasStarted = false;
  let isBusy = false;
  let isEnded = false;
  let deaths = 0;
  let watch: NodeJS.Timeout | undefined;
  let pause: NodeJS.Timeout | undefined;

  function launch(): void {
    const launched = owner.start();
    worker = launched;
    watchFor(START_MS);
    launched.on("message", (message: FromWorker) => {
      if (worker === launched) receive(message);
    });
    // What follows is told by `exit`; unheard it would end the process.
    let cause: unknown;
    launched.on("error", (error) => void (cause = error));
    launched.once("exit", () => {
      if (worker === launched) bury(cause);
    });
    // A replacement is nobody's reason to stay; the first start is awaited.
    if (hasStarted) launched.unref();
  }

  function receive(message: FromWorker): void {
    if (message.kind === "failed") {
      const error = new EncoderError(message.fault, message.message);
      if (!hasStarted) giveUp(error);
      else abandon();
      return;
    }
    if (message.kind === "ready") {
      hasStarted = isReady = true;
      unwatch();
      worker!.unref();
      succeed();
      owner.onReady();
      return;
    }
    deaths = 0;
    if (isBusy) watchFor(STUCK_MS);
    owner.onAnswers(message.answers, message.ms);
  }

  function bury(cause?: unknown): void {
    worker = undefined;
    isReady = isBusy = false;
    unwatch();
    if (isEnded) return;
    if (!hasStarted) {
      giveUp(new EncoderError("worker", "The encoder's worker ended while it was starting.", { cause }));
      return;
    }
    const wait = deaths === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (deaths - 1));
    deaths++;
    pause = setTimeout(launch, wait).unref();
    owner.onDeath();
  }

  /** Whoever is stuck may take long to end: it is replaced before. */
  function abandon(): void {
    void worker?.terminate();
    bury();
  }

  function giveUp(error: EncoderError): void {
    isEnded = true;
    unwatch();
    fail(error);
    void worker?.terminate();
  }

  function watchFor(ms: number): void {
    unwatch();
    watch = setTimeout(abandon, ms).unref();
  }

  function unwatch(): void {
    clearTimeout(watch);
    watch = undefined;
  }

  // Whoever only wants it ended need not hear that it never started.
  started.catch(() => undefined);
  launch();
  return {
    get isReady() {
      return isReady;
    },
    started,
    send: (message) => worker!.postMessage(message, []),
    setBusy(busy) {
      if (busy === isBusy) return;
      isBusy = busy;
      if (busy) {
        worker?.ref();
        watchFor(STUCK_MS);
      } else {
        worker?.unref();
        unwatch();
      }
    },
    async end() {
      isEnded = true;
      isReady = false;
      clearTimeout(pause);
      unwatch();
      fail(new EncoderError("cancelled", "The encoder was closed."));
      await worker?.terminate();
    },
  };
}
