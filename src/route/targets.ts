import type { Decision, PlannedTarget } from "../contracts.ts";
import { orderTargets } from "../pool/order.ts";
import type { Runtime } from "../runtime.ts";
import { requestFacts, type Circumstances } from "./case.ts";
import type { RouteInput } from "./input.ts";

/** Failing over longer than this helps nobody. */
const MOST_TARGETS = 16;

/** Where to send the request, best first: the chosen model's targets, then those of each fallback. */
export function planTargets(
  runtime: Runtime,
  input: RouteInput,
  circumstances: Circumstances,
  decision: Decision,
): PlannedTarget[] {
  const facts = requestFacts(runtime, input, circumstances);
  const planned: PlannedTarget[] = [];
  for (const name of [decision.model, ...decision.fallbacks]) {
    const model = runtime.pool.byName.get(name)!;
    for (const target of orderTargets(model, facts)) {
      if (planned.length === MOST_TARGETS) return planned;
      planned.push({
        model: name,
        target,
        timeouts: { ...model.tier.timeouts, ...circumstances.route.timeouts },
        edits: input.edit?.(target.upstreamModel) ?? [],
      });
    }
  }
  return planned;
}
