import { Readable, Writable } from "node:stream";
import { type Command, CommanderError } from "commander";
import { Failure } from "../../src/cli/failure.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import type { Said } from "./terminal.ts";

/** One verb that was made with something of the test's own, and everything it said. */
export async function runVerb(make: (terminal: Terminal) => Command, args: readonly string[]): Promise<Said> {
  const said = { out: "", err: "" };
  const terminal: Terminal = {
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
    stdin: Readable.from([]),
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    interactive: false,
    env: {},
    screen: { width: 100, colours: false, unicode: true },
  };
  try {
    await make(terminal)
      .exitOverride()
      .parseAsync([...args], { from: "user" });
    return { code: 0, ...said };
  } catch (error) {
    if (error instanceof CommanderError) return { code: 2, ...said };
    if (!(error instanceof Failure)) throw error;
    return { code: 1, out: said.out, err: said.err + error.message };
  }
}
