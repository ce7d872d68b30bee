import { writeFileSync } from "node:fs";
import { Failure } from "./failure.ts";

/** Errors: Failure. */
export function writeWhole(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw unwritable(path, error as NodeJS.ErrnoException);
  }
}

export function unwritable(path: string, { code }: NodeJS.ErrnoException): Failure {
  return new Failure(`cannot write ${path} (${code ?? "error"})`);
}
