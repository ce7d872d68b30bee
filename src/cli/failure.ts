import type { Problem } from "../config/problem.ts";
import type { RouterError } from "../errors.ts";
import { UnfitCascade } from "../cascade/learned.ts";
import { EncoderError } from "../inference/encoder.ts";

/** A verb that could not do its work. The message is for the person at the terminal and says what to do; empty when all is said already. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** For scripts, which get it with `--json`. */
  readonly code: string;
  /** What is wrong with the config, where that is why. */
  readonly problems?: readonly Problem[];

  constructor(message: string, details: { code?: string; problems?: readonly Problem[]; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code ?? "failed";
    if (details.problems) this.problems = details.problems;
  }
}

/** The failure of an encoder or a file of gates that cannot be loaded, in words; any other error as it is. */
export function told(error: unknown): unknown {
  if (error instanceof UnfitCascade) return new Failure(error.message, { code: "gates", cause: error });
  return error instanceof EncoderError ? new Failure(error.message, { code: "encoder", cause: error }) : error;
}

/** An error as every verb tells it to scripts. */
export function errorJson(error: Failure | RouterError): object {
  const { code, message } = error;
  if (error instanceof Failure) return { code, message, ...(error.problems && { problems: error.problems }) };
  return { code, message, ...(error.param !== undefined && { param: error.param }) };
}
