import { setTimeout as sleep } from "node:timers/promises";
import type { PlannedTarget } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";

/**
 * The first of these targets whose circuit lets a request through. Where one is being probed, its probe is waited for;
 * for a circuit that is open nobody waits. Undefined when there is none in time, or `abort` came.
 */
export async function nextToOpen(
  runtime: Runtime,
  targets: readonly PlannedTarget[],
  patienceMs: number,
  abort: AbortSignal,
): Promise<PlannedTarget | undefined> {
  const breakerOf = ({ target }: PlannedTarget) => runtime.targetState(target.id)!.breaker;
  const over = new AbortController();
  const late = sleep(patienceMs, "late", { signal: AbortSignal.any([abort, over.signal]) }).catch(() => "late");
  try {
    for (;;) {
      const ready = targets.find((planned) => !breakerOf(planned).refuses());
      const probed = targets.map(breakerOf).filter(({ state }) => state === "half_open");
      if (abort.aborted || ready || probed.length === 0) return ready;
      if ((await Promise.race([late, ...probed.map((breaker) => breaker.probed())])) === "late") return undefined;
    }
  } finally {
    over.abort();
  }
}
