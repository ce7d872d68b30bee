import type { AskedModel, Ask, Attempt, CascadeRun, Plan, PlannedTarget, Prompt } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";
import type { Answer, Call } from "./attempt.ts";
import { boundTargets } from "./bound.ts";
import { throughCascade } from "./cascade.ts";
import { type Given, givenAgain, givenBy, type Shared } from "./given.ts";
import { kept } from "./keep.ts";
import { restored } from "./restore.ts";
import { shared } from "./share.ts";
import { type Act, everyTarget } from "./tries.ts";

export type { Call } from "./attempt.ts";
export type { Given, Shared } from "./given.ts";

/** What the second act leaves behind, written as it happens. */
export interface Journal {
  readonly attempts: Attempt[];
  /** Models that gates asked. */
  readonly asked: AskedModel[];
  cascade?: CascadeRun;
  /** The answer was made for somebody who asked the same. */
  shared?: Shared;
  /** Nothing more is written once this is done: an answer may be wanted by others than the one who paid. */
  over?: Promise<void>;
}

/** What judging an answer takes. */
export interface Bench {
  readonly prompt: Prompt;
  /** At the cost of this request, until it is aborted. */
  readonly askUntil: (abort: AbortSignal) => Ask;
}

/**
 * SECOND ACT. Plan to answer: the one that was kept, or the one that somebody else is being given, or one of our own:
 * where the plan has a cascade through that, else from the first target that answers. A stream counts as answered with
 * its first token; before it, a failure moves on to the next target and the client sees nothing of it. The journal is
 * filled as tries end.
 * Errors: upstream_failed, upstream_timeout, rate_limited, unavailable, unsupported_feature, client_gone.
 */
export async function answer(
  runtime: Runtime,
  plan: Plan,
  call: Call,
  journal: Journal,
  bench?: Bench,
): Promise<Given> {
  const { cached, keep, redaction } = plan;
  const made = async (abort: AbortSignal): Promise<Given> => {
    const given = await makeAnswer(runtime, plan, { ...call, abort }, journal, bench);
    return keep ? kept(runtime, keep, call, journal.attempts, given) : given;
  };
  const given = cached
    ? givenAgain(call, cached)
    : keep?.shared
      ? await shared(runtime, keep, call, journal, made)
      : await made(call.abort);
  return redaction ? restored(call.api, given, redaction.placeholders) : given;
}

async function makeAnswer(
  runtime: Runtime,
  plan: Plan,
  call: Call,
  journal: Journal,
  bench: Bench | undefined,
): Promise<Given> {
  const { attempts } = journal;
  const act: Act = { runtime, plan, call, attempts, targets: boundTargets(runtime, plan, call), misses: [] };
  runtime.failover.budget.earn();
  return givenBy(await outcomeOf(act, journal, bench));
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
