import type { Worker } from "node:worker_threads";
import type { Clock } from "../contracts.ts";
import { createBatches } from "./batch.ts";
import { EncoderError, type EncoderFault } from "./encoder.ts";
import type { EncoderEvent, EncoderTask } from "./event.ts";
import { type Answer, type BatchTask, sharedNow, type SteppedTask, type Task, type Value } from "./message.ts";
import { createThread, type Thread } from "./thread.ts";

/** Stepped work that one worker has under way at a time; more waits. */
const TURNS = 4;
/** Reads of a text that a dying worker interrupted. */
const MOST_TRIES = 2;
/** How long after its deadline stepped work may still answer: it watches the time itself and gives what it has. */
const GRACE_MS = 15;
/** Timers count no further. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export interface Wait {
  /** Milliseconds on the pool's clock. */
  readonly endsAt: number;
  readonly abort?: AbortSignal;
}

/** Worker threads and the work that waits for them. */
export interface Pool {
  /** Resolves when every worker is ready; rejects with why one cannot start. */
  readonly started: Promise<void>;
  /**
   * @param size tokens of the text, or an estimate; for work that is done in batches
   * @throws EncoderError (as a rejection) `overloaded`, `deadline`, `cancelled`, `worker`, or what the work failed with
   */
  run(task: Task, size: number, wait: Wait): Promise<Value>;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly workers: number;
  /** Most texts that wait. */
  readonly queue: number;
  readonly clock: Clock;
  start(): Worker;
  onEvent(event: EncoderEvent): void;
}

interface Job {
  readonly id: number;
  readonly task: Task;
  readonly size: number;
  readonly endsAt: number;
  readonly since: number;
  /** Workers that ended while they read it. */
  tries: number;
  isSettled: boolean;
  resolve(value: Value): void;
  reject(error: EncoderError): void;
}

/** A thread and what it has under way. */
interface Seat {
  readonly thread: Thread;
  readonly batch: Map<number, Job>;
  readonly turns: Map<number, Job>;
}

export function createPool({ workers, queue, clock, start, onEvent }: PoolOptions): Pool {
  const batches = createBatches();
  const seats: Seat[] = [];
  let waiting: Job[] = [];
  let lastId = 0;
  let isClosed = false;
  let isDue = false;

  function run(task: Task, size: number, { endsAt, abort }: Wait): Promise<Value> {
    const now = clock();
    if (isClosed) return Promise.reject(faulty("cancelled"));
    if (abort?.aborted === true) return Promise.reject(faulty("cancelled"));
    if (endsAt <= now) return refused(task, "deadline");
    if (waiting.length >= queue) return refused(task, "overloaded");
    return new Promise((resolve, reject) => {
      const job: Job = {
        id: ++lastId,
        task,
        size,
        endsAt,
        since: now,
        tries: 0,
        isSettled: false,
        resolve: (value) => void (settle(job) && (clear(), resolve(value))),
        reject: (error) => void (settle(job) && (clear(), reject(error))),
      };
      let timer = setTimeout(late, Math.min(endsAt - now, LONGEST_WAIT_MS), isStepped(task));
      const cancel = () => job.reject(faulty("cancelled"));
      abort?.addEventListener("abort", cancel, { once: true });

      function late(hasGrace: boolean): void {
        if (hasGrace && !waiting.includes(job)) {
          timer = setTimeout(late, GRACE_MS, false);
          return;
        }
        onEvent({ kind: "unread", task: nameOf(task), fault: "deadline" });
        job.reject(faulty("deadline"));
      }
      function clear(): void {
        clearTimeout(timer);
        abort?.removeEventListener("abort", cancel);
      }
      waiting.push(job);
      plan();
    });
  }

  function refused(task: Task, fault: "deadline" | "overloaded"): Promise<never> {
    onEvent({ kind: "unread", task: nameOf(task), fault });
    return Promise.reject(faulty(fault));
  }

  /** Takes the job out of all that waits for it. False where it was settled before. */
  function settle(job: Job): boolean {
    if (job.isSettled) return false;
    job.isSettled = true;
    if (waiting.includes(job)) {
      waiting = waiting.filter((other) => other !== job);
      // Others may have waited for it to be read alone.
      plan();
      return true;
    }
    for (const seat of seats) {
      // A batch cannot be stopped: its answer is not waited for.
      if (!seat.turns.delete(job.id)) continue;
      if (seat.thread.isReady) seat.thread.send({ kind: "cancel", id: job.id });
      noteBusy(seat);
      plan();
    }
    return true;
  }

  /** Once for all that comes in this turn of the event loop, so that it is read together. */
  function plan(): void {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      dispatch();
    });
  }

  function dispatch(): void {
    const free = seats.filter(({ thread }) => thread.isReady).sort((a, b) => a.turns.size - b.turns.size);
    // What may have ended a worker is read by one that reads nothing else, so that it takes nothing else along.
    for (const seat of free) {
      const suspect = waiting.find(isSuspect);
      if (suspect !== undefined && isIdle(seat)) send(seat, [suspect]);
    }
    if (waiting.some(isSuspect)) return;
    const trusted = free.filter(({ batch, turns }) => ![...batch.values(), ...turns.values()].some(isSuspect));
    for (const seat of trusted) if (seat.batch.size === 0) sendBatch(seat);
    for (let isMoving = true; isMoving;) {
      isMoving = false;
      for (const seat of trusted) if (seat.turns.size < TURNS) isMoving = sendTurn(seat) || isMoving;
    }
  }

  function sendBatch(seat: Seat): void {
    const batch = batches.choose(
      waiting.filter(({ task }) => !isStepped(task)),
      clock(),
    );
    if (batch.length > 0) send(seat, batch);
  }

  function sendTurn(seat: Seat): boolean {
    const job = waiting.find(({ task }) => isStepped(task));
    if (job !== undefined) send(seat, [job]);
    return job !== undefined;
  }

  /** Sends one batch, or one piece of stepped work. */
  function send(seat: Seat, jobs: readonly Job[]): void {
    waiting = waiting.filter((job) => !jobs.includes(job));
    const { id, task, endsAt } = jobs[0]!;
    for (const job of jobs) (isStepped(task) ? seat.turns : seat.batch).set(job.id, job);
    noteBusy(seat);
    if (isStepped(task)) seat.thread.send({ kind: "stepped", id, task, endsAt: sharedNow() + endsAt - clock() });
    else seat.thread.send({ kind: "batch", jobs: jobs.map((job) => ({ id: job.id, task: job.task as BatchTask })) });
  }

  function noteBusy(seat: Seat): void {
    seat.thread.setBusy(!isIdle(seat));
  }

  function receive(seat: Seat, answers: readonly Answer[], ms: number | undefined): void {
    if (ms !== undefined) measure([...seat.batch.values()], ms);
    for (const answer of answers) {
      const job = seat.batch.get(answer.id) ?? seat.turns.get(answer.id);
      seat.batch.delete(answer.id);
      seat.turns.delete(answer.id);
      if (job === undefined) continue;
      if ("value" in answer) job.resolve(answer.value);
      else job.reject(new EncoderError(answer.fault, answer.message));
    }
    noteBusy(seat);
    plan();
  }

  function measure(jobs: readonly Job[], ms: number): void {
    const tokens = jobs.length * Math.max(...jobs.map(({ size }) => size));
    const waitedMs = Math.max(0, clock() - Math.min(...jobs.map(({ since }) => since)) - ms);
    batches.measured(Math.max(1, tokens), ms);
    onEvent({ kind: "batch", texts: jobs.length, tokens, ms, waitedMs });
  }

  /** What the dead worker had is read by another one, once, before all that waits. */
  function recover({ batch, turns }: Seat): void {
    const lost = [...batch.values(), ...turns.values()].filter(({ isSettled }) => !isSettled);
    batch.clear();
    turns.clear();
    onEvent({ kind: "worker_died", texts: lost.length });
    const again = lost.filter((job) => ++job.tries < MOST_TRIES);
    waiting.unshift(...again);
    for (const job of lost) if (!again.includes(job)) job.reject(faulty("worker"));
    plan();
  }

  for (let index = 0; index < workers; index++) {
    let hasDied = false;
    const thread = createThread({
      start,
      onReady() {
        if (hasDied) onEvent({ kind: "worker_replaced" });
        plan();
      },
      onAnswers: (answers, ms) => receive(seat, answers, ms),
      onDeath() {
        hasDied = true;
        recover(seat);
      },
    });
    const seat: Seat = { thread, batch: new Map(), turns: new Map() };
    seats.push(seat);
  }

  return {
    started: Promise.all(seats.map(({ thread }) => thread.started)).then(() => undefined),
    run,
    async close() {
      isClosed = true;
      const open = [...waiting, ...seats.flatMap(({ batch, turns }) => [...batch.values(), ...turns.values()])];
      for (const job of open) job.reject(faulty("cancelled"));
      await Promise.all(seats.map(({ thread }) => thread.end()));
    },
  };
}

const isStepped = (task: Task): task is SteppedTask => task.kind === "encode" || task.kind === "scan";
const isSuspect = ({ tries }: Job): boolean => tries > 0;
const isIdle = ({ batch, turns }: Seat): boolean => batch.size + turns.size === 0;

function nameOf({ kind }: Task): EncoderTask {
  return kind === "full" ? "refine" : kind === "own" ? "encode" : kind;
}

const SENTENCES: Readonly<Record<EncoderFault, string>> = {
  deadline: "The encoder did not read the text in time.",
  overloaded: "Too many texts wait for the encoder.",
  worker: "The encoder's worker ended while it read the text.",
  cancelled: "The reading was cancelled.",
  model: "The encoder's model failed.",
};

function faulty(fault: EncoderFault): EncoderError {
  return new EncoderError(fault, SENTENCES[fault]);
}
