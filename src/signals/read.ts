import type { Clock, Prompt, SignalReport } from "../contracts.ts";
import { faultOf } from "./later.ts";
import { createPace, type Fault, type Look, type OwnPace, type Signal } from "./signal.ts";

/**
 * How long after its deadline a signal may still answer: it watches its pace itself and gives back what it has,
 * so only one that is stuck, or that a crowd of requests keeps from its turn, comes to this.
 */
export const GRACE_MS = 25;

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
    return failed(reading, { failure: "deadline", text: `The signal ${name} did not answer within ${deadlineMs} ms.` });
  } catch (error) {
    return broken(reading, error);
  } finally {
    clearTimeout(timer);
  }
}

function reported({ signal, micros }: SignalInWork, look: Look): SignalReport {
  const { readings, stage, fault, unread } = look;
  const report = { signal: signal.name, readings, micros: micros(), ...(stage && { stage }) };
  if (unread === true) return { ...report, failure: "unread", ...(fault && { error: fault.text }) };
  return fault ? { ...report, failure: fault.failure, error: fault.text } : report;
}

function broken(reading: SignalInWork, error: unknown): SignalReport {
  return failed(reading, faultOf(`The signal ${reading.signal.name}`, error));
}

function failed({ signal, pace, micros }: SignalInWork, { failure, text }: Fault): SignalReport {
  return { signal: signal.name, readings: pace.found(), micros: micros(), failure, error: text };
}
