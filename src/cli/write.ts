import { writeFileSync } from "node:fs";
import { Failure } from "./failure.ts";

/** @param mode of a file that is new. Errors: Failure. */
export function writeWhole(path: string, text: string, mode = 0o666): void {
  try {
    writeFileSync(path, text, { mode });
  } catch (error) {
    throw unwritable(path, error as NodeJS.ErrnoException);
  }
}

export function unwritable(path: string, { code }: NodeJS.ErrnoException): Failure {
  return new Failure(`cannot write ${path} (${code ?? "error"})`);
}
