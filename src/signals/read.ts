import type { Clock, Prompt, SignalFailure, SignalReport } from "../contracts.ts";
import { createPace, type Look, type Signal } from "./signal.ts";

/**
 * How long after its deadline a signal may still answer: it watches its pace itself and gives back what it has,
 * so only one that is stuck comes to this.
 */
export const GRACE_MS = 25;

/**
 * Reads with every signal, side by side, each under its own deadline. Reports stand in the order of the signals.
 * One that fails is reported and never stops the others. No promise is made when every signal answers at once.
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
  const micros = () => Math.round((clock() - start) * 1000);
  try {
    const look = signal.fast(prompt, createPace(signal.deadlineMs, clock));
    return look instanceof Promise ? readLater(signal, look, micros) : reported(signal, look, micros());
  } catch (error) {
    return failed(signal, micros(), "error", `The signal ${signal.name} failed with ${className(error)}.`);
  }
}

async function readLater(signal: Signal, look: Promise<Look>, micros: () => number): Promise<SignalReport> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, signal.deadlineMs + GRACE_MS, undefined);
  });
  try {
    const found = await Promise.race([look, late]);
    if (found !== undefined) return reported(signal, found, micros());
    const sentence = `The signal ${signal.name} did not answer within ${signal.deadlineMs} ms.`;
    return failed(signal, micros(), "deadline", sentence);
  } catch (error) {
    return failed(signal, micros(), "error", `The signal ${signal.name} failed with ${className(error)}.`);
  } finally {
    clearTimeout(timer);
  }
}

function reported(signal: Signal, look: Look, micros: number): SignalReport {
  const report = { signal: signal.name, readings: look.readings, micros };
  return look.unread === true ? { ...report, failure: "unread" } : report;
}

function failed(signal: Signal, micros: number, failure: SignalFailure, error: string): SignalReport {
  return { signal: signal.name, readings: [], micros, failure, error };
}

/** The class of what was thrown: its message might quote the prompt. */
function className(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
