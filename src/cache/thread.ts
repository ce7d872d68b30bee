import { Worker } from "node:worker_threads";
import { StorageError } from "../storage/fault.ts";
import {
  type Answer,
  type Asked,
  errorOf,
  type FromThread,
  type Job,
  type Kind,
  type ThreadOptions,
} from "./file-message.ts";

/** A thread that holds the file. One that died is begun again by the next call. */
export interface FileThread {
  /** Rejects with a StorageError. */
  call<K extends Kind>(kind: K, asked: Asked<K>): Promise<Answer<K>>;
  /** Ends the thread once it has closed the file; what is under way is rejected after a while. */
  close(): Promise<void>;
}

const ENTRY = new URL(`./file-thread${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
/** A disk that does not answer for so long is as good as gone. */
const STUCK_MS = 30_000;
const CLOSE_MS = 5000;
/** Calls under way at once; a thread this far behind is no use to those who ask. */
const MOST_CALLS = 2000;

interface Call {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: StorageError) => void;
}

/**
 * @param writer tells this process from others that share the file
 * @param begun called when a corrupt file was set aside and another begun
 */
export function createFileThread(
  options: ThreadOptions,
  writer: number,
  begun: (error: StorageError) => void,
): FileThread {
  const calls = new Map<number, Call>();
  let worker: Worker | undefined;
  let stuck: NodeJS.Timeout | undefined;
  let number = 0;

  function start(): Worker {
    // Flags of the process, such as --input-type, may be none that a thread can have.
    const started = new Worker(ENTRY, { workerData: { options, writer }, name: "cache", execArgv: [] });
    const died = (cause?: unknown) => {
      if (worker === started) lose(new StorageError("failed", "The thread of the cache died.", { cause }));
    };
    started.on("message", (message: FromThread) => {
      if (message.kind === "begun") begun(errorOf(message.trouble));
      else settle(message);
    });
    started.on("error", died);
    started.on("exit", () => died());
    started.unref();
    return started;
  }

  function lose(error: StorageError): void {
    worker = undefined;
    clearTimeout(stuck);
    stuck = undefined;
    const lost = [...calls.values()];
    calls.clear();
    for (const { reject } of lost) reject(error);
  }

  function settle(message: Exclude<FromThread, { kind: "begun" }>): void {
    const call = calls.get(message.number);
    calls.delete(message.number);
    watch();
    if (message.kind === "done") call?.resolve(message.answer as never);
    else call?.reject(errorOf(message.trouble));
  }

  /** The process lives as long as calls are under way; the thread is ended where none of them is answered for long. */
  function watch(): void {
    clearTimeout(stuck);
    stuck = undefined;
    if (calls.size === 0) {
      worker?.unref();
      return;
    }
    worker?.ref();
    stuck = setTimeout(() => {
      const ending = worker;
      lose(new StorageError("failed", `${options.path} did not answer in ${STUCK_MS / 1000} s.`));
      void ending?.terminate();
    }, STUCK_MS);
  }

  async function call<K extends Kind>(kind: K, asked: Asked<K>): Promise<Answer<K>> {
    if (calls.size >= MOST_CALLS) throw new StorageError("busy", `${options.path} is asked more than it can answer.`);
    const { promise, resolve, reject } = Promise.withResolvers<Answer<K>>();
    const thread = (worker ??= start());
    number += 1;
    calls.set(number, { resolve, reject });
    if (calls.size === 1) watch();
    thread.postMessage({ number, kind, asked } satisfies Job<K>, []);
    return promise;
  }

  return {
    call,
    async close() {
      const ending = worker;
      if (!ending) return;
      const late = setTimeout(() => void ending.terminate(), CLOSE_MS);
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      ending.once("exit", () => resolve());
      await call("close", null).catch(() => undefined);
      ending.ref();
      await ended;
      clearTimeout(late);
    },
  };
}
