import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { breakerOptions, upstreamsOptions } from "../../src/upstream/options.ts";
import { originOf, socketsKey } from "../../src/upstream/sockets.ts";

const parse = (one: unknown) => upstreamsOptions.parse({ it: one })["it"]!;
const complaintsOf = (file: unknown) => upstreamsOptions.safeParse(file).error?.issues.map(({ message }) => message);

test("each kind has its defaults", () => {
  assert.deepEqual(parse({ kind: "openai" }), {
    kind: "openai",
    url: "https://api.openai.com/v1",
    location: "external",
    connections: 256,
  });
  assert.deepEqual(parse({ kind: "gemini", key: "k" }), {
    kind: "gemini",
    url: "https://generativelanguage.googleapis.com/v1beta/openai",
    key: "k",
    location: "external",
    connections: 256,
  });
  assert.deepEqual(parse({ kind: "vllm", url: "http://127.0.0.1:8000/v1" }), {
    kind: "vllm",
    url: "http://127.0.0.1:8000/v1",
    location: "internal",
    connections: 256,
  });
});

test("one base URL has one form", () => {
  for (const url of ["http://host:8000/v1", "http://host:8000/v1/", "HTTP://Host:8000/v1//", " http://host:8000/v1"])
    assert.equal(parse({ kind: "vllm", url }).url, "http://host:8000/v1");
  assert.equal(parse({ kind: "vllm", url: "https://host:443/" }).url, "https://host");
});

test("what is wrong with a URL is said without repeating it", () => {
  const cases = [
    [undefined, /needs its url/u],
    ["localhost", /not a URL/u],
    ["ftp://secret/v1", /http:\/\//u],
    ["http://user:secret@host/v1", /no credentials/u],
    ["http://host/v1?key=secret", /no query/u],
  ] as const;
  for (const [url, expected] of cases) {
    const [complaint = "none", ...more] = complaintsOf({ it: { kind: "vllm", url } }) ?? [];
    assert.match(complaint, expected);
    assert.deepEqual(more, []);
    assert.doesNotMatch(complaint, /secret/u);
  }
});

test("a key is trimmed and may not be empty or hold what a header cannot", () => {
  assert.equal(parse({ kind: "openai", key: " sk-1\n" }).key, "sk-1");
  for (const key of ["", "  ", "a b", "a\nb", "schlüssel"]) assert.ok(complaintsOf({ it: { kind: "openai", key } }));
});

test("unknown kinds, unknown keys and bad names are refused", () => {
  assert.ok(complaintsOf({ it: { kind: "azure", url: "http://host" } }));
  assert.ok(complaintsOf({ it: { kind: "openai", uri: "http://host" } }));
  assert.ok(complaintsOf({ "1t": { kind: "openai" } }));
  assert.ok(complaintsOf({ it: { kind: "openai", connections: 0 } }));
});

test("the breaker has defaults and bounds", () => {
  const defaults = { error_percentage: 50, minimum_requests: 5, window_ms: 10_000, reset_ms: 5000 };
  assert.deepEqual(breakerOptions.parse(undefined), defaults);
  assert.deepEqual(breakerOptions.parse({ reset_ms: 10 }), { ...defaults, reset_ms: 10 });
  assert.equal(breakerOptions.safeParse({ error_percentage: 0 }).success, false);
  assert.equal(breakerOptions.safeParse({ reset: 10 }).success, false);
});

test("both fragments have a JSON Schema in which every key is described", () => {
  for (const fragment of [upstreamsOptions, breakerOptions]) {
    const undescribed: string[] = [];
    JSON.stringify(z.toJSONSchema(fragment, { io: "input" }), (key, value: { properties?: object }) => {
      for (const [name, property] of Object.entries(value?.properties ?? {}))
        if (!("description" in (property as object))) undescribed.push(`${key}.${name}`);
      return value;
    });
    assert.deepEqual(undescribed, []);
  }
});

test("upstreams share sockets when origin and number of connections are equal, whatever their paths and keys", () => {
  const a = parse({ kind: "vllm", url: "http://host:1/v1", key: "secret" });
  const b = parse({ kind: "openai", url: "http://HOST:1/other" });
  const c = parse({ kind: "vllm", url: "http://host:1/v1", connections: 8 });
  assert.equal(socketsKey(a), socketsKey(b));
  assert.notEqual(socketsKey(a), socketsKey(c));
  assert.doesNotMatch(socketsKey(a), /secret/u);
  assert.equal(originOf(a), "http://host:1");
});
