import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { Failure } from "./failure.ts";
import { serveCommand } from "./serve.ts";

const VERBS = [serveCommand];

/** Runs one command line and answers its exit code: 0 done, 1 failed, 2 a wrong command line. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  const program = new Command("signalbox")
    .description("A semantic router for LLM traffic: decides, for each request, which model should answer it, and says why.")
    .version(version)
    .showHelpAfterError("(signalbox --help lists the verbs, signalbox VERB --help their options)")
    .exitOverride();
  for (const verb of VERBS) program.addCommand(verb().exitOverride());

  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof Failure)) throw error;
    if (error.message) console.error(`signalbox: ${error.message}`);
    return 1;
  }
}
