import type { Readable, Writable } from "node:stream";
import type { Screen } from "./screen.ts";

/** What a verb sees of the world outside: where it reads, writes and asks. */
export interface Terminal {
  /** One line, or several, of the result: what a script reads. */
  out(text: string): void;
  /** What is said to the person beside it. */
  err(text: string): void;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** For questions and progress, which are overwritten. */
  readonly stderr: Writable;
  /** Somebody is there who can answer, and see progress. */
  readonly interactive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly screen: Screen;
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env, platform } = process;
  // A reader that has seen enough, such as head, is no error.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    stdin,
    stderr,
    interactive: stdin.isTTY && stderr.isTTY,
    env,
    screen: screenOf(stdout, env, platform),
  };
}

const USUAL_WIDTH = 80;
const NARROWEST = 40;
const WIDEST = 160;

/** What may be drawn there: `NO_COLOR` and a dumb terminal are heeded, and a locale that is not UTF-8 gets ASCII. */
export function screenOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Terminal["env"],
  platform: NodeJS.Platform,
): Screen {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return {
    width: Math.min(WIDEST, Math.max(NARROWEST, stream.columns || USUAL_WIDTH)),
    colours: stream.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb",
    unicode: /utf-?8/iu.test(locale) || (platform === "win32" && env["WT_SESSION"] !== undefined),
  };
}
