import type { Prompt } from "../contracts.ts";
import type { LoadedEncoder } from "../inference/create.ts";
import type { Encoding, Scan } from "../inference/encoder.ts";
import { isLater } from "./later.ts";

/**
 * One pass of the encoder per prompt, shared by every signal that reads with it: each thing is computed when it is
 * first asked for, and kept as long as the prompt. What cannot be had rejects, or throws, for all who ask.
 */
export interface EncodedPrompts {
  readonly encoder: LoadedEncoder;
  /** Whether a second look is ever asked for. */
  readonly looksAgain: boolean;
  /** How to ask for the newest human turn, read by the static stage. Call it once, when the signal is made. */
  turnWithin(deadlineMs: number): (prompt: Prompt) => Encoding | Promise<Encoding>;
  /** The static reading of the turn where it is there by now. */
  turnNow(prompt: Prompt): Encoding | undefined;
  /** The newest human turn, read by the full stage. The first to ask says how long and until when. */
  again(prompt: Prompt, abort: AbortSignal): Promise<Encoding>;
  /**
   * How to ask for all that a model would see, text by text in the order of `prompt.everything`. Call it once, when
   * the signal is made: one scan looks for whatever any signal said that it needs.
   */
  scanFor(part: "safety" | "entities", deadlineMs: number): (prompt: Prompt) => Scan | Promise<Scan>;
  /**
   * How to ask for a second reading of a scan, by the full stage; undefined where none is wanted or to be had. The
   * first to ask says of what, and how long it may take.
   */
  rescanFor(
    part: "safety" | "entities",
  ): ((prompt: Prompt, scan: Scan, deadlineMs: number) => Promise<Scan>) | undefined;
}

/** How a second look is had: never, or within so many milliseconds. */
export type SecondLook = false | { readonly deadlineMs: number };

/**
 * Signals that share a pass may have different deadlines: the pass has the longest of them, and whoever must be done
 * before then is cut off by its own.
 */
export function createEncodedPrompts(encoder: LoadedEncoder, second: SecondLook): EncodedPrompts {
  let turnMs = 0;
  const wanted = { safety: false, entities: false, deadlineMs: 0 };
  const turns = perPrompt(({ turn }) => encoder.encode(turn, turnMs));
  const scans = perPrompt(({ everything }) =>
    encoder.scan(
      everything.map(({ text }) => text),
      { ...wanted },
    ),
  );
  const looks = new WeakMap<Prompt, Promise<Encoding>>();
  const rescans = { safety: new WeakMap<Prompt, Promise<Scan>>(), entities: new WeakMap<Prompt, Promise<Scan>>() };
  const looksAgain = second !== false && encoder.hasFullStage;
  return {
    encoder,
    looksAgain,
    turnWithin(deadlineMs) {
      turnMs = Math.max(turnMs, deadlineMs);
      return turns.get;
    },
    turnNow: turns.now,
    again(prompt, abort) {
      const known = looks.get(prompt);
      if (known) return known;
      const look = encoder.refine(prompt.turn, second === false ? 0 : second.deadlineMs, abort);
      looks.set(prompt, look);
      return look;
    },
    scanFor(part, deadlineMs) {
      wanted[part] = true;
      wanted.deadlineMs = Math.max(wanted.deadlineMs, deadlineMs);
      return scans.get;
    },
    rescanFor(part) {
      if (!looksAgain) return undefined;
      return (prompt, scan, deadlineMs) => {
        const known = rescans[part].get(prompt);
        if (known) return known;
        // Of names there is no first reading that could stand.
        const most = part === "safety" ? second.deadlineMs : Infinity;
        const wants = {
          safety: part === "safety",
          entities: part === "entities",
          deadlineMs: Math.min(deadlineMs, most),
        };
        const texts = prompt.everything.map(({ text }) => text);
        const rescan = encoder.rescan(texts, scan, wants);
        rescans[part].set(prompt, rescan);
        return rescan;
      };
    },
  };
}

function perPrompt<T extends object>(make: (prompt: Prompt) => T | Promise<T>) {
  const known = new WeakMap<Prompt, T | Promise<T>>();
  return {
    get(prompt: Prompt): T | Promise<T> {
      const kept = known.get(prompt);
      if (kept !== undefined) return kept;
      const made = make(prompt);
      known.set(prompt, made);
      // What was waited for is there at once for whoever comes next; a rejection is for those who wait to see.
      if (isLater(made))
        made.then(
          (value) => known.set(prompt, value),
          () => undefined,
        );
      return made;
    },
    now(prompt: Prompt): T | undefined {
      const kept = known.get(prompt);
      return kept === undefined || isLater(kept) ? undefined : kept;
    },
  };
}
