import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { standInFor } from "../../src/config/stand-in.ts";
import { createAuthority } from "../rig/certificates.ts";

const authority = createAuthority();
const client = authority.issue("client");
const FILES: Readonly<Record<string, string>> = {
  ca: authority.cert,
  bundle: `# two\n${authority.cert}\n${client.cert}`,
  cert: client.cert,
  key: client.key,
  other: createAuthority().issue("x").key,
  broken: "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n",
};

function check(upstream: string, env: Record<string, string> = {}, more: object = {}) {
  const text = `upstreams: { it: { kind: openai, url: "https://host/v1", ${upstream} } }
tiers: { small: { quality: 0.5 } }
models: { m: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: it, model: m }] } }
`;
  const readFile = (path: string) => {
    const file = FILES[path];
    if (file === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    return file;
  };
  return checkConfig(text, { env, readFile, ...more });
}

function settled(upstream: string, env?: Record<string, string>, more?: object) {
  const checked = check(upstream, env, more);
  if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
  return checked;
}

const problems = (upstream: string, env?: Record<string, string>) => {
  const checked = check(upstream, env);
  return "problems" in checked ? checked.problems.map(({ path, message }) => `${path}: ${message}`) : [];
};

test("certificates come from files, whose change is a change of the config", () => {
  const { config, files, hash } = settled("ca: ${file:bundle}, cert: ${file:cert}, client_key: ${file:key}");
  const { ca, cert, client_key: key } = config.upstreams["it"]!;
  assert.deepEqual(
    [ca, cert, key],
    [FILES["bundle"], FILES["cert"], FILES["key"]].map((text) => text!.trimEnd()),
  );
  assert.deepEqual(files, ["bundle", "cert", "key"]);
  assert.notEqual(hash, settled("ca: ${file:ca}, cert: ${file:cert}, client_key: ${file:key}").hash);
});

test("files that hold no certificate, or no key of it, are told and never quoted", () => {
  assert.deepEqual(problems("ca: ${file:broken}"), [
    "upstreams.it.ca: this holds no PEM certificate that can be read: write ${file:PATH}",
  ]);
  assert.deepEqual(problems("ca: certs/ca.pem"), [
    "upstreams.it.ca: this holds no PEM certificate that can be read: write ${file:PATH}",
  ]);
  const notItsKey =
    "upstreams.it.client_key: this is not the private key of the certificate, in PEM and without a passphrase";
  for (const key of ["other", "cert", "broken"])
    assert.deepEqual(problems(`cert: \${file:cert}, client_key: \${file:${key}}`), [notItsKey]);
  assert.match(problems("ca: ${file:gone}")[0]!, /^upstreams\.it\.ca: the secret file "gone" cannot be read: ENOENT$/u);
});

test("where a verb sends nothing, files may be missing", () => {
  const { config } = settled(
    "ca: ${file:gone}, cert: ${file:gone}, client_key: ${file:key}",
    {},
    { standIn: standInFor },
  );
  const { ca, cert, client_key: key } = config.upstreams["it"]!;
  assert.deepEqual([ca, cert, key], [undefined, undefined, undefined]);
});

test("the proxy is the environment's unless the upstream says otherwise", () => {
  const env = { HTTPS_PROXY: "http://me:pass@proxy:3128" };
  const proxyOf = (upstream: string, more: Record<string, string> = env) =>
    settled(upstream, more).config.upstreams["it"]!.proxy;
  assert.equal(proxyOf("key: k"), env.HTTPS_PROXY);
  assert.equal(proxyOf("proxy: environment"), env.HTTPS_PROXY);
  assert.equal(proxyOf("proxy: environment", {}), undefined);
  assert.equal(proxyOf("key: k", { ...env, NO_PROXY: "host" }), undefined);
  assert.equal(proxyOf("proxy: none"), "none");
  assert.equal(proxyOf('proxy: "http://own:1"'), "http://own:1");
  assert.equal(proxyOf('proxy: "${P}"', { P: "http://own:1" }), "http://own:1");
});

test("a proxy of the environment that is none is told by its variable, and not repeated", () => {
  const told = problems("key: k", { https_proxy: "socks5://me:pass@proxy" });
  assert.deepEqual(told, [
    "upstreams.it.proxy: https_proxy of the environment: a proxy's URL begins with http:// or https://",
  ]);
});
