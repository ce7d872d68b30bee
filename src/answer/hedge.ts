import type { Tried } from "./attempt.ts";
import { OUTRUN } from "./ends.ts";

/** Begins a try that ends when its signal says so. */
type Start = (abort: AbortSignal) => Promise<Tried>;

interface HedgeOptions {
  readonly patienceMs: number;
  /** Asked when the time has come, since a second try costs. */
  readonly mayAsk: () => boolean;
  /** Whether a try has what the client is to be told. */
  readonly isFinal: (tried: Tried) => boolean;
  readonly abort: AbortSignal;
}

/**
 * The first try, and where it stays silent for too long the second beside it. Whichever has something for the client
 * first wins and the other is cut off; where neither has, both failures.
 */
export async function hedged(
  first: Start,
  second: Start,
  { patienceMs, mayAsk, isFinal, abort }: HedgeOptions,
): Promise<{ readonly first?: Tried; readonly second?: Tried }> {
  const cuts = [new AbortController(), new AbortController()] as const;
  const leading = first(AbortSignal.any([abort, cuts[0].signal]));
  const early = await inTime(leading, patienceMs);
  if (early || !mayAsk()) return { first: early ?? (await leading) };

  const tries = [leading, second(AbortSignal.any([abort, cuts[1].signal]))] as const;
  try {
    const winner = await firstFinal(tries, isFinal);
    if (winner === undefined) return { first: await tries[0], second: await tries[1] };
    const loser = 1 - winner;
    cuts[loser]!.abort(OUTRUN);
    await discard(tries[loser]!);
    return { [winner === 0 ? "first" : "second"]: await tries[winner] };
  } catch (fault) {
    for (const cut of cuts) cut.abort(OUTRUN);
    await Promise.allSettled(tries);
    throw fault;
  }
}

async function inTime(pending: Promise<Tried>, ms: number): Promise<Tried | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return Promise.race([pending, late]).finally(() => clearTimeout(timer));
}

/** Number of the first try that the client can be answered with; undefined when there is none. */
async function firstFinal(
  tries: readonly [Promise<Tried>, Promise<Tried>],
  isFinal: (tried: Tried) => boolean,
): Promise<0 | 1 | undefined> {
  const ends = tries.map(async (pending, index) => ({ index: index as 0 | 1, tried: await pending }));
  const { index, tried } = await Promise.race(ends);
  if (isFinal(tried)) return index;
  const other = await ends[1 - index]!;
  return isFinal(other.tried) ? other.index : undefined;
}

/** An answer that nobody reads must end all the same: its breaker waits for it. */
async function discard(pending: Promise<Tried>): Promise<void> {
  const tried = await pending;
  if (tried.kind !== "answered" || tried.answer.body instanceof Uint8Array) return;
  const chunks = tried.answer.body[Symbol.asyncIterator]();
  await chunks.next();
  await chunks.return?.();
}
