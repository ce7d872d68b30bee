/** Requests at a steady rate while something happens to those who answer them. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { openLoop } from "../acceptance/load.ts";

/** What becomes of the next `count` requests, none of which was sent before it was asked for. */
export type Next<T> = (count: number) => Promise<readonly T[]>;

const LONGEST_SECONDS = 240;
const RECOVERY_MS = 60_000;

/** Asks as long as `during` lasts, and answers what became of all that were sent, in their order. */
export async function underLoad<T>(
  perSecond: number,
  ask: (index: number) => Promise<T>,
  during: (next: Next<T>) => Promise<void>,
): Promise<readonly T[]> {
  const asked: Promise<T>[] = [];
  const send = async (index: number) => void (await (asked[index] = ask(index)).catch(() => undefined));
  const ending = new AbortController();
  const sent = openLoop({ perSecond, seconds: LONGEST_SECONDS, signal: ending.signal, send });
  const next: Next<T> = async (count) => {
    const end = asked.length + count;
    while (asked.length < end) await sleep(5);
    return Promise.all(asked.slice(end - count, end));
  };
  try {
    await during(next);
  } finally {
    ending.abort();
    await sent;
  }
  return Promise.all(asked);
}

/** Until this is so of `count` requests that follow one another; a busy machine may need a few attempts. */
export async function reaches<T>(next: Next<T>, count: number, isWell: (one: T) => boolean): Promise<void> {
  for (const until = performance.now() + RECOVERY_MS; ;) {
    const met = await next(count);
    if (met.every(isWell)) return;
    assert.ok(performance.now() < until, `not as it should be: ${JSON.stringify(met.filter((one) => !isWell(one)))}`);
  }
}
