import { lastTurn, leavesThoughts, roomFor } from "../thoughts.ts";
import type { EffortAsk, EffortEdits } from "../effort.ts";
import { joinEdits } from "../json.ts";
import { membersOf, type Members } from "../members.ts";
import { isFields, listOf } from "../shape.ts";
import { LEAST_BUDGET, takesBudgets, thinksUnasked } from "./thinking.ts";

/**
 * `thinking`, with `output_config.effort` for models that take efforts. A model of another family hears of it where
 * the body is translated for it; where it is not, nothing is known to tell it by.
 */
export function messagesEffort(bytes: Uint8Array): EffortEdits {
  const members = membersOf(bytes);
  return (ask) => {
    if (ask.family !== "anthropic") return ask.passes ? [] : neutral(members, ask);
    if (ask.effort === "off") return thinksUnasked(ask.model) ? effort(members, "low") : [];
    const mayThink = leavesThoughts("anthropic-messages", bytes, members, ask.maxTokens);
    if (takesBudgets(ask.model)) return mayThink && !isWithinCalls(bytes, members) ? budget(members, ask) : [];
    if (!mayThink) return thinksUnasked(ask.model) ? effort(members, ask.effort) : [];
    return joinEdits(members.set(["thinking"], '{"type":"adaptive"}'), effort(members, ask.effort));
  };
}

const effort = (members: Members, word: string) => members.set(["output_config", "effort"], JSON.stringify(word));

/** Thoughts are part of the reply: they never get more than half of what the client allows for it. */
function budget(members: Members, { budgetTokens, maxTokens }: EffortAsk) {
  const half = Math.floor(roomFor("anthropic-messages", members, maxTokens) / 2);
  const tokens = Math.min(Math.max(LEAST_BUDGET, budgetTokens), half);
  return members.set(["thinking"], JSON.stringify({ type: "enabled", budget_tokens: tokens }));
}

/** What the reader of this API understands, effort and budget both. */
function neutral(members: Members, ask: EffortAsk) {
  if (ask.effort === "off") return members.set(["thinking"], '{"type":"disabled"}');
  const budget_tokens = Math.max(LEAST_BUDGET, ask.budgetTokens);
  return joinEdits(
    members.set(["thinking"], JSON.stringify({ type: "enabled", budget_tokens })),
    effort(members, ask.effort),
  );
}

/** Results of tools are answered: a model with budgets thinks on only where it thought before it called them. */
function isWithinCalls(bytes: Uint8Array, members: Members): boolean {
  const last = lastTurn(bytes, members, "messages");
  if (!isFields(last)) return false;
  return listOf(last["content"]).some((block) => isFields(block) && block["type"] === "tool_result");
}
