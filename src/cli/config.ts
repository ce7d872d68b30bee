import type { Accepted, Checked } from "../config/check.ts";
import { problemText } from "../config/problem.ts";
import { Failure } from "./failure.ts";

export const DEFAULT_CONFIG = "signalbox.yaml";

/** The config, or a Failure that lists everything that is wrong with the file. */
export function accepted(checked: Checked, path: string): Accepted {
  if ("config" in checked) return checked;
  throw new Failure(`${path} is not usable:\n${checked.problems.map((problem) => `  ${problemText(path, problem)}`).join("\n")}`);
}
