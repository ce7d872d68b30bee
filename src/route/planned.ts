import type { PlannedTarget, Target, Timeouts } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";

/**
 * One stop of a plan, with the edits that make the client's body ask for it. An adapter that its server did not know
 * of late is planned as its base; else the base is at hand, where there is one.
 */
export function plannedTarget(
  runtime: Runtime,
  { edit }: Pick<RouteInput, "edit">,
  model: string,
  target: Target,
  timeouts: Timeouts,
): PlannedTarget {
  const sent = (to: Target) => ({ target: to, edits: edit?.(to.upstreamModel) ?? [] });
  const { base, ...rest } = target;
  if (base === undefined) return { model, timeouts, ...sent(target) };
  const onBase = sent({ ...rest, upstreamModel: base });
  if (runtime.targetState(target.id)?.lacksAdapter()) return { model, timeouts, ...onBase };
  return { model, timeouts, ...sent(target), onBase };
}
