import { leastWord } from "../gemini/models.ts";
import { switchOf, wordFor, type EffortAsk, type EffortEdits } from "../effort.ts";
import { membersOf, type Members } from "../members.ts";
import { leavesThoughts } from "../thoughts.ts";

/** `reasoning_effort` or, for models whose template has a switch, that switch. */
export function chatEffort(bytes: Uint8Array): EffortEdits {
  const members = membersOf(bytes);
  return (ask) => {
    const name = switchOf(ask.family);
    if (name !== undefined) return members.set(["chat_template_kwargs", name], String(ask.effort !== "off"));
    const word = wordOf(bytes, members, ask);
    return word === undefined ? [] : members.set(["reasoning_effort"], JSON.stringify(word));
  };
}

function wordOf(
  bytes: Uint8Array,
  members: Members,
  { family, effort, model, passes, maxTokens }: EffortAsk,
): string | undefined {
  if (family === "gemini") return effort === "off" ? leastWord(model) : effort;
  if (family !== "anthropic") return wordFor(family, effort === "off" ? "none" : effort);
  // Who speaks this API in Claude's place knows efforts, and none of them that is no effort.
  if (effort === "off") return passes ? undefined : "none";
  return leavesThoughts("openai-chat", bytes, members, maxTokens) ? effort : undefined;
}
