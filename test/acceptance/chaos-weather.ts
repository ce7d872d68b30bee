import { setTimeout as sleep } from "node:timers/promises";
import { type Cast, type ModelServer, type Name, NAMES } from "./chaos-cast.ts";
import type { Trouble } from "./chaos-trouble.ts";

/** Who is ill when. In each phase two servers are well, and one of them is in the next phase too. */

const COMMON: readonly Trouble[] = [
  "hang",
  "killed",
  "storm",
  "drip",
  "reset",
  "hang_after_headers",
  "limited",
  "truncated",
  "wrong_length",
  "hang_mid_stream",
  "malformed",
  "reset_mid_stream",
];
const OWN: Readonly<Partial<Record<Name, Trouble>>> = { secure: "expired", named: "unresolvable" };
/** Where in the list each server begins, so that all of it comes up soon. */
const STRIDE = 5;

/** What ails each server in a phase; a server that is absent is well. */
function ailmentsIn(phase: number): ReadonlyMap<Name, Trouble> {
  const well = [phase % NAMES.length, (phase + 1) % NAMES.length];
  return new Map(
    NAMES.flatMap((name, place): [Name, Trouble][] => {
      if (well.includes(place)) return [];
      const own = OWN[name];
      const troubles = own ? [own, ...COMMON] : COMMON;
      return [[name, troubles[(phase + place * STRIDE) % troubles.length]!]];
    }),
  );
}

/** Plays phase after phase until the signal. `changed` is told where the config must name another host. */
export async function playWeather({ servers }: Cast, { phaseMs, signal, begun, changed }: Weather): Promise<void> {
  let named: Trouble | undefined;
  for (let phase = 0; !signal.aborted; phase++) {
    const ailments = ailmentsIn(phase);
    await Promise.all(servers.map((server) => server.ail(ailments.get(server.name))));
    begun(phase, ailments);
    const resolves = (trouble: Trouble | undefined) => trouble !== "unresolvable";
    if (resolves(named) !== resolves(ailments.get("named"))) changed();
    named = ailments.get("named");
    const half = () => sleep(phaseMs / 2, undefined, { signal }).catch(() => undefined);
    await half();
    await Promise.all(servers.map((server) => server.revive()));
    await half();
  }
  await Promise.all(servers.map(well));
  changed();
}

interface Weather {
  readonly phaseMs: number;
  readonly signal: AbortSignal;
  begun(phase: number, ailments: ReadonlyMap<Name, Trouble>): void;
  changed(): void;
}

const well = (server: ModelServer) => server.ail(undefined);
