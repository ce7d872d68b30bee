import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { standInFor } from "../../src/config/stand-in.ts";
import { createAuthority } from "../rig/certificates.ts";

const authority = createAuthority();
const one = authority.issue("one");
const other = authority.issue("other");
const FILES: Readonly<Record<string, string>> = {
  "one.crt": one.cert,
  "one.key": one.key,
  "other.crt": other.cert,
  "other.key": other.key,
  "ca.crt": authority.cert,
  "broken.crt": "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n",
  "no.pem": "nothing of the kind",
};
const MODELS = `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:1/v1 } }
tiers: { small: { quality: 0.5 } }
models: { a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] } }
`;

function check(tls: string, files = FILES) {
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  };
  return checkConfig(`server: { tls: ${tls} }${MODELS}`, { env: {}, readFile });
}

/** `path: message` of everything that is wrong. */
const faults = (tls: string) => {
  const checked = check(tls);
  return "problems" in checked ? checked.problems.map(({ path, message }) => `${path}: ${message}`) : [];
};

test("certificate and key are files that are read when the config is checked, and watched with it", () => {
  const checked = check("{ cert: ${file:one.crt}, key: ${file:one.key} }");
  assert.ok("config" in checked);
  assert.deepEqual(checked.config.server.tls, { cert: one.cert.trimEnd(), key: one.key.trimEnd() });
  assert.deepEqual(checked.files, ["one.crt", "one.key"]);
});

test("a file that changes makes another config, whose name tells nothing of it", () => {
  const before = check("{ cert: ${file:one.crt}, key: ${file:one.key} }");
  const files = { ...FILES, "one.crt": other.cert, "one.key": other.key };
  const renewed = check("{ cert: ${file:one.crt}, key: ${file:one.key} }", files);
  assert.ok("config" in before && "config" in renewed);
  assert.notEqual(renewed.hash, before.hash);
});

for (const [what, tls, told] of [
  [
    "a path instead of the file's text",
    "{ cert: one.crt, key: ${file:one.key} }",
    /^server\.tls\.cert: .*\$\{file:PATH\}/u,
  ],
  ["a file that is no PEM", "{ cert: ${file:no.pem}, key: ${file:one.key} }", /^server\.tls\.cert: expected the text/u],
  ["a certificate that cannot be read", "{ cert: ${file:broken.crt}, key: ${file:one.key} }", /^server\.tls\.cert: /u],
  [
    "a certificate for a key",
    "{ cert: ${file:one.crt}, key: ${file:one.crt} }",
    /^server\.tls\.key: .*no private key/u,
  ],
  [
    "the key of another certificate",
    "{ cert: ${file:one.crt}, key: ${file:other.key} }",
    /^server\.tls\.key: .*not the key/u,
  ],
  [
    "an authority that cannot be read",
    "{ cert: ${file:one.crt}, key: ${file:one.key}, ca: ${file:broken.crt} }",
    /^server\.tls\.ca: /u,
  ],
  ["no key", "{ cert: ${file:one.crt} }", /^server\.tls\.key: /u],
] as const) {
  test(`${what} is told at its place, without a word of the files`, () => {
    const found = faults(tls);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0]!, told);
    assert.doesNotMatch(found[0]!, /MII|BEGIN/u);
  });
}

test("clients may be asked for certificates of an authority", () => {
  assert.deepEqual(faults("{ cert: ${file:one.crt}, key: ${file:one.key}, ca: ${file:ca.crt} }"), []);
});

test("where nothing is served the files need not be there", () => {
  const text = `server: { tls: { cert: \${file:one.crt}, key: \${file:one.key} } }${MODELS}`;
  const readFile = () => {
    throw new Error("ENOENT");
  };
  assert.ok("config" in checkConfig(text, { env: {}, readFile, standIn: standInFor }));
});
