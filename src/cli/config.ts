import { existsSync } from "node:fs";
import { Option } from "commander";
import { type Accepted, type Checked, checkConfig } from "../config/check.ts";
import type { Flag } from "../config/flags.ts";
import { loadConfig } from "../config/load.ts";
import { problemText } from "../config/problem.ts";
import { standInFor } from "../config/stand-in.ts";
import { demoConfig } from "../demo/demo.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

export const DEFAULT_CONFIG = "signalbox.yaml";

export const configOption = () => new Option("-c, --config <path>", `the config file (default: ${DEFAULT_CONFIG})`);
export const jsonOption = (does = "print JSON, errors too") => new Option("--json", does);

/** The config, or a Failure that lists everything that is wrong with the file, or with the flags that were put in it. */
export function accepted(checked: Checked, path: string, flags: readonly Flag[] = []): Accepted {
  if ("config" in checked) return checked;
  const lines = checked.problems.map((problem) => `  ${problemText(path, problem)}`);
  const changed = flags.length > 0 ? ` with ${flags.map(({ name }) => name).join(" and ")}` : "";
  throw new Failure(`${path}${changed} is not usable:\n${lines.join("\n")}`, {
    code: "config_invalid",
    problems: checked.problems,
  });
}

/** What the file holds, or a Failure where there is none. */
export async function readConfig(
  { env }: Terminal,
  path: string,
  standIn?: (reference: string) => string,
): Promise<Checked> {
  if (!existsSync(path)) throw new Failure(`there is no ${path}; \`signalbox init\` writes one`, { code: "no_config" });
  return loadConfig(path, { env, ...(standIn && { standIn }) });
}

/**
 * The config that a verb works with: the named file, the usual one, or the demo's where there is none; that is said.
 * `sends` is false for verbs that send nothing: they need no keys.
 */
export async function findConfig(
  terminal: Terminal,
  given: string | undefined,
  { sends }: { readonly sends: boolean },
): Promise<Accepted & { demo: boolean }> {
  const path = given ?? DEFAULT_CONFIG;
  if (given !== undefined || existsSync(path)) {
    const checked = await readConfig(terminal, path, sends ? undefined : standInFor);
    return { ...accepted(checked, path), demo: false };
  }
  terminal.err(`There is no ${path}, so this is the demo config; \`signalbox init\` writes a real one.`);
  return { ...accepted(checkConfig(demoConfig(NOWHERE), { env: {}, readFile: () => "" }), "demo"), demo: true };
}

/** Nothing is sent, so nothing need listen there. */
const NOWHERE = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
