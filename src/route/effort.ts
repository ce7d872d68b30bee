import type { Model, Reasoning } from "../contracts.ts";
import { canBeTold } from "../dialect/effort.ts";
import { joinEdits } from "../dialect/json.ts";
import type { RouteInput } from "./input.ts";

/**
 * The edits of a client's body for this model, which tell it how much to think too, where it can be told.
 * @param passes its server reads the body as it is, untranslated
 * @param maxTokens longest reply that it is asked for, where its tier says
 */
export function withEffort(
  { edit, effortEdit }: Pick<RouteInput, "edit" | "effortEdit">,
  { reasoning: family, parameters }: Model,
  reasoning: Reasoning | undefined,
  passes: boolean,
  maxTokens: number | undefined,
): Pick<RouteInput, "edit"> {
  const isTold = family !== undefined && canBeTold(family, parameters);
  if (!edit || !effortEdit || !isTold || !reasoning) return { ...(edit && { edit }) };
  const longest = maxTokens === undefined ? {} : { maxTokens };
  return { edit: (model) => joinEdits(edit(model), effortEdit({ family, model, passes, ...reasoning, ...longest })) };
}
