import assert from "node:assert/strict";
import { test } from "node:test";
import {
  routeSystemOptions,
  routeToolsOptions,
  systemOptions,
  tierMaxTokensOptions,
  tierStopOptions,
  toolsOptions,
} from "../../src/rewrite/options.ts";
import { checkRewriting, compileRewriting } from "../../src/rewrite/settings.ts";

const question = { turn: "x", firstTurn: "x" };
const OPTIONS = {
  system: systemOptions.parse({ labels: { math: "Show each step." } }),
  tools: toolsOptions.parse({ clock: { text: "Tells the time." } }),
  routes: {
    lean: { tools: routeToolsOptions.parse({ keep: 10, tools: 1, max_tokens: 2000 }) },
    kind: { system: routeSystemOptions.parse({ mode: "prepend", text: "Be kind." }) },
  },
  tiers: { small: { max_tokens: 500, stop: ["END"] }, large: {} },
};

test("what a route and a domain ask for is put together", () => {
  const { askOf: asked } = compileRewriting(OPTIONS);
  const math = { mode: "append" as const, text: "Show each step." };
  assert.deepEqual(asked("kind", "math", question), { system: [{ mode: "prepend", text: "Be kind." }, math] });
  const clock = { name: "clock", description: "Tells the time.", parameters: { type: "object", properties: {} } };
  assert.deepEqual(asked("lean", undefined, question), {
    system: [],
    tools: { catalogue: [clock], question, keep: 10, add: 1 },
    resultTokens: 2000,
  });
});

test("where nothing is asked for there is nothing to do, and names of objects are no routes", () => {
  const { askOf: asked } = compileRewriting(OPTIONS);
  for (const route of ["default", "constructor"]) assert.equal(asked(route, "history", question), undefined);
});

test("a tier's limits are its own", () => {
  const { limitsOf } = compileRewriting(OPTIONS);
  assert.deepEqual(limitsOf("small"), { maxTokens: 500, stop: ["END"] });
  assert.deepEqual([limitsOf("large"), limitsOf("constructor")], [undefined, undefined]);
});

test("what names nothing is told with its place", () => {
  const none = checkRewriting(OPTIONS, ["math"]);
  assert.deepEqual(none, []);
  const options = {
    system: systemOptions.parse({ labels: { maths: "x", slang: "default" } }),
    routes: { lean: { tools: routeToolsOptions.parse({ tools: 1 }) } },
    tiers: {},
  };
  assert.deepEqual(
    checkRewriting(options, ["math", "slang"]).map(({ path, message }) => `${path.join(".")}: ${message}`),
    [
      'system.labels.maths: no domain is called "maths"',
      'system.labels.slang: there is no text of ours for "slang": write one',
      "routes.lean.tools.tools: there is no catalogue to add tools of: write some under tools",
    ],
  );
});

test("limits of the file: names of tools that every API takes, sizes, no stop at white space alone", () => {
  assert.ok(!toolsOptions.safeParse({ "a b": {} }).success);
  assert.ok(!routeSystemOptions.safeParse({ text: "x".repeat(20_001) }).success);
  assert.ok(!routeToolsOptions.safeParse({ keep: 0 }).success);
  assert.ok(!tierStopOptions.safeParse([" "]).success && !tierStopOptions.safeParse(["1", "2", "3", "4", "5"]).success);
  assert.ok(!tierMaxTokensOptions.safeParse(0).success);
});
