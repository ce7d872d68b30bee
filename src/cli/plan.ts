import type { Api, Plan } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { writePlan } from "../server/wire.ts";

/** The plan as RouteRequest answers it in JSON, with the fields written out that the wire leaves out when they are empty. */
export function planJson(plan: Plan, runtime: Runtime, api: Exclude<Api, "messages"> = "openai-chat"): object {
  const blockedBody = plan.blocked ? DIALECTS[api].errorBody(new RouterError("blocked", plan.blocked.message)) : "";
  const wire = writePlan(plan, (target) => runtime.describe(target), undefined, blockedBody);
  return {
    ...wire,
    targets: wire.targets.map((target, at) => ({
      ...target,
      location: `LOCATION_${plan.targets[at]!.target.location.toUpperCase()}`,
      edits: target.edits.map((edit) => ({ ...edit, bytes: Buffer.from(edit.bytes).toString("base64") })),
    })),
  };
}
