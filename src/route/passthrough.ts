import { randomUUID } from "node:crypto";
import type { Caller, Edit, Plan } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import { orderTargets } from "../pool/order.ts";
import type { Runtime } from "../runtime.ts";

/**
 * The plan of a request that names its model and is not ours to decide, such as embeddings: that model's targets.
 * Errors: unknown_model, forbidden.
 */
export function planPassthrough(
  runtime: Runtime,
  caller: Caller,
  name: string,
  edit: (upstreamModel: string) => readonly Edit[],
): Plan {
  const model = runtime.pool.byName.get(name);
  if (!model) {
    throw new RouterError(
      "unknown_model",
      "The pool has no such model, and this path routes nothing: name one of GET /v1/models.",
      { param: "model" },
    );
  }
  if (caller.models && !caller.models.includes(name)) {
    throw new RouterError("forbidden", "This client key may not use the model that it asks for.", { param: "model" });
  }
  const isCallable = (id: string) => runtime.targetState(id)?.isOpen() === false;
  const targets = orderTargets(model, { internalOnly: false, isCallable });
  return {
    decisionId: randomUUID(),
    configHash: runtime.hash,
    signals: [],
    safety: { action: "none", classes: [], sentence: "nothing found" },
    rules: [],
    targets: targets.map((target) => ({
      model: name,
      target,
      timeouts: model.tier.timeouts,
      edits: edit(target.upstreamModel),
    })),
    setHeaders: [],
    removeHeaders: [],
    preview: false,
    micros: 0,
  };
}
