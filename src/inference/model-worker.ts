import { Worker } from "node:worker_threads";
import type { WorkerSetup } from "./message.ts";

const FREE = 0;
const RUNNING = 1;
const ENDING = 2;

/** A run that goes on for longer is left alone: its thread ends with the process. */
const LONGEST_RUN_MS = 30_000;

/** How long the end of the process waits for a run's. */
const LAST_RUN_MS = 2000;

/** What a worker is started with. */
export interface WorkerStart {
  readonly setup: WorkerSetup;
  readonly lock: Int32Array;
}

/**
 * A worker thread that may be ended at any time. onnxruntime aborts the whole process when its thread is terminated in
 * the middle of a run, so terminating waits for the end of the run; anything else is ended at once.
 */
export class ModelWorker extends Worker {
  readonly #lock: Int32Array;
  #isEnding = false;

  constructor(entry: URL, setup: WorkerSetup) {
    // Loading the model is a run too.
    const lock = new Int32Array(new SharedArrayBuffer(4)).fill(RUNNING);
    // Flags of the process, such as --input-type, may be none that a thread can have.
    super(entry, { workerData: { setup, lock } satisfies WorkerStart, name: "encoder", execArgv: [] });
    this.#lock = lock;
    if (locks.size === 0) process.on("exit", endAll);
    locks.add(lock);
    this.once("exit", () => {
      release(lock, ENDING);
      locks.delete(lock);
      if (locks.size === 0) process.off("exit", endAll);
    });
  }

  override unref(): void {
    if (!this.#isEnding) super.unref();
  }

  override async terminate(): Promise<number> {
    // Whoever waits for the end must not see the process end before.
    this.ref();
    this.#isEnding = true;
    const { promise: late, resolve } = Promise.withResolvers<"timed-out">();
    const timer = setTimeout(resolve, LONGEST_RUN_MS, "timed-out");
    try {
      while (Atomics.compareExchange(this.#lock, 0, FREE, ENDING) === RUNNING) {
        const { async: isWaiting, value } = Atomics.waitAsync(this.#lock, 0, RUNNING);
        if (isWaiting && (await Promise.race([value, late])) === "timed-out") {
          super.unref();
          return 1;
        }
      }
    } finally {
      clearTimeout(timer);
    }
    return await super.terminate();
  }
}

/** Of all threads that there are. */
const locks = new Set<Int32Array>();

/** The end of the process terminates its threads too, and waits for none of them. */
function endAll(): void {
  const end = Date.now() + LAST_RUN_MS;
  for (const lock of locks) {
    while (Atomics.compareExchange(lock, 0, FREE, ENDING) === RUNNING && Date.now() < end) {
      Atomics.wait(lock, 0, RUNNING, end - Date.now());
    }
  }
}

/** In the worker: says that the model is loaded, or never will be. */
export function loaded(lock: Int32Array): void {
  release(lock, FREE);
}

/** In the worker: does what must not be interrupted. Never comes back where the thread is about to end. */
export async function uninterrupted<T>(lock: Int32Array, run: () => Promise<T>): Promise<T> {
  if (Atomics.compareExchange(lock, 0, FREE, RUNNING) === ENDING) return new Promise(() => undefined);
  try {
    return await run();
  } finally {
    release(lock, FREE);
  }
}

function release(lock: Int32Array, state: number): void {
  Atomics.store(lock, 0, state);
  Atomics.notify(lock, 0);
}
