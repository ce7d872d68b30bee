import assert from "node:assert/strict";
import { test } from "node:test";
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
