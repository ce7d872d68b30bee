import { randomInt } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { StorageError, storageError } from "../storage/fault.ts";
import { type FileId, fileId, setAside } from "../storage/sqlite.ts";
import { type Answer, type FromThread, type Job, type Kind, type ThreadOptions, troubleOf } from "./file-message.ts";
import { type File, openFile } from "./file.ts";

/** The entry of a thread that holds the file of a cache: SQLite blocks whoever calls it, and disks may be slow. */

const BUSY_MS = 1000;
const MOST_WRITERS = 2 ** 47;

const port = parentPort!;
const { options, writer = randomInt(MOST_WRITERS) } = workerData as { options: ThreadOptions; writer?: number };
const tell = (message: FromThread) => port.postMessage(message);

let file: File | undefined;
let opened: FileId;

port.on("message", (job: Job) => {
  const { number, kind } = job;
  try {
    tell({ kind: "done", number, answer: withSoundFile(() => answerTo(job)) });
  } catch (error) {
    const failed = storageError(options.path, error);
    // Whatever state the failure left the connection in, the next one begins without it.
    if (failed.problem !== "busy") close();
    tell({ kind: "failed", number, trouble: troubleOf(failed) });
  }
  if (kind === "close") port.close();
});

function answerTo(job: Job): Answer<Kind> {
  if (isOf("close", job)) return close();
  // Somebody moved the file away, or deleted it: what went there would be lost.
  if (file && !file.isCurrent()) close();
  const open = (file ??= begin());
  if (isOf("write", job)) return open.write(job.asked);
  if (isOf("read", job)) return open.read(job.asked.keys);
  if (isOf("load", job)) return open.load(job.asked);
  if (isOf("purge", job)) return open.purge(job.asked);
  return undefined;
}

const isOf = <K extends Kind>(kind: K, job: Job): job is Job<K> => job.kind === kind;

function begin(): File {
  const made = openFile(options, writer, { busyMs: BUSY_MS });
  opened = fileId(options.path);
  return made;
}

function close(): void {
  const last = file;
  file = undefined;
  last?.close();
}

/** A corrupt file is set aside, and what was to be done is done with a new one. */
function withSoundFile<T>(work: () => T): T {
  opened ??= fileId(options.path);
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StorageError) || error.problem !== "corrupt") throw error;
    close();
    const { path } = options;
    const aside = setAside(path, opened, Date.now());
    opened = undefined;
    const message = `${path} was corrupt: ${aside === undefined ? "it is gone by now" : `it is kept as ${aside}`}, and a new cache is begun; what was stored before is not in it.`;
    tell({ kind: "begun", trouble: troubleOf(new StorageError("corrupt", message, { code: error.code })) });
    return work();
  }
}
