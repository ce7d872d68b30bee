import type { Command } from "commander";
import type { Plan } from "../contracts.ts";
import { inputCommand, type InputOptions, openInput, readWhole } from "./input.ts";
import { type Local, withLocal } from "./local.ts";
import { Failure } from "./failure.ts";
import { picture } from "./picture.ts";
import { changedIn, planJson } from "./plan.ts";
import type { Terminal } from "./terminal.ts";

export function explainCommand(terminal: Terminal): Command {
  return inputCommand("explain")
    .description("Decide for a prompt, here and without a server, and draw why: signals, votes, models, cost, changes.")
    .action((words: readonly string[], options: InputOptions) => {
      const api = options.api ?? "openai-chat";
      return withLocal(terminal, { ...options, api }, async (local) => {
        const { runtime } = local;
        const given = await readWhole(openInput(terminal, words, options), runtime.limits.bytes);
        const body = options.api === undefined ? chatOf(given) : given;
        const plan = await decideWarm(local, body);
        const changed = changedIn(plan, body);
        const json = () => JSON.stringify({ ...planJson(plan, runtime, api), ...(changed && { changed }) });
        terminal.out(options.json ? json() : picture(plan, terminal.screen, changed).trimEnd());
      });
    });
}

/** A text as a client would send it, so that it is seen what becomes of it on its way. */
function chatOf(text: Uint8Array): Uint8Array {
  const content = new TextDecoder().decode(text);
  if (content.trim() === "") throw new Failure("the text is empty", { code: "no_input" });
  return Buffer.from(JSON.stringify({ messages: [{ role: "user", content }] }));
}

const WARM_MS = 50;

/** The times that are shown are those of a process that has run for a while, as a server has. */
async function decideWarm({ runtime, decide }: Local, bytes: Uint8Array): Promise<Plan> {
  const end = runtime.clock() + WARM_MS;
  let plan = await decide(bytes);
  while (runtime.clock() < end) plan = await decide(bytes);
  return plan;
}
