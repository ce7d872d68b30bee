import type { Clock, Prompt, SignalReport } from "../contracts.ts";
import { createPace, type Look, type OwnPace, type Signal } from "./signal.ts";

/**
 * How long after its deadline a signal may still answer: it watches its pace itself and gives back what it has,
 * so only one that is stuck, or that a crowd of requests keeps from its turn, comes to this.
 */
const GRACE_MS = 25;

/**
 * Reads with every signal, side by side, each under its own deadline. Reports stand in the order of the signals.
 * One that fails is reported, with what it shared before, and never stops the others. No promise is made when every signal answers at once.
 */
export function readAll(
  signals: readonly Signal[],
  prompt: Prompt,
  clock: Clock,
): readonly SignalReport[] | Promise<readonly SignalReport[]> {
  const reports: (SignalReport | Promise<SignalReport>)[] = [];
  let waiting = false;
  for (const signal of signals) {
    const report = readOne(signal, prompt, clock);
    waiting ||= report instanceof Promise;
    reports.push(report);
  }
  return waiting ? Promise.all(reports.map(async (report) => report)) : (reports as SignalReport[]);
}

function readOne(signal: Signal, prompt: Prompt, clock: Clock): SignalReport | Promise<SignalReport> {
  const start = clock();
  const reading: SignalInWork = {
    signal,
    pace: createPace(signal.deadlineMs, clock),
    micros: () => Math.round((clock() - start) * 1000),
  };
  try {
    const look = signal.fast(prompt, reading.pace);
    return look instanceof Promise ? readLater(reading, look) : reported(reading, look);
  } catch (error) {
    return broken(reading, error);
  }
}

interface SignalInWork {
  readonly signal: Signal;
  readonly pace: OwnPace;
  /** Spent so far. */
  micros(): number;
}

async function readLater(reading: SignalInWork, look: Promise<Look>): Promise<SignalReport> {
  const { name, deadlineMs } = reading.signal;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, deadlineMs + GRACE_MS, undefined);
  });
  try {
    const found = await Promise.race([look, late]);
    if (found !== undefined) return reported(reading, found);
    return failed(reading, "deadline", `The signal ${name} did not answer within ${deadlineMs} ms.`);
  } catch (error) {
    return broken(reading, error);
  } finally {
    clearTimeout(timer);
  }
}

function reported({ signal, micros }: SignalInWork, look: Look): SignalReport {
  const report = { signal: signal.name, readings: look.readings, micros: micros() };
  return look.unread === true ? { ...report, failure: "unread" } : report;
}

function broken(reading: SignalInWork, error: unknown): SignalReport {
  return failed(reading, "error", `The signal ${reading.signal.name} failed with ${className(error)}.`);
}

function failed({ signal, pace, micros }: SignalInWork, failure: "deadline" | "error", error: string): SignalReport {
  return { signal: signal.name, readings: pace.found(), micros: micros(), failure, error };
}

/** The class of what was thrown: its message might quote the prompt. */
function className(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
