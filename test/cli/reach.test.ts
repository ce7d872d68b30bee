import assert from "node:assert/strict";
import { test } from "node:test";
import { outOfReach } from "../../src/cli/reach.ts";
import { config } from "../rig/house.ts";

const POOL = `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:8000/v1 } }
tiers: { small: { quality: 0.5 }, medium: { quality: 0.7 }, large: { quality: 0.9 } }
models:
  a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] }
  b: { tier: large, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: b }] }
  c: { tier: large, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: c }] }
`;
const look = (yaml: string) => outOfReach(config(POOL + yaml).config);

test("the default route, which always exists, reaches every model", () => {
  assert.deepEqual(look(""), { models: [], routes: [], tiers: ["medium"] });
});

test("a model outside every route that is taken is out of reach", () => {
  assert.deepEqual(look("routes: { default: { tier: small } }").models, ["b", "c"]);
  assert.deepEqual(look("routes: { default: { models: [a, c] } }").models, ["b"]);
});

test("a route counts when a rule or a signal pins it", () => {
  const routes = "routes: { default: { tier: small }, strong: { tier: large } }";
  assert.deepEqual(look(routes), { models: ["b", "c"], routes: ["strong"], tiers: ["medium"] });
  const byRule = `${routes}\nrules: [{ name: r, when: { min_tokens: 9 }, then: { route: strong } }]`;
  assert.deepEqual(look(byRule), { models: [], routes: [], tiers: ["medium"] });
  const bySignal = `${routes}\nsignals: { keyword: { rules: [{ label: x, any: [x], pin: { route: strong } }] } }`;
  assert.deepEqual(look(bySignal), { models: [], routes: [], tiers: ["medium"] });
});

test("the guarded model and the default of a rollout are reached from outside the routes", () => {
  const yaml = `
routes: { default: { tier: small } }
safety: { model: b, jailbreak: { action: guarded } }
signals: { jailbreak: {} }
decision: { rollout: { mode: route, percent: 50, default: c } }`;
  assert.deepEqual(look(yaml).models, []);
});
