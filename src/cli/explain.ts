import type { Command } from "commander";
import type { Plan } from "../contracts.ts";
import { inputCommand, type InputOptions, openInput, readWhole } from "./input.ts";
import { type Local, withLocal } from "./local.ts";
import { picture } from "./picture.ts";
import { planJson } from "./plan.ts";
import type { Terminal } from "./terminal.ts";

export function explainCommand(terminal: Terminal): Command {
  return inputCommand("explain")
    .description("Decide for a prompt, here and without a server, and draw why: signals, votes, models, cost.")
    .action((words: readonly string[], options: InputOptions) =>
      withLocal(terminal, options, async (local) => {
        const { runtime } = local;
        const bytes = await readWhole(openInput(terminal, words, options), runtime.limits.bytes);
        const plan = await decideWarm(local, bytes);
        const json = () => JSON.stringify(planJson(plan, runtime, options.api));
        terminal.out(options.json ? json() : picture(plan, terminal.screen).trimEnd());
      }),
    );
}

const WARM_MS = 50;

/** The times that are shown are those of a process that has run for a while, as a server has. */
async function decideWarm({ runtime, decide }: Local, bytes: Uint8Array): Promise<Plan> {
  const end = runtime.clock() + WARM_MS;
  let plan = await decide(bytes);
  while (runtime.clock() < end) plan = await decide(bytes);
  return plan;
}
