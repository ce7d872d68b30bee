import type { FullInput, RawReading } from "./full.ts";
import type { Pool, Wait } from "./pool.ts";

/** What was read last, and is not read again: a few requests' worth. */
const MOST_KEPT = 64;

/** Reads one window with the full stage, in a worker. */
export type ReadFull = (input: FullInput, wait: Wait) => Promise<RawReading>;

/**
 * Several signals of one request ask for the same words, one after the other: the second is answered with what the
 * first was told.
 */
export function createFullReads(pool: Pool): ReadFull {
  const kept = new Map<string, RawReading>();
  return async (input, wait) => {
    const { ids, cases, isTagged, cut } = input;
    const words = `${ids.join()};${cases?.join()}`;
    const known = kept.get(words);
    if (known && (known.tags !== undefined || isTagged !== true)) return { ...known, cut };
    const reading = (await pool.run({ kind: "full", input }, ids.length, wait)) as RawReading;
    kept.delete(words);
    kept.set(words, reading);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return reading;
  };
}
