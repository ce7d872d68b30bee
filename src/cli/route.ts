import type { Command } from "commander";
import type { Plan } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import { errorJson, Failure } from "./failure.ts";
import { inputCommand, type InputOptions, openInput, readLines, readWhole } from "./input.ts";
import { type Local, withLocal } from "./local.ts";
import { planJson } from "./plan.ts";
import { printable } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

interface Options extends InputOptions {
  readonly lines?: boolean;
}

export function routeCommand(terminal: Terminal): Command {
  return inputCommand("route")
    .description("Decide for a prompt, here and without a server, and say which model would answer it.")
    .option("--lines", "each line of the input that is not empty is a prompt; print one line for each")
    .action((words: readonly string[], options: Options) =>
      withLocal(terminal, options, (local) => routeTexts(terminal, local, words, options)),
    );
}

async function routeTexts(terminal: Terminal, local: Local, words: readonly string[], options: Options): Promise<void> {
  const source = openInput(terminal, words, options);
  const { bytes: limit } = local.runtime.limits;
  const show = (plan: Plan) =>
    options.json ? JSON.stringify(planJson(plan, local.runtime, options.api)) : lineOf(plan);
  if (!options.lines) return terminal.out(show(await local.decide(await readWhole(source, limit))));

  let failed = false;
  for await (const { number, bytes } of readLines(source, limit)) {
    const tell = (answer: string) => terminal.out(options.json ? answer : `${number}: ${answer}`);
    try {
      tell(show(await local.decide(bytes)));
    } catch (error) {
      if (!(error instanceof RouterError) && !(error instanceof Failure)) throw error;
      // Each line has its answer, so that input and output can be laid side by side.
      failed = true;
      tell(options.json ? JSON.stringify({ error: errorJson(error) }) : `error ${error.code}: ${error.message}`);
    }
  }
  if (failed) throw new Failure("");
}

/** `small (tier small, route default, confidence 0.74): small is the cheapest of ...` */
export function lineOf({ decision, blocked }: Plan): string {
  if (!decision) return `blocked (${blocked?.status ?? 403}): ${printable(blocked?.message ?? "")}`;
  const { model, tier, route, confidence, sentence } = decision;
  return `${printable(model)} (${tier ? `tier ${tier}` : "no tier"}, route ${route}, confidence ${confidence.toFixed(2)}): ${sentence}`;
}
