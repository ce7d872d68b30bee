import type { Model, Speed, Target } from "../contracts.ts";

/** What decides where the bytes of a request may go. */
export interface TargetFacts {
  /** The request may not leave our own model servers. */
  readonly internalOnly: boolean;
  /** Whether a target may be called now: false while its circuit breaker keeps it shut off. */
  isCallable(targetId: string): boolean;
}

/** The targets of one model that may be called now, in the order of the file. */
export function orderTargets(model: Model, facts: TargetFacts): readonly Target[] {
  return reachableTargets(model, facts.internalOnly).filter((target) => facts.isCallable(target.id));
}

/** The targets that the request's location lets it reach, up or down. */
export function reachableTargets(model: Model, internalOnly: boolean): readonly Target[] {
  return internalOnly ? model.targets.filter((target) => target.location === "internal") : model.targets;
}

/** Speed of the target that would be called first: as measured where `speedOf` knows it, else as the file says. */
export function expectedSpeed(
  model: Model,
  facts: TargetFacts & { speedOf?(targetId: string): Speed | undefined },
): Speed {
  const [first] = orderTargets(model, facts);
  return (first && facts.speedOf?.(first.id)) ?? model.speed;
}
