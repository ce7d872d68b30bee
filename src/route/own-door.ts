import type { PlannedCascade, PlannedTarget } from "../contracts.ts";
import { OURSELVES, type Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";

/**
 * Our own answering door as the first target of a gateway's plan: only there an answer is judged. Undefined where the
 * config does not say how gateways reach it. Its timeouts have room for every model of the cascade.
 */
export function ownDoor(
  { ownUrl, aliases, pool }: Runtime,
  { prompt }: RouteInput,
  { models }: PlannedCascade,
): PlannedTarget | undefined {
  if (ownUrl === undefined) return undefined;
  const asked = prompt.model || aliases[0]!;
  const timeouts = models.map((name) => pool.byName.get(name)!.tier.timeouts);
  const before = timeouts.slice(0, -1).reduce((sum, { totalMs }) => sum + totalMs, 0);
  const last = timeouts.at(-1)!;
  return {
    model: asked,
    target: { id: `${OURSELVES}/${asked}`, upstream: OURSELVES, upstreamModel: asked, location: "internal" },
    timeouts: {
      connectMs: Math.max(...timeouts.map(({ connectMs }) => connectMs)),
      firstTokenMs: before + last.firstTokenMs,
      totalMs: before + last.totalMs,
    },
    edits: [],
  };
}
