/** The process: reads the command line and hands over to the verb. */
import { runCli } from "./cli/program.ts";

process.exitCode = await runCli(process.argv);
