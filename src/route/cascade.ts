import type { Decision, PlannedCascade, PlannedTarget, Reason } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";
import { breakEvenKey } from "../cascade/break-even.ts";
import type { Circumstances } from "./case.ts";
import type { RouteInput } from "./input.ts";
import { whyElsewhere } from "./own-door.ts";

/** Somebody insists on the one model that was chosen. */
const INSISTED: ReadonlySet<Reason> = new Set([
  "guarded",
  "requested",
  "pinned",
  "kill_switch",
  "observed",
  "not_in_rollout",
]);

/**
 * The cascade that the request is to go through: from the model that was decided on, over those of its models that may
 * be asked now. Undefined where the route has none, or only one model is left of it.
 */
export function planCascade(
  runtime: Runtime,
  input: RouteInput,
  { route, internalOnly, asked }: Circumstances,
  { model, reason }: Decision,
  targets: readonly PlannedTarget[],
): PlannedCascade | undefined {
  const cascade = runtime.cascades.get(route.name);
  if (!cascade || asked.kind !== "choice" || INSISTED.has(reason)) return undefined;
  const begin = cascade.always ? 0 : cascade.models.indexOf(model);
  if (begin < 0) return undefined;
  const callable = new Set(targets.map((target) => target.model));
  const models = cascade.models.slice(begin).filter((name) => callable.has(name));
  if (models.length < 2) return undefined;
  const breakEven = runtime.breakEvens.of(breakEvenKey(route.name, cascade.models));
  const { gates, mode } = cascade;
  const off =
    cascade.endsWhenLosing && breakEven?.verdict === "loses"
      ? "it costs more than its last model alone"
      : input.answering
        ? undefined
        : whyElsewhere(runtime, input);
  return { models, gates, mode, internalOnly, ...(off !== undefined && { off }) };
}
