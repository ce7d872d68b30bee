import type { Reading } from "../contracts.ts";
import type { Scan } from "../inference/encoder.ts";
import { after, isLater, type Tried } from "./later.ts";
import type { Look, Pace } from "./signal.ts";

/**
 * What rules found in all of a prompt, and what the encoder found in it, as one look. Where the encoder fails the
 * readings are those of the rules, and the look tells the fault: safety decides what that means.
 * @param merge adds to the readings of the rules what the scan found
 */
export function withScan(
  pace: Pace,
  byRules: Look | Promise<Look>,
  tried: Tried<Scan> | Promise<Tried<Scan>>,
  merge: (readings: readonly Reading[], scan: Scan) => readonly Reading[],
): Look | Promise<Look> {
  const merged = (look: Look, scanned: Tried<Scan>): Look => {
    if ("fault" in scanned) return { ...look, fault: scanned.fault };
    const isUnread = look.unread === true || scanned.value.unreadUnits > 0;
    const readings = merge(look.readings, scanned.value);
    return { readings, stage: "static", ...(isUnread && { unread: true }) };
  };
  if (isLater(byRules)) return Promise.all([byRules, tried]).then(([look, scanned]) => merged(look, scanned));
  // The rules are done: what they found counts even where the encoder never comes to its end.
  if (isLater(tried)) pace.share(() => byRules.readings);
  return after(tried, (scanned) => merged(byRules, scanned));
}
