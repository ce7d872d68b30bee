import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Constraints, Model } from "../../src/contracts.ts";
import { isInternalOnly, refusal, type RequestFacts } from "../../src/pool/constraints.ts";
import { expectedSpeed, orderTargets } from "../../src/pool/order.ts";

const model: Model = {
  name: "alpha",
  tier: { name: "small", rank: 0, quality: 0.55, timeouts: { connectMs: 1, firstTokenMs: 1, totalMs: 1 } },
  quality: 0.6,
  price: { input: 1, output: 2, cachedInput: 1 },
  speed: { ttftMs: 300, msPerToken: 10 },
  context: 8192,
  maxOutput: 2048,
  modalities: ["text"],
  tools: false,
  parameters: ["temperature"],
  targets: [
    { id: "local/a", upstream: "local", upstreamModel: "a", location: "internal" },
    { id: "cloud/a", upstream: "cloud", upstreamModel: "a", location: "external" },
  ],
};
const needs = { modalities: ["text"], tools: [], parameters: [] } as const;
const facts: RequestFacts = {
  prompt: { inputTokens: 100, needs },
  constraints: {},
  internalOnly: false,
  isCallable: () => true,
};
const constrained = (constraints: Constraints) => refusal(model, { ...facts, constraints });

test("a model that breaks nothing is allowed", () => {
  assert.equal(refusal(model, facts), true);
  const everything = {
    ...facts,
    callerModels: ["alpha"],
    only: ["alpha"],
    forbid: ["beta"],
    route: { name: "r", models: ["alpha"], tier: "small" },
    constraints: { models: ["alpha"], maxCostUsd: 1, maxTtftMs: 300, maxLatencyMs: 10_000, minContext: 8192 },
  };
  assert.equal(refusal(model, everything), true);
});

test("each list that leaves the model out refuses it", () => {
  assert.equal(refusal(model, { ...facts, callerModels: ["b"] }), "not among the 1 models of this client key");
  assert.equal(refusal(model, { ...facts, callerModels: [] }), "not among the 0 models of this client key");
  assert.equal(constrained({ models: ["b", "c"] }), "not among the 2 models that the request allows");
  assert.equal(refusal(model, { ...facts, forbid: ["alpha"] }), "forbidden by a rule");
  assert.equal(refusal(model, { ...facts, only: [] }), "not among the 0 models that the rules allow");
});

test("a route narrows the pool to its models or its tier, save for models that the config itself sends to", () => {
  assert.equal(refusal(model, { ...facts, route: { name: "r", models: ["b"] } }), "not among the 1 models of route r");
  const route = { name: "r", tier: "large" };
  assert.equal(refusal(model, { ...facts, route }), "tier small is not large, the tier of route r");
  assert.equal(refusal(model, { ...facts, route: { ...route, exempt: ["alpha"] } }), true);
});

test("prompt and reply must fit the context", () => {
  const fits = { ...facts, prompt: { inputTokens: 8092, maxOutputTokens: 100, needs } };
  assert.equal(refusal(model, fits), true);
  const over = { ...facts, prompt: { inputTokens: 8093, maxOutputTokens: 100, needs } };
  assert.equal(refusal(model, over), "context 8192 < 8193 tokens");
  const unsaid = { ...facts, prompt: { inputTokens: 8000, needs } };
  assert.equal(refusal(model, unsaid), "context 8192 < 8916 tokens");
  assert.equal(constrained({ minContext: 9000 }), "context 8192 < 9000 tokens");
});

test("no more room is kept than the model can fill", () => {
  const short = { ...model, maxOutput: 50 };
  assert.equal(refusal(short, { ...facts, prompt: { inputTokens: 8142, needs } }), true);
  assert.equal(refusal(short, { ...facts, prompt: { inputTokens: 8143, needs } }), "context 8192 < 8193 tokens");
});

test("a longer reply than the model gives is refused", () => {
  const asked = { ...facts, prompt: { inputTokens: 1, maxOutputTokens: 4096, needs } };
  assert.equal(refusal(model, asked), "max_tokens 2048 < 4096 tokens");
});

test("what the prompt needs the model must be able to do", () => {
  const needing = (more: Partial<RequestFacts["prompt"]["needs"]>) =>
    refusal(model, { ...facts, prompt: { inputTokens: 1, needs: { ...needs, ...more } } });
  assert.equal(needing({ modalities: ["text", "image"] }), "does not understand image");
  assert.equal(needing({ tools: ["a", "b"] }), "cannot call tools, 2 given");
  assert.equal(needing({ parameters: ["temperature"] }), true);
  assert.equal(needing({ parameters: ["temperature", "logit_bias"] }), "does not know the parameter logit_bias");
  assert.equal(constrained({ tools: true }), "cannot call tools, 0 given");
  assert.equal(constrained({ modalities: ["audio"] }), "does not understand audio");
});

test("a parameter's name is the client's text: an odd one is not repeated", () => {
  const parameters = ["my card is 4111 1111 1111 1111"];
  const asked = { ...facts, prompt: { inputTokens: 1, needs: { ...needs, parameters } } };
  assert.equal(refusal(model, asked), "does not know the parameter that the client named");
});

test("a model without a list knows every parameter", () => {
  const { parameters: _, ...knowing } = model;
  const asked = { ...facts, prompt: { inputTokens: 1, needs: { ...needs, parameters: ["anything"] } } };
  assert.equal(refusal(knowing, asked), true);
});

test("cost and speed limits compare with what is expected", () => {
  assert.equal(constrained({ maxCostUsd: 0.0001 }), "expected cost 0.00066 > 0.0001 USD");
  assert.equal(constrained({ maxTtftMs: 299 }), "expected first token after 300 > 299 ms");
  assert.equal(constrained({ maxLatencyMs: 3000 }), "expected latency 3100 > 3000 ms");
});

test("live speed counts before the file's, of the target that would be called first", () => {
  const live = {
    ...facts,
    constraints: { maxTtftMs: 350 },
    speedOf: (id: string) => (id === "cloud/a" ? { ttftMs: 400, msPerToken: 1 } : undefined),
  };
  assert.equal(refusal(model, live), true);
  const failedOver = { ...live, isCallable: (id: string) => id === "cloud/a" };
  assert.equal(refusal(model, failedOver), "expected first token after 400 > 350 ms");
  assert.deepEqual(expectedSpeed(model, failedOver), { ttftMs: 400, msPerToken: 1 });
});

test("a request that must stay inside needs an internal target, whoever demands it", () => {
  const outside = { ...model, targets: model.targets.slice(1) };
  const sentence = "location: none of 1 targets is internal";
  assert.equal(refusal(outside, { ...facts, internalOnly: true }), sentence);
  assert.equal(refusal(outside, { ...facts, constraints: { location: "internal" } }), sentence);
  assert.equal(refusal(model, { ...facts, internalOnly: true }), true);
});

test("a model whose reachable targets are all shut off is refused", () => {
  assert.equal(refusal(model, { ...facts, isCallable: () => false }), "circuit breakers shut off all 2 targets");
  const insideDown = { ...facts, internalOnly: true, isCallable: (id: string) => id !== "local/a" };
  assert.equal(refusal(model, insideDown), "circuit breakers shut off all 1 targets");
});

test("targets keep the order of the file", () => {
  assert.deepEqual(
    orderTargets(model, { internalOnly: false, isCallable: () => true }).map(({ id }) => id),
    ["local/a", "cloud/a"],
  );
});

test("bytes of an internal request reach no external target, and an allowed model always has a target", () => {
  const target = fc.record({ id: fc.string(), location: fc.constantFrom("internal", "external") });
  fc.assert(
    fc.property(
      fc.uniqueArray(target, { selector: ({ id }) => id, maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom({}, { location: "internal" } as const),
      fc.array(fc.string()),
      (targets, internalOnly, constraints, shut) => {
        const some = {
          ...model,
          targets: targets.map(({ id, location }): Model["targets"][number] => ({
            id,
            upstream: "u",
            upstreamModel: id,
            location,
          })),
        };
        const request = { ...facts, internalOnly, constraints, isCallable: (id: string) => !shut.includes(id) };
        const reached = orderTargets(some, { ...request, internalOnly: isInternalOnly(request) });
        assert.equal(refusal(some, request) === true, reached.length > 0);
        assert.ok(reached.every(({ id }) => !shut.includes(id)));
        if (internalOnly || constraints.location) assert.ok(reached.every(({ location }) => location === "internal"));
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});

test("every refusal is ASCII and short", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), fc.nat(), (parameter, inputTokens, maxOutputTokens) => {
      const asked = {
        ...facts,
        prompt: { inputTokens, maxOutputTokens, needs: { ...needs, parameters: [parameter] } },
      };
      assert.match(String(refusal(model, asked)), /^[ -~]{4,120}$/u);
    }),
    { seed: 3, numRuns: 300 },
  );
});
