import type { Command } from "commander";
import { inputCommand, type InputOptions, openInput, readWhole } from "./input.ts";
import { withLocal } from "./local.ts";
import { picture } from "./picture.ts";
import { planJson } from "./plan.ts";
import type { Terminal } from "./terminal.ts";

export function explainCommand(terminal: Terminal): Command {
  return inputCommand("explain")
    .description("Decide for a prompt, here and without a server, and draw why: signals, votes, models, cost.")
    .action((text: string | undefined, options: InputOptions) =>
      withLocal(terminal, options, async ({ runtime, decide }) => {
        const plan = await decide(await readWhole(openInput(terminal, text, options), runtime.limits.bytes));
        terminal.out(
          options.json ? JSON.stringify(planJson(plan, runtime, options.api)) : picture(plan, terminal.screen).trimEnd(),
        );
      }),
    );
}
