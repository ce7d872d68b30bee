import { Worker } from "node:worker_threads";
import { StorageError } from "../storage/fault.ts";
import type { Spent } from "./book.ts";
import type { Entry } from "./entry.ts";
import type { FromWriter, ToWriter } from "./message.ts";

/** The ledger's file, written by a thread of its own. */
export interface Store {
  /**
   * Adds the entries, all or none. Answers what was spent in these periods where others have written too, or nothing
   * was known yet. One call at a time. @throws StorageError
   */
  write(entries: readonly Entry[], periods: readonly string[]): Promise<readonly Spent[] | undefined>;
  /** Ends the thread once it has closed the file. Nothing may be under way. */
  close(): Promise<void>;
}

const ENTRY = new URL(`./writer${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
/** A disk that does not answer for so long is as good as gone. */
const STUCK_MS = 60_000;
const CLOSE_MS = 5000;

/** @param tell hears what a person should know, such as that a corrupt file was set aside */
export function createStore(path: string, tell: (error: StorageError) => void): Store {
  let worker: Worker | undefined;
  let settle: ((message: FromWriter | StorageError) => void) | undefined;

  function start(): Worker {
    // Flags of the process, such as --input-type, may be none that a thread can have.
    const started = new Worker(ENTRY, { workerData: { path }, name: "ledger", execArgv: [] });
    const died = (cause?: unknown) => {
      if (worker !== started) return;
      worker = undefined;
      settle?.(new StorageError("failed", "The thread of the ledger died.", { cause }));
    };
    started.on("message", (message: FromWriter) => {
      if (message.kind === "told") tell(errorOf(message));
      else settle?.(message);
    });
    started.on("error", died);
    started.on("exit", () => died());
    // The process may end while the thread has nothing to do.
    started.unref();
    return started;
  }

  return {
    async write(entries, periods) {
      const busy = (worker ??= start());
      const { promise, resolve } = Promise.withResolvers<FromWriter | StorageError>();
      settle = resolve;
      busy.ref();
      const stuck = setTimeout(() => {
        worker = undefined;
        resolve(new StorageError("failed", `${path} was not written in ${STUCK_MS / 1000} s.`));
        void busy.terminate();
      }, STUCK_MS);
      busy.postMessage({ kind: "write", entries, periods } satisfies ToWriter, []);
      const answer = await promise;
      clearTimeout(stuck);
      settle = undefined;
      busy.unref();
      if (answer instanceof StorageError) throw answer;
      if (answer.kind === "written") return answer.spent;
      throw errorOf(answer);
    },
    async close() {
      const ending = worker;
      if (!ending) return;
      worker = undefined;
      ending.ref();
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      ending.once("exit", () => resolve());
      const late = setTimeout(() => void ending.terminate(), CLOSE_MS);
      ending.postMessage({ kind: "close" } satisfies ToWriter, []);
      await ended;
      clearTimeout(late);
    },
  };
}

const errorOf = ({ problem, message, code }: Extract<FromWriter, { kind: "failed" | "told" }>) =>
  new StorageError(problem, message, { code });
