import { parentPort, workerData } from "node:worker_threads";
import { StorageError, storageError } from "../storage/fault.ts";
import { fileId, setAside, type FileId } from "../storage/sqlite.ts";
import { type Book, openBook } from "./book.ts";
import type { FromWriter, ToWriter } from "./message.ts";

/**
 * The entry of the thread that holds the ledger's file. SQLite blocks whoever calls it: 500 rows take 5 ms, and up to
 * 30 ms where the write-ahead log is copied into the file, more on a slow disk; here nobody waits for that.
 */

/** Another process writes for milliseconds; what holds the lock for longer is tried again later. */
const BUSY_MS = 1000;

const port = parentPort!;
const { path } = workerData as { readonly path: string };
const tell = (message: FromWriter) => port.postMessage(message);

let book: Book | undefined;
let opened: FileId;

port.on("message", (message: ToWriter) => {
  if (message.kind === "close") {
    close();
    port.close();
    return;
  }
  try {
    tell(withSoundFile(() => write(message)));
  } catch (error) {
    const failed = storageError(path, error);
    // Whatever state the failure left the connection in, the next one begins without it.
    if (failed.problem !== "busy") close();
    tell({ kind: "failed", ...troubleOf(failed) });
  }
});

function write({ entries, periods }: Extract<ToWriter, { kind: "write" }>): FromWriter {
  // Somebody moved the file away, or deleted it: what went there would be lost.
  if (book && !book.isCurrent()) close();
  const isNew = book === undefined;
  const open = (book ??= begin());
  if (entries.length > 0) open.add(entries);
  return { kind: "written", ...((open.changed() || isNew) && { spent: open.spent(periods) }) };
}

function begin(): Book {
  opened = fileId(path);
  return openBook(path, { busyMs: BUSY_MS });
}

function close(): void {
  const last = book;
  book = undefined;
  last?.close();
}

/** A corrupt file is set aside, and what was to be done is done with a new one. */
function withSoundFile<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StorageError) || error.problem !== "corrupt") throw error;
    close();
    const aside = setAside(path, opened, Date.now());
    const message = `${path} was corrupt: ${aside === undefined ? "it is gone by now" : `it is kept as ${aside}`}, and a new ledger is begun; what was spent before is not in it.`;
    tell({ kind: "told", ...troubleOf(new StorageError("corrupt", message, { code: error.code })) });
    return work();
  }
}

const troubleOf = ({ problem, message, code }: StorageError) => ({ problem, message, code });
