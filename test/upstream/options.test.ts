import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { breakerOptions, keysOf, upstreamsOptions } from "../../src/upstream/options.ts";
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
    url: "https://generativelanguage.googleapis.com/v1beta",
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
  assert.deepEqual(parse({ kind: "anthropic" }), {
    kind: "anthropic",
    url: "https://api.anthropic.com/v1",
    location: "external",
    connections: 256,
  });
  assert.deepEqual(parse({ kind: "azure", url: "https://mine.openai.azure.com/" }), {
    kind: "azure",
    url: "https://mine.openai.azure.com",
    location: "external",
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
  assert.ok(complaintsOf({ it: { kind: "bedrock", url: "http://host" } }));
  assert.ok(complaintsOf({ it: { kind: "azure" } }));
  assert.ok(complaintsOf({ it: { kind: "openai", apiVersion: "2024-10-21" } }));
  assert.ok(complaintsOf({ it: { kind: "openai", uri: "http://host" } }));
  assert.ok(complaintsOf({ "1t": { kind: "openai" } }));
  assert.ok(complaintsOf({ it: { kind: "openai", connections: 0 } }));
});

test("the breaker has defaults and bounds", () => {
  const defaults = { percent: 50, minimum_requests: 5, window_ms: 10_000, reset_ms: 5000 };
  assert.deepEqual(breakerOptions.parse(undefined), defaults);
  assert.deepEqual(breakerOptions.parse({ reset_ms: 10 }), { ...defaults, reset_ms: 10 });
  assert.equal(breakerOptions.safeParse({ percent: 0 }).success, false);
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

test("one key or a list of them is given, and each counts once", () => {
  assert.deepEqual(keysOf(parse({ kind: "openai", key: ["a", " b", "a"] })), ["a", "b"]);
  assert.deepEqual(keysOf(parse({ kind: "openai", key: "a" })), ["a"]);
  assert.deepEqual(keysOf(parse({ kind: "openai" })), []);
  const many = Array.from({ length: 17 }, (_, at) => `k${at}`);
  for (const key of [[], many, ["a b"], { a: "b" }])
    assert.ok(complaintsOf({ it: { kind: "openai", key } }), JSON.stringify(key));
});

test("headers that are the connection's, the body's or ours are refused, and those that stand twice", () => {
  const refused = ["Host", "connection", "transfer-encoding", "content-length", "Content-Type", "accept-encoding"];
  for (const name of [...refused, "proxy-authorization", "X-Signalbox-Tenant", "a b", ""])
    assert.ok(complaintsOf({ it: { kind: "openai", headers: { [name]: "x" } } }), name);
  for (const value of ["a\r\nb: c", "schlüssel"])
    assert.ok(complaintsOf({ it: { kind: "openai", headers: { "x-a": value } } }));
  assert.deepEqual(complaintsOf({ it: { kind: "openai", headers: { "x-a": "1", "X-A": "2" } } }), [
    "this header stands here twice",
  ]);
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`x-${at}`, "1"]));
  assert.deepEqual(complaintsOf({ it: { kind: "openai", headers: many } }), ["at most 32 headers"]);
  assert.deepEqual(complaintsOf({ it: { kind: "openai", query: many } }), ["at most 32 parameters"]);
  assert.deepEqual(parse({ kind: "openai", headers: { "OpenAI-Organization": "org-1 " } }).headers, {
    "OpenAI-Organization": "org-1",
  });
});

test("the header authorization stands in place of a key, and beside one is refused", () => {
  const headers = { Authorization: "Bearer x" };
  assert.equal(complaintsOf({ it: { kind: "openai", headers } }), undefined);
  assert.match(complaintsOf({ it: { kind: "openai", headers, key: ["k"] } })![0]!, /in place of a key/u);
});

test("certificates need https", () => {
  const complaint = (more: object) => complaintsOf({ it: { kind: "vllm", url: "https://host/v1", ...more } })?.[0];
  assert.equal(complaint({ ca: "c", cert: "c" }), undefined);
  for (const more of [{ ca: "c" }, { cert: "c" }])
    assert.match(complaint({ url: "http://host/v1", ...more })!, /no certificates at a URL with http/u);
});

test("a proxy is a URL without a path, none, or the environment's, and its password is not repeated", () => {
  const complaint = (proxy: string) => complaintsOf({ it: { kind: "openai", proxy } })?.[0];
  for (const good of ["none", "environment", "http://proxy:3128", "https://me:pass@proxy:3128/"])
    assert.equal(complaint(good), undefined, good);
  for (const bad of ["", "proxy:3128", "socks5://me:pass@proxy", "http://me:pass@proxy/path", "off"]) {
    assert.ok(complaint(bad), bad);
    assert.doesNotMatch(complaint(bad)!, /pass/u);
  }
});

test("upstreams share sockets when everything on the way is equal, whatever their paths, keys and headers", () => {
  const a = parse({ kind: "vllm", url: "https://host:1/v1", key: "secret" });
  const b = parse({ kind: "openai", url: "https://HOST:1/other", headers: { "x-a": "1" } });
  assert.equal(socketsKey(a), socketsKey(b));
  assert.equal(socketsKey(a), socketsKey({ ...a, proxy: "none" }));
  const others = [
    { connections: 8 },
    { proxy: "http://me:secret@proxy" },
    { proxy: "http://me:other@proxy" },
    { ca: "secret authority" },
    { cert: "secret certificate" },
    { url: "https://host:2" },
  ].map((more) => socketsKey({ ...a, ...more }));
  assert.equal(new Set([socketsKey(a), ...others]).size, 7);
  for (const key of others) assert.doesNotMatch(key, /secret|other/u);
  assert.equal(originOf(a), "https://host:1");
});
