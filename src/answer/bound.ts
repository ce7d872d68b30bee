import type { PlannedTarget, Plan } from "../contracts.ts";
import type { Reference } from "../dialect/references.ts";
import type { ClientApi } from "../dialect/speech.ts";
import { unsupported } from "../dialect/shape.ts";
import type { Runtime } from "../runtime.ts";
import type { Call } from "./attempt.ts";

/**
 * The targets that can take what the body refers to. An answer is known by the target that gave it. What an account
 * keeps can be anywhere: only a client that names its model says where, or a pool with one upstream of its API.
 * A sealed thought goes to servers of its own API. Errors: unsupported_feature, with the reference as `param`.
 */
export function boundTargets(runtime: Runtime, plan: Plan, call: Call): readonly PlannedTarget[] {
  return call.references.reduce<readonly PlannedTarget[]>(
    (targets, reference) => narrowed(runtime, plan, call, targets, reference),
    plan.targets,
  );
}

function narrowed(
  runtime: Runtime,
  plan: Plan,
  call: Call,
  targets: readonly PlannedTarget[],
  reference: Reference,
): readonly PlannedTarget[] {
  const api = reference.sealer ?? call.api;
  const native = targets.filter(({ target }) => runtime.upstream(target.upstream).speaks.includes(api));
  const known = reference.id === undefined ? undefined : runtime.answers.recall(keyOf(call.tenant, reference.id));
  if (known !== undefined) {
    const own = targets.filter(({ target }) => target.id === known);
    return own.length > 0
      ? own
      : unsupported(reference.path, "the model server that gave that answer may not be asked");
  }
  if (native.length === 0)
    return unsupported(
      reference.path,
      `no model server that may answer speaks ${api}, as the one did that it comes from`,
    );
  if (reference.kind === "thought") return native;
  const upstreams = new Set(native.map(({ target }) => target.upstream));
  if (upstreams.size === 1) return native;
  if (plan.decision?.reason !== "requested")
    return unsupported(reference.path, "it may be with any of several model servers: name the model that keeps it");
  return native.filter(({ target }) => target.upstream === native[0]!.target.upstream);
}

/** Remembers who gave an answer that a later request may refer to. */
export function rememberAnswer(runtime: Runtime, call: Call, planned: PlannedTarget, id: string | undefined): void {
  if (id !== undefined && KEEPING.has(call.api)) runtime.answers.remember(keyOf(call.tenant, id), planned.target.id);
}

/** APIs whose servers may keep an answer so that a later request goes on from it. */
const KEEPING: ReadonlySet<string> = new Set<ClientApi>(["openai-responses", "anthropic-messages"]);

const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
