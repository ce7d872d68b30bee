import type { Alternative, Clock, Prompt, Reading, SignalFailure, SignalReport } from "../contracts.ts";
import type { EncodedPrompts } from "./encoded.ts";

/**
 * One way of reading a prompt.
 *
 * `fast` answers in well under a millisecond for ordinary prompts. Long text is read in windows with
 * `await pace.breathe()` between them, so that the event loop stays free; a signal whose pace is `spent`
 * stops and returns what it has with `unread: true`. A prompt that fits one window is read without awaiting, but where
 * the encoder's full stage is asked in between.
 * `refine`, where there is one, is the costly second look, asked for only when it could flip the decision: it comes
 * after `fast`, with the same prompt, and rejects where it cannot look. `alternatives` tells what it could read.
 */
export interface Signal {
  readonly name: string;
  /** Milliseconds of wall time that `fast` may take. */
  readonly deadlineMs: number;
  fast(prompt: Prompt, pace: Pace): Look | Promise<Look>;
  refine?(prompt: Prompt, abort: AbortSignal): Promise<Look>;
  alternatives?(prompt: Prompt): readonly Alternative[];
  /** A model of the pool that may be asked which of the labels holds, once it is known where the text may go. */
  readonly asks?: { readonly model: string; readonly labels: readonly string[] };
}

/**
 * What a look found. No readings means the signal abstains. `unread` says that part of the text was not read, `fault`
 * that one of several ways of reading failed and the readings are those of the others.
 */
export interface Look {
  readonly readings: readonly Reading[];
  readonly unread?: boolean;
  readonly stage?: NonNullable<SignalReport["stage"]>;
  readonly fault?: Fault;
}

/** `text` is a sentence without prompt text. */
export interface Fault {
  readonly failure: Exclude<SignalFailure, "unread">;
  readonly text: string;
}

/** What signals are made with. `encoded` is there when a signal that is on has learned to read. */
export interface Tools {
  readonly clock: Clock;
  readonly encoded?: EncodedPrompts;
  /** A text as others may see it; absent where it may be shown as it is. */
  readonly shown?: (text: string) => Promise<string>;
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
