import type { DecisionRoomOptions } from "./options.ts";
import type { Route } from "./routes.ts";

type ProfileOptions = DecisionRoomOptions["profiles"][string];

/** What the config says of one way of deciding, complete. */
export interface Settings {
  readonly tolerance: number;
  readonly threshold: number;
  readonly minQuality: number;
  readonly escalateBelowMargin: number;
  readonly prefer: "cost" | "latency";
  readonly fallback?: string;
}

/** `best` asks for the best predicted model itself: with nothing to save there is nothing to be unsure of. */
const BUILT_IN: Readonly<Record<string, ProfileOptions>> = {
  cheap: { tolerance: 0.2 },
  balanced: {},
  best: { tolerance: 0, threshold: 0 },
  fast: { prefer: "latency" },
};

/** Every profile by name. One of the file replaces a built-in one of the same name as a whole. */
export function createProfiles(options: DecisionRoomOptions["profiles"]): ReadonlyMap<string, ProfileOptions> {
  return new Map([...Object.entries(BUILT_IN), ...Object.entries(options)]);
}

/** A client picks the profile and an operator writes the route: of two floors for quality the higher one holds. */
export function settingsOf(
  global: DecisionRoomOptions["decision"],
  route: Route,
  profile: ProfileOptions | undefined,
): Settings {
  const fallback = route.fallback ?? global.fallback;
  return {
    tolerance: profile?.tolerance ?? global.tolerance,
    threshold: profile?.threshold ?? global.threshold,
    minQuality: Math.max(route.minQuality, profile?.min_quality ?? 0),
    escalateBelowMargin: global.escalate_below_margin,
    prefer: profile?.prefer ?? "cost",
    ...(fallback !== undefined && { fallback }),
  };
}
