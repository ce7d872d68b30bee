import { InvalidArgumentError, Option } from "commander";

const USUAL_MS = 5000;
const LONGEST_MS = 15_000;

/** How long one upstream may take to answer a question of ours. */
export function timeoutOption(): Option {
  return new Option("--timeout <ms>", "longest wait for an upstream, in milliseconds")
    .default(USUAL_MS)
    .argParser((text) => {
      const ms = Number(text);
      if (!Number.isInteger(ms) || ms < 1 || ms > LONGEST_MS)
        throw new InvalidArgumentError(`Expected 1 to ${LONGEST_MS}.`);
      return ms;
    });
}
