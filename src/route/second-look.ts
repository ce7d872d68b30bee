import type { Reading, SignalReport } from "../contracts.ts";
import { couldFlip } from "../decision/second-look.ts";
import type { Runtime } from "../runtime.ts";
import { canLookAgain, lookAgain } from "../signals/look-again.ts";
import type { Signal } from "../signals/signal.ts";
import { weigh, type Trip, type Weighed } from "./weigh.ts";

/** Probability that a better reading changes the chosen model, above which it is worth its time. */
const LIKELY_ENOUGH = 0.1;

/**
 * The same request weighed anew, after the signals that can have looked again; undefined where that could change
 * nothing, so that nobody has to wait.
 */
export function weighAgain(trip: Trip, signals: readonly Signal[], glance: Weighed): Promise<Weighed> | undefined {
  const { runtime, input } = trip;
  const { deadlineMs } = runtime.secondStage;
  const able = canLookAgain(signals, glance.reports);
  if (able.length === 0 || !isWorthIt(trip, able, glance)) return undefined;
  return lookAgain(able, input.prompt, glance.reports, { deadlineMs, clock: runtime.clock }).then((reports) =>
    weigh(trip, reports),
  );
}

function isWorthIt(trip: Trip, able: readonly Signal[], { reports, safety, choice }: Weighed): boolean {
  const { runtime, input } = trip;
  if (!choice || safety.action === "block") return false;
  if (runtime.secondStage.when === "always") return true;
  const doubts = able
    .map(({ name, alternatives }) => ({ signal: name, alternatives: alternatives?.(input.prompt) ?? [] }))
    .filter(({ signal, alternatives }) => votes(runtime, signal) || pins(signal, [...reports, ...alternatives]));
  const caseWith = (signal: string, readings: readonly Reading[]) =>
    weigh(trip, replaced(reports, signal, readings)).choice!;
  return couldFlip(choice, doubts, caseWith, LIKELY_ENOUGH);
}

function votes({ voting }: Runtime, name: string): boolean {
  return voting.some(({ signal, weight }) => signal === name && weight > 0);
}

/** Whether what it read, or could read, pins anything. */
function pins(name: string, all: ReadonlyArray<{ readonly signal?: string; readonly readings: readonly Reading[] }>) {
  return all.some(({ signal = name, readings }) => signal === name && readings.some(({ pin }) => pin !== undefined));
}

function replaced(reports: readonly SignalReport[], name: string, readings: readonly Reading[]): SignalReport[] {
  return reports.map((report) => (report.signal === name ? { ...report, readings } : report));
}
