import { EncoderError } from "../inference/encoder.ts";
import type { Fault } from "./signal.ts";

/** What is known now or later, without a promise where it is known now. */

export function isLater<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise;
}

export function after<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<R> {
  return isLater(value) ? value.then(next) : next(value);
}

/** What an attempt gave, or why it failed. */
export type Tried<T> = { readonly value: T } | { readonly fault: Fault };

/** Tries what may throw, now or later; `what` is told in the fault. */
export function attempt<T extends object>(what: string, make: () => T | Promise<T>): Tried<T> | Promise<Tried<T>> {
  const fault = (error: unknown) => ({ fault: faultOf(what, error) });
  try {
    const made = make();
    return isLater(made) ? made.then((value) => ({ value }), fault) : { value: made };
  } catch (error) {
    return fault(error);
  }
}

/**
 * The fault as a report tells it: by the kind of error alone, since its message might quote the prompt. Where the
 * encoder had no time or no room, the text counts as not read: what clients send decides how long reading takes.
 */
export function faultOf(what: string, error: unknown): Fault {
  if (error instanceof EncoderError) {
    const isTime = error.fault === "deadline" || error.fault === "overloaded";
    return { failure: isTime ? "deadline" : "error", text: `${what} failed with EncoderError (${error.fault}).` };
  }
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return { failure: "error", text: `${what} failed with ${name}.` };
}
