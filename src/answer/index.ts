import type { AskedModel, Ask, Attempt, CascadeRun, Plan, PlannedTarget, Prompt } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";
import type { Answer, Call } from "./attempt.ts";
import { boundTargets } from "./bound.ts";
import { throughCascade } from "./cascade.ts";
import { restored } from "./restore.ts";
import { type Act, everyTarget } from "./tries.ts";

export type { Answer, Call } from "./attempt.ts";

/** What the second act leaves behind, written as it happens. */
export interface Journal {
  readonly attempts: Attempt[];
  /** Models that gates asked. */
  readonly asked: AskedModel[];
  cascade?: CascadeRun;
}

/** What judging an answer takes. */
export interface Bench {
  readonly prompt: Prompt;
  /** At the cost of this request. */
  readonly ask: Ask;
}

/**
 * SECOND ACT. Plan to answer: where the plan has a cascade through that, else from the first target that answers. A
 * stream counts as answered with its first token; before it, a failure moves on to the next target and the client sees
 * nothing of it. The journal is filled as tries end.
 * Errors: upstream_failed, upstream_timeout, rate_limited, unavailable, unsupported_feature, client_gone.
 */
export async function answer(
  runtime: Runtime,
  plan: Plan,
  call: Call,
  journal: Journal,
  bench?: Bench,
): Promise<Answer> {
  const { attempts } = journal;
  const act: Act = { runtime, plan, call, attempts, targets: boundTargets(runtime, plan, call), misses: [] };
  runtime.failover.budget.earn();
  const answered = await outcomeOf(act, journal, bench);
  return plan.redaction ? restored(call.api, answered, plan.redaction.placeholders) : answered;
}

function outcomeOf(act: Act, journal: Journal, bench: Bench | undefined): Promise<Answer> {
  const { cascade } = act.plan;
  if (!bench || !cascade) return everyTarget(act);
  return cascade.off === undefined ? throughCascade(act, cascade, journal, bench) : lastModelFirst(act);
}

/** A cascade that is switched off leaves its last model. */
function lastModelFirst(act: Act): Promise<Answer> {
  const isLast = ({ model }: PlannedTarget) => model === act.plan.cascade!.models.at(-1);
  const targets = [...act.targets.filter(isLast), ...act.targets.filter((target) => !isLast(target))];
  return everyTarget({ ...act, targets });
}
