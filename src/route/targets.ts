import type { Decision, Edit, PlannedTarget, Reasoning } from "../contracts.ts";
import { orderTargets } from "../pool/order.ts";
import { composeEdits } from "../rewrite/compose.ts";
import type { Runtime } from "../runtime.ts";
import { requestFacts, type Circumstances } from "./case.ts";
import { withEffort } from "./effort.ts";
import type { RouteInput } from "./input.ts";
import { plannedTarget } from "./planned.ts";
import type { Changes } from "./rewrite.ts";

/** Failing over longer than this helps nobody. */
const MOST_TARGETS = 16;

/** Where to send the request, best first: the chosen model's targets, then those of each fallback. */
export function planTargets(
  runtime: Runtime,
  input: RouteInput,
  circumstances: Circumstances,
  decision: Decision,
  { reasoning, changes }: { readonly reasoning: Reasoning | undefined; readonly changes: Changes },
): PlannedTarget[] {
  const facts = requestFacts(runtime, input, circumstances);
  const planned: PlannedTarget[] = [];
  for (const name of [decision.model, ...decision.fallbacks]) {
    const model = runtime.pool.byName.get(name)!;
    const limits = changes.of(model);
    const maxTokens = runtime.rewriting.limitsOf(model.tier.name)?.maxTokens;
    for (const target of orderTargets(model, facts)) {
      if (planned.length === MOST_TARGETS) return planned;
      const speaks: readonly string[] = runtime.upstream(target.upstream).speaks;
      const asking = withEffort(input, model, reasoning, speaks.includes(input.prompt.api), maxTokens);
      const timeouts = { ...model.tier.timeouts, ...circumstances.route.timeouts };
      planned.push({
        ...plannedTarget(runtime, changed(asking, changes.common, limits), name, target, timeouts),
        ...(circumstances.route.continues && { mayContinue: true }),
        ...(model.reasoning && {
          thinks: { family: model.reasoning, ...(reasoning && { budgetTokens: reasoning.budgetTokens }) },
        }),
      });
    }
  }
  return planned;
}

/** What is common goes before what the model is told; what is cut back comes last. */
function changed(
  { edit }: Pick<RouteInput, "edit">,
  common: readonly Edit[],
  limits: readonly Edit[],
): Pick<RouteInput, "edit"> {
  if (!edit || common.length + limits.length === 0) return { ...(edit && { edit }) };
  return { edit: (upstreamModel) => composeEdits(common, edit(upstreamModel), limits) };
}
