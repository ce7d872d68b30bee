import { within } from "./presence.ts";
import { bytesOf, type Entry, type Filter, fits, nameOf } from "./store.ts";

/** Entries that wait to be written, and the writing of them, one batch after the other. */
export interface Queue {
  /** How many wait, or are being written. */
  readonly size: number;
  /** Of two with one key the later one is written. False, and counted, where too much waits. */
  add(entry: Entry): boolean;
  /** One that waits, or is being written. */
  get(name: string): Entry | undefined;
  remove(name: string): void;
  /** Takes out what fits, and is done when what was being written is written; answers how many were taken out. */
  purge(filter: Filter): Promise<number>;
  readonly dropped: number;
  /** Done when nothing waits, or a batch could not be written. */
  flush(): Promise<void>;
  /** Writes what waits, if it can be written; what is left is dropped, and nothing is taken any more. */
  close(): Promise<void>;
}

export interface QueueOptions {
  /** Takes all of the batch or nothing; rejects where it cannot. */
  write(batch: readonly Entry[]): Promise<void>;
  /** Called with each failure to write. */
  failed(error: unknown): void;
}

const MOST_ENTRIES = 2000;
const MOST_BYTES = 32 * 2 ** 20;
const BATCH = 64;
/** Entries that come together are written together. */
const GATHER_MS = 5;
/** What cannot be written is tried again; meanwhile the rest waits. */
const RETRY_MS = 500;
/** Nobody waits longer than this at the end for what may be lost. */
const CLOSE_MS = 5000;

export function createQueue({ write, failed }: QueueOptions): Queue {
  const waiting = new Map<string, Entry>();
  let batch = new Map<string, Entry>();
  let writing: Promise<boolean> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let [bytes, dropped] = [0, 0];
  let isOpen = true;

  function remove(name: string): boolean {
    const entry = waiting.get(name);
    if (entry) bytes -= bytesOf(entry);
    return waiting.delete(name);
  }

  function keep(entry: Entry): boolean {
    const name = nameOf(entry.key);
    remove(name);
    const size = bytesOf(entry);
    if (waiting.size >= MOST_ENTRIES || bytes + size > MOST_BYTES) {
      dropped += 1;
      return false;
    }
    waiting.set(name, entry);
    bytes += size;
    return true;
  }

  function plan(ms: number): void {
    timer ??= setTimeout(() => void run(), ms).unref();
  }

  /** Writes one batch; false where it could not be written. */
  function run(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeBatch().finally(() => (writing = undefined));
    return writing;
  }

  async function writeBatch(): Promise<boolean> {
    batch = new Map([...waiting].slice(0, BATCH));
    for (const name of batch.keys()) remove(name);
    let isWritten = true;
    try {
      if (batch.size > 0) await write([...batch.values()]);
    } catch (error) {
      isWritten = false;
      // Whoever put the same key since then is right.
      for (const [name, entry] of batch) if (!waiting.has(name)) keep(entry);
      failed(error);
    }
    batch = new Map();
    if (waiting.size > 0 && isOpen) plan(isWritten ? 0 : RETRY_MS);
    return isWritten;
  }

  async function flush(): Promise<void> {
    await writing;
    while (waiting.size > 0 && (await run()));
  }

  return {
    get size() {
      return waiting.size + batch.size;
    },
    get dropped() {
      return dropped;
    },
    add(entry) {
      if (!isOpen || !keep(copyOf(entry))) return false;
      plan(GATHER_MS);
      return true;
    },
    get: (name) => waiting.get(name) ?? batch.get(name),
    remove: (name) => void remove(name),
    async purge(filter) {
      const [gone, underWay] = [waiting, batch].map((entries) =>
        [...entries].flatMap(([name, entry]) => (fits(filter, entry) ? [name] : [])),
      ) as [string[], string[]];
      for (const name of gone) remove(name);
      for (const name of underWay) batch.delete(name);
      const isWritten = (await writing) ?? true;
      return gone.length + (isWritten ? 0 : underWay.length);
    },
    flush,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      await within(flush(), CLOSE_MS, () => undefined);
      clearTimeout(timer);
      dropped += waiting.size;
      waiting.clear();
    },
  };
}

/** Nobody changes what is stored while it waits. */
function copyOf(entry: Entry): Entry {
  const { key, partition, answer, vector } = entry;
  return {
    ...entry,
    key: new Uint8Array(key),
    partition: new Uint8Array(partition),
    answer: new Uint8Array(answer),
    ...(vector && { vector: new Float32Array(vector) }),
  };
}
