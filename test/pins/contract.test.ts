import assert from "node:assert/strict";
import { test } from "node:test";
import { file_signalbox_v1_admin as admin } from "../../src/gen/signalbox/v1/admin_pb.ts";
import { file_signalbox_v1_router as router } from "../../src/gen/signalbox/v1/router_pb.ts";

/** Adapters in the field were built against these numbers. A new field takes a new number; no number changes its meaning. */
const PINNED = {
  RouteRequestRequest:
    "1 raw, 2 chat, 3 headers, 4 client_key, 5 tenant, 6 profile, 7 constraints, 8 preview, 9 include_body, 10 cache",
  RawBody: "1 api, 2 json, 3 model",
  MessageList: "1 messages, 2 model, 3 tools, 4 max_output_tokens, 5 stream",
  Message: "1 role, 2 content",
  Constraints:
    "1 allowed_models, 2 max_cost_usd, 3 max_ttft_ms, 4 max_latency_ms, 5 min_context_tokens, 6 tools, 7 modalities, 8 internal_only",
  RouteRequestResponse:
    "1 decision_id, 2 model, 3 tier, 4 route, 5 confidence, 6 margin, 7 runner_up, 8 reason, 9 sentence, 10 signals, 11 targets, 12 set_headers, 13 remove_headers, 14 blocked, 15 expected_cost_usd, 16 baseline_cost_usd, 17 config_hash, 18 safety, 19 candidates, 20 rules, 21 micros, 22 instead_model, 23 asked_cost_usd, 24 reasoning, 25 cascade, 26 placeholders, 27 redacted, 28 cached, 29 cacheable",
  CachedAnswer: "1 kind, 2 id, 3 model, 4 json, 5 age_ms, 6 similarity, 7 sse",
  Reasoning: "1 effort, 2 budget_tokens",
  SignalReading: "1 name, 2 label, 3 score, 4 confidence, 5 weight, 6 micros, 7 error, 8 stage",
  Target:
    "1 id, 2 model, 3 tier, 4 upstream, 5 upstream_model, 6 kind, 7 base_url, 8 location, 9 timeouts, 10 edits, 11 body",
  Timeouts: "1 connect_ms, 2 first_token_ms, 3 total_ms",
  Edit: "1 offset, 2 length, 3 bytes",
  Header: "1 name, 2 value",
  Blocked: "1 status, 2 code, 3 body",
  Safety: "1 action, 2 classes, 3 sentence",
  Cascade: "1 models, 2 gates, 3 mode, 4 off",
  Candidate: "1 model, 2 tier, 3 quality, 4 cost_usd, 5 latency_ms, 6 refused",
  Placeholder: "1 placeholder, 2 value, 3 entity",
  ReportOutcomeRequest:
    "1 decision_id, 2 target_id, 3 status, 4 usage, 5 ttft_ms, 6 latency_ms, 7 finish, 8 scores, 9 client_key, 10 tenant",
  Usage: "1 input_tokens, 2 output_tokens, 3 cached_input_tokens",
  ReportOutcomeResponse: "1 counted",
  StoreAnswerRequest: "1 decision_id, 2 client_key, 3 tenant, 4 body, 5 stream",
  StoreAnswerResponse: "1 stored",
  ApiKind:
    "0 API_KIND_UNSPECIFIED, 1 API_KIND_OPENAI_CHAT, 2 API_KIND_OPENAI_RESPONSES, 3 API_KIND_ANTHROPIC_MESSAGES, 4 API_KIND_GEMINI",
  Modality:
    "0 MODALITY_UNSPECIFIED, 1 MODALITY_TEXT, 2 MODALITY_IMAGE, 3 MODALITY_AUDIO, 4 MODALITY_VIDEO, 5 MODALITY_FILE",
  Location: "0 LOCATION_UNSPECIFIED, 1 LOCATION_INTERNAL, 2 LOCATION_EXTERNAL",
};

const PINNED_ADMIN = {
  GetCacheStatsRequest: "",
  GetCacheStatsResponse:
    "1 kind, 2 state, 3 entries, 4 bytes, 5 evicted, 6 expired, 7 refused, 8 dropped, 9 late, 10 damaged",
  PurgeCacheRequest: "1 tenant, 2 route, 3 id, 4 all",
  PurgeCacheResponse: "1 removed",
};

function numbersIn({ messages, enums }: typeof router): Record<string, string> {
  const fields = messages.map(({ name, fields: all }) => [
    name,
    all.map((field) => `${field.number} ${field.name}`).join(", "),
  ]);
  const values = enums.map(({ name, values: all }) => [
    name,
    all.map((value) => `${value.number} ${value.name}`).join(", "),
  ]);
  return Object.fromEntries([...fields, ...values]) as Record<string, string>;
}

const methodsIn = ({ services }: typeof router) =>
  services.map(({ typeName, methods }) => [
    typeName,
    methods.map(({ name, input, output, methodKind }) => [name, input.name, output.name, methodKind]),
  ]);

test("the messages of the contract, with the number of each field", () => {
  assert.deepEqual(numbersIn(router), PINNED);
  assert.deepEqual(numbersIn(admin), PINNED_ADMIN);
});

test("the services and their methods", () => {
  assert.deepEqual(methodsIn(router), [
    [
      "signalbox.v1.RouterService",
      [
        ["RouteRequest", "RouteRequestRequest", "RouteRequestResponse", "unary"],
        ["ReportOutcome", "ReportOutcomeRequest", "ReportOutcomeResponse", "unary"],
        ["StoreAnswer", "StoreAnswerRequest", "StoreAnswerResponse", "unary"],
      ],
    ],
  ]);
  assert.deepEqual(methodsIn(admin), [
    [
      "signalbox.v1.AdminService",
      [
        ["GetCacheStats", "GetCacheStatsRequest", "GetCacheStatsResponse", "unary"],
        ["PurgeCache", "PurgeCacheRequest", "PurgeCacheResponse", "unary"],
      ],
    ],
  ]);
});
