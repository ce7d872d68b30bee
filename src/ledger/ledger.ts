import type { Channel, RequestRecord } from "../events.ts";
import { StorageError } from "../storage/fault.ts";
import { createBatch } from "./batch.ts";
import { type CostOf, entriesOf, type Entry } from "./entry.ts";
import { createGuard, type Guard } from "./guard.ts";
import type { BudgetsOptions } from "./options.ts";
import { createSpending } from "./spending.ts";
import { createStore } from "./store.ts";

/**
 * What requests cost, by day, tenant, route and model, and what budgets make of it. It listens to the channel itself,
 * writes in batches from a thread of its own, and outlives reloads.
 */
export interface Ledger {
  /** Done when it is known what the file says was spent before, or that the file cannot be read; never rejects. */
  readonly ready: Promise<void>;
  /** The budgets of one config. */
  guard(budgets: BudgetsOptions): Guard;
  /** Done when everything told so far is written, or has failed to be. */
  flush(): Promise<void>;
  /** Stops listening, writes what is left, closes the file. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** The file; without one, budgets hold as long as the process lives and nothing else is kept. */
  readonly path?: string;
  readonly costOf: CostOf;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Records are written after so many, or so many milliseconds, whichever comes first. */
const BATCH_RECORDS = 500;
const BATCH_MS = 200;
/** Most rows in one message to the thread, so that sending them takes no time either. */
const BATCH_ROWS = 1000;
/** How often it is seen what other processes spent, where there are budgets. */
const LOOK_MS = 1000;
const RETRY_MS = 1000;
/** A file that can be written now and then is not told each time that it cannot. */
const FAULT_MS = 60_000;
/** Rows that are kept while the file cannot be written: tens of megabytes. */
const MOST_WAITING = 50_000;

export function createLedger(channel: Channel, options: LedgerOptions): Ledger {
  const { path, costOf, now = Date.now } = options;
  const spending = createSpending(now);
  const guardState = {
    spending,
    reserved: new Map<string, bigint>(),
    told: new Set<string>(),
    publish: channel.publish,
    now,
  };
  const fault = (error: unknown) => channel.publish({ kind: "fault", where: "ledger", error });
  const store = path === undefined ? undefined : createStore(path, fault);
  const waiting = createBatch(MOST_WAITING);
  let records = 0;
  let timer: NodeJS.Timeout | undefined;
  let look: NodeJS.Timeout | undefined;
  let writing: Promise<boolean> | undefined;
  let isFailing = false;
  let toldAt = -Infinity;
  let isLosing = false;

  const unsubscribe = channel.subscribe((event) => {
    if (event.kind === "request") note(event);
  });

  function note(record: RequestRecord): void {
    const entries = entriesOf(record, costOf);
    for (const entry of entries) {
      spending.add(entry);
      if (store) keep(entry);
    }
    if (!store || entries.length === 0) return;
    records += 1;
    if (records >= BATCH_RECORDS && !isFailing) void write();
    else plan(BATCH_MS);
  }

  function keep(entry: Entry): void {
    if (waiting.add(entry) || isLosing) return;
    isLosing = true;
    fault(new StorageError("failed", `More than ${MOST_WAITING} rows of the ledger wait: some are lost.`));
  }

  function plan(ms: number): void {
    timer ??= setTimeout(() => void write(), ms).unref();
  }

  /** One batch, or none where there is nothing: then only what others wrote is seen. True when it is written. */
  function write(): Promise<boolean> {
    writing ??= writeBatch().finally(() => (writing = undefined));
    return writing;
  }

  async function writeBatch(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    records = 0;
    const entries = waiting.take(BATCH_ROWS);
    try {
      spending.written(entries, await store!.write(entries, spending.periods()));
      isFailing = isLosing = false;
    } catch (error) {
      for (const entry of entries) keep(entry);
      if (!isFailing && now() - toldAt >= FAULT_MS) {
        toldAt = now();
        fault(error);
      }
      isFailing = true;
    }
    if (waiting.size > 0) plan(isFailing ? RETRY_MS : BATCH_MS);
    return !isFailing;
  }

  async function flush(): Promise<void> {
    if (!store) return;
    await writing;
    while (waiting.size > 0 && (await write()));
  }

  return {
    ready: store ? write().then(() => undefined) : Promise.resolve(),
    guard(budgets) {
      if (store && Object.keys(budgets).length > 0) look ??= setInterval(() => void write(), LOOK_MS).unref();
      return createGuard(guardState, budgets);
    },
    flush,
    async close() {
      unsubscribe();
      clearInterval(look);
      await flush();
      clearTimeout(timer);
      if (waiting.size > 0)
        fault(new StorageError("failed", `${waiting.size} rows of the ledger could not be written and are lost.`));
      await store?.close();
    },
  };
}
