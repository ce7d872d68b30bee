import type { Calibration } from "./confidence.ts";
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
  /** USD that an answer may cost more for each point (0.01) of predicted quality; then tolerance has no say. */
  readonly usdPerPoint?: number;
  /** Where quality has a price: see `calibratedConfidence`. */
  readonly calibration?: Calibration;
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
  const usdPerPoint = priceOf(global, profile);
  return {
    tolerance: profile?.tolerance ?? global.tolerance,
    threshold: profile?.threshold ?? global.threshold,
    minQuality: Math.max(route.minQuality, profile?.min_quality ?? 0),
    escalateBelowMargin: global.escalate_below_margin,
    prefer: profile?.prefer ?? "cost",
    ...(usdPerPoint !== undefined && { usdPerPoint }),
    ...(usdPerPoint !== undefined && global.calibration && { calibration: global.calibration }),
    ...(fallback !== undefined && { fallback }),
  };
}

/** A profile that says its own tolerance, or that latency counts, asks for another rule than the price of quality. */
function priceOf(global: DecisionRoomOptions["decision"], profile: ProfileOptions | undefined): number | undefined {
  if (profile?.prefer === "latency") return undefined;
  return profile?.price_of_quality ?? (profile?.tolerance === undefined ? global.price_of_quality : undefined);
}
