import type { Clock, Prompt, Reading } from "../contracts.ts";

/**
 * One way of reading a prompt.
 *
 * `fast` answers in well under a millisecond for ordinary prompts. Long text is read in windows with
 * `await pace.breathe()` between them, so that the event loop stays free; a signal whose pace is `spent`
 * stops and returns what it has with `unread: true`. A prompt that fits one window is read without awaiting.
 * `refine`, where there is one, is the costly second look, asked for only when it could flip the decision.
 */
export interface Signal {
  readonly name: string;
  /** Milliseconds of wall time that `fast` and `refine` may each take. */
  readonly deadlineMs: number;
  fast(prompt: Prompt, pace: Pace): Look | Promise<Look>;
  refine?(prompt: Prompt, abort: AbortSignal): Promise<Look>;
}

/** What a look found. `unread` says that part of the text was not read. No readings means the signal abstains. */
export interface Look {
  readonly readings: readonly Reading[];
  readonly unread?: boolean;
}

/** The time a signal may take, and the turns it must give to others. */
export interface Pace {
  spent(): boolean;
  /** Resolves in a later turn of the event loop. */
  breathe(): Promise<void>;
  /** Tells how to ask what was found so far, which counts even where the signal never comes to its end. */
  share(found: () => readonly Reading[]): void;
}

/** The pace as its owner sees it, who may ask at any time what the signal has found. */
export interface OwnPace extends Pace {
  found(): readonly Reading[];
}

export function createPace(deadlineMs: number, clock: Clock): OwnPace {
  const end = clock() + deadlineMs;
  let ask: () => readonly Reading[] = () => [];
  return {
    spent: () => clock() >= end,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    share: (found) => void (ask = found),
    found: () => ask(),
  };
}
