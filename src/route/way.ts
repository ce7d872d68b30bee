import type { Pin, SignalReport } from "../contracts.ts";
import { DEFAULT_ROUTE, type Route } from "../decision/routes.ts";
import type { RuleVerdict } from "../decision/rules.ts";
import type { Runtime } from "../runtime.ts";

/** The route that a request takes, who put it there, and what is pinned beside it. */
export interface Way {
  readonly route: Route;
  readonly pinnedBy: "rule" | "signal" | undefined;
  readonly pin?: Exclude<Pin, { route: string }>;
}

/** The word of a rule goes before that of a signal. */
export function chooseWay(runtime: Runtime, ruled: RuleVerdict, reports: readonly SignalReport[]): Way {
  const pins = reports.flatMap(({ readings }) => readings.flatMap((reading) => reading.pin ?? []));
  const all = ruled.pin ? [ruled.pin, ...pins] : pins;
  const named = all.find((pin) => "route" in pin);
  const pin = all.find((other): other is NonNullable<Way["pin"]> => !("route" in other));
  return {
    route: runtime.routes.get(named?.route ?? DEFAULT_ROUTE)!,
    pinnedBy: named && (named === ruled.pin ? "rule" : "signal"),
    ...(pin && { pin }),
  };
}
