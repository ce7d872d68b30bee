import type { PlannedCascade, PlannedTarget } from "../contracts.ts";
import { OURSELVES, type Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";

/**
 * Why a gateway cannot be sent to our answering door, in words for whoever runs the router; undefined where it can. What
 * it tells us beside the request, the door does not hear.
 */
export function whyElsewhere({ ownUrl }: Runtime, { prompt, constraints }: RouteInput): string | undefined {
  const dispatches = "the gateway dispatches the request: ";
  if (ownUrl === undefined) return `${dispatches}say in server.url how it reaches the answering door`;
  if (prompt.api === "gemini") return `${dispatches}the answering door does not speak its API`;
  const isBound = Object.values(constraints).some((limit) => limit !== undefined);
  return isBound ? `${dispatches}its constraints do not reach the answering door` : undefined;
}

/**
 * Our own answering door as the first target of a gateway's plan: only there an answer is judged. Undefined where it
 * cannot be sent there. Its timeouts have room for every model of the cascade.
 */
export function ownDoor(runtime: Runtime, input: RouteInput, { models }: PlannedCascade): PlannedTarget | undefined {
  if (whyElsewhere(runtime, input) !== undefined) return undefined;
  const { aliases, pool } = runtime;
  const { prompt, profile } = input;
  const named = prompt.model || aliases[0]!;
  const asked = profile === undefined ? named : `${named.split(":", 1)[0]!}:${profile}`;
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
