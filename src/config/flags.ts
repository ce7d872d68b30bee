import type { Step } from "./problem.ts";

/** A value of the command line that stands in place of the file's. */
export interface Flag {
  /** As it is written there, such as `--listen`. */
  readonly name: string;
  /** What it stands for. */
  readonly steps: readonly Step[];
  readonly value: string;
}

/** The file's data with the flags in it, before anything is checked. A part that has no place for one stays as it is. */
export function withFlags(data: unknown, flags: readonly Flag[]): unknown {
  return flags.reduce((changed, { steps, value }) => replaced(changed, steps, value), data);
}

/** The flag that set the value at this place. */
export function flagAt(steps: readonly Step[], flags: readonly Flag[]): Flag | undefined {
  return flags.find((flag) => flag.steps.length === steps.length && flag.steps.every((step, at) => step === steps[at]));
}

function replaced(data: unknown, [step, ...rest]: readonly Step[], value: string): unknown {
  if (step === undefined) return value;
  if (data === undefined) return { [step]: replaced(undefined, rest, value) };
  // Not a section: that is the file's mistake, and is told as such.
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  return { ...data, [step]: replaced((data as Record<Step, unknown>)[step], rest, value) };
}
