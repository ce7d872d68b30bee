import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionOptions, routesOptions } from "../../src/decision/options.ts";
import { createProfiles, settingsOf } from "../../src/decision/profile.ts";
import { createRoutes } from "../../src/decision/routes.ts";

const route = createRoutes(routesOptions.parse({})).get("default")!;
const profiles = createProfiles({ dear: { price_of_quality: 0.5 } });
const priceUnder = (profile: string | undefined) =>
  settingsOf(
    decisionOptions.parse({ price_of_quality: 0.001 }),
    route,
    profile === undefined ? undefined : profiles.get(profile),
  ).usdPerPoint;

test("the price of quality holds unless the profile says its own price, its own tolerance, or that latency counts", () => {
  assert.equal(priceUnder(undefined), 0.001);
  assert.equal(priceUnder("balanced"), 0.001);
  assert.equal(priceUnder("dear"), 0.5);
  assert.equal(priceUnder("best"), undefined);
  assert.equal(priceUnder("cheap"), undefined);
  assert.equal(priceUnder("fast"), undefined);
});
