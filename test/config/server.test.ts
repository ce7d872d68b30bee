import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { addressOf, isLoopback } from "../../src/config/server.ts";

test("an address is an IP or localhost, and a port", () => {
  assert.deepEqual(addressOf("127.0.0.1:8080"), { host: "127.0.0.1", port: 8080 });
  assert.deepEqual(addressOf("[::1]:0"), { host: "::1", port: 0 });
  assert.deepEqual(addressOf("localhost:65535"), { host: "localhost", port: 65_535 });
  for (const wrong of [
    "127.0.0.1",
    ":8080",
    "127.0.0.1:65536",
    "256.0.0.1:80",
    "::1:80",
    "example.com:80",
    "[]:80",
    "",
  ]) {
    assert.equal(addressOf(wrong), undefined, wrong);
  }
});

test("only this machine reaches a loopback address", () => {
  const loopback = (listen: string) => isLoopback(addressOf(listen)!);
  assert.deepEqual(["127.0.0.1:1", "127.8.9.1:1", "[::1]:1", "localhost:1"].map(loopback), [true, true, true, true]);
  assert.deepEqual(["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:127.0.0.1]:1"].map(loopback), [
    false,
    false,
    false,
    false,
  ]);
});

const MODELS = `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:1/v1 } }
tiers: { small: { quality: 0.5 } }
models: { a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] } }
`;

test("a key may have limits of its own, whole numbers above zero", () => {
  const check = (limits: string) =>
    checkConfig(`server: { auth: { keys: [{ key: acme-key-0001, limits: ${limits} }] } }${MODELS}`, {
      env: {},
      readFile: () => "",
    });
  for (const limits of ["{}", "{ requests_per_minute: 60, tokens_per_minute: 100000, concurrent: 4 }"]) {
    assert.ok("config" in check(limits), limits);
  }
  for (const limits of [
    "{ requests_per_minute: 0 }",
    "{ tokens_per_minute: 1.5 }",
    "{ concurrent: -1 }",
    "{ per_day: 1 }",
  ]) {
    assert.ok("problems" in check(limits), limits);
  }
});
