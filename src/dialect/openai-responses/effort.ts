import { leastWord } from "../gemini/models.ts";
import { switchOf, wordFor, type EffortAsk, type EffortEdits } from "../effort.ts";
import { membersOf, type Members } from "../members.ts";
import { leavesThoughts } from "../thoughts.ts";

/** `reasoning.effort`: this API has no switch for a template, so such models hear of it where they are translated for. */
export function responsesEffort(bytes: Uint8Array): EffortEdits {
  const members = membersOf(bytes);
  return (ask) => {
    const word = wordOf(bytes, members, ask);
    return word === undefined ? [] : members.set(["reasoning", "effort"], JSON.stringify(word));
  };
}

function wordOf(
  bytes: Uint8Array,
  members: Members,
  { family, effort, model, passes, maxTokens }: EffortAsk,
): string | undefined {
  const word = effort === "off" ? "none" : effort;
  if (family === "gemini") return effort === "off" ? leastWord(model) : effort;
  if (switchOf(family) !== undefined) return passes ? undefined : word;
  if (family !== "anthropic") return wordFor(family, word);
  if (effort === "off") return passes ? undefined : word;
  return leavesThoughts("openai-responses", bytes, members, maxTokens) ? word : undefined;
}
