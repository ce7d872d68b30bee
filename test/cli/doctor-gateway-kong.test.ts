import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { checkGateway } from "../../src/cli/gateway/index.ts";
import { PLUGIN_KEYS } from "../../src/cli/gateway/kong/plugin.ts";
import { config } from "../rig/house.ts";
import { complaints, type Pair, testMistakes } from "./doctor-gateway-mistakes.ts";

const ADAPTER = join(import.meta.dirname, "../../adapters/kong");
const OURS = `
server:
  listen: 0.0.0.0:8080
  auth:
    keys: [{ key: key-of-kong, tenant: gateway }]
    trusted: [10.0.0.0/8]
upstreams:
  vllm: { kind: vllm, url: "http://vllm:8000/v1" }
  openai: { kind: openai, url: "https://api.openai.com/v1", key: kept-by-kong }
tiers: { small: { quality: 0.5 }, large: { quality: 0.9 } }
models:
  qwen3-8b: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: vllm, model: qwen3-8b }] }
  gpt-5: { tier: large, price: { input: 2, output: 2 }, targets: [{ upstream: openai, model: gpt-5 }] }
signals: { complexity: {} }
rules: []
safety: {}
`;
const UNTRUSTED = [["    trusted: [10.0.0.0/8]\n", ""]] as const;
const PAIR: Pair = { gateway: "kong", file: readFileSync(join(ADAPTER, "kong.yml"), "utf8"), ours: OURS };

test("the same file as JSON in one line fits too", () => {
  assert.deepEqual(complaints({ ...PAIR, file: JSON.stringify(parse(PAIR.file)) }), []);
});

test("kong.yml as it is shipped fits, and what it cannot show is advice", () => {
  assert.deepEqual(complaints(PAIR), []);
  const told = checkGateway("kong", PAIR.file, "kong.yml", config(OURS).config);
  assert.deepEqual(
    told.map(({ verdict, message }) => `${verdict} ${message}`),
    [
      "ok kong.yml fits this config",
      "ok whether the node holds prompts in memory (client_body_buffer_size) stands in no declarative file",
    ],
  );
  assert.match(told[1]!.advice!, /KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE=1m/u);
});

test("the keys of the plugin are those of its schema", () => {
  const schema = readFileSync(join(ADAPTER, "kong/plugins/signalbox/schema.lua"), "utf8");
  const keys = [...schema.matchAll(/^ {10}\{ (\w+) = /gmu)].map((match) => match[1]);
  assert.deepEqual(new Set(PLUGIN_KEYS), new Set(keys));
});

testMistakes(PAIR, [
  {
    name: "a route that holds streams back, whatever the plugin stands on",
    file: [["        strip_path: false\n        response_buffering: false\n", "        strip_path: false\n"]],
    told: [["warning", "name: models", /route models back in its buffer/u]],
  },
  {
    name: "personal data that is replaced, and not put back behind ai-proxy",
    file: [["      - name: signalbox-restore\n", ""]],
    ours: [["safety: {}", "safety: {}\npii: { action: replace }"]],
    told: [["warning", "name: ai-proxy", /does not come back in whole ones/u]],
  },
  {
    name: "a service that cuts off models which think",
    file: [["    read_timeout: 600000\n", ""]],
    told: [["warning", "name: models", /60000 ms is cut off/u]],
  },
  {
    name: "ai-proxy that writes a model of its own, and takes short prompts only",
    file: [
      ["            provider: openai", "            provider: openai\n            name: gpt-4o"],
      ["          max_request_body_size: 10485760\n", ""],
    ],
    told: [
      ["wrong", "name: gpt-4o", /writes this model into every request/u],
      ["wrong", "config", /more than 8192 bytes, and signalbox takes 10485760/u],
    ],
  },
  {
    name: "ai-proxy that takes less than the plugin",
    file: [["max_request_body_size: 10485760", "max_request_body_size: 1048576"]],
    told: [["warning", "max_request_body_size", /1048576/u]],
  },
  {
    name: "a wait that is shorter than what a decision may take",
    ours: [["signals: { complexity: {} }", "signals: { complexity: { deadline_ms: 470 } }"]],
    told: [
      ["warning", "timeout_ms", /520 ms \(signals 470, second look 50\), and the plugin waits 500/u],
      ["warning", "config", /the plugin waits 500/u],
    ],
  },
  {
    name: "an upstream that one side does not have",
    file: [["            - name: openai\n", "            - name: openia\n"]],
    told: [
      ["wrong", "name: openia", /no upstream "openia"/u],
      ["wrong", "upstreams", /on the upstream openai, which is not listed/u],
    ],
  },
  {
    name: "no upstreams where models are on several",
    file: [
      [
        '          upstreams:\n            - name: vllm\n              upstream: vllm.models\n            - name: openai\n              host: api.openai.com\n              port: 443\n              scheme: https\n              header_value: "{vault://env/openai-authorization}"\n',
        "",
      ],
    ],
    told: [["warning", "config", /models are on vllm, openai, and no upstreams say/u]],
  },
  {
    name: "upstreams that Kong has not, or refuses",
    file: [
      ["upstream: vllm.models", "upstream: vllm.modells"],
      ["              port: 443\n", ""],
    ],
    told: [
      ["warning", "vllm.modells", /Kong has no upstream "vllm.modells"/u],
      ["wrong", "name: openai", /host without a port/u],
    ],
  },
  {
    name: "secrets in the file, and a credential that is missing",
    file: [
      [
        '          key: "{vault://env/signalbox-key}"\n          timeout_ms',
        "          key: key-of-kong\n          timeout_ms",
      ],
      ['              header_value: "{vault://env/openai-authorization}"\n', ""],
    ],
    told: [
      ["warning", "key: key-of-kong", /a key stands in the file/u],
      ["warning", "name: openai", /gets none but the client's own/u],
    ],
  },
  {
    name: "no key where Signalbox asks for one",
    file: [['          key: "{vault://env/signalbox-key}"\n          timeout_ms', "          timeout_ms"]],
    told: [["wrong", "config", /the plugin sends none/u]],
  },
  {
    name: "what passes and still asks for auto",
    file: [["          default_model: qwen3-8b\n", ""]],
    told: [["warning", "on_error", /still asks for "auto"/u]],
  },
  {
    name: "a default that is auto again",
    file: [["default_model: qwen3-8b", "default_model: auto"]],
    told: [["wrong", "default_model", /"auto" itself/u]],
  },
  {
    name: "what passes unread where safety blocks",
    ours: [
      ["signals: { complexity: {} }", "signals: { complexity: {}, jailbreak: {} }"],
      ["safety: {}", "safety: { jailbreak: { action: block } }"],
    ],
    told: [
      ["warning", "config", /safety or a rule never sees it/u],
      ["warning", "config", /safety or a rule never sees it/u],
    ],
  },
  {
    name: "a tenant from a gateway that is not trusted",
    file: [["          on_error: pass\n", "          on_error: pass\n          tenant_of_consumer: true\n"]],
    ours: UNTRUSTED,
    told: [
      ["wrong", "tenant_of_consumer", /tenant that Kong names is not believed/u],
      ["warning", "config", /outcomes .* are not believed/u],
      ["warning", "config", /outcomes .* are not believed/u],
    ],
  },
  {
    name: "a tenant from a gateway that is trusted",
    file: [["          on_error: pass\n", "          on_error: pass\n          tenant: acme\n"]],
    told: [],
  },
  {
    name: "keys, profiles, headers and ports that do not fit",
    file: [["          api: openai-chat\n", "          timeout: 500\n          profile: cheep\n"]],
    ours: [["rules: []", "rules: [{ name: vip, when: { headers: { x-plan: gold } }, then: { tier: large } }]"]],
    told: [
      ["warning", "config", /headers that the plugin does not show: x-plan/u],
      ["wrong", "timeout: 500", /the plugin has no "timeout"/u],
      ["wrong", "profile", /no profile "cheep"/u],
      ["warning", "config", /x-plan/u],
    ],
  },
  {
    name: "another routing header, another port",
    ours: [["  listen: 0.0.0.0:8080\n", "  listen: 0.0.0.0:8081\n  routing_header: x-model\n"]],
    told: [
      ["warning", "url", /signalbox:8080, and Signalbox listens on port 8081/u],
      ["wrong", "config", /routing header is x-selected-model, this config's x-model/u],
      ["warning", "url", /port 8081/u],
      ["wrong", "config", /x-model/u],
    ],
  },
  {
    name: "a plugin that is off",
    file: [
      [
        '      - name: signalbox\n        config:\n          url: http://signalbox:8080\n          key: "{vault://env/signalbox-key}"\n          api',
        '      - name: signalbox\n        enabled: false\n        config:\n          url: http://signalbox:8080\n          key: "{vault://env/signalbox-key}"\n          api',
      ],
    ],
    told: [["warning", "enabled", /it is off here/u]],
  },
]);

test("a plugin at the top of the file holds for the route or service that it names, or for all", () => {
  const top = (where: string) => `
_format_version: "3.0"
services: [{ name: s, url: "http://vllm:8000", read_timeout: 600000, routes: [{ name: a }, { name: b, response_buffering: false }] }]
plugins:
  - name: signalbox
    ${where}
    config: { url: "http://signalbox:8080", key: "{vault://env/k}", default_model: m, upstreams: [{ name: vllm }, { name: openai, header_value: "{vault://env/o}" }] }
`;
  const buffered = (where: string) =>
    complaints({ ...PAIR, file: top(where) }).map(({ message }) => message.slice(-60));
  assert.deepEqual(buffered("route: b"), []);
  assert.equal(buffered("route: { name: a }").length, 1);
  assert.equal(buffered("service: s").length, 1);
  assert.equal(buffered("tags: [all]").length, 1);
});

test("what YAML takes over from another part counts, at the line where it stands", () => {
  const file = `_format_version: "3.0"
x-common: &common
  url: http://signalbox:8080
  key: "{vault://env/k}"
  timeout_ms: 10
services:
  - name: s
    url: http://vllm:8000
    read_timeout: 600000
    routes: [{ name: a, response_buffering: false }]
    plugins:
      - name: signalbox
        config: { <<: *common, default_model: m, upstreams: [{ name: vllm }, { name: openai, header_value: "{vault://env/o}" }] }
`;
  const [found, ...more] = complaints({ ...PAIR, file });
  assert.match(found!.message, /^file\.yaml:5: .* the plugin waits 10$/u);
  assert.deepEqual(more, []);
});

test("a file without the plugin, and one that is none of Kong's, are said to be", () => {
  const first = (file: string) => complaints({ ...PAIR, file }).map(({ message }) => message);
  assert.deepEqual(first("services: [{ name: a, routes: 3 }]"), [
    "file.yaml:1: the plugin signalbox stands nowhere in this file",
    'file.yaml:1: "routes" is not a list, so it was not looked at',
  ]);
  assert.match(first("model_list: []")[0]!, /no declarative file of Kong/u);
  assert.match(first("[1, 2]")[0]!, /no declarative file of Kong/u);
});
