import type { Attempt } from "../../src/contracts.ts";
import type { Bills } from "./chaos-books.ts";
import type { HouseProcess, Name } from "./chaos-cast.ts";
import type { Trouble } from "./chaos-trouble.ts";
import type { BreakerState } from "./chaos-house.ts";
import type { Failures } from "./story.ts";

export const BREAKER = { minimum_requests: 5, window_ms: 2000, reset_ms: 1000 };
/** Results of tries from before a change come in as late as this. */
const LATE_MS = 2500;
/** A request that was let through before the circuit opened may take so long to arrive. */
const UNDER_WAY_MS = 800;
/** Timers of a busy process. */
const TIMER_MS = 700;
/** Two identities answer to one name there while a config with the wrong host is in force. */
const TWO_FACED: Name = "named";

export interface Phase {
  readonly at: number;
  readonly ailments: ReadonlyMap<Name, Trouble>;
}

/** Circuits open for what is ill and nothing else, stay open as long as configured, and let nothing through meanwhile. */
export function judgeBreakers(
  { breakers }: Pick<HouseProcess, "breakers">,
  phases: readonly Phase[],
  bills: Bills,
  failures: Failures,
): Readonly<Record<string, string | number>> {
  const times: number[] = [];
  let opened = 0;
  let throughOpen = 0;
  for (const [target, events] of Map.groupBy(breakers, (event) => event.target)) {
    const name = target.split("/")[0] as Name;
    const opens = events.filter(({ state }) => state === "open");
    opened += opens.length;
    failures.check(events.at(-1)?.state === "closed", `the circuit of ${name} ended ${events.at(-1)?.state}`);
    for (const { at } of opens.filter((open) => isWell(name, open.at, phases)))
      failures.add(`the circuit of ${name} opened at ${new Date(at).toISOString()}, when it was well`);
    if (name === TWO_FACED) continue;
    for (const [index, { state, at }] of events.entries()) {
      const before = events[index - 1]?.state ?? "closed";
      failures.check(FOLLOWS[before].includes(state), `the circuit of ${name} went from ${before} to ${state}`);
      if (state !== "half_open") continue;
      const since = events[index - 1]!.at;
      times.push(at - since);
      const through = bills.answers.filter(
        (asked) => asked.server === name && asked.at > since + UNDER_WAY_MS && asked.at < at - 1,
      );
      throughOpen += through.length;
    }
  }
  const [shortest, longest] = [Math.min(...times), Math.max(...times)];
  const isOnTime = times.length === 0 || (shortest >= BREAKER.reset_ms - 20 && longest <= BREAKER.reset_ms + TIMER_MS);
  failures.check(isOnTime, `circuits were open for ${shortest} to ${longest} ms, not ${BREAKER.reset_ms}`);
  failures.check(throughOpen === 0, `${throughOpen} requests came through an open circuit`);
  return {
    "circuits opened": opened,
    "circuits closed": breakers.filter(({ state }) => state === "closed").length,
    "open before a probe, ms": times.length === 0 ? "-" : `${shortest} to ${longest}`,
    "requests through an open circuit": throughOpen,
  };
}

const FOLLOWS: Readonly<Record<BreakerState, readonly BreakerState[]>> = {
  closed: ["open"],
  open: ["half_open"],
  half_open: ["open", "closed"],
};

/** Well now and for so long that no late result can speak of its illness. */
function isWell(name: Name, at: number, phases: readonly Phase[]): boolean {
  return phases
    .filter((phase, index) => phase.at <= at && (phases[index + 1]?.at ?? Infinity) > at - LATE_MS)
    .every(({ ailments }) => !ailments.has(name));
}

/** How often each kind of trouble was met, by what became of the tries. */
export function resultsOf(tries: readonly Attempt[]): string {
  const counts = Object.groupBy(tries, ({ result }) => result);
  return Object.entries(counts)
    .map(([result, list]) => `${result} ${list.length}`)
    .join(", ");
}
