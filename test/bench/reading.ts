/**
 * Reads with the packaged encoder in a process of its own: a ReadingJob on stdin, a ReadingResult on stdout.
 * One reading is what the learned signals of one request share: the encoding of the turn and a scan of everything,
 * and the second stage where the job asks for it.
 */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { json } from "node:stream/consumers";
import { createEncoder } from "../../src/inference/create.ts";
import { type Encoder, EncoderError, type Encoding } from "../../src/inference/encoder.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import { prompts } from "./prompts.ts";

export type ReadingJob =
  /** One prompt after the other. */
  | { readonly kind: "latency"; readonly units: number; readonly second: boolean; readonly times: number }
  /** Each text by both stages: what each answers, how sure the static one was, what each took. */
  | { readonly kind: "quality"; readonly head: string; readonly texts: readonly string[] }
  /** So many prompts under way all the time; one in sixteen is a long one, where `longUnits` says how long. */
  | {
      readonly kind: "load";
      readonly workers: number;
      readonly seconds: number;
      readonly together: number;
      readonly units: number;
      readonly longUnits?: number;
    };

export interface Judged {
  readonly fast: string;
  readonly margin: number;
  readonly fastMs: number;
  readonly slow: string;
  readonly slowMs: number;
}

/** What a job of the kind measured, and what its process needed. */
export interface ReadingResult extends Figures {
  /** From the start of the process. */
  readonly readyMs: number;
  /** The most that was resident at any time. */
  readonly residentMib: number;
}

interface Figures {
  readonly ms?: readonly number[];
  /** Of one prompt, on average. */
  readonly tokens?: number;
  /** UTF-16 units of all prompts together. */
  readonly unreadUnits?: number;
  readonly judged?: readonly Judged[];
  readonly perSecond?: number;
  /** Readings in which the second stage gave no answer. */
  readonly late?: number;
  readonly loopDelayMs?: number;
}

const LONG_EVERY = 16;
/** As long as a signal may take; a server gives no more. */
const SCAN_MS = 1000;
const REFINE_MS = 1000;
const PATIENT_MS = 60_000;
const WARM_UP = 50;
const DELAY_RESOLUTION_MS = 1;

const job = (await json(process.stdin)) as ReadingJob;
const encoder = await createEncoder(
  encoderOptions.parse({ second_stage: "always", ...(job.kind === "load" && { workers: job.workers }) }),
  { clock: () => performance.now() },
);
const readyMs = performance.now();
const measured = await measure(encoder, job);
const residentMib = process.resourceUsage().maxRSS / 1024;
await encoder.close();
process.stdout.write(JSON.stringify({ ...measured, readyMs, residentMib } satisfies ReadingResult));

async function measure(own: Encoder, asked: ReadingJob): Promise<Figures> {
  if (asked.kind === "latency") return latency(own, asked);
  return asked.kind === "quality" ? { judged: await judgeAll(own, asked) } : load(own, asked);
}

interface Reading {
  readonly encoding: Encoding | undefined;
  readonly unreadUnits: number;
  readonly late: boolean;
}

async function read(own: Encoder, text: string, second: boolean): Promise<Reading> {
  const encoded = inTime(own.encode(text, SCAN_MS));
  const scanned = own.scan([text], { safety: true, entities: true, deadlineMs: SCAN_MS });
  const encoding = encoded instanceof Promise ? await encoded : encoded;
  const { unreadUnits } = scanned instanceof Promise ? await scanned : scanned;
  const refined = second && own.hasFullStage ? await inTime(own.refine(text, REFINE_MS)) : encoding;
  return { encoding, unreadUnits, late: encoding === undefined || refined === undefined };
}

/** Undefined where the encoder had no time or no room, which under full load is a figure and no fault. */
function inTime<T extends object>(answer: T | Promise<T>): T | Promise<T | undefined> {
  if (!(answer instanceof Promise)) return answer;
  return answer.catch((error: unknown) => {
    if (error instanceof EncoderError) return undefined;
    throw error;
  });
}

/** The texts in turn, none twice as it was: the encoder remembers what it read last. */
function told(number: number, texts: readonly string[]): string {
  return `${number} ${texts[Math.floor(Math.abs(number) / LONG_EVERY) % texts.length]}`;
}

async function latency(
  own: Encoder,
  { units, second, times }: Extract<ReadingJob, { kind: "latency" }>,
): Promise<Figures> {
  const texts = prompts(64, units);
  const ms: number[] = [];
  let [tokens, unreadUnits, late] = [0, 0, 0];
  for (let time = -Math.min(WARM_UP, times); time < times; time++) {
    const started = performance.now();
    const reading = await read(own, told(time, texts), second);
    if (time < 0) continue;
    ms.push(performance.now() - started);
    tokens += (reading.encoding?.tokens ?? 0) / times;
    unreadUnits += reading.unreadUnits;
    if (reading.late) late += 1;
  }
  return { ms, tokens, unreadUnits, late };
}

async function judgeAll(own: Encoder, { head, texts }: Extract<ReadingJob, { kind: "quality" }>): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const text of [...texts.slice(0, WARM_UP), ...texts]) {
    const started = performance.now();
    const encoding = await own.encode(text, PATIENT_MS);
    await own.scan([text], { safety: true, entities: true, deadlineMs: PATIENT_MS });
    const between = performance.now();
    const slow = own.hasFullStage ? await own.refine(text, PATIENT_MS) : encoding;
    const ended = performance.now();
    const [best, next] = ranked(encoding, head);
    judged.push({
      fast: best![0],
      margin: best![1] - (next?.[1] ?? 0),
      fastMs: between - started,
      slow: ranked(slow, head)[0]![0],
      slowMs: ended - between,
    });
  }
  return judged.slice(-texts.length);
}

function ranked(encoding: Encoding, head: string): [label: string, probability: number][] {
  const prediction = encoding.heads[head];
  if (prediction === undefined) throw new Error(`the encoder has no head ${head}`);
  return Object.entries(prediction.probabilities).sort(([, a], [, b]) => b - a);
}

async function load(
  own: Encoder,
  { seconds, together, units, longUnits }: Extract<ReadingJob, { kind: "load" }>,
): Promise<Figures> {
  const short = prompts(64, units);
  const long = longUnits === undefined ? short : prompts(16, longUnits);
  for (const text of short) await read(own, text, true);
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const started = performance.now();
  const end = started + seconds * 1000;
  const ms: number[] = [];
  let [taken, late, unreadUnits] = [0, 0, 0];
  const client = async () => {
    while (performance.now() < end) {
      const number = taken++;
      const pile = number % LONG_EVERY === 0 ? long : short;
      const text = told(number, pile);
      const asked = performance.now();
      const reading = await read(own, text, true);
      ms.push(performance.now() - asked);
      unreadUnits += reading.unreadUnits;
      if (reading.late) late += 1;
    }
  };
  delay.enable();
  await Promise.all(Array.from({ length: together }, client));
  delay.disable();
  return {
    ms,
    late,
    unreadUnits,
    perSecond: ms.length / ((performance.now() - started) / 1000),
    // The histogram counts from one tick to the next, of which the resolution is meant.
    loopDelayMs: Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS),
  };
}
