import { chmodSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { standInFor } from "../config/stand-in.ts";
import { accepted, readConfig } from "./config.ts";
import type { Terminal } from "./terminal.ts";
import { writeWhole } from "./write.ts";

/** For its owner alone: keys may stand in a config. */
const PRIVATE = 0o600;

/** The changed file takes the place of the old one, with its mode, when it is found to be a whole config. Errors: Failure. */
export async function replaceConfig(terminal: Terminal, path: string, text: string): Promise<void> {
  // A link stays one.
  const place = realpathSync(path);
  const beside = `${place}.${process.pid}.new`;
  try {
    writeWhole(beside, text, PRIVATE);
    accepted(await readConfig(terminal, beside, standInFor), beside);
    chmodSync(beside, statSync(place).mode);
    renameSync(beside, place);
  } finally {
    rmSync(beside, { force: true });
  }
}
