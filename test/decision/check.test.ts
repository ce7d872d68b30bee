/* oxlint-disable unicorn/no-thenable -- `then` is a word of the config file; its value is never a function */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { checkDecision, checkPin } from "../../src/decision/check.ts";
import {
  decisionOptions,
  profilesOptions,
  routesOptions,
  rulesOptions,
  safetyOptions,
  type DecisionRoomOptions,
} from "../../src/decision/options.ts";
import { createProfiles, settingsOf } from "../../src/decision/profile.ts";
import { createRoutes } from "../../src/decision/routes.ts";

const names = {
  models: { a: { tier: "small" }, b: { tier: "large" } },
  tiers: { small: {}, large: {} },
  signals: { jailbreak: {}, pii: undefined },
};

function parse(file: Partial<Record<keyof DecisionRoomOptions, unknown>>): DecisionRoomOptions {
  return {
    decision: decisionOptions.parse(file.decision ?? {}),
    profiles: profilesOptions.parse(file.profiles ?? {}),
    routes: routesOptions.parse(file.routes ?? {}),
    rules: rulesOptions.parse(file.rules ?? []),
    safety: safetyOptions.parse(file.safety ?? {}),
  };
}
const problems = (file: Parameters<typeof parse>[0]) =>
  checkDecision(parse(file), names).map(({ path, message }) => `${path.join(".")}: ${message}`);

test("an empty file decides with the documented defaults and has no problems", () => {
  assert.deepEqual(parse({}), {
    decision: {
      tolerance: 0.1,
      threshold: 0.6,
      escalate_below_margin: 0,
      keep: ["turns", "tools"],
      rollout: { mode: "route", percent: 100 },
    },
    profiles: {},
    routes: {},
    rules: [],
    safety: {},
  });
  assert.deepEqual(problems({}), []);
});

test("a full and sound file has no problems", () => {
  assert.deepEqual(
    problems({
      decision: { fallback: "a", baseline: "b", rollout: { mode: "observe", default: "a" } },
      routes: { support: { models: ["a"], fallback: "a", safety: { jailbreak: { action: "guarded" } } } },
      rules: [
        { name: "r", then: { route: "support", models: ["a", "b"], forbid: ["b"] } },
        { name: "s", then: { route: "default" } },
      ],
      safety: { model: "b", jailbreak: { action: "guarded" } },
    }),
    [],
  );
});

test("every reference that leads nowhere is named with its path", () => {
  const found = problems({
    decision: { fallback: "x", baseline: "x", rollout: { default: "x" } },
    routes: { r: { models: ["a", "x"], rollout: { default: "x" } }, s: { tier: "x", fallback: "x" } },
    rules: [
      { name: "rule-0", then: { model: "x" } },
      { name: "rule-1", then: { tier: "x", models: ["x"], forbid: ["a", "x"] } },
      { name: "rule-2", then: { route: "x" } },
    ],
    safety: { model: "x" },
  });
  assert.deepEqual(found, [
    'decision.fallback: no model is called "x"',
    'decision.baseline: no model is called "x"',
    'decision.rollout.default: no model is called "x"',
    'routes.r.models.1: no model is called "x"',
    'routes.r.rollout.default: no model is called "x"',
    'routes.s.tier: no tier is called "x"',
    'routes.s.fallback: no model is called "x"',
    'rules.0.then.model: no model is called "x"',
    'rules.1.then.tier: no tier is called "x"',
    'rules.1.then.models.0: no model is called "x"',
    'rules.1.then.forbid.1: no model is called "x"',
    'rules.2.then.route: no route is called "x"',
    'safety.model: no model is called "x"',
  ]);
});

test("a problem brings the names that would have been right", () => {
  const [problem] = checkDecision(
    parse({ rules: [{ name: "r", then: { route: "x" } }], routes: { support: {} } }),
    names,
  );
  assert.deepEqual(problem?.known, ["default", "support"]);
});

test("keys that could have no effect are problems", () => {
  assert.deepEqual(
    problems({
      decision: { rollout: { percent: 10 } },
      routes: { r: { rollout: { mode: "kill" } }, s: { tier: "small", fallback: "b", safety: { pii: {} } } },
      rules: [
        { name: "twice", then: { location: "internal" } },
        { name: "twice", then: { location: "internal" } },
      ],
      safety: { jailbreak: { on_error: "guarded" } },
    }),
    [
      "decision.rollout: not everything is routed: set `default`, the model that answers the rest",
      "routes.r.rollout: not everything is routed: set `default`, the model that answers the rest",
      'routes.s.fallback: the fallback "b" is not one of the route\'s own models',
      'rules.1.name: a rule before this one is called "twice" too',
      "safety.jailbreak: guarded by which model? Set safety.model",
      'routes.s.safety.pii: the signal "pii" reads this and is off: add signals.pii',
    ],
  );
});

test("pins of other rooms are checked alike", () => {
  const known = { ...names, routes: { support: {} } };
  assert.deepEqual(checkPin({ route: "default" }, ["p"], known), []);
  assert.deepEqual(checkPin({ model: "constructor" }, ["p"], known), [
    { path: ["p", "model"], message: 'no model is called "constructor"', known: ["a", "b"] },
  ]);
});

test("a router must be a model of the pool, and needs a margin below which it is asked", () => {
  const router = { model: "a" };
  assert.deepEqual(problems({ decision: { router, escalate_below_margin: 0.1 } }), []);
  assert.deepEqual(problems({ decision: { router: { model: "x" } } }), [
    'decision.router.model: no model is called "x"',
    "decision.router: it would never be asked: set decision.escalate_below_margin, the margin below which it is",
  ]);
});

test("the default route always exists, and a route takes runtime form", () => {
  assert.deepEqual([...createRoutes({})], [["default", { name: "default", minQuality: 0, timeouts: {} }]]);
  const routes = createRoutes(
    routesOptions.parse({ r: { tier: "small", min_quality: 0.5, timeouts: { total_ms: 9 }, rollout: { percent: 5 } } }),
  );
  assert.deepEqual(routes.get("r"), {
    name: "r",
    tier: "small",
    minQuality: 0.5,
    timeouts: { totalMs: 9 },
    rollout: { percent: 5 },
  });
  assert.equal(routes.get("default")?.name, "default");
});

test("profiles: four are built in, the file adds and replaces, and a route's quality floor holds against a client's choice", () => {
  const profiles = createProfiles(profilesOptions.parse({ cheap: { tolerance: 0.3 }, mine: { min_quality: 0.4 } }));
  assert.deepEqual([...profiles.keys()], ["cheap", "balanced", "best", "fast", "mine"]);
  const global = decisionOptions.parse({ fallback: "a" });
  const route = { name: "r", minQuality: 0.7, fallback: "b", timeouts: {} };
  const plain = {
    tolerance: 0.1,
    threshold: 0.6,
    minQuality: 0.7,
    escalateBelowMargin: 0,
    prefer: "cost",
    fallback: "b",
  };
  assert.deepEqual(settingsOf(global, route, undefined), plain);
  assert.deepEqual(settingsOf(global, route, profiles.get("mine")), plain);
  assert.deepEqual(settingsOf(global, route, profiles.get("cheap")), { ...plain, tolerance: 0.3 });
  assert.deepEqual(settingsOf(global, route, profiles.get("fast")), { ...plain, prefer: "latency" });
  assert.deepEqual(settingsOf(global, route, profiles.get("best")), { ...plain, tolerance: 0, threshold: 0 });
});

test("the JSON Schema of the file form describes every key", () => {
  const schemas = [decisionOptions, profilesOptions, routesOptions, rulesOptions, safetyOptions];
  assert.deepEqual(
    schemas.flatMap((schema) => undescribed(z.toJSONSchema(schema, { io: "input" }))),
    [],
  );
});

/** Names of properties that say nothing about themselves. */
function undescribed(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, { description?: string }> };
  const bare = Object.entries(properties).flatMap(([name, property]) => (property.description ? [] : [name]));
  return [...bare, ...Object.values(schema).flatMap(undescribed)];
}
