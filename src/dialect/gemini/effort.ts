import { membersOf } from "../members.ts";
import type { EffortEdits } from "../effort.ts";
import { writeThinking } from "./models.ts";

/** `generationConfig.thinkingConfig`, for Gemini alone: bodies of this API are not translated. */
export function geminiEffort(bytes: Uint8Array): EffortEdits {
  const members = membersOf(bytes);
  return ({ family, effort, budgetTokens, model }) => {
    if (family !== "gemini") return [];
    const reasoning = effort === "off" ? { effort: "none" as const } : { effort, budget: budgetTokens };
    const isSnake = members.spans(["generation_config"]).length > 0;
    const path = isSnake
      ? (["generation_config", "thinking_config"] as const)
      : (["generationConfig", "thinkingConfig"] as const);
    return members.set(path, JSON.stringify(writeThinking(reasoning, model)));
  };
}
