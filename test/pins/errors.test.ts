import assert from "node:assert/strict";
import { test } from "node:test";
import { ERRORS } from "../../src/errors.ts";

/** Clients match on these: code, then gRPC status, HTTP status and `error.type`. Change them only on purpose. */
const PINNED = {
  invalid_json: "3 400 invalid_request_error",
  invalid_request: "3 400 invalid_request_error",
  too_deep: "3 400 invalid_request_error",
  too_many_items: "3 400 invalid_request_error",
  body_too_large: "8 413 invalid_request_error",
  unsupported_media_type: "3 415 invalid_request_error",
  body_timeout: "4 408 invalid_request_error",
  unauthenticated: "16 401 authentication_error",
  forbidden: "7 403 permission_error",
  blocked: "7 403 content_policy_error",
  unknown_path: "12 404 invalid_request_error",
  unknown_model: "5 404 invalid_request_error",
  unknown_profile: "5 404 invalid_request_error",
  unknown_decision: "5 404 invalid_request_error",
  method_not_allowed: "12 405 invalid_request_error",
  unsupported_feature: "12 400 invalid_request_error",
  no_cache: "9 400 invalid_request_error",
  no_model_allowed: "9 422 invalid_request_error",
  rate_limited: "8 429 rate_limit_error",
  over_budget: "8 429 insufficient_quota",
  unavailable: "14 503 api_error",
  upstream_failed: "14 502 api_error",
  upstream_timeout: "4 504 api_error",
  client_gone: "1 499 api_error",
  config_invalid: "9 500 api_error",
  internal: "13 500 api_error",
};

test("the error codes, with their gRPC status, HTTP status and type", () => {
  const found = Object.entries(ERRORS).map(([code, { rpc, status, type }]) => [code, `${rpc} ${status} ${type}`]);
  assert.deepEqual(Object.fromEntries(found), PINNED);
});
