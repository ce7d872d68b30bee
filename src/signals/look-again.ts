import type { Clock, Prompt, SignalReport } from "../contracts.ts";
import { faultOf } from "./later.ts";
import { GRACE_MS } from "./read.ts";
import type { Look, Signal } from "./signal.ts";

/** The signals that can look again at what they read before with the encoder's first stage. */
export function canLookAgain(signals: readonly Signal[], reports: readonly SignalReport[]): readonly Signal[] {
  return signals.filter(
    ({ name, refine }) => refine && reports.some(({ signal, stage }) => signal === name && stage === "static"),
  );
}

/**
 * Asks these signals to look again, all within one deadline, and answers the reports with what they read then. Of one
 * that cannot, or not in time, the first reading stands and its report says so.
 */
export async function lookAgain(
  signals: readonly Signal[],
  prompt: Prompt,
  reports: readonly SignalReport[],
  { deadlineMs, clock }: { readonly deadlineMs: number; readonly clock: Clock },
): Promise<readonly SignalReport[]> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, deadlineMs + GRACE_MS, undefined);
  });
  const started = clock();
  const spent = () => Math.round((clock() - started) * 1000);
  const again = async (report: SignalReport): Promise<SignalReport> => {
    const signal = signals.find(({ name }) => name === report.signal);
    if (!signal) return report;
    try {
      const look = await Promise.race([signal.refine!(prompt, abort.signal), late]);
      const micros = report.micros + spent();
      return look ? renewed(report, look, micros) : kept(report, lateness(deadlineMs), micros);
    } catch (error) {
      return kept(report, faultOf("The second look", error).text, report.micros + spent());
    }
  };
  try {
    return await Promise.all(reports.map(again));
  } finally {
    clearTimeout(timer);
    // Whoever is still at work for this request need not be.
    abort.abort();
  }
}

function renewed({ signal }: SignalReport, { readings, stage }: Look, micros: number): SignalReport {
  return { signal, readings, micros, ...(stage && { stage }) };
}

function kept(report: SignalReport, why: string, micros: number): SignalReport {
  return { ...report, micros, failure: "second_look", error: `${why} The first reading stands.` };
}

function lateness(deadlineMs: number): string {
  return `The second look did not come within ${deadlineMs} ms.`;
}
