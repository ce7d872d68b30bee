import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import type { Worker } from "node:worker_threads";
import { createEncoder, type EncoderDeps, type LoadedEncoder } from "../../src/inference/create.ts";
import { EncoderError, type Encoding, type Scan } from "../../src/inference/encoder.ts";
import type { EncoderEvent } from "../../src/inference/event.ts";
import { ModelWorker } from "../../src/inference/model-worker.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import { createRandom, randomText } from "../inference/random.ts";
import { createFailures, type Failures, type Figures, type Story, type StoryOptions } from "./story.ts";

/** Texts that are read side by side. */
const CROWD = 50;
/** Crowds between two killed workers: each has time to be replaced. */
const KILL_EVERY = 7;
const LONGEST = 400;
const HUGE = 1_000_000;
const PATIENT_MS = 60_000;
/** Repeated to a megabyte, one in each of the first crowds. */
const CHARACTERS = ["a", ".", " ", "Σ", "\u0301", "한", "中", "😀", "\ud800", "\0", "'Σ", "İ", "\u200d"];

export const encoder: Story = {
  name: "encoder",
  says: "strange strings by the thousand and workers killed under load: every text is read, no crash, nothing lost",
  run: (options) => readStrangeTexts(options),
};

/** `deps` are for other models than the packaged ones. */
export async function readStrangeTexts(options: StoryOptions, deps: Partial<EncoderDeps> = {}): Promise<Figures> {
  const failures = createFailures();
  const workers: Worker[] = [];
  const events: EncoderEvent[] = [];
  const stray = watchStrays(failures);
  const reading = await createEncoder(encoderOptions.parse({ workers: 2, second_stage: "always" }), {
    queue: 10_000,
    clock: () => performance.now(),
    onEvent: (event) => void events.push(event),
    startWorker(entry, setup) {
      const worker = new ModelWorker(entry, setup);
      workers.push(worker);
      return worker;
    },
    ...deps,
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const read = await readCrowds(reading, workers, options, failures);
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const died = events.filter(({ kind }) => kind === "worker_died").length;
  const lost = events.reduce((sum, event) => sum + (event.kind === "worker_died" ? event.texts : 0), 0);
  await reading.close();
  stray();
  return {
    rows: {
      texts: read,
      "texts a second": Math.round(read / seconds),
      "workers killed": died,
      "texts that they had, read again": lost,
      "event loop delay p99, ms": (delay.percentile(99) / 1e6).toFixed(1),
      "resident MiB": Math.round(process.memoryUsage().rss / 2 ** 20),
    },
    failures: failures.list(),
  };
}

async function readCrowds(
  reading: LoadedEncoder,
  workers: readonly Worker[],
  { inputs, seed, at, signal, progress }: StoryOptions,
  failures: Failures,
): Promise<number> {
  const crowds = Math.ceil(inputs / CROWD);
  let read = 0;
  for (let crowd = at ?? 0; crowd < (at === undefined ? crowds : at + 1) && !signal.aborted; crowd++) {
    progress(crowd / crowds, "crowds of texts");
    const texts = textsOf(seed, crowd);
    const where = `--seed ${seed} --at ${crowd}`;
    const all = texts.map((text, index) => readOne(reading, text, `${where}, text ${index}`, failures));
    if (crowd % KILL_EVERY === 0) {
      // Once all of it is under way.
      await new Promise((resolve) => setImmediate(resolve));
      // A thread that has ended has no id any more.
      await workers.findLast(({ threadId }) => threadId > 0)?.terminate();
    }
    await Promise.all(all);
    read += texts.length;
  }
  return read;
}

function textsOf(seed: number, crowd: number): string[] {
  const random = createRandom(seed * 1_000_003 + crowd);
  const texts = Array.from({ length: CROWD }, () => randomText(random, LONGEST));
  const character = CHARACTERS[crowd];
  return character === undefined ? texts : ["", character.repeat(HUGE / character.length), ...texts.slice(2)];
}

async function readOne(reading: LoadedEncoder, text: string, where: string, failures: Failures): Promise<void> {
  try {
    const [encoding, refined, scan] = await Promise.all([
      reading.encode(text, PATIENT_MS),
      reading.refine(text, PATIENT_MS),
      reading.scan([text], { safety: true, entities: true, deadlineMs: PATIENT_MS }),
    ]);
    for (const one of [encoding, refined]) checkEncoding(one, where, failures);
    checkScan(scan, text, where, failures);
  } catch (error) {
    const fault = error instanceof EncoderError ? `${error.fault}: ${error.message}` : (error as Error).stack;
    failures.add(`${where}: not read: ${fault}`);
  }
}

function checkEncoding({ stage, vector, heads }: Encoding, where: string, failures: Failures): void {
  const length = Math.hypot(...vector);
  failures.check(length === 0 || Math.abs(length - 1) < 1e-3, `${where}: the ${stage} vector has length ${length}`);
  for (const [name, { probabilities, known }] of Object.entries(heads)) {
    const isSound = [known, ...Object.values(probabilities)].every((value) => value >= 0 && value <= 1);
    failures.check(isSound, `${where}: ${name} of the ${stage} stage gave what is no probability`);
  }
}

function checkScan({ safety, entities, unreadUnits }: Scan, text: string, where: string, failures: Failures): void {
  failures.check(unreadUnits === 0, `${where}: ${unreadUnits} units were not read`);
  failures.check(
    Object.values(safety[0]!).every((p) => p >= 0 && p <= 1),
    `${where}: safety is no probability`,
  );
  let before = 0;
  for (const { start, end } of entities[0]!) {
    failures.check(before <= start && start < end && end <= text.length, `${where}: an entity from ${start} to ${end}`);
    before = end;
  }
}

function watchStrays(failures: Failures): () => void {
  const told = (error: unknown) => failures.add(`stray: ${error instanceof Error ? error.stack : String(error)}`);
  process.on("uncaughtException", told).on("unhandledRejection", told);
  return () => void process.off("uncaughtException", told).off("unhandledRejection", told);
}
