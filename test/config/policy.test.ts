import assert from "node:assert/strict";
import { test } from "node:test";
import { policyOf } from "../../src/config/policy.ts";
import { config } from "../rig/house.ts";

const BASE = `
upstreams: { u: { kind: openai, url: http://127.0.0.1:8000/v1, key: first-secret-key } }
tiers: { all: { quality: 0.9 } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
`;
const policy = (yaml: string) => policyOf(config(yaml).config);

test("the policy is the same where nothing changes that shapes answers: doors, books, secrets, waiting", () => {
  for (const more of [
    "server: { drain_ms: 77 }",
    "log: debug",
    "records: { path: records.jsonl }",
    "ledger: { path: ledger.db }",
    "budgets: { default: { usd: 5, per: day } }",
    "breaker: { minimum_requests: 7 }",
    "failover: { retries: 2 }",
    "cache: { kind: memory }",
  ])
    assert.equal(policy(`${BASE}${more}`), policy(BASE), more);
  const way = (more: string) => policy(`${BASE}cache: { kind: memory }\nroutes: { web: { ${more} } }`);
  assert.equal(way("cache: { window_ms: 5000 }"), way(""));
  assert.equal(policy(BASE.replace("first-secret-key", "second-secret-key")), policy(BASE));
});

test("the policy is another one where models, rules, routes, texts or what is taken out change", () => {
  const others = [
    BASE,
    BASE.replace("model: m }", "model: other }"),
    BASE.replace("8000", "8001"),
    BASE.replace("quality: 0.9", "quality: 0.8"),
    BASE.replace("one:", "token:"),
    BASE.replace("one:", "token:").replace("model: m }", "model: other }"),
    `${BASE}rules: [{ name: r, when: { text: x }, then: { model: one } }]`,
    `${BASE}routes: { default: { system: { text: Be brief. } } }`,
    `${BASE}pii: { entities: { email: replace } }`,
    `${BASE}decision: { tolerance: 0.2 }`,
    `${BASE}signals: { complexity: { learned: false } }`,
  ];
  assert.equal(new Set(others.map(policy)).size, others.length);
});
