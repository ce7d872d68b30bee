import type { AskedModel, Reason, SignalReport } from "../contracts.ts";
import { decide, type Case } from "../decision/decide.ts";
import { isOpen } from "../decision/second-look.ts";
import type { Signal } from "../signals/signal.ts";
import { consult } from "./consult.ts";
import { weigh, type Trip, type Weighed } from "./weigh.ts";

const DEADLINE_MS = 1500;
/** Nobody has calibrated what a model says without a probability. */
const CONFIDENCE = 0.8;
const TASK = "You choose which of the options best says what somebody wants done.";

/**
 * The request weighed with what a model reads instead of a signal's own means; undefined where none is configured or
 * the vote has no say. It is asked once it is known where the text may go, which signals find out while they read.
 */
export function withIntent(
  trip: Trip,
  signals: readonly Signal[],
  weighed: Weighed,
): Promise<{ readonly weighed: Weighed; readonly asked: readonly AskedModel[] }> | undefined {
  const asker = signals.find(({ asks }) => asks !== undefined);
  if (!asker?.asks || !weighed.choice || isSettled(weighed.choice)) return undefined;
  const counts = trip.runtime.voting.some(({ signal, weight }) => signal === asker.name && weight > 0);
  return counts ? read(trip, asker.name, asker.asks, weighed) : undefined;
}

/** Answered by the default model; where that is only to observe, what would be decided is to be seen. */
const HELD_BACK: ReadonlySet<Reason> = new Set(["kill_switch", "not_in_rollout"]);

/** Whether nothing that anybody reads would change the model: to ask would cost time and money for nobody. */
function isSettled(choice: Case): boolean {
  const decision = isOpen(choice) ? decide(choice) : undefined;
  if (!decision || "refused" in decision) return true;
  const { reason } = decision;
  return (
    HELD_BACK.has(reason) ||
    (reason === "pinned" && choice.pin !== undefined && "model" in choice.pin) ||
    (reason === "held" && choice.held?.inToolLoop === true)
  );
}

async function read(
  trip: Trip,
  signal: string,
  { model, labels }: NonNullable<Signal["asks"]>,
  weighed: Weighed,
): Promise<{ readonly weighed: Weighed; readonly asked: readonly AskedModel[] }> {
  const { clock } = trip.runtime;
  const started = clock();
  const counsel = await consult(trip, weighed.circumstances, {
    purpose: "preference",
    model,
    deadlineMs: DEADLINE_MS,
    task: TASK,
    options: labels.map((name) => ({ name, about: name.replaceAll("_", " ") })),
  });
  const asked = counsel.asked ? [counsel.asked] : [];
  if ("silence" in counsel && asked.length === 0) return { weighed, asked };
  const micros = Math.round((clock() - started) * 1000);
  const reports = weighed.reports.map((report): SignalReport => {
    if (report.signal !== signal) return report;
    const spent = report.micros + micros;
    if ("silence" in counsel)
      return {
        ...report,
        micros: spent,
        failure: "second_look",
        error: `${model} was asked too, but ${counsel.silence}.`,
      };
    return { signal, micros: spent, readings: [{ label: counsel.name, score: 1, confidence: CONFIDENCE }] };
  });
  return { weighed: weigh(trip, reports), asked };
}
