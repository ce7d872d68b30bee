import type { Decision, PlannedTarget, Reasoning } from "../contracts.ts";
import { orderTargets } from "../pool/order.ts";
import type { Runtime } from "../runtime.ts";
import { requestFacts, type Circumstances } from "./case.ts";
import { withEffort } from "./effort.ts";
import type { RouteInput } from "./input.ts";
import { plannedTarget } from "./planned.ts";

/** Failing over longer than this helps nobody. */
const MOST_TARGETS = 16;

/** Where to send the request, best first: the chosen model's targets, then those of each fallback. */
export function planTargets(
  runtime: Runtime,
  input: RouteInput,
  circumstances: Circumstances,
  decision: Decision,
  reasoning: Reasoning | undefined,
): PlannedTarget[] {
  const facts = requestFacts(runtime, input, circumstances);
  const planned: PlannedTarget[] = [];
  for (const name of [decision.model, ...decision.fallbacks]) {
    const model = runtime.pool.byName.get(name)!;
    const asking = withEffort(input, model, reasoning);
    for (const target of orderTargets(model, facts)) {
      if (planned.length === MOST_TARGETS) return planned;
      const timeouts = { ...model.tier.timeouts, ...circumstances.route.timeouts };
      planned.push({
        ...plannedTarget(runtime, asking, name, target, timeouts),
        ...(circumstances.route.continues && { mayContinue: true }),
      });
    }
  }
  return planned;
}
