import type { Effort, Model, Reasoning, ReasoningFamily } from "../contracts.ts";
import { joinEdits } from "../dialect/json.ts";
import type { RouteInput } from "./input.ts";

/** The least that models of a family can be told. */
const LEAST: Readonly<Record<ReasoningFamily, string>> = {
  openai: "low",
  "openai-minimal": "minimal",
  "openai-none": "none",
};

const wordOf = (family: ReasoningFamily, effort: Effort): string => (effort === "off" ? LEAST[family] : effort);

/** The edits of a client's body for this model, which tell it how much to think too, where it can be told. */
export function withEffort(
  { edit, effortEdit }: Pick<RouteInput, "edit" | "effortEdit">,
  { reasoning: family }: Model,
  reasoning: Reasoning | undefined,
): Pick<RouteInput, "edit"> {
  if (!edit || !effortEdit || !family || !reasoning) return { ...(edit && { edit }) };
  return { edit: (upstreamModel) => joinEdits(edit(upstreamModel), effortEdit(wordOf(family, reasoning.effort))) };
}
