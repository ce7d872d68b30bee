import type { Attempt, PlannedTarget } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";
import { attempt, type Call, type Tried } from "./attempt.ts";

/** A try at a target and, where that is an adapter which its server does not know, one at its base. */
export async function attemptOrBase(
  runtime: Runtime,
  planned: PlannedTarget,
  call: Call,
  attempts: Attempt[],
): Promise<Tried> {
  const tried = await attempt(runtime, planned, call, attempts);
  if (!planned.onBase || tried.kind !== "failed" || !tried.lacksModel) return tried;
  runtime.targetState(planned.target.id)!.noteLackOfAdapter();
  return attempt(runtime, { ...planned, ...planned.onBase }, call, attempts);
}
