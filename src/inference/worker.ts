import { parentPort, workerData } from "node:worker_threads";
import { EncoderError } from "./encoder.ts";
import { type Comparing, createComparing } from "./compare.ts";
import { createFull } from "./full.ts";
import {
  type Answer,
  type BatchTask,
  type FromWorker,
  sharedNow,
  type SteppedTask,
  type ToWorker,
  type Value,
  type WorkerSetup,
} from "./message.ts";
import { loaded, uninterrupted, type WorkerStart } from "./model-worker.ts";
import { createScanning, encodeStatic, type Reader } from "./scan.ts";
import { loadStage } from "./stage.ts";
import { createWordPiece } from "./wordpiece.ts";

/** The entry of a worker thread: loads what it is told to, then reads what it is sent until it is ended. */

const port = parentPort!;
const { setup, lock } = workerData as WorkerStart;
const tell = (message: FromWorker) => port.postMessage(message);

/** Reads one batch, in its order. */
type ReadBatch = (tasks: readonly BatchTask[]) => Promise<Value[]>;

/** Stepped work under way. */
interface Turn {
  readonly id: number;
  readonly endsAt: number;
  /** The value when the work is done, or its time is up. */
  step(isLate: boolean): Value | undefined;
}

async function start(given: WorkerSetup): Promise<void> {
  const { static: statics } = given;
  const readBatch = await batchReader(given);
  const reader = statics && {
    wordpiece: createWordPiece(statics.vocabulary),
    stage: await loadStage(statics.source),
    manifest: statics.source.manifest,
  };
  const turns = createTurns();
  loaded(lock);
  port.on("message", (message: ToWorker) => {
    if (message.kind === "cancel") turns.drop(message.id);
    else if (message.kind === "stepped") turns.add(turnOf(reader!, message));
    else void runBatch(readBatch, message.jobs);
  });
  tell({ kind: "ready" });
}

async function batchReader({ full, compare, own }: WorkerSetup): Promise<ReadBatch> {
  if (own !== undefined) {
    // A model of one's own takes the tokenizer library along, which nobody else needs.
    const { createOwn } = await import("./own.ts");
    const model = await createOwn(own);
    return (tasks) => model.read(tasks.map((task) => (task as { text: string }).text));
  }
  if (full === undefined) return () => Promise.reject(new EncoderError("model", "There is no model to read with."));
  const stage = await createFull(full);
  // Only caches compare: whoever has none does not pay for the model.
  let comparing: Promise<Comparing> | undefined;
  return async (tasks) => {
    const pairs = tasks.flatMap((task) => (task.kind === "compare" ? [task.pair] : []));
    const inputs = tasks.flatMap((task) => (task.kind === "full" ? [task.input] : []));
    const logits = pairs.length === 0 ? [] : await (await (comparing ??= createComparing(compare!))).read(pairs);
    const readings = inputs.length === 0 ? [] : await stage.read(inputs);
    return tasks.map(({ kind }) => (kind === "compare" ? { logit: logits.shift()! } : readings.shift()!));
  };
}

async function runBatch(read: ReadBatch, jobs: Extract<ToWorker, { kind: "batch" }>["jobs"]): Promise<void> {
  const start = sharedNow();
  let answers: Answer[];
  try {
    const values = await uninterrupted(lock, () => read(jobs.map(({ task }) => task)));
    answers = jobs.map(({ id }, index) => ({ id, value: values[index]! }));
  } catch (error) {
    answers = jobs.map(({ id }) => failed(id, error));
  }
  tell({ kind: "answers", answers, ms: sharedNow() - start });
}

function turnOf(reader: Reader, { id, task, endsAt }: Extract<ToWorker, { kind: "stepped" }>): Turn {
  return { id, endsAt, step: stepOf(reader, task) };
}

function stepOf(reader: Reader, task: SteppedTask): Turn["step"] {
  if (task.kind === "encode") {
    return (isLate) => {
      if (isLate) throw new EncoderError("deadline", "The text was not read in time.");
      return encodeStatic(reader, task.text);
    };
  }
  const scanning = createScanning(reader, task.texts, task.wants);
  return (isLate) => (!isLate && scanning.step() ? undefined : scanning.found());
}

interface Turns {
  add(turn: Turn): void;
  drop(id: number): void;
}

/** Gives all work under way one step in turn; between two steps messages are received. */
function createTurns(): Turns {
  const waiting = new Map<number, Turn>();
  let isRunning = false;

  function next(): void {
    const [turn] = waiting.values();
    isRunning = turn !== undefined;
    if (turn === undefined) return;
    waiting.delete(turn.id);
    const answer = take(turn);
    if (answer === undefined) waiting.set(turn.id, turn);
    else tell({ kind: "answers", answers: [answer] });
    setImmediate(next);
  }

  return {
    add(turn) {
      waiting.set(turn.id, turn);
      if (isRunning) return;
      isRunning = true;
      setImmediate(next);
    },
    drop: (id) => void waiting.delete(id),
  };
}

function take({ id, endsAt, step }: Turn): Answer | undefined {
  try {
    const value = step(sharedNow() >= endsAt);
    return value && { id, value };
  } catch (error) {
    return failed(id, error);
  }
}

/** What went wrong, by its class alone where it is not ours: a message might quote the text. */
function failed(id: number, error: unknown): Answer {
  if (error instanceof EncoderError) return { id, fault: error.fault, message: error.message };
  return { id, fault: "worker", message: `Reading failed with ${nameOf(error)}.` };
}

const nameOf = (error: unknown) => (error instanceof Error ? error.constructor.name : typeof error);

start(setup).catch((error: unknown) => {
  loaded(lock);
  const isOurs = error instanceof EncoderError;
  const message = isOurs ? error.message : `The encoder's worker could not start: ${nameOf(error)}.`;
  tell({ kind: "failed", fault: isOurs ? error.fault : "worker", message });
});
