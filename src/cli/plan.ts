import type { Api, Plan } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import { RouterError } from "../errors.ts";
import { type Change, diffOf } from "../rewrite/diff.ts";
import { OURSELVES, type Runtime } from "../runtime.ts";
import { writePlan } from "../server/wire.ts";

/** What a request becomes on its way to the first server of its plan. */
export interface Changed {
  readonly target: string;
  readonly changes: readonly Change[];
}

/** Longer texts of ours are shown by their beginning. */
const TEXT_CHARS = 160;

/** Undefined where nothing is sent on. Values that were taken out are not in it. */
export function changedIn({ targets, redaction }: Plan, body: Uint8Array): Changed | undefined {
  // Our own door is sent the body as it is.
  const first = targets.find(({ target }) => target.upstream !== OURSELVES);
  if (!first) return undefined;
  const entities = redaction && Object.keys(redaction.counts);
  const options = { textChars: TEXT_CHARS, ...(entities && { entities }) };
  return { target: first.target.id, changes: diffOf(body, first.edits, options) };
}

/**
 * The plan as RouteRequest answers it in JSON, with the fields written out that the wire leaves out when they are empty.
 * Of placeholders it is told what they stand for, and not the values.
 */
export function planJson(plan: Plan, runtime: Runtime, api: Exclude<Api, "messages"> = "openai-chat"): object {
  const blockedBody = plan.blocked ? DIALECTS[api].errorBody(new RouterError("blocked", plan.blocked.message)) : "";
  const wire = writePlan(plan, (target) => runtime.describe(target), { blockedBody });
  return {
    ...wire,
    placeholders: wire.placeholders.map(({ placeholder, entity }) => ({ placeholder, entity })),
    targets: wire.targets.map((target, at) => ({
      ...target,
      location: `LOCATION_${plan.targets[at]!.target.location.toUpperCase()}`,
      edits: target.edits.map((edit) => ({ ...edit, bytes: Buffer.from(edit.bytes).toString("base64") })),
    })),
  };
}
