import type { Prompt, Reading } from "../contracts.ts";
import { EncoderError, type Scan } from "../inference/encoder.ts";
import { attempt, faultOf, isLater, type Tried } from "./later.ts";
import type { Fault, Look, Pace, Tools } from "./signal.ts";

/** How a signal that reads everything puts rules and encoder together. */
export interface ScannedReading {
  /** What the rules find. */
  byRules(): Look | Promise<Look>;
  /** Adds to the readings of the rules what the scan found. */
  merge(readings: readonly Reading[], scan: Scan): readonly Reading[];
  /** What of the scan the full stage should read again; undefined where nothing is worth its time. */
  again(scan: Scan): Scan | undefined;
}

/** Reads with rules and encoder side by side. */
export type ReadScanned = (prompt: Prompt, pace: Pace, reading: ScannedReading) => Look | Promise<Look>;

/**
 * What rules found in all of a prompt, and what the encoder found in it, as one look: the static stage's scan, and a
 * second reading by the full stage in what is left of the signal's time. Where the encoder fails the readings are those
 * of the rules, where the second reading fails those of the first, and the look tells the fault: safety decides what
 * that means. Undefined where there is no encoder.
 */
export function createScanned(
  tools: Tools | undefined,
  part: "safety" | "entities",
  deadlineMs: number,
): ReadScanned | undefined {
  if (tools?.encoded === undefined) return undefined;
  const { clock, encoded } = tools;
  const scanOf = encoded.scanFor(part, deadlineMs);
  const rescanOf = encoded.rescanFor(part);

  return (prompt, pace, { byRules, merge, again }) => {
    const endsAt = clock() + deadlineMs;
    const merged = (rules: Look, tried: Tried<Scan>): Look | Promise<Look> => {
      if ("fault" in tried) return { ...rules, fault: tried.fault };
      const first = lookAt(rules, merge(rules.readings, tried.value), tried.value);
      const worthy = rescanOf && again(tried.value);
      if (!worthy) return first;
      pace.share(() => first.readings);
      return rescanOf(prompt, worthy, endsAt - clock()).then(
        (second) => lookAt(rules, merge(rules.readings, second), second),
        (error: unknown) => ({ ...first, fault: firstStands(error) }),
      );
    };
    const tried = attempt("The encoder", () => scanOf(prompt));
    const ruled = byRules();
    if (!isLater(ruled) && !isLater(tried)) return merged(ruled, tried);
    // Where the rules are done, what they found counts even where the encoder never comes to its end.
    if (!isLater(ruled)) pace.share(() => ruled.readings);
    return Promise.all([ruled, tried]).then(([rules, scan]) => merged(rules, scan));
  };
}

function lookAt(rules: Look, readings: readonly Reading[], { unreadUnits, second }: Scan): Look {
  const isUnread = rules.unread === true || unreadUnits > 0;
  const stage = second !== undefined && second.read > 0 ? "full" : "static";
  const fault = second?.fault && firstStands(new EncoderError(second.fault, ""));
  return { readings, stage, ...(isUnread && { unread: true }), ...(fault && { fault }) };
}

function firstStands(error: unknown): Fault {
  const { text } = faultOf("The second reading", error);
  return { failure: "second_look", text: `${text} The first reading stands.` };
}
