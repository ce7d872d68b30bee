import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { complaints, type Pair, testMistakes } from "./doctor-gateway-mistakes.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, "../../adapters/envoy", name), "utf8");
const BUFFERED = `processing_mode:
                        request_header_mode: SEND
                        request_body_mode: BUFFERED
                        response_header_mode: SEND
                        response_body_mode: STREAMED
`;
const PAIR: Pair = { gateway: "envoy", file: read("envoy.yaml"), ours: read("signalbox.yaml") };
const TIMEOUT = `                      # Never reached while Signalbox runs, which has its own deadline above.
                      message_timeout: 5s
`;

/** envoy.yaml with the processing_mode of full-duplex.yaml. */
function duplex(): string {
  const mode = read("full-duplex.yaml")
    .replace(/^#.*\n/gmu, "")
    .trimEnd()
    .replaceAll("\n", "\n                      ");
  assert.ok(PAIR.file.includes(BUFFERED));
  return PAIR.file.replace(BUFFERED, `${mode}\n`);
}

test("the files that are shipped fit each other, in both body modes", () => {
  assert.deepEqual(complaints(PAIR), []);
  assert.deepEqual(complaints({ ...PAIR, file: duplex() }), []);
  assert.deepEqual(complaints({ ...PAIR, file: read("full-duplex.yaml") }), []);
});

test("a file in protobuf's own spelling is the same file", () => {
  const camel = PAIR.file.replaceAll(/\b([a-z]+(?:_[a-z]+)+)(?=:)/gu, (key) =>
    key.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase()),
  );
  assert.ok(camel.includes("processingMode"));
  assert.deepEqual(complaints({ ...PAIR, file: camel }), []);
});

testMistakes(PAIR, [
  {
    name: "a message_timeout below the deadline of a decision",
    file: [
      ["message_timeout: 5s\n                      # While", "message_timeout: 1.5s\n                      # While"],
    ],
    told: [["wrong", "message_timeout", /1500 ms, no more than the 2000 ms .*lets the request pass undecided first/u]],
  },
  {
    name: "no message_timeout, which is 200 ms then",
    file: [[TIMEOUT, ""]],
    told: [["wrong", "typed_config", /message_timeout is 200 ms/u]],
  },
  {
    name: "a deadline below what the config's signals may take",
    ours: [["complexity: {}", "complexity: { deadline_ms: 4000 }"]],
    told: [["warning", "grpc_service", /may take 4050 ms \(signals 4000, second look 50\)/u]],
  },
  {
    name: "metadata of the filter that Signalbox refuses",
    file: [['value: "2000"', "value: soon"]],
    told: [["wrong", "initial_metadata", /x-signalbox-deadline-ms/u]],
  },
  {
    name: "failure_mode_allow is not said",
    file: [["                      failure_mode_allow: true\n", ""]],
    told: [
      ["warning", "typed_config", /while Signalbox is down each request is answered with 500/u],
      ["warning", "grpc_service", /where a decision comes late that passes/u],
    ],
  },
  {
    name: "failure_mode_allow is refused, and so is what comes late",
    file: [
      ["failure_mode_allow: true", "failure_mode_allow: false"],
      ["x-signalbox-on-slow, value: pass", "x-signalbox-on-slow, value: refuse"],
    ],
    told: [],
  },
  {
    name: "a processing mode that hides the body",
    file: [
      [
        "request_body_mode: BUFFERED\n                        response_header_mode: SEND\n                        response_body_mode: STREAMED",
        "response_header_mode: SEND\n                        response_body_mode: STREAMED",
      ],
    ],
    told: [["wrong", "processing_mode", /request_body_mode is NONE/u]],
  },
  {
    name: "a processing mode in which the head is gone before the body is there",
    file: [
      [
        "request_body_mode: BUFFERED\n                        response_header_mode: SEND\n                        response_body_mode: STREAMED",
        "request_body_mode: STREAMED\n                        response_header_mode: SEND\n                        response_body_mode: STREAMED",
      ],
    ],
    told: [["wrong", "request_body_mode", /STREAMED: the head is gone/u]],
  },
  {
    name: "no processing mode at all",
    file: [[`                      ${BUFFERED}`, ""]],
    told: [["wrong", "typed_config", /no processing_mode/u]],
  },
  {
    name: "answers that are held until their end, where no override may let them go",
    file: [
      ["response_body_mode: STREAMED", "response_body_mode: BUFFERED"],
      ["                      allow_mode_override: true\n", ""],
    ],
    told: [["wrong", "response_body_mode", /allow_mode_override is not set: a stream reaches its client whole/u]],
  },
  {
    name: "an override that is allowed lets buffered streams go",
    file: [["response_body_mode: STREAMED", "response_body_mode: BUFFERED"]],
    told: [],
  },
  {
    name: "answers that are not seen",
    file: [["response_body_mode: STREAMED", "response_body_mode: NONE"]],
    told: [["warning", "response_body_mode", /usage, cost and time/u]],
  },
  {
    name: "bodies in pieces without their trailers",
    file: [["request_body_mode: BUFFERED", "request_body_mode: FULL_DUPLEX_STREAMED"]],
    told: [
      ["wrong", "request_body_mode", /refuses FULL_DUPLEX_STREAMED without the trailers/u],
      ["wrong", "request_body_mode", /refuses FULL_DUPLEX_STREAMED without the trailers/u],
    ],
  },
  {
    name: "mutation rules that refuse what a decision changes",
    file: [["allow_mode_override: true", 'mutation_rules: { disallow_expression: { regex: "x-.*|content-.*" } }']],
    told: [
      ["wrong", "mutation_rules", /refuse x-selected-model: no route/u],
      ["wrong", "mutation_rules", /refuse content-length: .* 500/u],
    ],
  },
  {
    name: "a route that is kept, and answers that are not waited for",
    file: [
      ["allow_mode_override: true", "disable_clear_route_cache: true\n                      observability_mode: true"],
    ],
    told: [
      ["wrong", "observability_mode", /no decision has an effect/u],
      ["wrong", "disable_clear_route_cache", /not chosen anew/u],
    ],
  },
  {
    name: "a tenant that is not believed",
    ours: [["    trusted: [127.0.0.1]\n", "    keys: [{ key: a-long-enough-key }]\n"]],
    told: [
      ["wrong", "grpc_service", /x-tenant is not believed/u],
      ["wrong", "grpc_service", /x-tenant is not believed/u],
    ],
  },
  {
    name: "a filter behind a failed server that names no model of the pool",
    file: [["x-signalbox-model, value: large", "x-signalbox-model, value: huge"]],
    told: [["wrong", "initial_metadata", /"huge", which is no model/u]],
  },
  {
    name: "a buffer below the body limit, in each listener",
    file: [["per_connection_buffer_limit_bytes: 10485760", "per_connection_buffer_limit_bytes: 1048576"]],
    told: [
      ["warning", "per_connection_buffer_limit_bytes", /1048576 bytes .* 413 .* 10485760/u],
      ["warning", "per_connection_buffer_limit_bytes", /1048576/u],
    ],
  },
  {
    name: "a client's routing header that is heeded before the decision",
    file: [["mutations: [{ remove: x-selected-model }]", "mutations: []"]],
    told: [["warning", "typed_config", /a client that sends x-selected-model chooses/u]],
  },
  {
    name: "spellings of a path that lead around",
    file: [["                merge_slashes: true\n", ""]],
    told: [["warning", "typed_config", /another spelling of a path/u]],
  },
  {
    name: "patience for silences that is too short for models",
    file: [
      [
        "stream_idle_timeout: 600s\n                request_timeout",
        "stream_idle_timeout: 15s\n                request_timeout",
      ],
    ],
    told: [["warning", "stream_idle_timeout", /15000 ms/u]],
  },
  {
    name: "a model without a route, and a route that no model takes",
    file: [["exact: medium", "exact: midium"]],
    told: [
      ["wrong", "routes", /the model medium has no route by x-selected-model/u],
      ["warning", "exact: midium", /no decision ever names "midium"/u],
    ],
  },
  {
    name: "routes by another header than the config's",
    ours: [["server:\n", "server:\n  routing_header: x-model\n"]],
    told: [["wrong", "route_config", /no route matches x-model: .*; they match "x-selected-model"/u]],
  },
  {
    name: "no route for what nobody decided",
    file: [["- match: { prefix: / }", "- match: { prefix: /health }"]],
    told: [["wrong", "routes", /what nobody decided: such requests get 404/u]],
  },
  {
    name: "a route for everything above those by model",
    file: [
      [
        "                      routes:\n                        - match:\n                            prefix: /v1/\n",
        "                      routes:\n                        - match: { prefix: / }\n                          request_headers_to_remove: [authorization]\n                          route: { cluster: vllm, timeout: 0s }\n                        - match:\n                            prefix: /v1/\n",
      ],
    ],
    told: [["wrong", "", /takes everything, and routes by model stand below/u]],
  },
  {
    name: "a filter that is disabled on the route that is taken first",
    file: [
      [
        "route: { cluster: vllm, timeout: 0s }",
        "route: { cluster: vllm, timeout: 0s }\n                          typed_per_filter_config: { signalbox: { disabled: true } }",
      ],
    ],
    told: [["wrong", "typed_per_filter_config", /disabled on the route/u]],
  },
  {
    name: "answers that are cut off by Envoy's usual 15 s",
    file: [["cluster: small\n                            timeout: 0s", "cluster: small"]],
    told: [["wrong", "route:", /longer than 15000 ms/u]],
  },
  {
    name: "a client's key that goes on",
    file: [
      [
        "                          # A client's key is for this gateway and for no model server.\n                          request_headers_to_remove: [authorization]\n",
        "",
      ],
    ],
    told: [["warning", "match", /the client's own key/u]],
  },
  {
    name: "a route to a cluster that is not there",
    file: [["cluster: gemini\n", "cluster: gemimi\n"]],
    told: [["warning", "route:", /no cluster "gemimi"/u]],
  },
  {
    name: "a cluster at another server than the config's upstream",
    file: [["port_value: 8000", "port_value: 8001"]],
    told: [
      [
        "warning",
        "cluster: small",
        /the model small is led to 127\.0\.0\.1:8001; by this config it is at 127\.0\.0\.1:8000/u,
      ],
    ],
  },
  {
    name: "a filter that asks a cluster that is not there",
    file: [["- name: signalbox\n      type: STATIC", "- name: signalbax\n      type: STATIC"]],
    told: [["wrong", "typed_config", /asks the cluster "signalbox", which is not in this file/u]],
  },
  {
    name: "a cluster of ours without HTTP/2",
    file: [
      ["explicit_http_config: { http2_protocol_options: {} }", "explicit_http_config: { http_protocol_options: {} }"],
    ],
    told: [["wrong", "name: signalbox", /protocol_error/u]],
  },
  {
    name: "a cluster of ours at another port",
    file: [["port_value: 8080", "port_value: 8081"]],
    told: [["warning", "load_assignment", /127\.0\.0\.1:8081, and Signalbox listens on port 8080/u]],
  },
  {
    name: "the panic threshold that Envoy has by itself",
    file: [["      common_lb_config: { healthy_panic_threshold: { value: 0 } }\n", ""]],
    told: [["warning", "name: signalbox", /goes on being asked, sick or not/u]],
  },
  {
    name: "room for fewer answers than Signalbox takes",
    file: [["{ max_requests: 100000, max_pending_requests: 100000 }", "{ max_pending_requests: 100000 }"]],
    told: [["warning", "circuit_breakers", /at most 1024 answers/u]],
  },
  {
    name: "resets of streams, with neither the runtime flag nor a bound on a connection",
    file: [["{ max_requests_per_connection: 500 }", "{}"]],
    told: [["warning", "name: signalbox", /takes? for a flood/u]],
  },
  {
    name: "the answering door in HTTP/1.1 with connections that are kept longer than it keeps them",
    file: [
      [
        "  clusters:\n    - name: signalbox",
        "  clusters:\n    - name: door\n      load_assignment:\n        endpoints:\n          - lb_endpoints: [{ endpoint: { address: { socket_address: { address: localhost, port_value: 8080 } } } }]\n    - name: signalbox",
      ],
    ],
    told: [["warning", "name: door", /idle connections for 3600 s, and Signalbox closes them after 65/u]],
  },
]);

test("bodies in pieces want a health check: Envoy's failure_mode_allow does not save them", () => {
  const file = duplex().replace(/ {6}health_checks:[\s\S]*?(?= {6}typed_extension)/u, "");
  const [found, ...more] = complaints({ ...PAIR, file });
  assert.match(found!.message, /500 while Signalbox is down: failure_mode_allow does not save it in this body mode/u);
  assert.deepEqual(more, []);
});

test("shapes that Envoy does not have are said, each once and at its line, and the rest is looked at", () => {
  const file = PAIR.file
    .replace("stat_prefix: models\n", "stat_prefix: models\n                merge_slashes: perhaps\n")
    .replace("per_connection_buffer_limit_bytes: 10485760", "per_connection_buffer_limit_bytes: [many]")
    .replace("health_checks:", "health_checks: 3\n      checks:");
  const told = complaints({ ...PAIR, file }).map(({ message }) => message.replace(/:\d+:/u, ""));
  assert.deepEqual(told, [
    "file.yaml Envoy holds 1048576 bytes of a request and answers 413 to longer ones; Signalbox takes 10485760 (server.limits.body_bytes)",
    "file.yaml another spelling of a path leads around the decision: Signalbox passes what is no path of an API",
    "file.yaml it has no health_checks: Envoy goes on asking a Signalbox that hangs, and each request waits for message_timeout",
    "file.yaml this key stands here twice",
    'file.yaml "per_connection_buffer_limit_bytes" is not a number, so it was not looked at',
    'file.yaml "merge_slashes" is not true or false, so it was not looked at',
    'file.yaml "health_checks" is not a list, so it was not looked at',
  ]);
});

test("a filter behind a failed server alone decides nothing", () => {
  const file = PAIR.file.replace("ext_proc.v3.ExternalProcessor", "ext_authz.v3.ExtAuthz");
  assert.match(complaints({ ...PAIR, file })[0]!.message, /no filter asks Signalbox/u);
});

test("what comes from a control plane, and what is no bootstrap, is said", () => {
  const [moved] = complaints({ ...PAIR, file: `dynamic_resources: { lds_config: {} }\n${PAIR.file}` });
  assert.match(moved!.message, /come from a control plane/u);
  const [foreign, ...more] = complaints({ ...PAIR, file: "apiVersion: v1\nkind: Pod\n" });
  assert.match(foreign!.message, /no bootstrap of Envoy/u);
  assert.deepEqual(more, []);
  const [none] = complaints({ ...PAIR, file: "static_resources: { listeners: [], clusters: [] }" });
  assert.match(none!.message, /no filter asks Signalbox/u);
});
