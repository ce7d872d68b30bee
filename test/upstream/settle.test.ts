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
  both: client.cert + client.key,
  other: client.cert + createAuthority().issue("x").key,
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
  const { config, files, hash } = settled("ca: ${file:bundle}, cert: ${file:both}");
  const { ca, cert } = config.upstreams["it"]!;
  assert.deepEqual([ca, cert], [FILES["bundle"]!.trimEnd(), FILES["both"]!.trimEnd()]);
  assert.deepEqual(files, ["bundle", "both"]);
  assert.notEqual(hash, settled("ca: ${file:ca}, cert: ${file:both}").hash);
});

test("certificate and private key may lie in two files", () => {
  const { config, files } = settled('cert: "${file:cert}\\n${file:key}"');
  assert.equal(config.upstreams["it"]!.cert, FILES["both"]!.trimEnd());
  assert.deepEqual(files, ["cert", "key"]);
});

test("files that hold no certificate, or no key of it, are told and never quoted", () => {
  assert.deepEqual(problems("ca: ${file:broken}"), [
    "upstreams.it.ca: this holds no PEM certificate that can be read: write ${file:PATH}",
  ]);
  assert.deepEqual(problems("ca: certs/ca.pem"), [
    "upstreams.it.ca: this holds no PEM certificate that can be read: write ${file:PATH}",
  ]);
  assert.deepEqual(problems("cert: ${file:cert}"), [
    'upstreams.it.cert: this holds no private key: it stands behind the certificate, in one file or as "${file:CERT}\\n${file:KEY}"',
  ]);
  assert.deepEqual(problems("cert: ${file:other}"), [
    "upstreams.it.cert: its private key is not that of the certificate, or has a passphrase",
  ]);
  assert.match(problems("ca: ${file:gone}")[0]!, /^upstreams\.it\.ca: the secret file "gone" cannot be read: ENOENT$/u);
});

test("where a verb sends nothing, files may be missing", () => {
  for (const cert of ["${file:gone}", '"${file:cert}\\n${file:gone}"']) {
    const { config } = settled(`ca: \${file:gone}, cert: ${cert}`, {}, { standIn: standInFor });
    assert.deepEqual([config.upstreams["it"]!.ca, config.upstreams["it"]!.cert], [undefined, undefined]);
  }
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
