import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkGateway, GATEWAYS } from "../../src/cli/gateway/index.ts";
import type { Finding } from "../../src/cli/gateway/finding.ts";
import { config } from "../rig/house.ts";
import { parsed, run } from "./terminal.ts";

const ENVOY = join(import.meta.dirname, "../../adapters/envoy");
const OURS = join(ENVOY, "signalbox.yaml");
const FILE = join(ENVOY, "envoy.yaml");
const home = mkdtempSync(join(tmpdir(), "signalbox-gateway-"));
after(() => rmSync(home, { recursive: true }));

function written(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

const CONFIG = config(`
server: { listen: "127.0.0.1:8080" }
upstreams: { vllm: { kind: vllm, url: "http://127.0.0.1:8000/v1" } }
tiers: { small: { quality: 0.5 } }
models: { small: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: vllm, model: small-v1 }] } }
`).config;

test("a gateway's file that fits has nothing wrong; what no file shows is advice", async () => {
  const said = await run(["doctor", "--gateway", "envoy", FILE, "-c", OURS]);
  assert.equal(said.code, 0, said.out);
  assert.match(said.out, /^✓ config: .*signalbox\.yaml is whole/u);
  assert.match(said.out, /✓ envoy: envoy\.yaml fits this config/u);
  assert.match(said.out, /→ a server there must take the model auto/u);
  assert.match(said.out, /Nothing is wrong, 0 to think about\.\n$/u);
});

test("something wrong is told with its line and ends in exit code 1; the JSON form has the line apart", async () => {
  const path = written("gateway.yaml", "services:\n  - name: models\n");
  const said = await run(["doctor", "--gateway", "kong", path, "-c", OURS]);
  assert.equal(said.code, 1);
  assert.match(
    said.out,
    /✗ kong: gateway\.yaml:1: the plugin signalbox stands nowhere in this file\n +→ see adapters/u,
  );
  const json = await run(["doctor", "--json", "--gateway", "kong", path, "-c", OURS]);
  assert.equal(json.code, 1);
  const { ok, gateway, file, checks } = parsed(json) as Record<string, unknown> & { checks: Finding[] };
  assert.deepEqual([ok, gateway, file], [false, "kong", path]);
  assert.deepEqual(checks.at(-1), {
    about: "kong",
    verdict: "wrong",
    message: "gateway.yaml:1: the plugin signalbox stands nowhere in this file",
    advice: "see adapters/kong/kong.yml",
    line: 1,
  });
});

test("a file without its gateway, a gateway without its file and an unknown one are a wrong command line", async () => {
  assert.equal((await run(["doctor", FILE])).code, 2);
  assert.equal((await run(["doctor", "--gateway", "envoy"])).code, 2);
  assert.equal((await run(["doctor", "--gateway", "nginx", FILE])).code, 2);
});

test("a file that is not there, and a config that is not whole, are said", async () => {
  const gone = await run(["doctor", "--gateway", "envoy", join(home, "gone.yaml"), "-c", OURS]);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /cannot read .*gone\.yaml: there is no such file/u);
  const broken = await run(["doctor", "--gateway", "envoy", FILE, "-c", written("ours.yaml", "upstreams: 3\n")]);
  assert.equal(broken.code, 1);
  assert.match(broken.out, /✗ config: .*ours\.yaml:1:\d+ upstreams/u);
});

test("keys that are not in the environment are not wanted: nothing is sent", async () => {
  const path = written(
    "keyed.yaml",
    `server: { listen: "127.0.0.1:8080" }
upstreams: { cloud: { kind: openai, url: "https://api.openai.com/v1", key: "\${NO_SUCH_KEY}" } }
tiers: { small: { quality: 0.5 } }
models: { auto-model: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: cloud, model: gpt-5 }] } }
`,
  );
  const said = await run(["doctor", "--gateway", "litellm", written("l.yaml", "model_list: []\n"), "-c", path]);
  assert.match(said.out, /✓ config/u);
  assert.match(said.out, /"auto" is not in model_list/u);
});

test("what is no YAML is said with its line, and names of secrets in it stand nowhere", () => {
  for (const gateway of GATEWAYS) {
    const [found, ...more] = checkGateway(gateway, "a: [1\nb: sk-secret: x\n", "file.yaml", CONFIG);
    assert.equal(found!.verdict, "wrong");
    assert.match(found!.message, /^file\.yaml:\d+: /u);
    assert.doesNotMatch(JSON.stringify([found, ...more]), /sk-secret/u);
  }
});

test("no shape of a file makes a gateway's checks fail", () => {
  const values = ["null", "3", '"x"', "[]", "{}", "[3, x, null, []]", "{ name: {}, typed_config: 3 }", "true"];
  const keys = [
    "static_resources dynamic_resources layered_runtime processing_mode",
    "model_list guardrails litellm_settings router_settings general_settings environment_variables",
    "services routes plugins upstreams _format_version",
  ].flatMap((text) => text.split(" "));
  const inner = ["listeners", "clusters", "layers", "callbacks", "plugins", "routes", "config", "litellm_params"];
  for (const value of values) {
    const deep = keys.map((key) => `${key}: { ${inner.map((each) => `${each}: ${value}`).join(", ")} }`).join("\n");
    const listed = keys.map((key) => `${key}: [{ ${inner.map((each) => `${each}: ${value}`).join(", ")} }]`).join("\n");
    const flat = keys.map((key) => `${key}: ${value}`).join("\n");
    for (const text of [value, flat, deep, listed]) {
      for (const gateway of GATEWAYS) assert.ok(checkGateway(gateway, text, "file.yaml", CONFIG).length > 0);
    }
  }
});
