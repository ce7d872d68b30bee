import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { RouterError } from "../errors.ts";
import { cacheCommand } from "./cache.ts";
import { calibrateCommand } from "./calibrate.ts";
import { doctorCommand } from "./doctor.ts";
import { evalCommand } from "./eval.ts";
import { explainCommand } from "./explain.ts";
import { errorJson, Failure } from "./failure.ts";
import { initCommand } from "./init.ts";
import { modelsCommand } from "./models.ts";
import { reportCommand } from "./report.ts";
import { routeCommand } from "./route.ts";
import { routesCommand } from "./routes.ts";
import { serveCommand } from "./serve.ts";
import { testCommand } from "./test.ts";
import { trainCommand } from "./train.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { validateCommand } from "./validate.ts";

/** The verbs there are. Adding one: its file, a line here, its test. */
const VERBS: readonly ((terminal: Terminal) => Command)[] = [
  initCommand,
  serveCommand,
  validateCommand,
  routeCommand,
  explainCommand,
  routesCommand,
  modelsCommand,
  doctorCommand,
  testCommand,
  evalCommand,
  trainCommand,
  calibrateCommand,
  cacheCommand,
  reportCommand,
];

/** Runs one command line and answers its exit code: 0 done, 1 failed, 2 a wrong command line. */
export async function runCli(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const json = wantsJson(argv);
  const program = new Command("signalbox")
    .description(
      "A semantic router for LLM traffic: decides, for each request, which model should answer it, and says why.",
    )
    .version(version)
    // Options behind `calibrate gates` are not those of `calibrate`.
    .enablePositionalOptions()
    .showHelpAfterError("(signalbox --help lists the verbs, signalbox VERB --help their options)")
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => (json ? undefined : terminal.err(text.trimEnd())),
    })
    .exitOverride();
  for (const verb of VERBS) {
    const command = verb(terminal).copyInheritedSettings(program);
    for (const part of command.commands) part.copyInheritedSettings(program);
    program.addCommand(command);
  }

  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (json) tellMachine(terminal, usageFailure(error));
      return 2;
    }
    const known = error instanceof Failure || error instanceof RouterError;
    if (!known && !json) throw error;
    if (json) tellMachine(terminal, known ? error : RouterError.from(error));
    else if (known && error.message) terminal.err(`signalbox: ${error.message}`);
    return 1;
  }
}

/** Known before the command line is understood: a wrong one is told as JSON too. After `--` there are only texts. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).includes("--json");
}

/** What commander says in words, with its guess at what was meant. */
function usageFailure({ message }: CommanderError): Failure {
  return new Failure(message.replace(/^error: /u, "").replaceAll(/\s+/gu, " "), { code: "usage" });
}

/** Nothing where the verb has said all there is to say. */
function tellMachine(terminal: Terminal, error: Failure | RouterError): void {
  if (error.message) terminal.out(JSON.stringify({ error: errorJson(error) }));
}
