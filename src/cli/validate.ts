import { Command } from "commander";
import { problemText } from "../config/problem.ts";
import { type Config, jsonSchema } from "../config/schema.ts";
import { createRoutes } from "../decision/routes.ts";
import { accepted, configOption, DEFAULT_CONFIG, jsonOption, readConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import { misplacedText, misplacedTiers, ORDER_OF_TIERS } from "./reach.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly config?: string;
  readonly schema?: boolean;
  readonly json?: boolean;
}

export function validateCommand(terminal: Terminal): Command {
  return new Command("validate")
    .description("Check the config file and say everything that is wrong with it. Exit code 1 if anything is.")
    .addOption(configOption())
    .option("--schema", "print the JSON Schema of the config file instead")
    .addOption(jsonOption())
    .action((options: Options) => validate(terminal, options));
}

async function validate(terminal: Terminal, options: Options): Promise<void> {
  if (options.schema) return terminal.out(JSON.stringify(jsonSchema(), null, 2));
  const path = options.config ?? DEFAULT_CONFIG;
  const checked = await readConfig(terminal, path);
  if (options.json) {
    const { config, hash } = accepted(checked, path);
    return terminal.out(JSON.stringify({ path, hash, ...partsOf(config), hints: hintsOf(config) }));
  }
  if ("problems" in checked) {
    for (const problem of checked.problems) terminal.out(problemText(path, problem));
    throw new Failure("");
  }
  const { models, routes, signals } = partsOf(checked.config);
  for (const hint of hintsOf(checked.config)) terminal.err(`hint: ${hint}`);
  const reading = signals.length > 0 ? `signals ${signals.join(" ")}` : "no signals";
  terminal.out(
    `${path} is whole: ${counted(models.length, "model")}, ${counted(routes.length, "route")}, ${reading}; config hash ${checked.hash}`,
  );
}

function partsOf(config: Config) {
  return {
    models: Object.keys(config.models),
    routes: [...createRoutes(config.routes).keys()],
    signals: Object.keys(config.signals),
  };
}

/** What is allowed and yet probably not meant. */
function hintsOf(config: Config): string[] {
  return misplacedTiers(config).map(
    (misplaced) => `tier ${misplaced.tier}: ${misplacedText(misplaced)}; ${ORDER_OF_TIERS}`,
  );
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
