import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { modelsOptions, tiersOptions } from "../../src/pool/options.ts";
import { checkPool, createPool } from "../../src/pool/pool.ts";

const options = {
  tiers: tiersOptions.parse({ small: { quality: 0.55 }, large: { quality: 0.9, timeouts: { total_ms: 60_000 } } }),
  models: modelsOptions.parse({
    zeta: { tier: "large", price: { input: 2, output: 8 }, targets: [{ upstream: "cloud", model: "z-1" }] },
    alpha: {
      tier: "small",
      quality: 0.6,
      price: { input: 0.1, output: 0.2, cached_input: 0.05 },
      context: 8192,
      max_tokens: 2048,
      modalities: ["text", "image"],
      tools: false,
      parameters: ["temperature"],
      ttft_ms: 100,
      targets: [
        { upstream: "local", model: "org/alpha" },
        { upstream: "cloud", model: "alpha" },
      ],
    },
  }),
};
const locationOf = (upstream: string) => (upstream === "local" ? "internal" : "external");

test("models are sorted by name, tiers ranked by the order of the file, facts in runtime form", () => {
  const pool = createPool(options, locationOf);
  const small = {
    name: "small",
    rank: 0,
    quality: 0.55,
    timeouts: { connectMs: 1000, firstTokenMs: 15_000, betweenTokensMs: 30_000, totalMs: 300_000 },
  };
  assert.deepEqual(
    pool.tiers.map(({ name, rank, timeouts }) => [name, rank, timeouts.totalMs]),
    [
      ["small", 0, 300_000],
      ["large", 1, 60_000],
    ],
  );
  assert.deepEqual(pool.models[0], {
    name: "alpha",
    tier: small,
    quality: 0.6,
    price: { input: 0.1, output: 0.2, cachedInput: 0.05 },
    speed: { ttftMs: 100, msPerToken: 15 },
    context: 8192,
    maxOutput: 2048,
    modalities: ["text", "image"],
    tools: false,
    parameters: ["temperature"],
    targets: [
      { id: "local/org/alpha", upstream: "local", upstreamModel: "org/alpha", location: "internal" },
      { id: "cloud/alpha", upstream: "cloud", upstreamModel: "alpha", location: "external" },
    ],
  });
  assert.equal(pool.byName.get("zeta"), pool.models[1]);
});

test("a target that is an adapter is asked for by its name, and stands beside its base", () => {
  const models = modelsOptions.parse({
    base: { tier: "small", price: { input: 1, output: 1 }, targets: [{ upstream: "local", model: "llama" }] },
    legal: {
      tier: "small",
      price: { input: 1, output: 1 },
      targets: [{ upstream: "local", model: "llama", adapter: "llama-legal" }],
    },
  });
  assert.deepEqual(checkPool({ tiers: options.tiers, models }, ["local"]), []);
  assert.deepEqual(createPool({ tiers: options.tiers, models }, locationOf).byName.get("legal")!.targets, [
    { id: "local/llama-legal", upstream: "local", upstreamModel: "llama-legal", base: "llama", location: "internal" },
  ]);
});

test("what the file leaves out gets the documented defaults, and the tier's quality", () => {
  const zeta = createPool(options, locationOf).byName.get("zeta");
  assert.equal(zeta?.quality, 0.9);
  assert.deepEqual(zeta?.price, { input: 2, output: 8, cachedInput: 2 });
  assert.deepEqual(zeta?.speed, { ttftMs: 500, msPerToken: 15 });
  assert.equal(zeta?.context, 128_000);
  assert.deepEqual(zeta?.modalities, ["text"]);
  assert.equal(zeta?.tools, true);
  assert.equal(zeta?.parameters, undefined);
});

test("the pool is frozen all the way down", () => {
  const pool = createPool(options, locationOf);
  const deep = [
    pool,
    pool.models,
    pool.tiers,
    pool.tiers[0]?.timeouts,
    pool.models[0]?.targets[0],
    pool.models[0]?.price,
  ];
  assert.ok(deep.every((part) => Object.isFrozen(part)));
});

test("a sound pool has no problems", () => {
  assert.deepEqual(checkPool(options, ["local", "cloud"]), []);
});

test("a tier or upstream that is not there is a problem with its path and the names that are", () => {
  const models = modelsOptions.parse({
    a: { tier: "smal", price: { input: 1, output: 1 }, targets: [{ upstream: "lokal", model: "m" }] },
  });
  assert.deepEqual(checkPool({ tiers: options.tiers, models }, ["local"]), [
    { path: ["models", "a", "tier"], message: 'no tier is called "smal"', known: ["small", "large"] },
    { path: ["models", "a", "targets", 0, "upstream"], message: 'no upstream is called "lokal"', known: ["local"] },
  ]);
});

test("a target belongs to one model, however its id is cut into upstream and model", () => {
  const price = { input: 1, output: 1 };
  const models = modelsOptions.parse({
    a: { tier: "small", price, targets: [{ upstream: "x/y", model: "z" }] },
    b: { tier: "small", price, targets: [{ upstream: "x", model: "y/z" }] },
  });
  assert.deepEqual(checkPool({ tiers: options.tiers, models }, ["x", "x/y"]), [
    { path: ["models", "b", "targets", 0], message: 'the target x/y/z already belongs to the model "a"' },
  ]);
});

test("a reply longer than the context is a problem", () => {
  const models = modelsOptions.parse({
    a: {
      tier: "small",
      price: { input: 1, output: 1 },
      context: 10,
      max_tokens: 11,
      targets: [{ upstream: "x", model: "m" }],
    },
  });
  assert.deepEqual(
    checkPool({ tiers: options.tiers, models }, ["x"]).map(({ path }) => path),
    [["models", "a", "max_tokens"]],
  );
});

test("unknown keys, empty pools, bad names, negative prices and models without targets are refused", () => {
  const sound = { tier: "small", price: { input: 1, output: 1 }, targets: [{ upstream: "x", model: "m" }] };
  const refused = [
    {},
    { a: { ...sound, pirce: {} } },
    { "1a": sound },
    { a: { ...sound, price: { input: -1, output: 1 } } },
    { a: { ...sound, price: { input: Number.NaN, output: 1 } } },
    { a: { ...sound, targets: [] } },
    { a: { ...sound, context: 0 } },
  ];
  assert.equal(modelsOptions.safeParse({ a: sound }).success, true);
  for (const models of refused) assert.equal(modelsOptions.safeParse(models).success, false, JSON.stringify(models));
  assert.equal(tiersOptions.safeParse({}).success, false);
});

test("the JSON Schema of the file form describes every key", () => {
  const bare = [tiersOptions, modelsOptions].flatMap((schema) => undescribed(z.toJSONSchema(schema, { io: "input" })));
  assert.deepEqual(bare, []);
});

/** Names of properties that say nothing about themselves. */
function undescribed(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, { description?: string }> };
  const bare = Object.entries(properties).flatMap(([name, property]) => (property.description ? [] : [name]));
  return [...bare, ...Object.values(schema).flatMap(undescribed)];
}
